import Findings
import Foundation

/// Finds coordinates in a list of doctors that cannot be those of the entry's town.
enum DirectoryPosition {
    /// How far from the middle of its town a practice may lie.
    private static let surroundingsKilometres = 100.0
    /// How far from the meridian of its standard time a place may lie; the west of China has 49 degrees.
    private static let farthestFromMeridian = 60.0

    /// Why an entry cannot lie where it says; nil where nothing speaks against it.
    static func problem(_ clinic: ClinicAddress, in transaction: any PlaceRows) throws -> DirectoryRow.Problem? {
        try reason(clinic, in: transaction).map { .init(.latitude, $0) }
    }

    private static func reason(_ clinic: ClinicAddress, in transaction: any PlaceRows) throws -> Message? {
        let written = clinic.position
        let isZero = abs(written.latitude) < 0.01 && abs(written.longitude) < 0.01
        let nearest = try PlaceSearch.nearest(to: written, in: transaction)
        if nearest?.countryCode == clinic.countryCode, !isZero { return nil }
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
