import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import Packaging
import Screening
import Testing
import Web

/// The live microscope, asked as its page asks.
@Suite(.timeLimit(.minutes(15))) struct LiveTests {
    /// Somebody at the live page.
    private struct Viewer {
        let browser: TestBrowser
        var session = ""

        /// Begins a view.
        mutating func open() async throws {
            let answer = try await browser.post("/live")
            #expect(answer.status == .created)
            session = try #require(try answer.object()["session"] as? String)
        }

        func send(
            _ bytes: [UInt8], session: String? = nil, type: String = "image/jpeg", width: Int = 960
        ) async throws -> TestResponse {
            var headers: HTTPFields = [.contentType: type]
            headers[try #require(.init("X-CSRF-Token"))] = try await browser.csrf()
            return try await browser.send(
                "/live/frames?session=\(session ?? self.session)&width=\(width)", .post, headers,
                ByteBuffer(bytes: bytes))
        }

        /// The hint for a frame.
        func hint(_ image: RGBImage) async throws -> [String: Any] {
            let answer = try await send(try ImageEncoder.jpeg(image, quality: 85))
            #expect(answer.status == .ok, "\(answer.text)")
            return try answer.object()
        }

        func take(_ hint: [String: Any], failed: Bool = false) async throws -> TestResponse {
            let number = try #require(hint["number"] as? Int)
            return try await browser.post(
                "/live/taken", [("session", session), ("frame", "\(number)")] + (failed ? [("failed", "1")] : []))
        }
    }

    private static let demonstration = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Models/demonstration").standardizedFileURL

    /// With the limits of the model that was made of drawn smears.
    private static func run(
        change: (inout SiteServices) -> Void = { _ in },
        _ test: @Sendable (inout Viewer, any TestClientProtocol, SiteServices) async throws -> Void
    ) async throws {
        let release = try Screener(package: ModelPackage(directory: demonstration))
        try await TestSite.run(release: release, change: change) { client, services in
            var viewer = Viewer(
                browser: try await TestPeople.browser("viewer@example.org", client: client, in: services))
            try await viewer.open()
            try await test(&viewer, client, services)
        }
    }

    /// A frame of a drawn field: 480 pixels of 960.
    private static func field(_ seed: UInt64) throws -> RGBImage {
        try DrawnSmear.draw(class: Int(seed % 4), seed: seed, side: 960).resized(width: 480, height: 480)
    }

    @Test func `a sharp new field is usable, and its red cells are measured`() async throws {
        try await Self.run { viewer, _, _ in
            let field = try Self.field(3)
            let first = try await viewer.hint(field)
            #expect(first["isUsable"] as? Bool == true && first["faults"] as? [String] == [])
            #expect(try #require(first["focus"] as? Double) > 1)
            #expect(first["sameAs"] == nil && first["isStill"] as? Bool == false)
            let pixels = try ScaleEstimate.measure(
                ImageDecoder.decode(ImageEncoder.jpeg(field, quality: 85))
            ).redCellPixels
            #expect(first["redCellPixels"] as? Double == pixels)
            #expect((pixels == nil) == (first["scale"] as? String == "unknown"))
            // The same view again: nobody moves the slide.
            #expect(try await viewer.hint(field)["isStill"] as? Bool == true)
        }
    }

    @Test func `a blurred frame and a dark one are told from a sharp one`() async throws {
        try await Self.run { viewer, _, _ in
            let field = try Self.field(3)
            let blurred = try await viewer.hint(ImageVariation.blurred.apply(to: field, networkSide: 120))
            #expect(blurred["isUsable"] as? Bool == false)
            #expect(try #require(blurred["faults"] as? [String]).contains("blurred"))
            #expect(try #require(blurred["focus"] as? Double) < 1)
            var dark = field
            for index in dark.pixels.indices { dark.pixels[index] /= 3 }
            let hint = try await viewer.hint(dark)
            #expect(try #require(hint["faults"] as? [String]).contains("too-dark"))
            // What could not be read cannot be taken.
            #expect(try await viewer.take(hint).status == .conflict)
        }
    }

    @Test func `a field that was taken is known again, also a part of it, and another is not`() async throws {
        try await Self.run { viewer, _, _ in
            // The first drawing of which this part is sharp enough.
            var (seed, field) = (21 as UInt64, try DrawnSmear.draw(class: 1, seed: 21, side: 720))
            var first = try await viewer.hint(field.cut(columns: 0..<480, rows: 100..<580))
            while first["isUsable"] as? Bool != true, seed < 60 {
                seed += 1
                field = try DrawnSmear.draw(class: 1, seed: seed, side: 720)
                first = try await viewer.hint(field.cut(columns: 0..<480, rows: 100..<580))
            }
            let taken = try await viewer.take(first)
            #expect(taken.status == .ok)
            #expect(try taken.object()["fields"] as? Int == 1)
            let moved = try await viewer.hint(field.cut(columns: 120..<600, rows: 100..<580))
            #expect(moved["sameAs"] as? Int == 1 && moved["fields"] as? Int == 1)
            let other = try await viewer.hint(try Self.field(5))
            #expect(other["isUsable"] as? Bool == true && other["sameAs"] == nil)
            #expect(try await viewer.take(other).object()["fields"] as? Int == 2)
            #expect(try await viewer.hint(try Self.field(5))["sameAs"] as? Int == 2)
            // One that could not be stored is as if it had never been taken.
            #expect(try await viewer.take(other, failed: true).object()["fields"] as? Int == 1)
            #expect(try await viewer.hint(try Self.field(5))["sameAs"] == nil)
        }
    }

    @Test func `a frame is taken once, and only while it is among the last`() async throws {
        try await Self.run { viewer, _, _ in
            let hint = try await viewer.hint(try Self.field(3))
            #expect(try await viewer.take(hint).status == .ok)
            #expect(try await viewer.take(hint).status == .conflict)
            #expect(try await viewer.take(["number": 99]).status == .conflict)
        }
    }

    @Test func `refuses what is no frame, and goes on afterwards`() async throws {
        try await Self.run { viewer, _, _ in
            let field = try Self.field(3)
            let png = try ImageEncoder.png(field.resized(width: 120, height: 120))
            #expect(try await viewer.send(png, type: "image/png").status == .unsupportedMediaType)
            #expect(try await viewer.send(png).status == .unsupportedMediaType)
            #expect(try await viewer.send([UInt8]("no image at all".utf8)).status == .unsupportedMediaType)
            #expect(try await viewer.send([]).status == .unsupportedMediaType)
            let whole = try ImageEncoder.jpeg(field, quality: 85)
            #expect(try await viewer.send(Array(whole.prefix(whole.count / 2))).status == .unprocessableContent)
            let large = try ImageEncoder.jpeg(DrawnSmear.draw(class: 0, seed: 1, side: 960), quality: 60)
            #expect(try await viewer.send(large).status.code >= 413)
            #expect(try await viewer.send([UInt8](repeating: 0xFF, count: 300_001)).status == .contentTooLarge)
            #expect(try await viewer.send(whole).status == .ok)
            // A size that makes no sense counts as that of the frame.
            #expect(try await viewer.send(whole, width: -5).status == .ok)
        }
    }

    @Test func `frames beyond the pace are left out`() async throws {
        try await Self.run(change: TestSite.standStill) { viewer, _, _ in
            let bad = [UInt8]("no image at all".utf8)
            var statuses: [Int] = []
            for _ in 0..<16 { statuses.append(try await viewer.send(bad).status.code) }
            #expect(statuses == Array(repeating: 415, count: 15) + [429])
        }
    }

    @Test func `one view a person: a new one ends the one before, and nobody uses another's`() async throws {
        try await Self.run { viewer, client, services in
            let whole = try ImageEncoder.jpeg(try Self.field(3), quality: 85)
            let old = viewer.session
            try await viewer.open()
            #expect(try await viewer.send(whole, session: old).status == .conflict)
            #expect(try await viewer.send(whole, session: "").status == .conflict)
            #expect(try await viewer.send(whole).status == .ok)
            let other = Viewer(
                browser: try await TestPeople.browser("other@example.org", client: client, in: services),
                session: viewer.session)
            #expect(try await other.send(whole).status == .conflict)
        }
    }

    @Test func `frames of many people wait their turn, and all are answered`() async throws {
        try await Self.run { _, client, services in
            let whole = try ImageEncoder.jpeg(try Self.field(3), quality: 85)
            var viewers: [Viewer] = []
            for number in 0..<6 {
                var viewer = Viewer(
                    browser: try await TestPeople.browser("look\(number)@example.org", client: client, in: services))
                try await viewer.open()
                viewers.append(viewer)
            }
            let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for viewer in viewers { group.addTask { try await viewer.send(whole).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count == 6 && statuses.allSatisfy { $0 == .ok }, "\(statuses)")
        }
    }

    @Test func `nothing of a frame is kept`() async throws {
        try await Self.run { viewer, _, services in
            let before = try await services.archive.keys(under: "")
            let head = try await services.database.read { try $0.auditHead().sequence }
            _ = try await viewer.take(try await viewer.hint(try Self.field(3)))
            #expect(try await services.archive.keys(under: "") == before)
            #expect(try await services.database.read { try $0.auditHead().sequence } == head)
        }
    }

    @Test func `only the live page may ask for the camera`() async throws {
        try await Self.run { viewer, _, _ in
            let name = try #require(HTTPField.Name("Permissions-Policy"))
            let page = try await viewer.browser.get("/live")
            #expect(page.status == .ok && page.text.contains("id=\"microscope\""))
            #expect(page.headers[name]?.contains("camera=(self)") == true)
            for path in ["/", "/cases", "/live/"] {
                #expect(try await viewer.browser.get(path).headers[name]?.contains("camera=()") == true, "\(path)")
            }
            #expect(try await viewer.browser.get("/").text.contains("href=\"/live\""))
        }
    }
}
