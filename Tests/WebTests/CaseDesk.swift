import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import Screening
import Testing
import Web

/// Somebody who is logged in and sends images, and the worker that screens them when it is told to.
struct CaseDesk: Sendable {
    let browser: TestBrowser
    let client: any TestClientProtocol
    let services: SiteServices

    static func run<Value: Sendable>(
        release: Screener? = nil, change: (inout SiteServices) -> Void = { _ in },
        configure: (inout WebConfiguration) -> Void = { _ in }, _ test: @Sendable (CaseDesk) async throws -> Value
    ) async throws -> Value {
        try await TestSite.run(release: release, configure: configure, change: change) { client, services in
            let browser = try await TestPeople.browser("owner@example.org", client: client, in: services)
            return try await test(CaseDesk(browser: browser, client: client, services: services))
        }
    }

    /// A form as browsers send it, the token first.
    func send(
        _ path: String, images: [[UInt8]], fields: [(String, String)] = [], isScript: Bool = false,
        hasToken: Bool = true
    ) async throws -> TestResponse {
        var body = ByteBuffer()
        let token = hasToken ? [("csrf", try await browser.csrf())] : []
        for (name, value) in token + fields {
            body.writeString("--edge\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n")
        }
        for image in images {
            body.writeString(
                "--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"smear.png\"\r\n\r\n")
            body.writeBytes(image)
            body.writeString("\r\n")
        }
        body.writeString("--edge--\r\n")
        var headers = TestSite.formHeaders
        if isScript { headers[.accept] = "application/json" }
        return try await browser.send(path, .post, headers, body)
    }

    /// A new case; its identifier.
    ///
    /// - Parameters:
    ///   - title: Its name.
    ///   - count: Images, each unlike the others.
    ///   - label: The class that the fixture network sees in them; nil for drawn smears.
    func makeCase(_ title: String = "Sample", images count: Int = 1, of label: String? = nil) async throws -> CaseID {
        let images = try (0..<count).map { index in
            try label.map { try Self.picture(of: $0)(index) } ?? Self.drawing(index)
        }
        let response = try await send("/cases", images: images, fields: [("title", title)])
        let path = try #require(response.headers[.location])
        return try #require(CaseID(String(path.split(separator: "/").last ?? "")))
    }

    /// Screens what is queued, as a worker of another node: pages are not told.
    func screenAll() async throws {
        let worker = ScreeningWorker(
            database: services.database, archive: services.archive, models: services.models.shelf)
        let task = Task { await worker.run() }
        defer { task.cancel() }
        try await eventually("the last screening") {
            try await services.database.read { try $0.countPendingScreenings() } == 0
        }
        task.cancel()
        await task.value
    }

    func screenings(of id: CaseID) async throws -> [ScreeningRecord] {
        try await services.database.read { try $0.screenings(of: id) }
    }

    func actions() async throws -> [String] {
        try await services.database.read { try $0.auditRecords(after: 0, limit: 1000).map(\.entry.action.name) }
    }

    func files() async throws -> [String] { try await services.archive.keys(under: "") }

    /// A picture in which the fixture network sees a class.
    static func picture(of label: String) -> (Int) throws -> [UInt8] {
        { number in
            let file = TestSite.fixtures.appending(path: "inference/\(label).png")
            var image = try ImageDecoder.decode([UInt8](Data(contentsOf: file)))
            image.pixels[0] = UInt8(number)
            return try ImageEncoder.png(image)
        }
    }

    static func drawing(_ seed: Int) throws -> [UInt8] {
        try ImageEncoder.png(DrawnSmear.draw(class: seed % 4, seed: UInt64(seed + 1), side: 64))
    }
}
