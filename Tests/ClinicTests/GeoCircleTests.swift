import Clinic
import Foundation
import Randomness
import Testing

@Suite struct GeoCircleTests {
    private static func kilometres(_ random: inout SplitMix64) -> Double {
        min(GeoPosition.greatestDistance, pow(10, random.nextUnit() * 7.4 - 3))
    }

    /// A part of the Earth around a point, some of them no larger than the point, cut off at the poles and the date line.
    private static func meets(
        _ circle: GeoCircle, around point: GeoPosition, _ random: inout SplitMix64
    ) -> Bool {
        func side() -> Double { random.next(below: 4) == 0 ? 0 : pow(10, random.nextUnit() * 8 - 6) }
        return circle.meets(
            south: max(-90, point.latitude - side()), north: min(90, point.latitude + side()),
            west: max(-180, point.longitude - side()), east: min(180, point.longitude + side()))
    }

    @Test func `meets everywhere that holds a point within the distance`() {
        var random = SplitMix64(seed: 1)
        var inside = 0
        for round in 0..<20_000 {
            let centre = round < 600 ? RandomPlaces.corners[round % 6] : RandomPlaces.position(&random)
            let circle = GeoCircle(centre: centre, kilometres: Self.kilometres(&random))
            // Anywhere, within, and on the very edge.
            let edge = RandomPlaces.point(
                from: centre, kilometres: circle.kilometres, bearing: (random.nextUnit() * 2 - 1) * .pi)
            let near = RandomPlaces.point(
                from: centre, kilometres: circle.kilometres * random.nextUnit(),
                bearing: (random.nextUnit() * 2 - 1) * .pi)
            for point in [RandomPlaces.position(&random), edge, near] where circle.contains(point) {
                inside += 1
                #expect(Self.meets(circle, around: point, &random), "\(circle) \(point)")
            }
        }
        #expect(inside > 30_000)
    }

    /// As the circle comes close to a pole the touching meridian turns by degrees for a metre.
    @Test func `leaves out nobody where the circle touches a pole`() {
        var random = SplitMix64(seed: 2)
        var inside = 0
        for round in 0..<20_000 {
            let latitude = random.nextUnit() * (round % 2 == 0 ? 89.9 : -89.9)
            let centre = GeoPosition(latitude: latitude, longitude: random.nextUnit() * 360 - 180)
            let toPole = (90 - abs(latitude)) * .pi / 180 * GeoPosition.earthRadius
            let sign = random.next(below: 2) == 0 ? 1.0 : -1
            let circle = GeoCircle(
                centre: centre, kilometres: toPole * (1 + sign * pow(10, -1 - random.nextUnit() * 14)))
            // The direction in which the circle reaches farthest east or west: cos θ = tan r · tan φ.
            let angle = circle.kilometres / GeoPosition.earthRadius
            let bearing = acos(max(-1, min(1, tan(angle) * tan(latitude * .pi / 180))))
            for sign in [1.0, -1] {
                let point = RandomPlaces.point(from: centre, kilometres: circle.kilometres, bearing: sign * bearing)
                guard circle.contains(point) else { continue }
                inside += 1
                #expect(Self.meets(circle, around: point, &random), "\(circle) \(point)")
            }
        }
        #expect(inside > 10_000)
    }

    /// Points of the part are tried: where none is near the circle, the answer is no.
    @Test func `meets nothing that is apart`() {
        var random = SplitMix64(seed: 5)
        var apart = 0
        for _ in 0..<3000 {
            let circle = GeoCircle(
                centre: RandomPlaces.position(&random), kilometres: 1 + random.nextUnit() * 9000)
            let point = RandomPlaces.position(&random)
            let side = 0.2 + random.nextUnit()
            let (south, north) = (max(-90, point.latitude - side), min(90, point.latitude + side))
            let (west, east) = (max(-180, point.longitude - side), min(180, point.longitude + side))
            var nearest = Double.infinity
            for row in 0...12 {
                let latitude: Double = south + (north - south) * Double(row) / 12
                for column in 0...12 {
                    let longitude: Double = west + (east - west) * Double(column) / 12
                    let tried = GeoPosition(latitude: latitude, longitude: longitude)
                    nearest = min(nearest, circle.centre.distance(to: tried))
                }
            }
            // Between two of the points tried there are at most 0.2 degrees each way.
            guard nearest > circle.kilometres + 25 else { continue }
            apart += 1
            #expect(!circle.meets(south: south, north: north, west: west, east: east), "\(circle) \(point) \(side)")
        }
        #expect(apart > 1000)
    }

    @Test func `holds the date line under both its names`() {
        let circle = GeoCircle(centre: GeoPosition(latitude: 0, longitude: 180), kilometres: 1)
        for longitude in [180.0, -180, 179.995, -179.995] {
            #expect(circle.contains(GeoPosition(latitude: 0, longitude: longitude)))
            #expect(circle.meets(south: 0, north: 0, west: longitude, east: longitude))
        }
        #expect(!circle.meets(south: -1, north: 1, west: 170, east: 179.9))
        #expect(!circle.meets(south: -1, north: 1, west: -179.9, east: -170))
    }

    @Test func `is the whole Earth from the greatest distance on`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<1000 {
            let circle = GeoCircle(
                centre: RandomPlaces.position(&random), kilometres: GeoPosition.greatestDistance)
            let point = RandomPlaces.position(&random)
            #expect(circle.contains(point) && GeoCircle.earth.contains(point))
            #expect(Self.meets(circle, around: point, &random) && Self.meets(.earth, around: point, &random))
        }
    }
}
