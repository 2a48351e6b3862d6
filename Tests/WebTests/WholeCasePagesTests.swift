import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Mail
import Testing
import Web

/// A case that is shared whole, read and signed once, and what that changes wherever the case is told.
@Suite(.timeLimit(.minutes(10))) struct WholeCasePagesTests {
    private static func shareCase(_ desk: ReadingDesk, _ more: [(String, String)] = [("new", "yes")]) async throws {
        let answer = try await desk.patient.post(
            "/sharing", [("doctor", desk.doctor.id.text), ("case", desk.caseID.text)] + more)
        #expect(answer.headers[.location] == "/sharing?notice=shared")
    }

    private static func form(_ desk: ReadingDesk, _ label: String, _ more: [(String, String)] = []) -> [(
        String, String
    )] {
        [("label", label), ("revision", "1"), ("action", "sign"), ("confirm", "yes")]
            + desk.screenings.map { ("seen", $0.id.text) } + more
    }

    private static func sign(
        _ desk: ReadingDesk, _ label: String, _ more: [(String, String)] = [], by browser: TestBrowser? = nil
    ) async throws -> TestResponse {
        try await (browser ?? desk.reader).post("/readings/cases/\(desk.caseID)", form(desk, label, more))
    }

    /// A browser of the reader whose login was so many minutes ago.
    private static func oldBrowser(_ desk: ReadingDesk, minutes: Double) async throws -> TestBrowser {
        let (secret, now) = (SecretToken(), Date())
        let session = LoginSession(
            digest: secret.digest, userID: desk.clinician.id, createdAt: now - minutes * 60, lastSeenAt: now,
            expiresAt: now + 3600)
        try await desk.services.database.write { try $0.insert(session) }
        let browser = TestBrowser(desk.desk.client)
        browser.cookies["__Host-session"] = secret.text
        return browser
    }

    @Test func `one signature leads the case everywhere, and the patient is told`() async throws {
        try await ReadingDesk.run(of: "benign") { desk in
            try await Self.shareCase(desk, [("new", "yes"), ("told", "sample")])
            let list = try await desk.reader.get("/readings").text
            #expect(list.contains("/readings/cases/\(desk.caseID)") && list.contains("Secret sample title"))
            let page = try await desk.reader.get("/readings/cases/\(desk.caseID)").text
            #expect(page.contains("value=\"other-malignancy\"") && page.contains("value=\"normal-blood\""))
            #expect(!page.contains("name=\"settles\"") && !page.contains("sign-password"))
            let answer = try await Self.sign(desk, "pro-b", [("comment", "Large <b>blasts</b>")])
            #expect(answer.headers[.location] == "/readings/cases/\(desk.caseID)?notice=signed")
            let home = try await desk.patient.get("/").text
            #expect(home.contains("Dr Meera Reader signed a reading of “Secret sample title”."))
            #expect(home.contains("class=\"news-count\""))
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let token = try await APISite.token(of: owner.id, in: desk.services, [.read])
            func api(_ path: String) async throws -> String {
                try await desk.desk.client.execute(
                    uri: "/api/v1/\(path)", method: .get, headers: [.authorization: "Bearer \(token)"]
                ).text
            }
            for path in ["/cases", "/cases/\(desk.caseID)", "/cases/\(desk.caseID)/print"] {
                let text = try await desk.patient.get(path).text
                #expect(text.contains("kind-urgent") && text.contains("Malignant Pro-B"), "\(path)")
                #expect(text.contains("The network alone: No leukaemia cells seen"), "\(path)")
                #expect(text.contains("Doctor&#39;s reading"), "\(path)")
            }
            let shown = try await desk.patient.get("/cases/\(desk.caseID)").text
            #expect(shown.contains("Large &lt;b&gt;blasts&lt;/b&gt;") && shown.contains("Signed for 2 images."))
            #expect(shown.contains("need\" value=\"malignant"))
            #expect(!(try await desk.patient.get("/").text.contains("news-count")))
            #expect(try await desk.patient.get("/screenings/\(desk.screening)").text.contains("Malignant Pro-B"))
            for path in ["cases", "cases/\(desk.caseID)"] {
                let json = try await api(path)
                #expect(json.contains("\"kind\":\"urgent\"") && json.contains("\"network\":\"undecided\""), "\(path)")
            }
            #expect(try await api("cases/\(desk.caseID)").contains("\"label\":\"pro-b\""))
            #expect(try await api("screenings/\(desk.screening)/fhir").contains("\"status\":\"final\",\"text\""))
            for path in ["/cases/\(desk.caseID)/report.pdf", "/screenings/\(desk.screening)/report.pdf"] {
                let pdf = try await desk.patient.get(path)
                #expect(pdf.headers[.contentType] == "application/pdf" && pdf.text.hasPrefix("%PDF"), "\(path)")
            }
        }
    }

    @Test func `a doctor who has the whole case gets it on paper, with what was told and no more`() async throws {
        try await ReadingDesk.run { desk in
            let path = "/cases/\(desk.caseID)/report.pdf"
            func paper() async throws -> [TestResponse] {
                [try await desk.reader.get(path), try await desk.api("/api/v1\(path)")]
            }
            _ = try await desk.reader.post("/readings/blind", [("hide", "yes")])
            try await desk.share()
            #expect(try await paper().map(\.status) == [.notFound, .notFound])
            try await Self.shareCase(desk)
            // The answers stand on it, which are hidden.
            #expect(!(try await desk.reader.get("/readings/cases/\(desk.caseID)").text.contains(path)))
            #expect(try await paper().map(\.status) == [.conflict, .conflict])
            _ = try await desk.reader.post("/readings/blind", [("hide", "no")])
            let head = try await desk.services.database.read { try $0.auditHead().sequence }
            for answer in try await paper() {
                #expect(answer.status == .ok && answer.headers[.contentType] == "application/pdf")
                #expect(answer.text.hasPrefix("%PDF") && answer.headers[.cacheControl] == "no-store")
            }
            let entries = try await desk.services.database.read {
                try $0.auditRecords(after: head, limit: 9).map(\.entry)
            }
            #expect(entries.map(\.action) == [.smearCase(.pdf), .smearCase(.pdf)])
            #expect(entries.allSatisfy { $0.actor.userID == desk.clinician.id && $0.object == desk.caseID.text })
            // Whoever fetched it all the same has seen them.
            _ = try await Self.sign(desk, "pro-b")
            let signed = try await desk.services.database.read { try $0.caseReadings(of: desk.caseID) }
            #expect(signed.map(\.isBlind) == [false])
            #expect(try await desk.reader.get("/readings/cases/\(desk.caseID)").text.contains("href=\"\(path)\""))
            _ = try await desk.patient.post(
                "/sharing/withdraw", [("reader", desk.clinician.id.text), ("case", desk.caseID.text)])
            #expect(try await paper().map(\.status) == [.notFound, .notFound])
        }
    }

    @Test func `the report of a shared case holds the shared images and what was told`() async throws {
        try await ReadingDesk.run { desk in
            _ = try await desk.patient.post(
                "/cases/\(desk.caseID)/person", [("identifier", "MRN 4711"), ("ageYears", "6"), ("sex", "female")])
            let other = try await TestPeople.make("other@example.org", .clinician, in: desk.services)
            func contents(for user: User? = nil) async throws -> CaseContents {
                let user = user ?? desk.clinician
                let session = LoginSession(
                    digest: "", userID: user.id, createdAt: .distantPast, lastSeenAt: .distantPast,
                    expiresAt: .distantFuture)
                return try await Cases(database: desk.services.database).contentsOfReport(
                    of: desk.caseID, for: Principal(user: user, means: .session(session)))
            }
            try await Self.shareCase(desk, [("new", "yes"), ("told", "person")])
            let first = try await contents()
            #expect(first.entries.map(\.screening.id) == desk.screenings.map(\.id) && first.otherImages == 0)
            #expect(first.smearCase.title.isEmpty && first.person?.facts.identifiers == [])
            #expect(first.person?.facts.ageYears == 6 && first.person?.facts.sex == .female)
            try await Self.shareCase(desk, [("new", "yes"), ("told", "sample"), ("told", "identifiers")])
            let again = try await contents()
            #expect(again.smearCase.title == "Secret sample title" && again.person?.facts.ageYears == nil)
            #expect(again.person?.facts.identifiers.map(\.value) == ["MRN 4711"])
            // An image that was taken back is not in it, and counts for nothing.
            _ = try await desk.patient.post(
                "/sharing/withdraw", [("reader", desk.clinician.id.text), ("screening", desk.screening.text)])
            let fewer = try await contents()
            #expect(fewer.entries.map(\.screening.id) == [desk.screenings[1].id] && fewer.otherImages == 1)
            await #expect(throws: ClinicError.self) { _ = try await contents(for: other) }
        }
    }

    @Test func `a session of a quarter of an hour asks for the password and loses no word`() async throws {
        try await ReadingDesk.run { desk in
            try await Self.shareCase(desk)
            let browser = try await Self.oldBrowser(desk, minutes: 15.5)
            let words = [
                ("comment", "Every word\nof it"), ("image-\(desk.screening)", "unreadable"), ("finding", "Malaria"),
            ]
            #expect(try await browser.get("/readings/cases/\(desk.caseID)").text.contains("sign-password"))
            for password in ["", "wrong"] {
                let asked = try await Self.sign(desk, "other-finding", words + [("password", password)], by: browser)
                #expect(asked.status == .unprocessableContent)
                #expect(asked.text.contains("Every word\nof it") && asked.text.contains("value=\"Malaria\""))
                #expect(asked.text.contains("value=\"unreadable\" selected"))
                #expect(asked.text.contains("value=\"other-finding\" checked"))
            }
            #expect(try await desk.services.database.read { try $0.caseReadings(of: desk.caseID) }.isEmpty)
            let signed = try await Self.sign(
                desk, "other-finding", words + [("password", TestPeople.password)], by: browser)
            #expect(signed.status == .seeOther)
            let kept = try #require(
                try await desk.services.database.read { try $0.caseReadings(of: desk.caseID) }.first)
            #expect(kept.comment == "Every word\nof it" && kept.finding == "Malaria")
            // For a while the same session signs without it.
            #expect(!(try await browser.get("/readings/cases/\(desk.caseID)?revise=1").text.contains("sign-password")))
            // A single image asks as well.
            let single = try await Self.oldBrowser(desk, minutes: 16)
            let asked = try await single.post(
                "/readings/\(desk.screening)",
                [("label", "pre-b"), ("comment", "Kept"), ("revision", "2"), ("action", "sign"), ("confirm", "yes")])
            #expect(asked.status == .unprocessableContent && asked.text.contains("Kept"))
            #expect(asked.text.contains("sign-password"))
            let young = try await Self.oldBrowser(desk, minutes: 14)
            #expect(!(try await young.get("/readings/cases/\(desk.caseID)?revise=1").text.contains("sign-password")))
        }
    }

    @Test func `what was typed stays when the form is not complete`() async throws {
        try await ReadingDesk.run { desk in
            try await Self.shareCase(desk)
            for (label, more) in [("", []), ("other-finding", []), ("reactive", [("settles", "yes")])] {
                let answer = try await Self.sign(desk, label, [("comment", "Kept words")] + more)
                #expect(answer.status == .unprocessableContent && answer.text.contains("Kept words"), "\(label)")
            }
            let draft = try await desk.reader.post(
                "/readings/cases/\(desk.caseID)", [("revision", "1"), ("comment", "So far"), ("action", "draft")])
            #expect(draft.headers[.location] == "/readings/cases/\(desk.caseID)?notice=draft")
            #expect(try await desk.reader.get("/readings/cases/\(desk.caseID)").text.contains("So far"))
            #expect(!(try await desk.patient.get("/cases/\(desk.caseID)").text.contains("So far")))
        }
    }

    @Test func `a share that was taken back says so to the doctor who had it`() async throws {
        try await ReadingDesk.run { desk in
            try await Self.shareCase(desk)
            let shown = try await desk.patient.get("/sharing").text
            #expect(shown.contains("Shared whole since") && shown.contains("New images too"))
            _ = try await desk.patient.post(
                "/sharing/withdraw", [("reader", desk.clinician.id.text), ("case", desk.caseID.text)])
            let gone = try await desk.reader.get("/readings/\(desk.screening)")
            #expect(gone.status == .notFound && gone.text.contains("The patient has ended this share"))
            let whole = try await desk.reader.get("/readings/cases/\(desk.caseID)")
            #expect(whole.status == .notFound && whole.text.contains("The patient has ended this share"))
            let list = try await desk.reader.get("/readings").text
            #expect(list.contains("Images are no longer shared between you and"))
            let seen = try #require(list.firstMatch(of: /action="(\/notices\/[^"]+)"/)).output.1
            #expect(try await desk.patient.post(String(seen)).status == .notFound)
            #expect(try await desk.reader.post(String(seen)).status == .seeOther)
            #expect(!(try await desk.reader.get("/readings").text.contains("no longer shared")))
        }
    }

    @Test func `cancelling a visit says beforehand what it takes back`() async throws {
        try await ReadingDesk.run { desk in
            let visit = try #require(
                try await desk.services.database.read { transaction in
                    try transaction.user(email: "owner@example.org").flatMap {
                        try transaction.appointments(of: $0.id, limit: 1).first
                    }
                })
            #expect(!(try await desk.patient.get("/appointments/\(visit.id)").text.contains("no longer sees")))
            try await Self.shareCase(desk)
            #expect(
                try await desk.patient.get("/appointments/\(visit.id)").text.contains(
                    "this doctor no longer sees the 2 images"))
            _ = try await desk.patient.post("/appointments/\(visit.id)/cancel", [("reason", "Away")])
            #expect(try await desk.reader.get("/readings/\(desk.screening)").status == .notFound)
        }
    }

    @Test func `the person of a case is asked for, shown, printed and told by the API`() async throws {
        try await ReadingDesk.run { desk in
            let address = "/cases/\(desk.caseID)"
            let wrong = try await desk.patient.post(
                "\(address)/person", [("haemoglobin", "7,x"), ("identifier", "MRN 4711")])
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("Write a number, such as 12.5."))
            #expect(wrong.text.contains("value=\"7,x\"") && wrong.text.contains("value=\"MRN 4711\""))
            let saved = try await desk.patient.post(
                "\(address)/person",
                [
                    ("haemoglobin", "7,2"), ("identifier", "MRN 4711"), ("ageYears", "6"), ("sex", "female"),
                    ("blastPercentage", "88"),
                ])
            #expect(saved.headers[.location] == address)
            for path in [address, "\(address)/print"] {
                let text = try await desk.patient.get(path).text
                for words in ["7.2 g/dL", "MRN 4711", "88 %", "Female"] { #expect(text.contains(words), "\(path)") }
            }
            let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let token = try await APISite.token(of: owner.id, in: desk.services, [.read, .write])
            func api(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> TestResponse {
                try await desk.desk.client.execute(
                    uri: "/api/v1/cases/\(desk.caseID)\(path)", method: method,
                    headers: [.authorization: "Bearer \(token)", .contentType: "application/json"],
                    body: body.map { ByteBuffer(string: $0) })
            }
            #expect(try await api(.get, "").text.contains("\"haemoglobin\":7.2"))
            let put = try await api(.put, "/person", #"{"birthYear":2019,"counts":{"platelets":15.5}}"#)
            #expect(put.status == .ok && put.text.contains("\"platelets\":15.5"))
            let told = try await api(.get, "").text
            #expect(told.contains("\"birthYear\":2019") && !told.contains("4711"))
            #expect(try await api(.put, "/person", #"{"birthYear":"soon"}"#).status == .badRequest)
            #expect(try await api(.put, "/person", #"{"counts":{"haemoglobin":99}}"#).status == .unprocessableContent)
            #expect(try await api(.put, "/person", "{}").status == .ok)
            #expect(!(try await api(.get, "").text.contains("\"person\"")))
            let log = try await desk.services.database.read { try $0.auditRecords(after: 0, limit: 1000) }
            #expect(!log.contains { ($0.entry.detail + $0.entry.object).contains("4711") })
        }
    }

    @Test func `letters tell that there is something, once, and nothing of health`() async throws {
        try await ReadingDesk.run { desk in
            try await Self.shareCase(desk)
            _ = try await Self.sign(desk, "pro-b")
            let box = LetterBox()
            var services = desk.services
            services.mail = box
            let configuration = TestSite.configuration { $0.publicURL = URL(string: "https://smears.example.org") }
            let servers = try (0..<2).map { _ in
                try NoticeService(services: services, configuration: configuration, logger: TestSite.quiet)
            }
            await withTaskGroup(of: Void.self) { group in
                for server in servers + servers { group.addTask { await server.round() } }
            }
            #expect(box.all.map(\.recipient) == ["owner@example.org"])
            let later = Date() + 90_000
            services.clock = { later }
            _ = try await TestPeople.make("admin@example.org", .administrator, in: desk.services)
            let unopened = try NoticeService(services: services, configuration: configuration, logger: TestSite.quiet)
            for _ in 0..<3 { await unopened.round() }
            #expect(box.all.dropFirst().map(\.recipient).sorted() == ["admin@example.org", "reader@example.org"])
            for letter in box.all {
                for word in ["malign", "leukaem", "blood", "Pro-B", "Meera", "Secret", "smear ", "{"] {
                    #expect(!(letter.subject + letter.body).localizedCaseInsensitiveContains(word), "\(word)")
                }
                #expect(letter.body.contains("https://smears.example.org/"))
            }
            #expect(try await desk.reader.get("/readings").text.contains("has not been opened for a day"))
        }
    }
}
