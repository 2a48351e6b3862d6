import Foundation

/// A point on the Earth (WGS 84).
public struct GeoPosition: Sendable, Equatable, Codable {
    /// Degrees, −90 to 90.
    public var latitude: Double
    /// Degrees, −180 to 180.
    public var longitude: Double

    public init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }

    /// Kilometres of the Earth's mean radius (IUGG).
    public static let earthRadius = 6371.0088

    /// No two points are farther apart in kilometres: half the circumference.
    public static let greatestDistance = Double.pi * earthRadius

    /// The great-circle distance in kilometres, by the haversine formula (Sinnott, Sky and Telescope 68, 1984). Near
    /// points keep all their digits; of antipodes, where the arcsine is steepest, the distance is right to a metre.
    public func distance(to other: GeoPosition) -> Double {
        let (a, b) = (latitude * .pi / 180, other.latitude * .pi / 180)
        let across = sin((other.longitude - longitude) * .pi / 360)
        let along = sin((b - a) / 2)
        let haversine = along * along + cos(a) * cos(b) * across * across
        return 2 * Self.earthRadius * asin(min(1, haversine.squareRoot()))
    }

    /// The direction in which the great circle to another point begins, in radians clockwise from north, −π to π.
    public func bearing(to other: GeoPosition) -> Double {
        let (a, b) = (latitude * .pi / 180, other.latitude * .pi / 180)
        let across = (other.longitude - longitude) * .pi / 180
        return atan2(sin(across) * cos(b), cos(a) * sin(b) - sin(a) * cos(b) * cos(across))
    }
}

/// A part of the Earth between two parallels and two meridians; never across the date line.
public struct GeoBox: Sendable, Equatable {
    /// Degrees, `south` ≤ `north`.
    public let south: Double
    public let north: Double
    /// Degrees, `west` ≤ `east`.
    public let west: Double
    public let east: Double

    public init(south: Double, north: Double, west: Double, east: Double) {
        self.south = south
        self.north = north
        self.west = west
        self.east = east
    }

    public func contains(_ position: GeoPosition) -> Bool {
        position.latitude >= south && position.latitude <= north && position.longitude >= west
            && position.longitude <= east
    }

    /// Boxes that together hold every point within a distance: one, or two at the date line; a circle that reaches a
    /// pole has all longitudes (Bronstein, Handbook of Mathematics, 3.4: the meridians that touch a small circle are
    /// asin(sin r / cos φ) away). The meridians 180 and −180 are one, and both are in when it is.
    ///
    /// - Parameters:
    ///   - centre: Its latitude from −90 to 90, its longitude from −180 to 180.
    ///   - kilometres: 0 or more; from `GeoPosition.greatestDistance` on it is the whole Earth.
    public static func around(_ centre: GeoPosition, kilometres: Double) -> [GeoBox] {
        // A hair more, so that rounding leaves out nobody on the edge: 10⁻⁹ of the distance and 10⁻¹² (6 µm).
        let reach = kilometres / GeoPosition.earthRadius * (1 + 1e-9) + 1e-12
        let degrees = reach * 180 / .pi
        let south = max(-90, centre.latitude - degrees)
        let north = min(90, centre.latitude + degrees)
        let ratio = sin(reach) / cos(centre.latitude * .pi / 180)
        // As the circle comes near a pole the arcsine loses half its digits; all longitudes cost little there.
        guard south > -90, north < 90, reach < .pi / 2, ratio < 1 - 1e-9 else {
            return [GeoBox(south: south, north: north, west: -180, east: 180)]
        }
        let width = asin(ratio) * 180 / .pi * (1 + 1e-9)
        return spans(from: centre.longitude - width, to: centre.longitude + width).map {
            GeoBox(south: south, north: north, west: $0.lowerBound, east: $0.upperBound)
        }
    }

    /// Longitudes from −180 to 180 for a span that may go beyond either.
    private static func spans(from west: Double, to east: Double) -> [ClosedRange<Double>] {
        if west <= -180 { return [-180...east, min(180, west + 360)...180] }
        if east >= 180 { return [west...180, -180...max(-180, east - 360)] }
        return [west...east]
    }
}
