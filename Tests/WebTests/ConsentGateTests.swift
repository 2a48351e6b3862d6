import Casework
import Clinic
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import Packaging
import Screening
import Slides
import Testing
import Web

/// Every way in which images come to be screened or a case begins, held to the consent of whose blood it is: the account's owner,
/// or somebody in their care.
@Suite(.timeLimit(.minutes(15))) struct ConsentGateTests {
    /// Somebody with a person in care, a case of that subject with images that failed, and an open view of the microscope.
    private struct Gate: Sendable {
        let desk: CaseDesk
        let token: String
        /// The value of `for`: the person in care, or nothing for the owner.
        let whose: String
        let caseID: CaseID
        let failed: [ScreeningRecord]
        /// Addresses of two slides whose only part is to come, below that of the case.
        let slides: [String]
        let view: String

        func api(
            _ method: HTTPRequest.Method, _ path: String, _ body: String = "{}", type: String = "application/json",
            digest: String? = nil
        ) async throws -> TestResponse {
            var headers: HTTPFields = [.authorization: "Bearer \(token)", .contentType: type]
            if let digest { headers[try #require(.init("Content-Digest"))] = digest }
            return try await desk.client.execute(
                uri: path, method: method, headers: headers, body: ByteBuffer(string: body))
        }

        func image(_ path: String, _ bytes: [UInt8]) async throws -> TestResponse {
            var body = ByteBuffer()
            body.writeString("--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n")
            body.writeBytes(bytes)
            body.writeString("\r\n--edge--\r\n")
            var headers = TestSite.formHeaders
            headers[.authorization] = "Bearer \(token)"
            return try await desk.client.execute(uri: path, method: .post, headers: headers, body: body)
        }

        func request(_ number: String, of patient: String) async throws -> TestResponse {
            try await api(
                .post, "/fhir/ServiceRequest",
                """
                {"resourceType": "ServiceRequest", "status": "active", "identifier": [{"value": "\(number)"}], \
                "code": {"text": "Smear"}, "subject": {\(patient)}}
                """, type: "application/fhir+json")
        }
    }

    /// Who may be asked for by it.
    private enum Subject: CaseIterable { case owner, child }

    private struct Way: Sendable {
        let name: String
        var subjects: [Subject] = Subject.allCases
        let go: @Sendable (Gate) async throws -> TestResponse
    }

    private static let part = [UInt8]("a slide of one part".utf8)
    private static let digest = "sha-256=:\(Data(SHA256.hash(data: part)).base64EncodedString()):"
    private static let fingerprint = SHA256.hash(data: part).map { String(format: "%02x", $0) }.joined()
    private static let script: HTTPFields = [.accept: "application/json"]

    private static let ways: [Way] = [
        Way(name: "frame of an open view") { gate in
            var headers: HTTPFields = [.contentType: "image/jpeg"]
            headers[try #require(.init("X-CSRF-Token"))] = try await gate.desk.browser.csrf()
            let field = try DrawnSmear.draw(class: 3, seed: 3, side: 480)
            return try await gate.desk.browser.send(
                "/live/frames?session=\(gate.view)&width=480", .post, headers,
                ByteBuffer(bytes: try ImageEncoder.jpeg(field, quality: 85)))
        },
        Way(name: "live microscope") { gate in
            try await gate.desk.browser.post("/live", [("for", gate.whose)])
        },
        Way(name: "form") { gate in
            try await gate.desk.send("/cases", images: [CaseDesk.drawing(11)], fields: [("for", gate.whose)])
        },
        Way(name: "form of the first page") { gate in
            try await gate.desk.send("/screen", images: [CaseDesk.drawing(12)], fields: [("for", gate.whose)])
        },
        Way(name: "script") { gate in
            try await gate.desk.send(
                "/cases", images: [CaseDesk.drawing(13)], fields: [("for", gate.whose)], isScript: true)
        },
        Way(name: "case that waited on a device") { gate in
            let id = CaseID().text
            var headers = script
            headers[try #require(.init("Idempotency-Key"))] = id
            return try await gate.desk.browser.post(
                "/cases", [("title", ""), ("case", id), ("for", gate.whose)], headers: headers)
        },
        Way(name: "one more image") { gate in
            try await gate.desk.send("/cases/\(gate.caseID)/images", images: [CaseDesk.drawing(14)], isScript: true)
        },
        Way(name: "one image again") { gate in
            try await gate.desk.browser.post(
                "/cases/\(gate.caseID)/images/\(gate.failed[0].imageID)/again")
        },
        Way(name: "all images again") { gate in
            try await gate.desk.browser.post("/cases/\(gate.caseID)/again")
        },
        Way(name: "slide") { gate in
            try await gate.desk.browser.post(
                "/cases/\(gate.caseID)/slides",
                [("name", "b.tif"), ("bytes", "\(part.count)"), ("fingerprint", fingerprint), ("fields", "3")])
        },
        Way(name: "part of a slide") { gate in
            var headers: HTTPFields = [.contentType: "application/octet-stream"]
            headers[try #require(.init("Content-Digest"))] = digest
            headers[try #require(.init("X-CSRF-Token"))] = try await gate.desk.browser.csrf()
            return try await gate.desk.browser.send(
                "\(gate.slides[0])/parts?offset=0", .put, headers, ByteBuffer(bytes: part))
        },
        Way(name: "slide of the operator's folder") { gate in
            try await gate.desk.browser.post("/cases/\(gate.caseID)/slides/registered", [("path", "kept.tif")])
        },
        Way(name: "case of a program") { gate in
            let whose = gate.whose.isEmpty ? "" : ", \"for\": \"\(gate.whose)\""
            return try await gate.api(.post, "/api/v1/cases", "{\"title\": \"New\"\(whose)}")
        },
        Way(name: "image of a program") { gate in
            try await gate.image("/api/v1/cases/\(gate.caseID)/images", CaseDesk.drawing(15))
        },
        Way(name: "image of a program again") { gate in
            try await gate.api(.post, "/api/v1/screenings/\(gate.failed[2].id)/again")
        },
        Way(name: "slide of a program") { gate in
            try await gate.api(
                .post, "/api/v1/cases/\(gate.caseID)/slides",
                "{\"name\": \"c.tif\", \"bytes\": \(part.count), \"fingerprint\": \"\(fingerprint)\"}")
        },
        Way(name: "part of a slide of a program") { gate in
            try await gate.api(
                .put, "/api/v1\(gate.slides[1])/parts?offset=0", String(decoding: part, as: UTF8.self),
                type: "application/octet-stream", digest: digest)
        },
        Way(name: "request of another system for the case") { gate in
            let id = gate.caseID.text.replacing("_", with: ".")
            return try await gate.request("O-1", of: "\"reference\": \"Patient/\(id)\"")
        },
        Way(name: "request of another system", subjects: [.owner]) { gate in
            try await gate.request("O-2", of: "\"identifier\": {\"system\": \"urn:his\", \"value\": \"P-2\"}")
        },
        Way(name: "image that is not kept", subjects: [.owner]) { gate in
            try await gate.image("/api/v1/predict", ImageEncoder.png(DrawnSmear.draw(class: 0, seed: 3, side: 480)))
        },
        Way(name: "case for a slide", subjects: [.owner]) { gate in
            try await gate.desk.browser.post("/slides", [("title", "")])
        },
        Way(name: "case of the owner that becomes the child's", subjects: [.child]) { gate in
            let own = try await gate.desk.makeCase()
            return try await gate.desk.browser.post("/cases/\(own)/for", [("for", gate.whose)])
        },
    ]

    /// Makes all of it, with consent.
    private static func run(of subject: Subject, _ test: @Sendable (Gate) async throws -> Void) async throws {
        let folder = try TestSite.temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: folder) }
        let registered = folder.appending(path: "registered")
        try FileManager.default.createDirectory(at: registered, withIntermediateDirectories: true)
        try Data(part).write(to: registered.appending(path: "kept.tif"))
        let slides = SlideFolder(archive: folder, registered: registered)
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Models/demonstration").standardizedFileURL
        try await TestSite.run(
            release: Screener(package: ModelPackage(directory: package)), configure: { $0.imagesPerBurst = 1000 },
            change: { services in
                services.wholeSlides = WholeSlides(
                    intake: SlideIntake(slides: CaseSlides(database: services.database), folder: slides),
                    desk: SlideDesk(
                        folder: slides,
                        // Nothing here is read.
                        command: SlideWorker.Command(executable: URL(filePath: "/nonexistent"), arguments: [])))
            }
        ) { client, services in
            // A clinician, who may also take slides out of the operator's folder.
            let user = try await TestPeople.make("owner@example.org", .clinician, in: services)
            let desk = CaseDesk(
                browser: try await TestPeople.browser(of: user, client: client, in: services), client: client,
                services: services)
            var whose = ""
            if subject == .child {
                _ = try await desk.browser.post(
                    "/people", [("name", "Meena"), ("birthYear", "2019"), ("consent", "1")])
                let inCare = try await services.database.read { try $0.dependents(of: user.id) }
                whose = try #require(inCare.first).id.text
            }
            let made = try await desk.send(
                "/cases", images: [CaseDesk.drawing(1), CaseDesk.drawing(2), CaseDesk.drawing(3)],
                fields: [("for", whose)])
            let location = try #require(made.headers[.location])
            let id = try #require(CaseID(String(location.split(separator: "/").last ?? "")))
            try await ScreenAgainTests.fail(desk)
            var addresses: [String] = []
            for name in ["page.tif", "program.tif"] {
                let begun = try await desk.browser.post(
                    "/cases/\(id)/slides",
                    [("name", name), ("bytes", "\(part.count)"), ("fingerprint", fingerprint), ("fields", "3")])
                let slide = try #require(try begun.object()["id"] as? String)
                addresses.append("/cases/\(id)/slides/\(slide)")
            }
            let view = try await desk.browser.post("/live", [("for", whose)])
            let failed = try await desk.screenings(of: id)
            try #require(failed.map(\.state) == [.failed, .failed, .failed])
            try await test(
                Gate(
                    desk: desk,
                    token: try await APISite.token(of: user.id, in: services, Set(APIToken.Scope.allCases)),
                    whose: whose, caseID: id, failed: failed, slides: addresses,
                    view: try #require(try view.object()["session"] as? String)))
        }
    }

    /// How many cases, images and slides there are, and how many images wait.
    private static func counts(_ gate: Gate) async throws -> [Int] {
        try await gate.desk.services.database.read { transaction in
            let owner = try #require(try transaction.user(email: "owner@example.org")).id
            let smearCase = try transaction.smearCase(gate.caseID)
            return [
                try transaction.countCases(of: owner), try transaction.screenings(of: gate.caseID).count,
                try transaction.slides(of: gate.caseID).count, try transaction.countPendingScreenings(),
                try smearCase?.dependentID.map { try transaction.countCases(ofDependent: $0) } ?? 0,
            ]
        }
    }

    @Test(arguments: [false, true])
    func `nothing begins without the consent of whose blood it is, by any way, and all of it does with it`(
        _ isOfChild: Bool
    ) async throws {
        let subject = isOfChild ? Subject.child : .owner
        try await Self.run(of: subject) { gate in
            let browser = gate.desk.browser
            let ways = Self.ways.filter { $0.subjects.contains(subject) }
            let sentence = isOfChild ? "without the consent of their guardian" : "screened without your consent"
            let page = isOfChild ? "/people/\(gate.whose)/consent" : "/consent"
            _ = try await browser.post(page, [("answer", "withdrawn")])
            let before = try await Self.counts(gate)
            for way in ways {
                let refused = try await way.go(gate)
                #expect(refused.status == .forbidden, "\(way.name)")
                #expect(refused.text.contains(sentence), "\(way.name): \(refused.text)")
            }
            var after = try await Self.counts(gate)
            if isOfChild {
                // The owner's own, which may begin, and which did not become the child's.
                after[0] -= 1
                after[3] -= 1
            }
            #expect(after == before)
            _ = try await browser.post(page, [("answer", "given"), ("consent", "1"), ("next", "/")])
            for way in ways {
                let taken = try await way.go(gate)
                #expect(taken.status.code < 400, "\(way.name): \(taken.text)")
            }
        }
    }
}
