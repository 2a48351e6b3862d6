import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import Testing
import Web

@Suite struct PracticeTests {
    private static let form = [
        ("name", "Dr. Anna <Rao>"), ("qualifications", "MD, DM (Haematology)"),
        ("council", "Karnataka Medical Council"),
        ("registrationNumber", "KMC-1"), ("specialty", "haematology"), ("specialties", "oncology"),
        ("languages", "English, Tamil"), ("practiceSince", "2009"), ("clinicName", "Lake Clinic"),
        ("street", "12 Lake Road"), ("city", "Chennai"), ("countryCode", ""), ("place", "Chennai"), ("timeZone", ""),
        ("fee", "800"), ("currency", "inr"), ("phone", "+91 44 2345 6789"), ("email", ""),
        ("website", "https://rao.example.org/"), ("about", "Sees adults.\nAlso children."), ("seesChildren", "1"),
    ]

    private static func form(_ changes: [String: String]) -> [(String, String)] {
        form.map { ($0.0, changes[$0.0] ?? $0.1) }
    }

    private static func upload(
        _ path: String, _ field: String, _ bytes: [UInt8], by browser: TestBrowser
    ) async throws -> TestResponse {
        let body = TestSite.form(bytes, field: field, fields: [("csrf", try await browser.csrf())])
        return try await browser.send(path, .post, TestSite.formHeaders, body)
    }

    private static func own(_ email: String, _ services: SiteServices) async throws -> Doctor? {
        try await services.database.read { transaction in
            try transaction.user(email: email).flatMap { try transaction.doctor(of: $0.id) }
        }
    }

