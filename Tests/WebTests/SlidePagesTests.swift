import Casework
import Clinic
import Crypto
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import Packaging
import ProcessFixtures
import Screening
import Slides
import Testing
import Web

/// Whole slides as pages send and show them.
@Suite(.timeLimit(.minutes(15))) struct SlidePagesTests {
    private static let demonstration = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Models/demonstration").standardizedFileURL

    /// The program, whose own process reads slides.
    private static var command: SlideWorker.Command {
        get throws {
            let tests = try #require(Bundle.main.executableURL?.resolvingSymlinksInPath())
            let program = tests.deletingLastPathComponent().appending(path: "leukoscope")
            try #require(FileManager.default.isExecutableFile(atPath: program.path), "\(program.path) is not built")
            return SlideWorker.Command(executable: program, arguments: ["slides-worker"])
        }
    }

    /// A tiled pyramid of drawn cells in one layer at 0.5 µm a pixel, written by libvips.
    private static func pyramid(in folder: URL) async throws -> [UInt8] {
        let kinds = DrawnCells.Kind.allCases
        let cells = (0..<9).map { number in
            let kind = kinds[number % kinds.count]
            return DrawnCells.Cell(
                kind: kind, middle: PixelPlace(x: 100 + 200 * Double(number % 3), y: 100 + 200 * Double(number / 3)),
                nucleusRadius: kind.nucleusRadius.lowerBound)
        }
        let drawn = try DrawnCells(cells, redCellPixels: 16.8, seed: 3, side: 600).image
        let (picture, slide) = (folder.appending(path: "smear.png"), folder.appending(path: "smear.tif"))
        try Data(ImageEncoder.png(drawn, level: 1)).write(to: picture)
        let written = try await StartedProgram.run([
            "/usr/bin/vips", "tiffsave", picture.path, slide.path, "--pyramid", "--tile", "--xres", "2000", "--yres",
            "2000",
        ])
        try #require(written.code == 0)
        return Array(try Data(contentsOf: slide))
    }

    private static func digest(_ bytes: ArraySlice<UInt8>) -> String {
        "sha-256=:\(Data(SHA256.hash(data: bytes)).base64EncodedString()):"
    }

    private static func fingerprint(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes.prefix(SlideIntake.partBytes)).map { String(format: "%02x", $0) }.joined()
    }

    private static func begin(_ desk: CaseDesk, _ id: CaseID, _ bytes: [UInt8], name: String = "smear.tif") async throws
        -> TestResponse
    {
        try await desk.browser.post(
            "/cases/\(id)/slides",
            [("name", name), ("bytes", "\(bytes.count)"), ("fingerprint", fingerprint(bytes)), ("fields", "3")])
    }

    private static func put(
        _ desk: CaseDesk, _ address: String, _ bytes: ArraySlice<UInt8>, at offset: Int, digest: String? = nil,
        hasToken: Bool = true
    ) async throws -> TestResponse {
        var headers: HTTPFields = [.contentType: "application/octet-stream"]
        headers[try #require(.init("Content-Digest"))] = digest ?? Self.digest(bytes)
        if hasToken { headers[try #require(.init("X-CSRF-Token"))] = try await desk.browser.csrf() }
        return try await desk.browser.send(
            "\(address)/parts?offset=\(offset)", .put, headers, ByteBuffer(bytes: bytes))
    }

    /// Runs with a folder beside the archive, in which slides are read by the program.
    private static func run(
        configure: (inout WebConfiguration) -> Void = { _ in }, change: (inout SiteServices) -> Void = { _ in },
        _ test: @Sendable (CaseDesk, SlideFolder, URL) async throws -> Void
    ) async throws {
        let folder = try TestSite.temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: folder) }
        let registered = folder.appending(path: "registered")
        try FileManager.default.createDirectory(at: registered, withIntermediateDirectories: true)
        let slides = SlideFolder(archive: folder, registered: registered)
        let command = try Self.command
        try await CaseDesk.run(
            release: Screener(package: ModelPackage(directory: demonstration)),
            change: { services in
                let rows = CaseSlides(database: services.database)
                services.wholeSlides = WholeSlides(
                    intake: SlideIntake(slides: rows, folder: slides), desk: SlideDesk(folder: slides, command: command)
                )
                change(&services)
            }, configure: configure
        ) { desk in try await test(desk, slides, folder) }
    }

    @Test func `a slide that came in two goes is read, its fields are screened at its own scale, and it is shown`()
        async throws
    {
        try await Self.run { desk, folder, place in
            let id = try await desk.makeCase(images: 1)
            // More than one part: what follows a TIFF file is no part of it.
            let bytes = try await Self.pyramid(in: place) + [UInt8](repeating: 7, count: SlideIntake.partBytes)
            let begun = try await Self.begin(desk, id, bytes)
            #expect(begun.status == .created)
            let slide = try #require(try begun.object()["id"] as? String)
            let address = "/cases/\(id)/slides/\(slide)"
            let (first, rest) = (bytes.prefix(SlideIntake.partBytes), bytes.dropFirst(SlideIntake.partBytes))
            // Changed on the way, of another file, at another place, without the token.
            #expect(
                try await Self.put(desk, address, first, at: 0, digest: Self.digest(rest)).status
                    == .unprocessableContent)
            #expect(try await Self.put(desk, address, rest, at: 0).status == .unprocessableContent)
            #expect(try await Self.put(desk, address, rest, at: first.count).status == .conflict)
            #expect(try await Self.put(desk, address, first, at: 0, hasToken: false).status == .forbidden)
            #expect(try await Self.put(desk, address, first, at: 0).status == .ok)
            // The browser was closed, and the same file is chosen again: it goes on, and what came already is taken as it is.
            let again = try await Self.begin(desk, id, bytes).object()
            #expect(again["id"] as? String == slide && again["received"] as? Int == first.count)
            #expect(try await Self.put(desk, address, first, at: 0).status == .ok)
            let misplaced = try await Self.put(desk, address, rest, at: 5)
            #expect(misplaced.status == .conflict)
            #expect(misplaced.headers[try #require(.init("Upload-Offset"))] == "\(first.count)")
            let last = try await Self.put(desk, address, rest, at: first.count).object()
            #expect(last["state"] as? String == "waiting" && last["received"] as? Int == bytes.count)
            #expect(try await desk.browser.get("/cases/\(id)").text.contains("Waits to be read"))

            try await read(desk, folder, until: slide)
            let status = try await desk.browser.get("\(address)/status").object()
            #expect(status["state"] as? String == "done", "\(status)")
            let fields = try #require(status["fields"] as? [String: Any])
            let answered = try #require(fields["answered"] as? Int)
            #expect(answered >= 1 && answered <= 3)
            let contents = try await desk.services.database.read { transaction in
                try transaction.screenings(of: id).compactMap { screening in
                    try transaction.slideField(ofImage: screening.imageID).map { ($0, screening) }
                }
            }
            #expect(contents.count == fields["taken"] as? Int)
            for (field, screening) in contents {
                #expect(abs(field.micrometresPerPixel - 0.5) < 1e-6 && field.side == 269)
                let scale = try #require(screening.outcome?.cells?.scale)
                #expect(scale.source == .site && abs(scale.micrometresPerPixel - 0.5) < 1e-6)
            }
            try await look(desk, address, fields: contents.count)
        }
    }

    /// The page, its marks and tiles.
    private func look(_ desk: CaseDesk, _ address: String, fields: Int) async throws {
        let page = try await desk.browser.get(address)
        #expect(page.status == .ok && page.text.contains("600 × 600 pixels, 0.5 µm a pixel"))
        let marks = try await desk.browser.get("\(address)/marks").object()
        let marked = try #require(marks["fields"] as? [[String: Any]])
        #expect(marked.count >= fields && marked.allSatisfy { $0["side"] as? Int == 269 })
        // 600 pixels in tiles of 256: three beside each other at the last zoom, the last one cut off.
        let tile = try await desk.browser.get("\(address)/tiles/2/2/0")
        #expect(tile.headers[.contentType] == "image/jpeg" && tile.headers[.cacheControl] == "private, no-cache")
        let image = try ImageDecoder.decode(Array(tile.body.readableBytesView))
        #expect(image.width == 600 - 512 && image.height == 256)
        let tag = try #require(tile.headers[.eTag])
        #expect(
            try await desk.browser.get("\(address)/tiles/2/2/0", headers: [.ifNoneMatch: tag]).status == .notModified)
        for wrong in ["3/0/0", "2/3/0", "2/0/-1", "2/0/x"] {
            #expect(try await desk.browser.get("\(address)/tiles/\(wrong)").status == .notFound, "\(wrong)")
        }
        // Another site's page gets no tile, though the browser would send the cookie.
        let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
        #expect(
            try await desk.browser.get("\(address)/tiles/0/0/0", headers: [site: "cross-site"]).status == .forbidden)
        #expect(try await desk.browser.get("\(address)/tiles/0/0/0", headers: [site: "same-origin"]).status == .ok)
        let stranger = try await TestPeople.browser("stranger@example.org", client: desk.client, in: desk.services)
        for path in ["", "/marks", "/status", "/tiles/0/0/0"] {
            #expect(try await stranger.get(address + path).status == .notFound, "\(path)")
        }
        let gone = try await desk.browser.post("\(address)/delete")
        #expect(gone.status == .seeOther)
        #expect(try await desk.browser.get(address).status == .notFound)
    }

    /// Reads what waits, beside a worker that screens.
    private func read(_ desk: CaseDesk, _ folder: SlideFolder, until slide: String) async throws {
        let services = desk.services
        let screening = ScreeningWorker(
            database: services.database, archive: services.archive, models: services.models.shelf)
        let (command, id) = (try Self.command, try #require(SlideID(slide)))
        let reader = SlideReader(
            slides: { CaseSlides(database: services.database) }, database: services.database, folder: folder,
            intake: services.intake,
            changes: services.changes, command: command)
        try await withThrowingTaskGroup { group in
            group.addTask { await screening.run() }
            group.addTask { await reader.run() }
            try await eventually("the end of the reading") {
                let state = try await services.database.read { try $0.slide(id)?.state }
                return state == .done || state == .failed
            }
            group.cancelAll()
        }
    }

    @Test func `from the operator's folder staff takes what lies in it, and nothing else`() async throws {
        try await Self.run { desk, folder, place in
            let clinician = try await TestPeople.browser(
                "reader@example.org", .clinician, client: desk.client, in: desk.services)
            let staff = CaseDesk(browser: clinician, client: desk.client, services: desk.services)
            let id = try await staff.makeCase(images: 1)
            let registered = try #require(folder.registered)
            _ = try await Self.pyramid(in: place)
            try FileManager.default.moveItem(
                at: place.appending(path: "smear.tif"), to: registered.appending(path: "inside.tif"))
            try Data("secret".utf8).write(to: place.appending(path: "outside.tif"))
            try FileManager.default.createSymbolicLink(
                at: registered.appending(path: "link.tif"), withDestinationURL: place.appending(path: "outside.tif"))
            #expect(try await staff.browser.get("/cases/\(id)").text.contains("<option value=\"inside.tif\">"))
            for path in ["../outside.tif", "link.tif", "/etc/passwd", "./inside.tif", "none.tif", "", ".."] {
                let answer = try await staff.browser.post("/cases/\(id)/slides/registered", [("path", path)])
                #expect(answer.status == .unprocessableContent, "\(path)")
            }
            let taken = try await staff.browser.post("/cases/\(id)/slides/registered", [("path", "inside.tif")])
            #expect(taken.status == .seeOther)
            let slides = try await desk.services.database.read { try $0.slides(of: id) }
            #expect(slides.map(\.path) == ["inside.tif"] && slides.map(\.state) == [.waiting])
            // A patient sees no such list, and takes nothing from it.
            let own = try await desk.makeCase(images: 1)
            #expect(try await !desk.browser.get("/cases/\(own)").text.contains("inside.tif"))
            let refused = try await desk.browser.post("/cases/\(own)/slides/registered", [("path", "inside.tif")])
            #expect(refused.status == .notFound)
        }
    }

    /// What every page says of a slide whose file is out of reach.
    private static let away = "Its file cannot be reached now."

    /// A slide that was read, of a case.
    private static func insert(
        _ desk: CaseDesk, _ id: CaseID, source: CaseSlide.Source = .upload, path: String = ""
    ) async throws -> CaseSlide {
        let smearCase = try #require(try await desk.services.database.read { try $0.smearCase(id) })
        let now = desk.services.clock()
        let slide = CaseSlide(
            caseID: id, ownerID: smearCase.ownerID, name: "smear.tif", source: source, path: path, byteCount: 3,
            received: 3, state: .done, wanted: 3, micrometresPerPixel: 0.5, width: 600, height: 600, end: .exhausted,
            createdAt: now, updatedAt: now)
        try await desk.services.database.write { try $0.insert(slide) }
        return slide
    }

    @Test func `fields are told as the pages of their images tell them`() async throws {
        try await CaseDesk.run(
            release: TestSite.screener(answering: .report, label: "benign"), change: { $0.wholeSlides = nil }
        ) { desk in
            let id = try await desk.makeCase(images: 1, of: "benign")
            try await desk.screenAll()
            let picture = try CaseDesk.picture(of: "benign")(7)
            _ = try await desk.send("/cases/\(id)/images", images: [picture])
            try await ScreenAgainTests.fail(desk)
            let screenings = try await desk.screenings(of: id)
            #expect(screenings.map(\.state) == [.done, .failed])
            let (slide, now) = (try await Self.insert(desk, id), desk.services.clock())
            let fields = screenings.enumerated().map { index, screening in
                SlideField(
                    slideID: slide.id, number: index + 1, x: 0, y: 100 * index, side: 100, micrometresPerPixel: 0.5,
                    imageID: screening.imageID, takenAt: now)
            }
            try await desk.services.database.write { try $0.insert(fields) }
            let address = "/cases/\(id)/slides/\(slide.id)"
            let marks = try await desk.browser.get("\(address)/marks").object()
            let told = try #require(marks["fields"] as? [[String: Any]])
            #expect(told.map { $0["line"] as? String } == ["No leukaemia cells seen in this picture", "No answer"])
            #expect(told.map { $0["kind"] as? String } == ["other", "declined"])
            let page = try await desk.browser.get(address).text
            #expect(page.contains("No leukaemia cells seen in this picture"))
            #expect(!page.contains("Benign (haematogones)") && !page.contains("waits for its answer"))
        }
    }

    @Test func `slides are announced, and their parts sent, no faster than other uploads`() async throws {
        try await Self.run(
            configure: {
                $0.imagesPerBurst = 3
                $0.imagesPerMinute = 1
            }, change: TestSite.standStill
        ) { desk, _, _ in
            let id = try await desk.makeCase(images: 1)
            let bytes = [UInt8](repeating: 1, count: 100)
            let begun = try await Self.begin(desk, id, bytes)
            #expect(begun.status == .created)
            #expect(try await Self.begin(desk, id, bytes).status == .created)
            let refused = try await Self.begin(desk, id, bytes)
            #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] != nil)
            // Parts have an allowance of their own, so that the one slide takes nothing from the images of a ward.
            let slide = try #require(try begun.object()["id"] as? String)
            let address = "/cases/\(id)/slides/\(slide)"
            for number in 0..<4 {
                let wrong = try await Self.put(desk, address, bytes[...], at: 0, digest: Self.digest([2]))
                #expect(wrong.status == (number < 3 ? .unprocessableContent : .tooManyRequests), "\(number)")
            }
        }
    }

    @Test func `of a slide whose folder is out of reach pages say so, and keep it`() async throws {
        try await Self.run { desk, folder, place in
            let clinician = try await TestPeople.browser(
                "reader@example.org", .clinician, client: desk.client, in: desk.services)
            let staff = CaseDesk(browser: clinician, client: desk.client, services: desk.services)
            let id = try await staff.makeCase(images: 1)
            let (registered, aside) = (try #require(folder.registered), place.appending(path: "disk"))
            try Data([1, 2, 3]).write(to: registered.appending(path: "smear.tif"))
            let slide = try await Self.insert(staff, id, source: .folder, path: "smear.tif")
            let address = "/cases/\(id)/slides/\(slide.id)"
            func pages() async throws -> (smearCase: String, slide: String, isReachable: Bool?) {
                let status = try await staff.browser.get("\(address)/status").object()
                return (
                    try await staff.browser.get("/cases/\(id)").text, try await staff.browser.get(address).text,
                    status["isReachable"] as? Bool
                )
            }
            let before = try await pages()
            #expect(!before.smearCase.contains(Self.away) && before.slide.contains("id=\"slide-stage\""))
            #expect(before.isReachable == true)
            for isEmpty in [false, true] {
                try FileManager.default.moveItem(at: registered, to: aside)
                if isEmpty {
                    try FileManager.default.createDirectory(at: registered, withIntermediateDirectories: true)
                }
                let found = try await pages()
                #expect(found.smearCase.contains(Self.away) && found.slide.contains(Self.away), "\(isEmpty)")
                #expect(found.smearCase.contains("folder can be reached now"))
                #expect(!found.slide.contains("id=\"slide-stage\"") && found.isReachable == false)
                let tile = try await staff.browser.get("\(address)/tiles/0/0/0", headers: [.accept: "application/json"])
                #expect(tile.status == .unprocessableContent && tile.text.contains("cannot be reached now"))
                if isEmpty { try FileManager.default.removeItem(at: registered) }
                try FileManager.default.moveItem(at: aside, to: registered)
            }
            #expect(try await desk.services.database.read { try $0.slide(slide.id) }?.state == .done)
            #expect(try await !pages().slide.contains(Self.away))
        }
    }

    @Test func `parts that a restore lost are told, and sent again by choosing the same file`() async throws {
        try await Self.run { desk, folder, _ in
            let id = try await desk.makeCase(images: 1)
            let bytes = [UInt8](repeating: 1, count: SlideIntake.partBytes) + [2]
            let slide = try #require(try await Self.begin(desk, id, bytes).object()["id"] as? String)
            let address = "/cases/\(id)/slides/\(slide)"
            let (first, rest) = (bytes.prefix(SlideIntake.partBytes), bytes.suffix(1))
            #expect(try await Self.put(desk, address, first, at: 0).status == .ok)
            #expect(try await desk.browser.get("/cases/\(id)").text.contains("99 % of the file is here"))
            try FileManager.default.removeItem(at: folder.directory.appending(path: slide))
            let told = try await desk.browser.get("/cases/\(id)").text
            #expect(told.contains("Parts of the file are gone") && told.contains("0 % is here"))
            #expect(try await desk.browser.get("\(address)/status").object()["received"] as? Int == 0)
            let misplaced = try await Self.put(desk, address, rest, at: first.count)
            #expect(misplaced.status == .conflict)
            #expect(misplaced.headers[try #require(.init("Upload-Offset"))] == "0")
            let again = try await Self.begin(desk, id, bytes).object()
            #expect(again["id"] as? String == slide && again["received"] as? Int == 0)
            #expect(try await Self.put(desk, address, first, at: 0).status == .ok)
            let last = try await Self.put(desk, address, rest, at: first.count).object()
            #expect(last["state"] as? String == "waiting")
        }
    }

    @Test func `a server whose archive is no folder tells of the slides that it took before`() async throws {
        try await CaseDesk.run(change: { $0.wholeSlides = nil }) { desk in
            let id = try await desk.makeCase(images: 1)
            #expect(try await !desk.browser.get("/cases/\(id)").text.contains("id=\"slides\""))
            let slide = try await Self.insert(desk, id)
            let address = "/cases/\(id)/slides/\(slide.id)"
            let page = try await desk.browser.get("/cases/\(id)").text
            #expect(page.contains(Self.away) && page.contains(address) && !page.contains("id=\"slide-upload\""))
            let own = try await desk.browser.get(address).text
            #expect(own.contains(Self.away) && !own.contains("id=\"slide-stage\"") && !own.contains("\(address)/read"))
            // Nobody reads here: so nothing is put into the queue.
            #expect(try await desk.browser.post("\(address)/read", [("fields", "9")]).status == .notFound)
            #expect(try await desk.services.database.read { try $0.slide(slide.id) }?.state == .done)
            #expect(try await desk.browser.post("\(address)/delete").status == .seeOther)
            #expect(try await desk.browser.get(address).status == .notFound)
        }
    }

    @Test func `what is announced has to be a slide within the limits`() async throws {
        try await Self.run { desk, _, _ in
            let id = try await desk.makeCase(images: 1)
            let bytes = [UInt8](repeating: 1, count: 100)
            #expect(try await Self.begin(desk, id, bytes, name: "photo.jpg").status == .unprocessableContent)
            let digest = Self.fingerprint(bytes)
            for (size, print) in [("0", digest), ("4000000001", digest), ("100", "x"), ("100", "")] {
                let answer = try await desk.browser.post(
                    "/cases/\(id)/slides", [("name", "a.svs"), ("bytes", size), ("fingerprint", print)])
                #expect(answer.status == .unprocessableContent, "\(size)")
            }
            // Five that are not whole are enough.
            for number in 0..<6 {
                let answer = try await Self.begin(desk, id, bytes, name: "\(number).svs")
                #expect(answer.status == (number < 5 ? .created : .tooManyRequests), "\(number)")
            }
        }
    }
}
