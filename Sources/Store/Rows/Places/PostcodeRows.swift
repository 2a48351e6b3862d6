import Clinic
import Foundation

extension SQLTransaction {
    private static let postcodeColumns = "code, country_code, ending, latitude, longitude, exactness, label"
    /// Rows of one statement.
    private static let postcodeBatch = 200

    func hasPostcodes(ofEdition edition: Int64) throws -> Bool {
        try connection.number("SELECT COUNT(*) FROM postcode_editions WHERE edition = ?", edition) > 0
    }

    func store(_ postcodes: [Postcode], edition: Int64) throws {
        for part in postcodes.parts(of: Self.postcodeBatch) {
            let values = part.flatMap { postcode -> [SQLValue] in
                [
                    .text(postcode.code), .text(postcode.countryCode), .text(postcode.ending),
                    .real(postcode.position.latitude), .real(postcode.position.longitude),
                    .text(postcode.exactness.rawValue), .text(postcode.label), .integer(edition),
                ]
            }
            // REPLACE: https://www.sqlite.org/lang_replace.html, https://mariadb.com/kb/en/replace/
            try connection.checkedRun(
                "REPLACE INTO postcodes (\(Self.postcodeColumns), edition) VALUES "
                    + Array(repeating: "(?, ?, ?, ?, ?, ?, ?, ?)", count: part.count).joined(separator: ", "), values)
        }
    }

    func finishPostcodes(edition: Int64, at date: Date) throws {
        try connection.execute("DELETE FROM postcodes WHERE edition <> ?", edition)
        try connection.execute("DELETE FROM postcode_editions")
        try connection.execute("INSERT INTO postcode_editions (edition, loaded_at) VALUES (?, ?)", edition, date)
    }

    func postcodes(beginning code: String) throws -> [Postcode] {
        let bytes = Array(code.utf8)
        guard !bytes.isEmpty, bytes.count <= PlaceSpelling.longest else { return [] }
        let beginnings = InList((1...bytes.count).map { .text(String(decoding: bytes.prefix($0), as: UTF8.self)) })
        return try connection.query(
            """
            SELECT \(Self.postcodeColumns) FROM postcodes\(connection.dialect.readingPrimaryKey) \
            WHERE code IN \(beginnings.sql) AND EXISTS (SELECT 1 FROM postcode_editions WHERE edition >= 0) \
            ORDER BY code, country_code
            """, values: beginnings.values
        ).map(Self.postcode)
    }

    private static func postcode(_ row: SQLRow) throws -> Postcode {
        var row = row
        let (code, country, ending) = (try row.text(), try row.text(), try row.text())
        let position = GeoPosition(latitude: try row.double(), longitude: try row.double())
        let exactness = try row.text()
        guard let exactness = Postcode.Exactness(rawValue: exactness) else {
            throw ClinicError(
                .corrupt, .fault("The postcode \(code) of \(country) has the unknown exactness “\(exactness)”."))
        }
        return Postcode(
            code: code, countryCode: country, ending: ending, position: position, exactness: exactness,
            label: try row.text())
    }
}
