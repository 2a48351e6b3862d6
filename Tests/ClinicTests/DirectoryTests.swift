import Clinic
import Foundation
import Store
import Testing

@Suite(.timeLimit(.minutes(10))) struct DirectoryTests {
    @Test func `a registered entry waits, and is approved into the directory and its account into clinicians`()
        async throws
    {
        try await DirectoryFixture.run { fixture in
            let (doctor, admin) = (
                try await fixture.user("d@example.org"), try await fixture.user("a@x.org", .administrator)
            )
            let entry = try await fixture.directory.register(DirectoryFixture.entry(), by: doctor.id)
            #expect(entry.status == .pending)
            #expect(entry.fee == Fee(hundredths: 80_000, currency: "INR"))
            let hidden = await #expect(throws: ClinicError.self) {
                _ = try await fixture.directory.shown(entry.id, to: nil)
            }
            #expect(hidden?.code == .notFound)
            #expect(try await fixture.directory.shown(entry.id, to: doctor).id == entry.id)
            let approved = try await fixture.directory.approve(entry.id, by: admin.id)
            #expect(approved.status == .verified)
            #expect(try await fixture.database.read { try $0.user(doctor.id) }?.role == .clinician)
            #expect(try await fixture.directory.shown(entry.id, to: nil).name == "Dr. Anna Rao")
            #expect(try await fixture.actions() == ["doctor.register", "user.role", "doctor.approve"])
        }
    }

    @Test func `an account has one entry, and a register's number one place`() async throws {
        try await DirectoryFixture.run { fixture in
            let (one, two) = (try await fixture.user("1@example.org"), try await fixture.user("2@example.org"))
            _ = try await fixture.directory.register(DirectoryFixture.entry(), by: one.id)
            for (user, number, field) in [(one, "KMC-9", "userID"), (two, "KMC-1234", "registrationNumber")] {
                let error = await #expect(throws: ClinicError.self) {
                    _ = try await fixture.directory.register(DirectoryFixture.entry(number), by: user.id)
                }
                #expect(error?.code == .duplicate)
                #expect(error?.field == field)
            }
            #expect(try await fixture.actions() == ["doctor.register"])
        }
    }

    @Test(arguments: [
        ("name", true), ("qualifications", true), ("council", true), ("number", true), ("specialties", true),
        ("street", false), ("fee", false), ("about", false), ("languages", false),
    ])
    func `only a change of what was verified is looked at again`(_ field: String, _ isLookedAt: Bool) async throws {
        try await DirectoryFixture.run { fixture in
            let (doctor, admin) = (
                try await fixture.user("d@example.org"), try await fixture.user("a@x.org", .administrator)
            )
            let entry = try await fixture.directory.register(DirectoryFixture.entry(), by: doctor.id)
            _ = try await fixture.directory.approve(entry.id, by: admin.id)
            let changed = DirectoryFixture.entry { entry in
                switch field {
                case "name": entry.name = "Dr. Anna Lee"
                case "qualifications": entry.qualifications = "MBBS"
                case "council": entry.council = "Kerala Medical Council"
                case "number": entry.registrationNumber = "KMC-77"
                case "specialties": entry.specialties = [.haematoOncology, .haematology]
                case "street": entry.street = "14 Lake Road"
                case "fee": entry.fee = ""
                case "about": entry.about = "Sees adults."
                default: entry.languages = ["en"]
                }
            }
            let saved = try await fixture.directory.update(changed, by: doctor.id)
            #expect(saved.status == (isLookedAt ? .pending : .verified))
            #expect(try await fixture.actions().last == "doctor.update")
            // The same once more changes nothing and is not noted.
            let count = try await fixture.actions().count
            _ = try await fixture.directory.update(changed, by: doctor.id)
            #expect(try await fixture.actions().count == count)
        }
    }

    @Test func `a refused entry is told why, mended and waits again`() async throws {
        try await DirectoryFixture.run { fixture in
            let (doctor, admin) = (
                try await fixture.user("d@example.org"), try await fixture.user("a@x.org", .administrator)
            )
            let entry = try await fixture.directory.register(DirectoryFixture.entry(), by: doctor.id)
            let unreasoned = await #expect(throws: ClinicError.self) {
                _ = try await fixture.directory.refuse(entry.id, reason: "  ", by: admin.id)
            }
            #expect(unreasoned?.field == "reason")
            let refused = try await fixture.directory.refuse(entry.id, reason: "No such number.", by: admin.id)
            #expect(refused.status == .refused)
            #expect(refused.statusReason == "No such number.")
            let mended = try await fixture.directory.update(DirectoryFixture.entry("KMC-5"), by: doctor.id)
            #expect(mended.status == .pending)
            #expect(mended.statusReason.isEmpty)
        }
    }

    @Test func `nobody but administrators decides, and nobody but the doctor and they retire`() async throws {
        try await DirectoryFixture.run { fixture in
            let doctor = try await fixture.user("d@example.org")
            let others = [
                try await fixture.user("p@example.org"), try await fixture.user("c@example.org", .clinician), doctor,
            ]
            let entry = try await fixture.directory.register(DirectoryFixture.entry(), by: doctor.id)
            for other in others {
                for decide in [
                    { try await fixture.directory.approve(entry.id, by: other.id) },
                    { try await fixture.directory.refuse(entry.id, reason: "No", by: other.id) },
                ] {
                    let error = await #expect(throws: ClinicError.self) { _ = try await decide() }
                    #expect(error?.code == .notFound)
                }
            }
            for stranger in others.dropLast() {
                await #expect(throws: ClinicError.self) {
                    _ = try await fixture.directory.retire(entry.id, reason: "No", by: stranger.id)
                }
            }
            #expect(try await fixture.directory.retire(entry.id, by: doctor.id).status == .retired)
            #expect(try await fixture.actions() == ["doctor.register", "doctor.retire"])
        }
    }

    @Test func `an administrator who is a doctor stays an administrator`() async throws {
        try await DirectoryFixture.run { fixture in
            let admin = try await fixture.user("a@example.org", .administrator)
            let entry = try await fixture.directory.register(DirectoryFixture.entry(), by: admin.id)
            _ = try await fixture.directory.approve(entry.id, by: admin.id)
            #expect(try await fixture.database.read { try $0.user(admin.id) }?.role == .administrator)
        }
    }

    @Test func `an imported entry is handed over once, to an account without one`() async throws {
        try await DirectoryFixture.run { fixture in
            let (doctor, other) = (try await fixture.user("d@example.org"), try await fixture.user("o@example.org"))
            let header = DirectoryImportTests.header
            _ = try await DirectoryImport(
                database: fixture.database, settings: .init(isVerified: true), by: .system,
                clock: { DirectoryFixture.now }
            ).run(Array("\(header)\n\(DirectoryImportTests.row("KMC-1"))\n".utf8))
            let entry = try #require(
                try await fixture.database.read {
                    try $0.doctor(council: "Karnataka Medical Council", registrationNumber: "KMC-1")
                })
            await #expect(throws: ClinicError.self) {
                _ = try await fixture.directory.assign(entry.id, to: doctor.id, by: .user(other.id))
            }
            _ = try await fixture.directory.assign(entry.id, to: doctor.id, by: .system)
            #expect(try await fixture.database.read { try $0.user(doctor.id) }?.role == .clinician)
            await #expect(throws: ClinicError.self) {
                _ = try await fixture.directory.assign(entry.id, to: other.id, by: .system)
            }
        }
    }

    @Test func `every field that is wrong is named at once`() throws {
        var entry = DoctorEntry()
        entry.fee = "many"
        entry.phone = "call me"
        entry.website = "http://example.org"
        entry.email = "nobody"
        let problems = #expect(throws: DoctorEntryProblems.self) { _ = try entry.checked(now: DirectoryFixture.now) }
        #expect(
            Set(problems?.problems.compactMap(\.field) ?? []) == [
                "name", "qualifications", "council", "registrationNumber", "specialties", "languages", "practiceSince",
                "clinicName", "street", "city", "countryCode", "position", "timeZone", "fee", "phone", "website",
                "email",
            ])
    }

    private static let bad: [(String, @Sendable (inout DoctorEntry) -> Void)] = [
        ("name", { $0.name = String(repeating: "a", count: 101) }), ("name", { $0.name = "Anna\u{1B}[2J" }),
        ("registrationNumber", { $0.registrationNumber = "<script>" }), ("specialties", { $0.specialties = [] }),
        ("languages", { $0.languages = ["xx"] }), ("languages", { $0.languages = ["english"] }),
        ("practiceSince", { $0.practiceSince = "2027" }), ("practiceSince", { $0.practiceSince = "1939" }),
        ("practiceSince", { $0.practiceSince = "09" }), ("countryCode", { $0.countryCode = "QQ" }),
        ("countryCode", { $0.countryCode = "India" }), ("position", { $0.position = nil }),
        ("position", { $0.position = GeoPosition(latitude: 91, longitude: 0) }),
        ("position", { $0.position = GeoPosition(latitude: .nan, longitude: 0) }),
        ("timeZone", { $0.timeZone = "Mars/Olympus" }), ("timeZone", { $0.timeZone = "GMT+5" }),
        ("fee", { $0.fee = "-1" }), ("fee", { $0.fee = "1.234" }), ("fee", { $0.fee = "99999999" }),
        ("currency", { $0.currency = "RUPEES" }), ("currency", { $0.currency = "" }),
        ("phone", { $0.phone = "123" }), ("phone", { $0.phone = "+91 80 2345 6789 <b>" }),
        ("website", { $0.website = "javascript:alert(1)" }), ("website", { $0.website = "https://a@example.org" }),
        ("website", { $0.website = "https://localhost" }),
        ("about", { $0.about = String(repeating: "a", count: 2001) }),
        ("slotMinutes", { $0.openingHours = OpeningHours(slotMinutes: 1) }),
    ]

    @Test(arguments: 0..<28) func `a field that breaks its rule is named`(_ index: Int) throws {
        let (field, change) = Self.bad[index]
        let problems = #expect(throws: DoctorEntryProblems.self) {
            _ = try DirectoryFixture.entry("KMC-1", change).checked(now: DirectoryFixture.now)
        }
        #expect(problems?.problems.compactMap(\.field) == [field])
    }

    @Test func `the account's end takes papers, portrait and contact out of the entry`() async throws {
        try await DirectoryFixture.run { fixture in
            let accounts = Accounts(
                database: fixture.database, key: [1],
                hasher: PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1)))
            let doctor = try await accounts.create(
                .init(email: "d@example.org", name: "Anna", password: "three quiet herons"), role: .clinician)
            let entry = try await fixture.directory.register(DirectoryFixture.entry(), by: doctor.id)
            let paper = DoctorDocument(
                doctorID: entry.id, name: "a.pdf", contentType: "application/pdf", byteCount: 5,
                archiveKey: "doctors/x/paper.pdf", createdAt: DirectoryFixture.now)
            try await fixture.directory.addDocument(
                paper, stored: StoredObject([1], at: paper.archiveKey), by: doctor.id)
            _ = try await fixture.directory.setPhoto(
                StoredObject([2], at: "doctors/x/portrait.jpg"), of: doctor.id)
            let deletion = try await accounts.delete(
                for: accounts.confirm(Reauthentication(password: "three quiet herons"), of: doctor.id))
            #expect(Set(deletion.archiveKeys) == ["doctors/x/paper.pdf", "doctors/x/portrait.jpg"])
            let left = try #require(try await fixture.database.read { try $0.doctor(entry.id) })
            #expect(left.status == .retired)
            #expect(left.userID == nil)
            #expect(left.photoKey == nil)
            #expect([left.phone, left.email, left.website, left.about] == ["", "", "", ""])
            #expect(try await fixture.database.read { try $0.documents(of: entry.id) }.isEmpty)
        }
    }

    @Test func `an entry has ten papers at most, read by its doctor and administrators alone`() async throws {
        try await DirectoryFixture.run { fixture in
            let (doctor, admin) = (
                try await fixture.user("d@example.org"), try await fixture.user("a@x.org", .administrator)
            )
            let other = try await fixture.user("c@example.org", .clinician)
            let entry = try await fixture.directory.register(DirectoryFixture.entry(), by: doctor.id)
            var last: DocumentID?
            for number in 0..<Directory.maximumDocuments {
                let paper = DoctorDocument(
                    doctorID: entry.id, name: "\(number).pdf", contentType: "application/pdf", byteCount: 5,
                    archiveKey: "doctors/x/\(number).pdf", createdAt: DirectoryFixture.now)
                try await fixture.directory.addDocument(
                    paper, stored: StoredObject([1], at: paper.archiveKey), by: doctor.id)
                last = paper.id
            }
            let full = await #expect(throws: ClinicError.self) {
                _ = try await fixture.directory.admitDocument(by: doctor.id)
            }
            #expect(full?.code == .quotaExceeded)
            let id = try #require(last)
            #expect(try await fixture.directory.document(id, by: admin.id).id == id)
            #expect(try await fixture.directory.document(id, by: doctor.id).id == id)
            await #expect(throws: ClinicError.self) { _ = try await fixture.directory.document(id, by: other.id) }
            await #expect(throws: ClinicError.self) { _ = try await fixture.directory.deleteDocument(id, by: admin.id) }
            #expect(try await fixture.directory.deleteDocument(id, by: doctor.id) == "doctors/x/9.pdf")
            #expect(try await fixture.actions().suffix(3) == ["document.read", "document.read", "document.delete"])
        }
    }
}
