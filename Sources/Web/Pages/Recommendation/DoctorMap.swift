import Clinic
import Foundation
import Wording

/// A schematic map drawn from coordinates alone, so that it needs no network: the person in the middle, circles of equal
/// distance, north up, a numbered pin for each doctor of the list.
///
/// The projection is azimuthal and equidistant (Snyder, Map Projections, 1987, chapter 25): distance and direction from
/// the middle are true, across the date line and at the poles too.
struct DoctorMap: Sendable {
    /// A circle of equal distance.
    struct Ring: Sendable {
        let radius: String
        let label: String
        let labelY: String
    }

    /// A doctor; the pin stands beside the place where another one is.
    struct Pin: Sendable {
        let number: String
        let address: String
        let name: String
        let x: String
        let y: String
        /// Where the doctor is.
        let placeX: String
        let placeY: String
        let isMoved: Bool
    }

    /// Of the whole drawing, in its own units.
    static let side = 400.0
    private static let outerRadius = 165.0
    private static let pinRadius = 12.0

    let rings: [Ring]
    let pins: [Pin]
    /// What the drawing shows, in words.
    let caption: String
    /// The middle on OpenStreetMap.
    let address: String

    /// - Parameters:
    ///   - origin: The middle.
    ///   - entries: The doctors, and the number of the first.
    ///   - text: The words.
    init(around origin: GeoPosition, _ entries: [RecommendedDoctors.Entry], first: Int, text: TextCatalogue) {
        let reach = Self.reach(entries.map(\.ranked.kilometres).max() ?? 1)
        let distances = [reach / 2, reach]
        rings = distances.map { kilometres in
            let radius = Self.outerRadius * kilometres / reach
            return Ring(
                radius: Self.unit(radius), label: Self.label(kilometres, text),
                labelY: Self.unit(Self.side / 2 + radius - 5))
        }
        var taken: [(Double, Double)] = []
        pins = entries.enumerated().map { index, entry in
            let place = Self.place(of: entry.ranked, from: origin, reach: reach)
            let spot = Self.freeSpot(near: place, taken)
            taken.append(spot)
            return Pin(
                number: String(first + index), address: "#doctor-\(entry.doctor.id)", name: entry.doctor.name,
                x: Self.unit(spot.0), y: Self.unit(spot.1), placeX: Self.unit(place.0), placeY: Self.unit(place.1),
                isMoved: spot != place)
        }
        caption = text(
            "ranking.map.caption", ["inner": Self.label(reach / 2, text), "outer": Self.label(reach, text)])
        address = StreetMap.address(of: origin, zoom: reach > 200 ? 6 : reach > 20 ? 9 : 12)
    }

    /// The next round number of kilometres: 1, 2 or 5 times a power of ten, at least one.
    static func reach(_ kilometres: Double) -> Double {
        let least = max(1, kilometres)
        let power = pow(10, floor(log10(least)))
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= least } ?? 10 * power
    }

    private static func place(of doctor: RankedDoctor, from origin: GeoPosition, reach: Double) -> (Double, Double) {
        let bearing = origin.bearing(to: doctor.candidate.position)
        let distance = outerRadius * doctor.kilometres / reach
        return (side / 2 + distance * sin(bearing), side / 2 - distance * cos(bearing))
    }

    /// The nearest spot, on a spiral, where a pin covers no other one and not the person.
    private static func freeSpot(near place: (Double, Double), _ taken: [(Double, Double)]) -> (Double, Double) {
        let middle = (side / 2, side / 2)
        let inside = (pinRadius + 1)...(side - pinRadius - 1)
        for step in 0..<2000 {
            let turn = Double(step) * 0.5
            let spot = (place.0 + turn * 0.6 * cos(turn), place.1 + turn * 0.6 * sin(turn))
            guard inside.contains(spot.0), inside.contains(spot.1) else { continue }
            let isFree = (taken + [middle]).allSatisfy { hypot($0.0 - spot.0, $0.1 - spot.1) >= 2 * pinRadius + 1 }
            if isFree { return spot }
        }
        return place
    }

    private static func label(_ kilometres: Double, _ text: TextCatalogue) -> String {
        let shown = kilometres < 1 ? String(format: "%.1f", kilometres) : String(format: "%.0f", kilometres)
        return text("ranking.card.kilometres", ["count": kilometres == 2.5 ? "2.5" : shown])
    }

    private static func unit(_ value: Double) -> String { String(format: "%.1f", value) }
}
