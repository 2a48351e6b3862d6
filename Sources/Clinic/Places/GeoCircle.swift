import Foundation

/// All points of the Earth within a distance of one.
public struct GeoCircle: Sendable, Equatable {
    /// Its latitude from −90 to 90, its longitude from −180 to 180.
    public let centre: GeoPosition
    /// 0 or more; from `GeoPosition.greatestDistance` on it is the whole Earth.
    public let kilometres: Double
    /// The degrees of latitude between which the circle lies; beyond ±90 where it goes over a pole.
    private let (lowest, highest): (Double, Double)
    /// sin² of half the angle that the circle spans from its centre.
    private let haversine: Double
    private let shape: Shape

    private enum Shape: Equatable {
        /// Farther from both poles than it reaches: widest in degrees at a parallel on the poles' side of its centre.
        case island(widestAt: Double, halfWidth: Double)
        /// Over a pole: the wider in degrees, the nearer to that pole.
        case cap
        /// All longitudes wherever it is: the Earth, and a circle whose edge meets a pole, of which half of all digits
        /// would be lost.
        case belt
    }

    public static let earth = GeoCircle(
        centre: GeoPosition(latitude: 0, longitude: 0), kilometres: GeoPosition.greatestDistance)

    public init(centre: GeoPosition, kilometres: Double) {
        self.centre = centre
        self.kilometres = kilometres
        // A hair more, so that rounding leaves out nobody on the edge: 10⁻⁹ of the distance and 10⁻¹² (6 µm).
        let reach = min(max(0, kilometres) / GeoPosition.earthRadius * (1 + 1e-9) + 1e-12, .pi)
        let degrees = reach * 180 / .pi
        (lowest, highest) = (centre.latitude - degrees, centre.latitude + degrees)
        let half = sin(reach / 2)
        haversine = half * half
        shape = Self.shape(reach, latitude: centre.latitude * .pi / 180)
    }

    /// The meridians that touch a small circle are asin(sin r / cos φ) away, at the latitude asin(sin φ / cos r) (Napier's
    /// rules for the right-angled triangle of pole, centre and touching point).
    private static func shape(_ reach: Double, latitude: Double) -> Shape {
        // Near the antipodes the distance itself is only right to a metre.
        if reach > 0.98 * .pi { return .belt }
        let ratio = sin(reach) / cos(latitude)
        if reach >= .pi / 2 || ratio > 1 + 1e-9 { return .cap }
        if ratio > 1 - 1e-9 { return .belt }
        return .island(
            widestAt: asin(sin(latitude) / cos(reach)) * 180 / .pi, halfWidth: asin(ratio) * 180 / .pi)
    }

    public func contains(_ position: GeoPosition) -> Bool { centre.distance(to: position) <= kilometres }

    /// Whether the circle has a point between two parallels and two meridians; never no where it has, and yes by mistake
    /// only within a hair of the edge.
    ///
    /// - Parameters:
    ///   - south: Degrees, at most `north`; from −90.
    ///   - north: To 90.
    ///   - west: Degrees, at most `east`; from −180.
    ///   - east: To 180.
    public func meets(south: Double, north: Double, west: Double, east: Double) -> Bool {
        let (south, north) = (max(south, lowest), min(north, highest))
        guard south <= north else { return false }
        let reach = halfWidth(south: south, north: north) * (1 + 1e-9) + 1e-9
        let (first, last) = (centre.longitude - reach, centre.longitude + reach)
        return reach >= 180 || west <= last && east >= first || west <= last - 360 || east >= first + 360
    }

    /// The most degrees of longitude between the circle's centre and one of its points between two parallels.
    private func halfWidth(south: Double, north: Double) -> Double {
        switch shape {
        case .belt: return 180
        case .cap: return max(halfWidth(at: south), halfWidth(at: north))
        case .island(let widest, let halfWidth):
            // Near a pole the arcsine that gave the parallel loses half its digits.
            if south - 2e-6 <= widest && widest <= north + 2e-6 { return halfWidth }
            return max(self.halfWidth(at: south), self.halfWidth(at: north))
        }
    }

    /// On one parallel: the haversine formula, solved for the longitude.
    private func halfWidth(at latitude: Double) -> Double {
        let along = sin((latitude - centre.latitude) * .pi / 360)
        let across =
            (haversine - along * along) / (cos(centre.latitude * .pi / 180) * cos(latitude * .pi / 180))
        // As it comes near to 1 the arcsine loses half its digits; all longitudes are few more there.
        guard across < 1 - 1e-9 else { return 180 }
        return across > 0 ? 2 * asin(across.squareRoot()) * 180 / .pi : 0
    }
}
