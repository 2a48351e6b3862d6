import Findings
import Foundation

/// Finds coordinates in a list of doctors that cannot be those of the entry's town.
enum DirectoryPosition {
    /// How far from the middle of its town a practice may lie.
    private static let surroundingsKilometres = 100.0
    /// How far from the meridian of its standard time a place may lie; the west of China has 49 degrees.
    private static let farthestFromMeridian = 60.0

    /// Towns of one beginning that are looked through.
    static let namesakes = 200

    /// Why an entry cannot lie where it says; nil where nothing speaks against it.
    ///
    /// - Parameter column: Which column says where it lies.
    static func problem(
        _ clinic: ClinicAddress, _ column: DirectoryColumn, in transaction: any PlaceRows
    ) throws -> DirectoryRow.Problem? {
        try reason(clinic, in: transaction).map { .init(column, $0) }
    }

    private static func reason(_ clinic: ClinicAddress, in transaction: any PlaceRows) throws -> Message? {
        let written = clinic.position
        let isZero = abs(written.latitude) < 0.01 && abs(written.longitude) < 0.01
        let nearest = try PlaceSearch.nearest(to: written, in: transaction)
        if let nearest, nearest.countryCode == clinic.countryCode, !isZero {
            return try farFromTown(clinic, nearest, in: transaction)
        }
        let town = try nearest.flatMap { _ in try self.town(of: clinic, in: transaction) }
        let exchanged = GeoPosition(latitude: written.longitude, longitude: written.latitude)
        guard let town else {
            if isZero { return Message("errors.import.seaFarFrom", ["town": .text(clinic.city)]) }
            let isExchanged =
                abs(exchanged.latitude) <= 90 && !follows(clinic.timeZone, written)
                && follows(clinic.timeZone, exchanged)
            guard isExchanged else { return nil }
            return Message(
                "errors.import.exchangedByZone",
                ["kilometres": kilometres(written, exchanged), "town": .text(clinic.city)])
        }
        let middle = GeoPosition(latitude: town.latitude, longitude: town.longitude)
        if written.distance(to: middle) <= surroundingsKilometres { return nil }
        let (far, name) = (kilometres(written, middle), Fact.text(town.name))
        if isZero { return Message("errors.import.sea", ["kilometres": far, "town": name]) }
        return exchanged.distance(to: middle) <= surroundingsKilometres
            ? Message("errors.import.exchanged", ["kilometres": far, "town": name])
            : Message("errors.import.otherCountry", ["kilometres": far, "town": name])
    }

    /// Why a point in the right country is not in its town: every town that is called exactly so is far away. Other spellings tell
    /// nothing, for a village that is not on the list may be called nearly as a city far away.
    private static func farFromTown(
        _ clinic: ClinicAddress, _ nearest: Place, in transaction: any PlaceRows
    ) throws -> Message? {
        let name = PlaceSearch.folded(clinic.city)
        if PlaceSearch.folded(nearest.name) == name, distance(clinic, nearest) <= surroundingsKilometres { return nil }
        let found = try transaction.places(matching: clinic.city, limit: namesakes)
        guard found.count < namesakes else { return nil }
        let towns = found.filter { $0.countryCode == clinic.countryCode && PlaceSearch.folded($0.name) == name }
        guard let town = towns.min(by: { distance(clinic, $0) < distance(clinic, $1) }),
            distance(clinic, town) > surroundingsKilometres
        else { return nil }
        let (far, written) = (Int(distance(clinic, town).rounded()), clinic.position)
        let exchanged = GeoPosition(latitude: written.longitude, longitude: written.latitude)
        let isExchanged = exchanged.distance(to: position(town)) <= surroundingsKilometres
        return isExchanged
            ? Message("errors.import.exchanged", ["kilometres": .count(far), "town": .text(town.name)])
            : Message("errors.import.far", ["kilometres": .count(far), "town": .text(town.name)])
    }

    private static func position(_ place: Place) -> GeoPosition {
        GeoPosition(latitude: place.latitude, longitude: place.longitude)
    }

    private static func distance(_ clinic: ClinicAddress, _ place: Place) -> Double {
        clinic.position.distance(to: position(place))
    }

    /// The town of the entry's name and country that is nearest to its position.
    private static func town(of clinic: ClinicAddress, in transaction: any PlaceRows) throws -> Place? {
        try PlaceSearch.towns(clinic.city, countryCode: clinic.countryCode, in: transaction)
            .min { $0.position.distance(to: clinic.position) < $1.position.distance(to: clinic.position) }?.place
    }

    /// Whether clocks at a position can follow a time zone.
    private static func follows(_ timeZone: String, _ position: GeoPosition) -> Bool {
        guard let zone = TimeZone(identifier: timeZone) else { return true }
        let now = Date()
        let offset = Double(zone.secondsFromGMT(for: now)) - zone.daylightSavingTimeOffset(for: now)
        let apart = abs(position.longitude - offset / 240).truncatingRemainder(dividingBy: 360)
        return min(apart, 360 - apart) <= farthestFromMeridian
    }

    private static func kilometres(_ first: GeoPosition, _ second: GeoPosition) -> Fact {
        .count(Int(first.distance(to: second).rounded()))
    }
}