    @Test func `registers and is shown to others once approved`() async throws {
        try await TestSite.run { client, services in
            try await PlaceFieldTests.fill(services.database)
            let browser = try await TestPeople.browser("d@example.org", client: client, in: services)
            #expect(try await browser.get("/practice").text.contains("Send for verification"))
            let sent = try await browser.post("/practice", Self.form)
            #expect(sent.headers[.location] == "/practice?notice=registered")
            let doctor = try #require(try await Self.own("d@example.org", services))
            // Country and time zone are those of the place.
            #expect(doctor.clinic.countryCode == "IN")
            #expect(doctor.clinic.timeZone == "Asia/Kolkata")
            #expect(doctor.specialties == [.haematology, .oncology])
            #expect(doctor.languages == ["en", "ta"])
            #expect(doctor.fee == Fee(hundredths: 80_000, currency: "INR"))
            let page = try await browser.get("/practice")
            #expect(page.text.contains("Waiting for verification"))
            #expect(page.text.contains("value=\"Dr. Anna &lt;Rao&gt;\""))
            let visitor = TestBrowser(client)
            #expect(try await visitor.get("/doctors/\(doctor.id)").status == .notFound)
            #expect(try await browser.get("/doctors/\(doctor.id)").status == .ok)
            let admin = try await TestPeople.make("a@example.org", .administrator, in: services)
            _ = try await Directory(database: services.database).approve(doctor.id, by: admin.id)
            let profile = try await visitor.get("/doctors/\(doctor.id)")
            #expect(profile.status == .ok)
            for words in [
                "KMC-1, Karnataka Medical Council", "English and Tamil", "since 2009", "₹800", "Chennai, India",
                "openstreetmap.org", "href=\"tel:+914423456789\"", "rao.example.org", "Registration verified",
                "Haematologist", "Sees adults.",
            ] { #expect(profile.text.contains(words), "\(words)") }
            #expect(!profile.text.contains("<Rao>"))
        }
    }

    @Test func `names every field that is wrong and keeps what was typed`() async throws {
        try await TestSite.run { client, services in
            let browser = try await TestPeople.browser("d@example.org", client: client, in: services)
            let answer = try await browser.post(
                "/practice",
                Self.form([
                    "practiceSince": "1066", "website": "http://x", "place": "Nowhere at all", "languages": "Elvish",
                ]))
            #expect(answer.status == .unprocessableContent)
            for words in [
                "1940 to", "with https", "do not know a town like", "not a language code of ISO 639-1",
                "value=\"1066\"", "value=\"Elvish\"", "value=\"Lake Clinic\"",
            ] { #expect(answer.text.contains(words), "\(words)") }
            #expect(try await Self.own("d@example.org", services) == nil)
        }
    }

    @Test func `asks which town is meant and takes the answer`() async throws {
        try await TestSite.run { client, services in
            try await PlaceFieldTests.fill(services.database)
            let browser = try await TestPeople.browser("d@example.org", client: client, in: services)
            let zoned = Self.form(["place": "Springfield", "timeZone": "America/Chicago"])
            let asked = try await browser.post("/practice", zoned)
            #expect(asked.status == .unprocessableContent)
            #expect(asked.text.contains("Several places have this name"))
            let sent = try await browser.post("/practice", zoned + [("place_for", "Springfield"), ("place_id", "1")])
            #expect(sent.status == .seeOther)
            let doctor = try #require(try await Self.own("d@example.org", services))
            #expect(doctor.clinic.position == GeoPosition(latitude: 39.8, longitude: -89.64))
            // Sent again as the page shows it, nothing changes.
            let page = try await browser.get("/practice")
            #expect(page.text.contains("value=\"39.8\""))
        }
    }

    @Test func `keeps papers for the doctor and administrators alone`() async throws {
        try await TestSite.run { client, services in
            try await PlaceFieldTests.fill(services.database)
            let browser = try await TestPeople.browser("d@example.org", client: client, in: services)
            #expect(try await Self.upload("/practice/documents", "document", [1], by: browser).status == .notFound)
            _ = try await browser.post("/practice", Self.form)
            let pdf = Array("%PDF-1.7\n1 0 obj\n".utf8)
            #expect(try await Self.upload("/practice/documents", "document", pdf, by: browser).status == .seeOther)
            let script = Array("<html><script>alert(1)</script>".utf8)
            let refused = try await Self.upload("/practice/documents", "document", script, by: browser)
            #expect(refused.status == .unprocessableContent)
            #expect(refused.text.contains("Send a PDF, JPEG or PNG file"))
            let page = try await browser.get("/practice").text
            let link = String(try #require(page.firstMatch(of: /\/practice\/documents\/[\w-]{22}/)).output)
            let file = try await browser.get(link)
            #expect(Array(file.body.readableBytesView) == pdf)
            #expect(file.headers[.contentType] == "application/pdf")
            #expect(file.headers[.contentDisposition]?.hasPrefix("attachment") == true)
            let admin = try await TestPeople.browser("a@example.org", .administrator, client: client, in: services)
            #expect(try await admin.get(link).status == .ok)
            let other = try await TestPeople.browser("c@example.org", .clinician, client: client, in: services)
            #expect(try await other.get(link).status == .notFound)
            #expect(try await browser.post("\(link)/delete").status == .seeOther)
            #expect(try await browser.get(link).status == .notFound)
            #expect(try await services.archive.keys(under: "doctors/").isEmpty)
        }
    }

    @Test func `keeps a square portrait of nothing but pixels`() async throws {
        try await TestSite.run { client, services in
            try await PlaceFieldTests.fill(services.database)
            let browser = try await TestPeople.browser("d@example.org", client: client, in: services)
            _ = try await browser.post("/practice", Self.form)
            let wide = try ImageEncoder.png(
                RGBImage(width: 1200, height: 700, pixels: [UInt8](repeating: 128, count: 1200 * 700 * 3)))
            #expect(try await Self.upload("/practice/photo", "photo", wide, by: browser).status == .seeOther)
            let doctor = try #require(try await Self.own("d@example.org", services))
            let photo = try await browser.get("/doctors/\(doctor.id)/photo")
            #expect(photo.headers[.contentType] == "image/jpeg")
            let header = try ImageDecoder.inspect(Array(photo.body.readableBytesView))
            #expect((header.width, header.height) == (512, 512))
            #expect(header.format == .jpeg)
            let tag = try #require(photo.headers[.eTag])
            let same = try await browser.get("/doctors/\(doctor.id)/photo", headers: [.ifNoneMatch: tag])
            #expect(same.status == .notModified)
            // Nobody else sees it before the entry is verified.
            #expect(try await TestBrowser(client).get("/doctors/\(doctor.id)/photo").status == .notFound)
            let small = try TestSite.picture(side: 64)
            #expect(try await Self.upload("/practice/photo", "photo", small, by: browser).status == .seeOther)
            #expect(try await services.archive.keys(under: "doctors/").count == 1)
            let broken = try await Self.upload("/practice/photo", "photo", Array(small.prefix(200)), by: browser)
            #expect(broken.status == .unprocessableContent)
            #expect(try await browser.post("/practice/photo/delete").status == .seeOther)
            #expect(try await services.archive.keys(under: "doctors/").isEmpty)
        }
    }

    @Test func `leaves the directory and comes back to wait`() async throws {
        try await TestSite.run { client, services in
            try await PlaceFieldTests.fill(services.database)
            let browser = try await TestPeople.browser("d@example.org", client: client, in: services)
            #expect(try await browser.post("/practice/retire").status == .notFound)
            _ = try await browser.post("/practice", Self.form)
            #expect(try await browser.post("/practice/retire").headers[.location] == "/practice?notice=retired")
            #expect(try await Self.own("d@example.org", services)?.status == .retired)
            #expect(try await browser.get("/practice").text.contains("Not in the directory"))
            #expect(try await browser.post("/practice", Self.form).headers[.location] == "/practice?notice=waits")
            #expect(try await Self.own("d@example.org", services)?.status == .pending)
        }
    }

    @Test func `gives entry and papers along with the account and removes them with it`() async throws {
        try await TestSite.run { client, services in
            try await PlaceFieldTests.fill(services.database)
            let browser = try await TestPeople.browser("d@example.org", client: client, in: services)
            _ = try await browser.post("/practice", Self.form)
            _ = try await Self.upload("/practice/documents", "document", Array("%PDF-1.7 mine".utf8), by: browser)
            _ = try await Self.upload("/practice/photo", "photo", TestSite.picture(), by: browser)
            let archive = String(
                decoding: try await browser.get("/account/export").body.readableBytesView, as: UTF8.self)
            for name in [
                "practice/entry.json", "practice/document-1-smear.pdf", "practice/portrait.jpg", "%PDF-1.7 mine",
            ] {
                #expect(archive.contains(name), "\(name)")
            }
            let doctor = try #require(try await Self.own("d@example.org", services))
            #expect(try await browser.post("/account/delete", [("password", TestPeople.password)]).status == .seeOther)
            #expect(try await services.archive.keys(under: "doctors/").isEmpty)
            #expect(try await services.database.read { try $0.doctor(doctor.id) }?.status == .retired)
        }
    }

    @Test func `shows everybody their places in the navigation`() async throws {
        try await TestSite.run { client, services in
            for (role, links) in [
                (Role.patient, [true, false, false]), (.clinician, [true, true, false]),
                (.administrator, [true, true, true]),
            ] {
                let browser = try await TestPeople.browser("\(role)@example.org", role, client: client, in: services)
                let page = try await browser.get("/account").text
                let shown = ["/doctors", "/readings", "/admin"].map { page.contains("<li><a href=\"\($0)\"") }
                #expect(shown == links, "\(role)")
                for address in ["/appointments", "/sharing", "/practice"] {
                    #expect(page.contains("<a href=\"\(address)\">"))
                }
            }
            #expect(try await TestBrowser(client).get("/login").text.contains("<li><a href=\"/doctors\""))
        }
    }
}
