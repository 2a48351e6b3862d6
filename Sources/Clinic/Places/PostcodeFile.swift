import Foundation

/// A file of postcodes, as `Scripts/postcodes.py` writes it: a `TabbedFile` whose first line also has the edition, 15
/// hexadecimal digits that differ where the contents do. A line has code, country (ISO 3166-1), ending, latitude,
/// longitude (degrees), exactness and label, as `Postcode` tells them.
public struct PostcodeFile: Sendable {
    private static let mark = "leukoscope-postcodes"

    /// How many rows the file says it has.
    public var count: Int { file.count }
    /// Which contents it has.
    public let edition: Int64
    private let file: TabbedFile

    /// - Throws: `ClinicError.notFound` where there is no such file, `.corrupt` where it is none of ours.
    public init(_ url: URL) throws {
        file = try TabbedFile(url, mark: Self.mark, version: 1, things: "postcodes")
        guard let edition = file.rest.first.flatMap({ Int64($0, radix: 16) }) else {
            throw ClinicError(.corrupt, fault: "\(url.path) does not say its edition. Make it anew.")
        }
        self.edition = edition
    }

    /// Whether a file says that it is one of postcodes.
    ///
    /// - Throws: `ClinicError.notFound` where there is no such file.
    public static func isOne(_ url: URL) throws -> Bool { try TabbedFile.firstLine(of: url).hasPrefix(mark) }

    /// Hands on the postcodes in order, some thousand at a time.
    ///
    /// - Throws: `ClinicError.corrupt` with the line, also when there are fewer than the first line says; what `take`
    ///   throws.
    public func read(batch: Int, _ take: ([Postcode]) async throws -> Void) async throws {
        try await file.read(batch: batch, parse: Self.postcode, take)
    }

    private static func postcode(_ fields: [String]) -> Postcode? {
        guard fields.count == 7, !fields[0].isEmpty, Postcode.compared(fields[0]) == fields[0],
            fields[1].utf8.count == 2, fields[2].allSatisfy("#@*|".contains), let latitude = Double(fields[3]),
            let longitude = Double(fields[4]), (-90...90).contains(latitude), (-180...180).contains(longitude),
            let exactness = Postcode.Exactness(rawValue: fields[5])
        else { return nil }
        return Postcode(
            code: fields[0], countryCode: fields[1], ending: fields[2],
            position: GeoPosition(latitude: latitude, longitude: longitude), exactness: exactness, label: fields[6])
    }
}
