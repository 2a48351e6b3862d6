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
