import Clinic
import Foundation
import Randomness
import Testing

/// Points all over the Earth, and close to where longitudes go wrong.
enum RandomPlaces {
    /// Evenly over the sphere; one in three near a pole or near the date line.
    static func position(_ random: inout SplitMix64) -> GeoPosition {
        let longitude = random.nextUnit() * 360 - 180
        switch random.next(below: 6) {
        case 0:
            let fromPole = pow(10, random.nextUnit() * 5 - 4)
            let sign = random.next(below: 2) == 0 ? 1.0 : -1
            return GeoPosition(latitude: sign * (90 - min(90, fromPole)), longitude: longitude)
        case 1:
            let fromLine = pow(10, random.nextUnit() * 5 - 4)
            let sign = random.next(below: 2) == 0 ? 1.0 : -1
            return GeoPosition(
                latitude: asin(random.nextUnit() * 2 - 1) * 180 / .pi, longitude: sign * (180 - min(180, fromLine)))
        default: return GeoPosition(latitude: asin(random.nextUnit() * 2 - 1) * 180 / .pi, longitude: longitude)
        }
    }

    /// The point at a distance in a direction (Williams, Aviation Formulary, “Lat/lon given radial and distance”).
    static func point(from centre: GeoPosition, kilometres: Double, bearing: Double) -> GeoPosition {
        let (latitude, angle) = (centre.latitude * .pi / 180, kilometres / GeoPosition.earthRadius)
        let sine = sin(latitude) * cos(angle) + cos(latitude) * sin(angle) * cos(bearing)
        let reached = asin(max(-1, min(1, sine)))
        let across = atan2(sin(bearing) * sin(angle) * cos(latitude), cos(angle) - sin(latitude) * sine)
        let longitude = (centre.longitude + across * 180 / .pi + 540).truncatingRemainder(dividingBy: 360) - 180
        return GeoPosition(latitude: reached * 180 / .pi, longitude: longitude)
    }

    static let corners = [
        GeoPosition(latitude: 90, longitude: 0), GeoPosition(latitude: -90, longitude: 37),
        GeoPosition(latitude: 0, longitude: 180), GeoPosition(latitude: 0, longitude: -180),
        GeoPosition(latitude: 0, longitude: 0), GeoPosition(latitude: 66, longitude: -180),
    ]
}

@Suite struct GeoPositionTests {
    /// By the angle between the unit vectors, which is right near the antipodes too (Vincenty's formula on a sphere).
    private static func reference(_ a: GeoPosition, _ b: GeoPosition) -> Double {
        func vector(_ position: GeoPosition) -> (Double, Double, Double) {
            let (latitude, longitude) = (position.latitude * .pi / 180, position.longitude * .pi / 180)
            return (cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude))
        }
        let (u, v) = (vector(a), vector(b))
        let cross = (u.1 * v.2 - u.2 * v.1, u.2 * v.0 - u.0 * v.2, u.0 * v.1 - u.1 * v.0)
        let length = (cross.0 * cross.0 + cross.1 * cross.1 + cross.2 * cross.2).squareRoot()
        return GeoPosition.earthRadius * atan2(length, u.0 * v.0 + u.1 * v.1 + u.2 * v.2)
    }

    @Test func `measures as the angle between vectors does everywhere`() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<20_000 {
            let (a, b) = (RandomPlaces.position(&random), RandomPlaces.position(&random))
            #expect(abs(a.distance(to: b) - Self.reference(a, b)) < 0.001, "\(a) \(b)")
            #expect(a.distance(to: b) == b.distance(to: a))
        }
    }

    @Test func `measures across the date line, the poles and to the antipodes`() {
        let degree = GeoPosition.earthRadius * .pi / 180
        let fiji = GeoPosition(latitude: 0, longitude: 179.5)
        #expect(abs(fiji.distance(to: GeoPosition(latitude: 0, longitude: -179.5)) - degree) < 1e-6)
        let north = GeoPosition(latitude: 89.5, longitude: 10)
        #expect(abs(north.distance(to: GeoPosition(latitude: 89.5, longitude: -170)) - degree) < 1e-6)
        let antipode = GeoPosition(latitude: -12, longitude: -103)
        let distance = GeoPosition(latitude: 12, longitude: 77).distance(to: antipode)
        #expect(abs(distance - GeoPosition.greatestDistance) < 0.001)
        #expect(GeoPosition(latitude: 90, longitude: 0).distance(to: GeoPosition(latitude: 90, longitude: 99)) < 1e-9)
    }

    @Test(arguments: [
        (0.0, 1.0, 0.0), (1, 0, Double.pi / 2), (0, -1, .pi), (-1, 0, -.pi / 2), (1, 1, .pi / 4),
    ])
    func `tells the direction`(east: Double, north: Double, bearing: Double) {
        for longitude in [0.0, 179.9995, -179.9995] {
            let here = GeoPosition(latitude: 0, longitude: longitude)
            let there = GeoPosition(latitude: north * 0.001, longitude: longitude + east * 0.001)
            #expect(abs(here.bearing(to: there) - bearing) < 1e-6)
        }
    }

    @Test func `finds a point again by distance and direction`() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<5000 {
            let (a, b) = (RandomPlaces.position(&random), RandomPlaces.position(&random))
            let found = RandomPlaces.point(from: a, kilometres: a.distance(to: b), bearing: a.bearing(to: b))
            #expect(Self.reference(found, b) < 0.01, "\(a) \(b)")
        }
    }
}
