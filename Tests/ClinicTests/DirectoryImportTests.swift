import Clinic
import Findings
import Foundation
import Store
import Testing
import Wording

@Suite(.timeLimit(.minutes(10))) struct DirectoryImportTests {
    static let header =
        "name,qualifications,council,registration_number,specialties,languages,practice_since,clinic,street,city,country,"
        + "latitude,longitude,time_zone,fee,currency,sees_children,opening_hours,slot_minutes"

    static func row(
        _ number: String, name: String = "Dr. Anna Rao", specialties: String = "haematology|haemato-oncology",
        latitude: String = "12.97", longitude: String = "77.59", hours: String = "Mon-Fri 09:00-17:00; Sat 09:00-12:00"
    ) -> String {
        "\(name),\"MD, DM\",Karnataka Medical Council,\(number),\(specialties),en|kn,2009,Lake Clinic,12 Lake Road,"
            + "Bengaluru,IN,\(latitude),\(longitude),Asia/Kolkata,800,INR,yes,\(hours),20"
    }

    private func rows(
        _ text: String, verified: Bool = false, dry: Bool = false, chunk: Int = 1 << 16, in fixture: DirectoryFixture
    ) async throws -> [DirectoryRow] {
        try await rows(Array(text.utf8), verified: verified, dry: dry, chunk: chunk, in: fixture)
    }

    private func rows(
        _ bytes: [UInt8], verified: Bool = false, dry: Bool = false, chunk: Int = 1 << 16, in fixture: DirectoryFixture
    ) async throws -> [DirectoryRow] {
        var rows: [DirectoryRow] = []
        let pieces = stride(from: 0, to: bytes.count, by: chunk).map { Array(bytes[$0..<min($0 + chunk, bytes.count)]) }
        let chunks = AsyncStream<[UInt8]> { continuation in
            for piece in pieces { continuation.yield(piece) }
            continuation.finish()
        }
        let summary = try await DirectoryImport(
            database: fixture.database, settings: .init(isVerified: verified, isDryRun: dry), by: .system,
            clock: { DirectoryFixture.now }
        ).run(chunks) { rows.append($0) }
        #expect(summary.total == rows.count)
        return rows
    }

    @Test func `lines are added, found unchanged, updated and refused`() async throws {
        try await DirectoryFixture.run { fixture in
            let list = [Self.header, Self.row("1"), Self.row("2")].joined(separator: "\r\n") + "\r\n"
            #expect(try await rows(list, in: fixture).map(\.outcome) == [.added, .added])
            #expect(try await rows(list, in: fixture).map(\.outcome) == [.unchanged, .unchanged])
            let changed = [
                Self.header, Self.row("1", name: "Dr. Ben Rao"), Self.row("3", latitude: "north"), "", Self.row("2"),
                Self.row("2", name: "Twice"), "too,few",
            ].joined(separator: "\n")
            let report = try await rows(changed, in: fixture)
            #expect(report.map(\.outcome) == [.updated, .refused, .unchanged, .refused, .refused])
            #expect(report.map(\.line) == [2, 3, 5, 6, 7])
            #expect(report.map(\.registrationNumber) == ["1", "3", "2", "2", ""])
            #expect(report[1].problems.map(\.column) == ["latitude"])
            #expect(report[3].problems.map(\.reason) == [Message("errors.import.repeated", ["line": 5])])
            #expect(report[4].problems.first?.column == nil)
            let doctor = try #require(
                try await fixture.database.read {
                    try $0.doctor(council: "Karnataka Medical Council", registrationNumber: "1")
                })
            #expect(doctor.name == "Dr. Ben Rao")
            #expect(doctor.status == .pending)
            #expect(doctor.seesChildren)
            #expect(doctor.openingHours.slotMinutes == 20)
            #expect(doctor.openingHours.weekly.count == 6)
            #expect(try await fixture.actions() == Array(repeating: "doctor.import", count: 3))
        }
    }

    @Test(arguments: [1, 7, 64, 100_000]) func `pieces of any size, quotes, semicolons and a byte-order mark are read`(
        _ chunk: Int
    ) async throws {
        try await DirectoryFixture.run { fixture in
            let header = Self.header.replacing(",", with: ";").uppercased().replacing("_", with: " ")
            let row =
                "\"Dr. \"\"Anna\"\"\nRao\";MD;Council;Ä-1;haematology;en;2009;Clinic;Road 1;Köln;DE;50.94;6.96;"
                + "Europe/Berlin;65,50;EUR;no;\"Mon 09:00-12:00; Tue 10:00-11:00\";30"
            let report = try await rows(
                Array("\u{FEFF}\(header)\n\(row)\n\n".utf8), verified: true, chunk: chunk, in: fixture)
            #expect(report.map(\.outcome) == [.added])
            let doctor = try #require(
                try await fixture.database.read { try $0.doctor(council: "Council", registrationNumber: "Ä-1") })
            #expect(doctor.name == "Dr. \"Anna\" Rao")
            #expect(doctor.fee == Fee(hundredths: 6550, currency: "EUR"))
            #expect(doctor.status == .verified)
            #expect(doctor.openingHours.weekly.map(\.weekday) == [1, 2])
        }
    }

    @Test(arguments: ["\r", "\r\n", "\n"]) func `lists end their lines as they like, and blank rows are none`(
        _ end: String
    ) async throws {
        try await DirectoryFixture.run { fixture in
            let blank = String(repeating: ",", count: 18)
            let list = [Self.header, Self.row("1"), blank, Self.row("2"), blank, " ,\(blank.dropFirst())", ""]
            let report = try await rows(list.joined(separator: end), in: fixture)
            #expect(report.map(\.outcome) == [.added, .added])
            #expect(report.map(\.line) == [2, 4])
        }
    }

    @Test(arguments: ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NV", "#WERT!", "#GETTING_DATA", "########", "Err:502"])
    func `a spreadsheet's error is no value`(_ error: String) async throws {
        try await DirectoryFixture.run { fixture in
            let list = [Self.header, Self.row("1", name: error), Self.row("2"), Self.row("3", latitude: error)]
            let report = try await rows(list.joined(separator: "\n"), in: fixture)
            #expect(report.map(\.outcome) == [.refused, .added, .refused])
            #expect(report[0].problems.map(\.column) == ["name"])
            #expect(report[0].problems[0].reason == Message("errors.import.spreadsheetError", ["typed": .text(error)]))
            #expect(report[2].problems.map(\.column).contains("latitude"))
        }
    }

    @Test(arguments: ["#1 Heart Clinic", "# 5", "Dr. #"]) func `a number sign alone is no error`(_ name: String)
        async throws
    {
        try await DirectoryFixture.run { fixture in
            let report = try await rows("\(Self.header)\n\(Self.row("1", name: name))", in: fixture)
            #expect(report.map(\.outcome) == [.added])
        }
    }

    @Test(arguments: [
        ("77.59", "12.97", "km from Bengaluru: latitude and longitude are exchanged"),
        ("0", "0", "0, 0 is a point in the sea, 8663 km from Bengaluru."), ("0.001", "-0.0", "in the sea"),
        ("41.9", "-87.6", "km from Bengaluru, in another country."), ("12.9", "77.7", nil), ("12.3", "77.2", nil),
    ])
    func `a point that cannot be in its town is refused with the distance`(
        _ latitude: String, _ longitude: String, _ words: String?
    ) async throws {
        try await DirectoryFixture.run { fixture in
            try await fixture.database.write { try $0.insert(PlaceTests.towns) }
            let row = Self.row("1", latitude: latitude, longitude: longitude)
            let report = try await rows("\(Self.header)\n\(row)\n\(Self.row("2"))", in: fixture)
            #expect(report.map(\.outcome) == [words == nil ? .added : .refused, .added])
            #expect(report[0].problems.map(\.column) == (words == nil ? [] : ["latitude"]))
            if let words {
                let told = try TextCatalogue(language: "en")(report[0].problems[0].reason)
                #expect(told.contains(words), "\(told)")
            }
        }
    }

    @Test(arguments: [
        ("77.59", "12.97", "km from where Bengaluru lies when latitude and longitude are exchanged"),
        ("0", "0", "more than 500 km from Bengaluru"), ("28.6", "77.2", nil),
    ])
    func `without any towns the time zone tells exchanged coordinates`(
        _ latitude: String, _ longitude: String, _ words: String?
    ) async throws {
        try await DirectoryFixture.run { fixture in
            let row = Self.row("1", latitude: latitude, longitude: longitude)
            let report = try await rows("\(Self.header)\n\(row)", in: fixture)
            #expect(report.map(\.outcome) == [words == nil ? .added : .refused])
            if let words {
                let told = try TextCatalogue(language: "en")(report[0].problems[0].reason)
                #expect(told.contains(words), "\(told)")
            }
        }
    }

    @Test(arguments: [
        "NULL", "null", "-", "—", "n/a", "N/A", "NA", "none", "unknown", "TBD", "?", "...", "nan", "(null)", "\\N",
    ])
    func `what stands for no value is refused with its column, in columns that may be empty too`(_ typed: String)
        async throws
    {
        try await DirectoryFixture.run { fixture in
            let list = [
                Self.header, Self.row("1", name: typed), Self.row("2"), Self.row("3", hours: typed),
            ]
            let report = try await rows(list.joined(separator: "\n"), in: fixture)
            #expect(report.map(\.outcome) == [.refused, .added, .refused])
            let reason = Message("errors.import.placeholder", ["typed": .text(typed)])
            #expect(report[0].problems.map(\.reason) == [reason])
            #expect(report[0].problems.map(\.column) == ["name"])
            #expect(report[0].line == 2)
            #expect(report[2].problems.map(\.column) == ["opening_hours"])
        }
    }

    @Test(
        arguments: [
            ("Tamizh", ["ta"]), ("தமிழ்", ["ta"]), ("en", ["en"]), ("English", ["en"]), ("ENGLISH|हिन्दी", ["en", "hi"]),
            ("tam; hin", ["ta", "hi"]), ("en-IN / ta_IN", ["en", "ta"]), ("English and Bangla", ["en", "bn"]),
            ("English Tamil Hindi", ["en", "ta", "hi"]), ("Odiya & Panjabi", ["or", "pa"]), ("français", ["fr"]),
            ("NA", ["na"]), ("Klingon", nil), ("NULL", nil),
        ] as [(String, [String]?)])
    func `languages are understood as people write them`(_ typed: String, _ codes: [String]?) async throws {
        try await DirectoryFixture.run { fixture in
            let row = Self.row("1").replacing("en|kn", with: "\"\(typed)\"")
            let report = try await rows("\(Self.header)\n\(row)", in: fixture)
            #expect(report[0].problems.map(\.column) == (codes == nil ? ["languages"] : []), "\(report)")
            let doctor = try await fixture.database.read {
                try $0.doctor(council: "Karnataka Medical Council", registrationNumber: "1")
            }
            #expect(doctor?.languages == codes)
        }
    }

    /// A list whose lines say no more than the town, or the postcode too.
    private static func placed(_ rows: [(number: String, city: String, postcode: String)]) -> String {
        let header =
            "name,qualifications,council,registration_number,specialties,languages,practice_since,clinic,street,"
        let lines = rows.map { row in
            "Dr. Anna Rao,MD,Council,\(row.number),haematology,en,2009,Clinic,1 Road,\(row.city),\(row.postcode),IN"
        }
        return ([header + "city,postcode,country"] + lines).joined(separator: "\n")
    }

    @Test func `town or postcode tell coordinates and time zone, and what tells nothing is refused with the reason`()
        async throws
    {
        try await DirectoryFixture.run { fixture in
            let zone = "Asia/Kolkata"
            try await fixture.database.write { transaction in
                try transaction.insert([
                    Place(
                        id: 1, name: "Vellore", countryCode: "IN", latitude: 12.92, longitude: 79.13,
                        population: 480_000,
                        timeZone: zone),
                    Place(
                        id: 2, name: "Rampur", countryCode: "IN", latitude: 28.8, longitude: 79.03, population: 300_000),
                    Place(
                        id: 3, name: "Rampur", countryCode: "IN", latitude: 31.45, longitude: 77.63, population: 90_000),
                    Place(id: 4, name: "Lonely", countryCode: "IN", latitude: 8, longitude: 93, population: 900),
                ])
                let postcode = Postcode(
                    code: "632001", countryCode: "IN", position: GeoPosition(latitude: 12.9, longitude: 79.1),
                    exactness: .point, label: "")
                try transaction.store([postcode], edition: 1)
                try transaction.finishPostcodes(edition: 1, at: DirectoryFixture.now)
            }
            let report = try await rows(
                Self.placed([
                    ("1", "vellore", ""), ("2", "Vellore", "632 001"), ("3", "Rampur", ""), ("4", "Nowhere", ""),
                    ("5", "Lonely", ""), ("6", "Rampur", "632001"), ("7", "Vellore", "999999"),
                ]), in: fixture)
            #expect(
                report.map(\.outcome) == [.added, .added, .refused, .refused, .refused, .refused, .added], "\(report)")
            #expect(
                report[2].problems.map(\.reason) == [Message("errors.import.townAmbiguous", ["town": .text("Rampur")])])
            #expect(
                report[3].problems.map(\.reason) == [Message("errors.import.townUnknown", ["town": .text("Nowhere")])])
            #expect(report[4].problems.map(\.reason) == [Message("errors.import.noTimeZone")])
            #expect(report[5].problems.map(\.column) == ["postcode"])
            let stored = try await fixture.database.read { transaction in
                try ["1", "2"].map { try transaction.doctor(council: "Council", registrationNumber: $0)?.clinic }
            }
            #expect(stored.map(\.?.position.latitude) == [12.92, 12.9])
            #expect(stored.map(\.?.timeZone) == [zone, zone])
        }
    }

    @Test(arguments: [("28.6", "77.2", 1740), ("14.4", "78.9", 213), ("12.5", "77.9", nil)])
    func `a point far from its town within its country is refused with the distance`(
        _ latitude: String, _ longitude: String, _ kilometres: Int?
    ) async throws {
        try await DirectoryFixture.run { fixture in
            let delhi = Place(
                id: 7, name: "Delhi", countryCode: "IN", latitude: 28.65, longitude: 77.23, population: 10_000_000)
            try await fixture.database.write { try $0.insert(PlaceTests.towns + [delhi]) }
            let row = Self.row("1", latitude: latitude, longitude: longitude)
            let report = try await rows("\(Self.header)\n\(row)", in: fixture)
            #expect(report.map(\.outcome) == [kilometres == nil ? .added : .refused])
            guard let kilometres else { return }
            let told = try #require(report[0].problems.first?.reason.facts["kilometres"])
            guard case .count(let found) = told else {
                Issue.record("\(told)")
                return
            }
            #expect(abs(found - kilometres) < 15, "\(found)")
        }
    }

    @Test func `separators at the end, a line that names them and UTF-16 are read`() async throws {
        try await DirectoryFixture.run { fixture in
            let list =
                "sep=,\r\n\(Self.header),,\r\n\(Self.row("1")),,\r\n\(Self.row("2")),,,,\r\n\(Self.row("3")),x\r\n"
            let bytes: [UInt8] = [0xFF, 0xFE] + list.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            let report = try await rows(bytes, chunk: 1001, in: fixture)
            #expect(report.map(\.outcome) == [.added, .added, .refused])
            #expect(report.map(\.line) == [3, 4, 5])
        }
    }

    @Test func `a broken line stops no other`() async throws {
        try await DirectoryFixture.run { fixture in
            var bytes = Array("\(Self.header)\n".utf8)
            bytes += Array("Dr. \"Anna\" Rao,x\n".utf8)
            bytes += Array("\(Self.row("1"))\n".utf8)
            bytes += Array("\"Anna\" Rao,x\n".utf8) + Array(Self.row("2").utf8) + [0x0A]
            bytes += Array(Self.row("3", name: "Dr. M").utf8) + [0xFF, 0xFE, 0x0A]
            bytes += Array(Self.row("4").utf8) + [0x0A]
            bytes += Array("\"never closed,".utf8)
            let report = try await rows(bytes, in: fixture)
            #expect(report.map(\.outcome) == [.refused, .added, .refused, .added, .refused, .added, .refused])
            #expect(report.last?.problems.first?.reason == Message("errors.import.openQuote"))
            #expect(report[4].problems.first?.reason == Message("errors.import.encoding"))
        }
    }

    @Test func `a quote that is never closed takes no more than a record's worth along`() async throws {
        try await DirectoryFixture.run { fixture in
            let filler = String(repeating: "x", count: 70_000)
            let report = try await rows(
                "\(Self.header)\n\"open,\(filler)\n\(Self.row("1"))\n", in: fixture)
            #expect(report.map(\.outcome) == [.refused, .added])
        }
    }

    @Test(arguments: [
        ("", "import.empty"), ("name,city", "import.missingColumns"),
        ("\(DirectoryImportTests.header),colour", "import.unknownColumn column=text(\"colour\")"),
        ("\(DirectoryImportTests.header),name", "import.columnTwice column=text(\"name\") line=count(1)"),
    ])
    func `a first line that does not name the columns is refused, and nothing stored`(
        _ first: String, _ word: String
    ) async throws {
        try await DirectoryFixture.run { fixture in
            let error = await #expect(throws: ClinicError.self) {
                _ = try await rows(first.isEmpty ? "" : "\(first)\n\(Self.row("1"))\n", in: fixture)
            }
            #expect(error?.code == .invalid)
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
            let actions = try await fixture.actions()
            #expect(actions.isEmpty)
        }
    }

    @Test func `a dry run says the same and stores nothing`() async throws {
        try await DirectoryFixture.run { fixture in
            let list = [Self.header, Self.row("1"), Self.row("2", latitude: "100")].joined(separator: "\n")
            let report = try await rows(list, dry: true, in: fixture)
            #expect(report.map(\.outcome) == [.added, .refused])
            #expect(try await fixture.database.read { try $0.countDoctors(matching: DoctorFilter()) } == 0)
            #expect(try await fixture.actions().isEmpty)
        }
    }

    @Test func `an entry that a doctor looks after is not changed by a list`() async throws {
        try await DirectoryFixture.run { fixture in
            let doctor = try await fixture.user("d@example.org")
            _ = try await fixture.directory.register(DirectoryFixture.entry("1"), by: doctor.id)
            let report = try await rows("\(Self.header)\n\(Self.row("1", name: "Other"))", verified: true, in: fixture)
            #expect(report.map(\.outcome) == [.refused])
            #expect(report[0].problems.map(\.column) == ["registration_number"])
            #expect(try await fixture.directory.own(doctor.id)?.doctor.name == "Dr. Anna Rao")
        }
    }

    @Test func `a verified entry whose training changes waits again, unless the list is verified`() async throws {
        try await DirectoryFixture.run { fixture in
            let status = { () async throws -> Doctor.Status? in
                try await fixture.database.read {
                    try $0.doctor(council: "Karnataka Medical Council", registrationNumber: "1")?.status
                }
            }
            _ = try await rows("\(Self.header)\n\(Self.row("1"))", verified: true, in: fixture)
            #expect(try await status() == .verified)
            _ = try await rows("\(Self.header)\n\(Self.row("1", hours: ""))", in: fixture)
            #expect(try await status() == .verified)
            _ = try await rows("\(Self.header)\n\(Self.row("1", specialties: "oncology"))", in: fixture)
            #expect(try await status() == .pending)
            _ = try await rows("\(Self.header)\n\(Self.row("1", specialties: "oncology"))", verified: true, in: fixture)
            #expect(try await status() == .verified)
        }
    }

    @Test func `several batches are stored in order`() async throws {
        try await DirectoryFixture.run { fixture in
            let list = ([Self.header] + (1...1203).map { Self.row(String($0)) }).joined(separator: "\n")
            let report = try await rows(list, in: fixture)
            #expect(report.map(\.line) == Array(2...1204))
            #expect(try await fixture.database.read { try $0.countDoctors(matching: DoctorFilter()) } == 1203)
        }
    }

    @Test(arguments: [
        ("Mon-Fri 09:00-17:00; Sat 09:00-12:00", "1:540-1020 2:540-1020 3:540-1020 4:540-1020 5:540-1020 6:540-720"),
        ("mon,Wednesday 9:00-12:00,14:00-18:00", "1:540-720 1:840-1080 3:540-720 3:840-1080"),
        ("Sat–Mon 00:00–24:00", "1:0-1440 6:0-1440 7:0-1440"), ("", ""), (" ; ", ""),
    ])
    func `opening hours are read as lists write them`(_ text: String, _ expected: String) throws {
        let hours = try OpeningHours.weekly(written: text)
        #expect(hours.map { "\($0.weekday):\($0.start)-\($0.end)" }.joined(separator: " ") == expected)
    }

    @Test(arguments: [
        "always", "Mon", "Mon 9-17", "Xyz 09:00-17:00", "Mon 17:00-09:00", "Mon 09:00-25:00", "09:00-17:00",
    ])
    func `hours that say nothing are refused`(_ text: String) {
        #expect(throws: ClinicError.self) { _ = try OpeningHours.weekly(written: text) }
    }
}
