import Casework
import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import NIOCore
import Screening
import Testing
import Web

/// The heat map of stored screenings, of this version and of before, and what pages tell the viewer.
@Suite(.timeLimit(.minutes(10))) struct HeatMapPagesTests {
    /// A case of one image that has an answer, and its screening.
    private static func run(_ test: @Sendable (CaseDesk, ScreeningRecord) async throws -> Void) async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "pre-b")) { desk in
            let id = try await desk.makeCase(of: "pre-b")
            try await desk.screenAll()
            try await test(desk, try await desk.screenings(of: id)[0])
        }
    }

    private static func picture(_ name: String, of screening: ScreeningRecord, _ desk: CaseDesk) async throws -> [UInt8]
    {
        let answer = try await desk.browser.get("/screenings/\(screening.id)/pictures/\(name)")
        #expect(answer.status == .ok && answer.headers[.contentType] == "image/png", "\(name)")
        return Array(answer.body.readableBytesView)
    }

    private static func heatMapForPrograms(_ screening: ScreeningRecord, _ desk: CaseDesk) async throws -> [UInt8] {
        let owner = try #require(try await desk.services.database.read { try $0.user(email: "owner@example.org") })
        let token = try await APISite.token(of: owner.id, in: desk.services, [.read])
        let answer = try await desk.client.execute(
            uri: "/api/v1/screenings/\(screening.id)/heatmap.png", method: .get,
            headers: [.authorization: "Bearer \(token)"])
        #expect(answer.status == .ok)
        return Array(answer.body.readableBytesView)
    }

    @Test func `a small map is kept, and laid over the picture when a program asks`() async throws {
        try await Self.run { desk, screening in
            let folder = ArchiveKey.pictures(of: screening.id)
            let names = try await desk.services.archive.keys(under: folder).map { $0.dropFirst(folder.count) }
            #expect(names.contains("map.png") && !names.contains("heat.png") && !names.contains("overlay.png"))
            let page = try await desk.browser.get("/screenings/\(screening.id)").text
            #expect(page.contains("heat-colours\" id=\"heat\" src=\"/screenings/\(screening.id)/pictures/map.png\""))
            let file = try await Self.picture("map.png", of: screening, desk)
            #expect(file.count < 5000)
            let map = try HeatMap(png: file)
            let display = try await desk.services.archive.bytes(at: ArchiveKey.picture(.display, of: screening.id))
            let expected = try HeatmapOverlay.render(
                map: map.values, mapWidth: map.width, mapHeight: map.height,
                over: ImageDecoder.decode(display, limits: ImageLimits(minimumSide: 1)), opacity: 0.65)
            let drawn = try await Self.heatMapForPrograms(screening, desk)
            #expect(try ImageDecoder.decode(drawn, limits: ImageLimits(minimumSide: 1)) == expected)
            #expect(try await Self.picture("overlay.png", of: screening, desk) == drawn)
        }
    }

    @Test func `a screening from before is shown by the map that was kept in colour`() async throws {
        try await Self.run { desk, screening in
            let archive = desk.services.archive
            let map = try await HeatMap(png: archive.bytes(at: ArchiveKey.picture(.map, of: screening.id)))
            let colored = try ImageEncoder.png(
                HeatmapOverlay.colored(
                    map: map.values, mapWidth: map.width, mapHeight: map.height, width: 300, height: 200), level: 3)
            let overlay = try ImageEncoder.png(DrawnSmear.draw(class: 1, seed: 5, side: 64), level: 3)
            let (heatKey, overlayKey) = (
                ArchiveKey.picture(.heat, of: screening.id), ArchiveKey.picture(.overlay, of: screening.id)
            )
            try await archive.remove(ArchiveKey.picture(.map, of: screening.id))
            try await archive.store(colored, at: heatKey)
            try await archive.store(overlay, at: overlayKey)
            // As a database of before checksums knows them.
            let folder = ArchiveKey.pictures(of: screening.id)
            try await desk.services.database.write { (transaction: any ClinicTransaction) throws in
                try transaction.forgetObjects([folder])
                try transaction.record([StoredObject(key: folder, sha256: nil, byteCount: nil)])
            }
            let faults = desk.services.faults.counts[.missing]
            let read = try await HeatMap(png: Self.picture("map.png", of: screening, desk))
            #expect(read.width == 256 && read.height == 170)
            let again = try HeatmapOverlay.colored(
                map: read.values, mapWidth: read.width, mapHeight: read.height, width: 300, height: 200)
            let differences = zip(again.pixels, try ImageDecoder.decode(colored).pixels).map { abs(Int($0) - Int($1)) }
            #expect(Double(differences.reduce(0, +)) / Double(differences.count) < 2)
            #expect(try await Self.heatMapForPrograms(screening, desk) == overlay)
            #expect(try await Self.picture("overlay.png", of: screening, desk) == overlay)
            #expect(try await desk.browser.get("/screenings/\(screening.id)/report.pdf").status == .ok)
            // Nothing of this is a file that was lost.
            #expect(desk.services.faults.counts[.missing] == faults)
        }
    }

    @Test func `the colours of the page are those of the overlay`() throws {
        let template = TestSite.fixtures.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Web/Resources/Templates/picture-filters.mustache")
        let text = try String(contentsOf: template, encoding: .utf8)
        let tables = text.matches(of: /tableValues="([^"]+)"/).map { match in
            match.output.1.split(separator: " ").compactMap { Double($0) }
        }
        try #require(tables.count == 3 && tables.allSatisfy { $0.count == 33 })
        for (level, color) in try HeatmapOverlay.palette().enumerated() {
            for (table, value) in zip(tables, color) {
                // Straight lines between the values (W3C Filter Effects, `table`).
                let place = Double(level) / 255 * 32
                let low = min(31, Int(place))
                let found = table[low] + (table[low + 1] - table[low]) * (place - Double(low))
                #expect(abs(found * 255 - Double(value)) < 2.5, "level \(level)")
            }
        }
    }

    @Test(arguments: [
        (ScaleSource.site, "{length} µm"), (.measured, "about {length} µm"), (.given, "about {length} µm"),
    ])
    func `lengths are measured by the found scale, and said to be about where red cells gave it`(
        source: ScaleSource, words: String
    ) async throws {
        let page = try await Self.page(source)
        #expect(page.contains("data-scale=\"0.125\"") && page.contains("id=\"look-measure\""))
        #expect(page.contains("&quot;length&quot;:&quot;\(words)&quot;"))
    }

    @Test func `nothing is measured where nothing told the scale`() async throws {
        let page = try await Self.page(.unknown)
        #expect(page.contains("id=\"look-brightness\""))
        #expect(!page.contains("data-scale") && !page.contains("look-measure\""))
    }

    /// The page of a screening whose scale comes from there.
    private static func page(_ source: ScaleSource) async throws -> String {
        try await CaseDesk.run(release: TestSite.screener(answering: .report)) { desk in
            let id = try await desk.makeCase()
            let shelf = desk.services.models.shelf
            let worker = ScreeningWorker(database: desk.services.database, archive: desk.services.archive) { file in
                let (found, pictures) = try await shelf.lend { try await $0.pictures(file) }
                let outcome = ScreeningOutcome(
                    label: found.label, displayName: found.displayName, probabilities: found.probabilities,
                    decision: found.decision, reasons: found.reasons, predictionSet: found.predictionSet,
                    novelty: found.novelty, similarCases: nil, quality: found.quality,
                    cells: CellFindings(
                        scale: .init(redCellPixels: 60, micrometresPerPixel: 0.125, source: source), found: 0,
                        differential: Differential([]), blastEvidence: .init(value: 0.1, low95: 0, high95: 0.3),
                        counts: .init(cells: 0, blastLike: 0, highest: nil, area: 1)),
                    fields: found.fields, model: found.model, image: found.image, timings: found.timings,
                    notice: found.notice)
                let analytics = try JSONEncoder().encode(pictures.analytics)
                return ScreenedImage(
                    outcome: outcome, analyticsJSON: String(decoding: analytics, as: UTF8.self),
                    pictures: pictures.files)
            }
            let work = Task { await worker.run() }
            try await eventually("the image screened") {
                try await desk.services.database.read { try $0.countPendingScreenings() } == 0
            }
            work.cancel()
            await work.value
            let screening = try await desk.screenings(of: id)[0]
            return try await desk.browser.get("/screenings/\(screening.id)").text
        }
    }

    @Test func `a page is compressed for the browser that asks by itself, and for no other site`() async throws {
        try await Self.run { desk, screening in
            let path = "/screenings/\(screening.id)"
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            let plain = try await desk.browser.get(path)
            #expect(plain.headers[.contentEncoding] == nil)
            for (from, isCompressed) in [
                ("none", true), ("same-origin", true), ("same-site", false), ("cross-site", false),
            ] {
                let answer = try await desk.browser.get(path, headers: [site: from, .acceptEncoding: "gzip, br"])
                #expect(answer.status == .ok)
                #expect((answer.headers[.contentEncoding] == "gzip") == isCompressed, "\(from)")
                #expect((answer.body.readableBytes < plain.body.readableBytes / 2) == isCompressed, "\(from)")
                #expect(answer.headers[.cacheControl] == "no-store")
            }
            let unable = try await desk.browser.get(path, headers: [site: "none"])
            #expect(unable.headers[.contentEncoding] == nil && unable.text.hasSuffix("</html>\n"))
        }
    }
}
