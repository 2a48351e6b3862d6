import Foundation

/// Where the practice of a line is, as far as the line itself does not tell it: the postcode or else the town has the
/// coordinates, and the place the time zone.
struct DirectoryLocation: Sendable {
    private let postcode: String
    let lacksPosition: Bool
    private let lacksTimeZone: Bool

    /// How much larger than any other of its name a town is that everybody means by it.
    private static let byFar: Int64 = 10

    /// - Parameter text: What the line has in a column, trimmed.
    init(_ text: (DirectoryColumn) -> String) {
        postcode = Postcode.compared(text(.postcode))
        lacksPosition = text(.latitude).isEmpty && text(.longitude).isEmpty
        lacksTimeZone = text(.timeZone).isEmpty
    }

    /// Fills in what the rules ask for, until `complete` knows it.
    func stand(in entry: inout DoctorEntry) {
        if lacksPosition { entry.position = GeoPosition(latitude: 0, longitude: 0) }
        if lacksTimeZone { entry.timeZone = "UTC" }
    }

    /// The entry with the place that its postcode or town has, and the time zone there.
    ///
    /// - Throws: `DirectoryLine.DirectoryLineProblems` where nothing tells them, or coordinates cannot be those of the town.
    func complete(
        _ entry: CheckedDoctorEntry, in transaction: any PlaceRows & PostcodeRows
    ) throws -> CheckedDoctorEntry {
        var (entry, zone) = (entry, "")
        if lacksPosition {
            let place = try place(of: entry.clinic, in: transaction)
            entry.clinic.position = place.position
            zone = place.timeZone
        }
        if lacksTimeZone {
            if zone.isEmpty {
                zone = try PlaceSearch.nearest(to: entry.clinic.position, in: transaction)?.timeZone ?? ""
            }
            guard !zone.isEmpty else { throw refusal(.init(.timeZone, "errors.import.noTimeZone")) }
            entry.clinic.timeZone = zone
        }
        if let problem = try DirectoryPosition.problem(
            entry.clinic, lacksPosition ? .postcode : .latitude, in: transaction)
        {
            throw DirectoryLine.DirectoryLineProblems(problems: [problem])
        }
        return entry
    }

    private func place(
        of clinic: ClinicAddress, in transaction: any PlaceRows & PostcodeRows
    ) throws -> (position: GeoPosition, timeZone: String) {
        if !postcode.isEmpty {
            let found = try PostcodeSearch.places(postcode, countryCode: clinic.countryCode, in: transaction)
            if let found = found.first { return (found.postcode.position, found.nearest?.timeZone ?? "") }
        }
        let towns = try transaction.places(matching: clinic.city, limit: DirectoryPosition.namesakes).filter {
            $0.countryCode == clinic.countryCode
        }
        let column = postcode.isEmpty ? DirectoryColumn.city : .postcode
        guard let first = towns.first else {
            throw refusal(.init(column, "errors.import.townUnknown", ["town": clinic.city]))
        }
        let exact = towns.filter { PlaceSearch.folded($0.name) == PlaceSearch.folded(clinic.city) }
        let isByFar = towns.dropFirst().allSatisfy { $0.population * Self.byFar <= first.population }
        guard let town = exact.count == 1 ? exact[0] : isByFar ? first : nil else {
            throw refusal(.init(column, "errors.import.townAmbiguous", ["town": clinic.city]))
        }
        return (GeoPosition(latitude: town.latitude, longitude: town.longitude), town.timeZone)
    }

    private func refusal(_ problem: DirectoryRow.Problem) -> DirectoryLine.DirectoryLineProblems {
        .init(problems: [problem])
    }
}
