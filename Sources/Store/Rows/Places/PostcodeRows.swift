import Clinic
import Foundation

extension SQLTransaction {
    private static let postcodes = SQLTable<Postcode>(
        "postcodes", "code country_code ending latitude longitude exactness label"
    ) { row in
        try Postcode(
            code: row["code"], countryCode: row["country_code"], ending: row["ending"],
            position: GeoPosition(latitude: row["latitude"], longitude: row["longitude"]),
            exactness: row["exactness"], label: row["label"])
    }

    func hasPostcodes(ofEdition edition: Int64) throws -> Bool {
        try connection.number("SELECT COUNT(*) FROM postcode_editions WHERE edition = ?", edition) > 0
    }

    func store(_ postcodes: [Postcode], edition: Int64) throws {
        let rows = postcodes.map { postcode -> [SQLValue] in
            [
                .text(postcode.code), .text(postcode.countryCode), .text(postcode.ending),
                .real(postcode.position.latitude), .real(postcode.position.longitude),
                .text(postcode.exactness.rawValue), .text(postcode.label), .integer(edition),
            ]
        }
        // REPLACE: https://www.sqlite.org/lang_replace.html, https://mariadb.com/kb/en/replace/
        try connection.insert(rows, into: "postcodes", Self.postcodes.list + ", edition", verb: "REPLACE")
    }

    func postcodeKeys(
        after last: PostcodeKey?, otherThan edition: Int64, limit: Int
    ) throws -> [(key: PostcodeKey, isOld: Bool)] {
        let (code, country) = (last?.code ?? "", last?.countryCode ?? "")
        return try connection.query(
            """
            SELECT code, country_code, edition FROM postcodes\(connection.dialect.readingPrimaryKey) \
            WHERE code >= ? AND (code > ? OR country_code > ?) ORDER BY code, country_code LIMIT ?
            """, code, code, country, limit
        ).map { row in
            let other: Int64 = try row["edition"]
            return (PostcodeKey(code: try row["code"], countryCode: try row["country_code"]), other != edition)
        }
    }

    func remove(_ postcodes: [PostcodeKey], otherThan edition: Int64) throws {
        for postcode in postcodes {
            try connection.execute(
                "DELETE FROM postcodes WHERE code = ? AND country_code = ? AND edition <> ?", postcode.code,
                postcode.countryCode, edition)
        }
    }

    func finishPostcodes(edition: Int64, at date: Date) throws {
        try connection.execute("DELETE FROM postcode_editions")
        try connection.execute("INSERT INTO postcode_editions (edition, loaded_at) VALUES (?, ?)", edition, date)
    }

    func postcodes(beginning code: String) throws -> [Postcode] {
        let bytes = Array(code.utf8)
        guard !bytes.isEmpty, bytes.count <= PlaceSpelling.longest else { return [] }
        let beginnings = InList((1...bytes.count).map { .text(String(decoding: bytes.prefix($0), as: UTF8.self)) })
        return try connection.all(
            Self.postcodes,
            """
            \(connection.dialect.readingPrimaryKey) \
            WHERE code IN \(beginnings.sql) AND EXISTS (SELECT 1 FROM postcode_editions WHERE edition >= 0) \
            ORDER BY code, country_code
            """, values: beginnings.values)
    }
}
