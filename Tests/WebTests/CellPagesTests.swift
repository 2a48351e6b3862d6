import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// A reading desk whose two shared images have cells.
struct CellDesk: Sendable {
    let desk: ReadingDesk

    static let types: [CellType] = [.neutrophil, .lymphocyte, .lymphocyte, .blast, .unsure, .platelet]

    static func run(_ test: @Sendable (CellDesk) async throws -> Void) async throws {
        try await ReadingDesk.run { desk in
            let cells = types.enumerated().map { index, type in
                NetworkCell(
                    number: index + 1, box: CellBox(x: Double(index) * 9, y: 3, width: 8, height: 8), type: type,
                    typeProbability: 0.5 + Double(index) / 100, blastEvidence: 0.25, nucleusArea: 1.5,
                    confidence: 0.9, embedding: CellEmbedding([0.5, Double(index) / 10]))
            }
            let ids = desk.screenings.map(\.id)
            try await desk.services.database.write { transaction in
                for id in ids { try CellCarrying.replace(of: id, with: cells, in: transaction) }
            }
            try await desk.share(ids)
            try await test(CellDesk(desk: desk))
        }
    }

    var image: String { "/screenings/\(desk.screening)/cells" }
    var whole: String { "/cases/\(desk.caseID)/cells" }

    /// Sends the form of the gallery, as a browser without scripts does.
    func send(_ fields: [(String, String)], by browser: TestBrowser? = nil) async throws -> TestResponse {
        try await (browser ?? desk.reader).post(whole, [("screening", desk.screening.text), ("back", image)] + fields)
    }

    func key(_ number: Int) -> (String, String) { ("cell", CellKey(desk.screening, number).text) }

    func program(
        _ method: HTTPRequest.Method, _ path: String, scopes: Set<APIToken.Scope> = [.read, .write], json: String? = nil
    ) async throws -> TestResponse {
        let token = try await APISite.token(of: desk.clinician.id, in: desk.services, scopes)
        var headers: HTTPFields = [.authorization: "Bearer \(token)"]
        if json != nil { headers[.contentType] = "application/json" }
        return try await desk.desk.client.execute(
            uri: path, method: method, headers: headers, body: json.map { ByteBuffer(string: $0) })
    }

    func actions() async throws -> [String] {
        try await desk.desk.actions().filter { $0.hasPrefix("cell.") }
    }
}

@Suite(.timeLimit(.minutes(10))) struct CellPagesTests {
    @Test func `the gallery has a group a type, the crops of one sheet, and the count with what it is worth`()
        async throws
    {
        try await CellDesk.run { cells in
            let page = try await cells.desk.reader.get(cells.image)
            #expect(page.status == .ok)
            let text = page.text
            #expect(text.matches(of: /class="cell-tile/).count == 6)
            #expect(text.matches(of: /pictures\/cell-sheet-0.jpg/).count == 6)
            #expect(text.contains("data-type=\"lymphocyte\""))
            // The more probable one of a type comes first.
            let second = try #require(text.range(of: CellKey(cells.desk.screening, 3).text))
            let first = try #require(text.range(of: CellKey(cells.desk.screening, 2).text))
            #expect(second.lowerBound < first.lowerBound)
            for words in [
                "Preliminary", "counting error only", "not been validated outside the laboratory",
                "of 200 white cells counted", "I confirm this count", "tiny",
            ] { #expect(text.contains(words), "\(words)") }
            let owner = try await cells.desk.patient.get(cells.whole)
            #expect(owner.status == .ok && owner.text.matches(of: /class="cell-tile/).count == 12)
            // Who may not change anything gets no form to do so.
            #expect(!owner.text.contains("name=\"cell\"") && !owner.text.contains("I confirm this count"))
            let chosen = try await cells.desk.patient.get("\(cells.whole)?screening=\(cells.desk.screenings[1].id)")
            #expect(chosen.text.matches(of: /class="cell-tile/).count == 6)
            #expect(try await cells.desk.patient.get("\(cells.whole)?screening=nonsense").status == .notFound)
        }
    }

    @Test func `a chosen cell is marked in its image`() async throws {
        try await CellDesk.run { cells in
            let key = CellKey(cells.desk.screening, 4).text
            let page = try await cells.desk.reader.get("\(cells.image)?cell=\(key)").text
            #expect(page.contains("x=\"27.0\" y=\"3.0\" width=\"8.0\" height=\"8.0\""))
            #expect(page.contains("Where cell 4 of image 1 is"))
            #expect(try await !cells.desk.reader.get("\(cells.image)?cell=nonsense").text.contains("Where cell"))
        }
    }

    @Test func `a form moves cells, takes that back and confirms, and every step is in the log`() async throws {
        try await CellDesk.run { cells in
            let moved = try await cells.send([cells.key(1), cells.key(5), ("to", "monocyte")])
            #expect(moved.status == .seeOther && moved.headers[.location] == "\(cells.image)?notice=moved")
            let page = try await cells.desk.reader.get(cells.image).text
            #expect(page.contains("Monocyte by a reader, the network said Neutrophil"))
            #expect(page.contains("Unsure became Monocyte") && page.contains("Dr Meera Reader"))
            #expect(try await cells.send([("action", "undo")]).headers[.location] == "\(cells.image)?notice=undone")
            #expect(try await cells.send([("action", "undo")]).status == .unprocessableContent)
            #expect(try await cells.send([("action", "confirm"), ("digest", "old")]).status == .conflict)
            let again = try await cells.desk.reader.get(cells.image).text
            let digest = try #require(again.firstMatch(of: /id="cells-digest" value="([0-9a-f]+)"/)?.output.1)
            let confirmed = try await cells.send([("action", "confirm"), ("digest", String(digest))])
            #expect(confirmed.headers[.location] == "\(cells.image)?notice=confirmed")
            let patient = try await cells.desk.patient.get(cells.image).text
            #expect(patient.contains("Confirmed by Dr Meera Reader") && patient.contains("taken back"))
            // The other image of the case is not confirmed.
            #expect(try await cells.desk.patient.get(cells.whole).text.contains("Preliminary"))
            for fields in [[("to", "monocyte")], [cells.key(1), ("to", "basket")], [("cell", "x"), ("to", "blast")]] {
                #expect(try await cells.send(fields).status == .unprocessableContent)
            }
            #expect(try await cells.send([cells.key(1), ("to", "blast")], by: cells.desk.patient).status == .notFound)
            let changes = try await cells.actions().filter { $0 != "cell.read" }
            #expect(changes == ["cell.correct", "cell.undo", "cell.confirm"])
        }
    }

    @Test func `a blind reader sees crops without order, type or count, and no file tells them`() async throws {
        try await CellDesk.run { cells in
            let reader = cells.desk.reader
            _ = try await reader.post("/readings/blind", [("hide", "yes")])
            for path in [cells.image, cells.whole] {
                let page = try await reader.get(path)
                #expect(page.status == .ok && page.text.contains("cell-sheet-0.jpg"))
                for words in ["neutrophil", "lymphocyte", "data-embedding=\"A", "Preliminary", "name=\"to\""] {
                    #expect(!page.text.lowercased().contains(words.lowercased()), "\(words)")
                }
                let places = page.text.matches(of: /viewBox="(\d+) 0 80 80"/).compactMap { Int($0.output.1) }
                #expect(Array(places.prefix(6)) == [0, 80, 160, 240, 320, 400])
            }
            #expect(try await reader.get("\(cells.whole).csv").status == .conflict)
            // Neither does a program that has their token, nor a cell that is moved to a type to see whether it was of it.
            let path = "/api/v1/cases/\(cells.desk.caseID)"
            let key = CellKey(cells.desk.screening, 2).text
            let body = "{\"action\":\"move\",\"cells\":[\"\(key)\"],\"to\":\"lymphocyte\"}"
            for answer in [
                try await cells.program(.get, "\(path)/cells"), try await cells.program(.get, "\(path)/differential"),
                try await cells.program(.get, "\(path)/differential.csv"),
                try await cells.program(.post, "\(path)/cells?screening=\(cells.desk.screening)", json: body),
                try await cells.send([cells.key(2), ("to", "lymphocyte")]),
            ] {
                #expect(answer.status == .conflict)
                #expect(!answer.text.contains("lymphocyte") && !answer.text.contains("neutrophil"))
            }
            _ = try await cells.desk.sign("pre-b")
            let readings = try await cells.desk.services.database.read { try $0.readings(of: cells.desk.screening) }
            #expect(readings.map(\.isBlind) == [true])
            #expect(try await reader.get(cells.image).text.contains("Neutrophil"))
        }
    }

    @Test func `a look at the types is a look at the network's answer`() async throws {
        try await CellDesk.run { cells in
            _ = try await cells.desk.reader.get(cells.whole)
            _ = try await cells.desk.reader.post("/readings/blind", [("hide", "yes")])
            _ = try await cells.desk.sign("pre-b")
            let readings = try await cells.desk.services.database.read { try $0.readings(of: cells.desk.screening) }
            #expect(readings.map(\.isBlind) == [false])
        }
    }

    @Test func `page and API give the same count and leave the same entries`() async throws {
        try await CellDesk.run { cells in
            let path = "/api/v1/cases/\(cells.desk.caseID)"
            let one = "?screening=\(cells.desk.screening)"
            let list = try await cells.program(.get, "\(path)/cells\(one)").object()
            #expect((list["cells"] as? [[String: Any]])?.count == 6)
            let key = CellKey(cells.desk.screening, 2).text
            let body = "{\"action\":\"move\",\"cells\":[\"\(key)\"],\"to\":\"blast\"}"
            let moved = try await cells.program(.post, "\(path)/cells\(one)", json: body)
            #expect(moved.status == .ok, "\(moved.text)")
            let cell = try #require((try moved.object()["cells"] as? [[String: Any]])?[1])
            #expect(cell["networkType"] as? String == "lymphocyte" && cell["readerType"] as? String == "blast")
            let count = try await cells.program(.get, "\(path)/differential\(one)").object()
            #expect(count["status"] as? String == "preliminary" && count["counted"] as? Int == 5)
            #expect((count["blasts"] as? [String: Any])?["percent"] as? Double == 40)
            #expect((count["devices"] as? [[String: Any]])?.count == 1)
            let api = try await cells.program(.get, "\(path)/differential.csv\(one)")
            let page = try await cells.desk.reader.get("\(cells.whole).csv\(one)")
            #expect(api.text == page.text && api.headers[.contentType] == "text/csv; charset=utf-8")
            let lines = page.text.split(separator: "\r\n")
            #expect(
                lines.count == 8 && lines[1].hasPrefix("blast,Blast-like,2,40.0,") && lines[1].contains("preliminary"))
            #expect(lines.contains { $0.hasPrefix("platelet,Platelet,1,,,,1,,no,") })
            let digest = try #require(count["digest"] as? String)
            let confirm = "{\"action\":\"confirm\",\"digest\":\"\(digest)\"}"
            #expect(try await cells.program(.post, "\(path)/cells\(one)", json: confirm).status == .ok)
            #expect(try await cells.program(.post, "\(path)/cells\(one)", json: "{\"action\":\"undo\"}").status == .ok)
            for bad in ["{\"action\":\"x\"}", "{\"action\":\"move\",\"cells\":[\"x\"],\"to\":\"blast\"}"] {
                #expect(
                    try await cells.program(.post, "\(path)/cells\(one)", json: bad).status == .unprocessableContent)
            }
            #expect(try await cells.program(.post, "\(path)/cells", scopes: [.read], json: body).status == .forbidden)
            let actions = try await cells.actions()
            #expect(
                actions == [
                    "cell.read", "cell.correct", "cell.read", "cell.read", "cell.read", "cell.confirm", "cell.undo",
                ])
        }
    }

    @Test func `a script is told every type and the count after a change`() async throws {
        try await CellDesk.run { cells in
            var headers: HTTPFields = [
                .accept: "application/json", .contentType: "application/x-www-form-urlencoded",
            ]
            headers[try #require(.init("X-CSRF-Token"))] = try await cells.desk.reader.csrf()
            let body = "screening=\(cells.desk.screening)&to=blast&cell=\(cells.key(1).1)"
            let answer = try await cells.desk.reader.send(cells.whole, .post, headers, ByteBuffer(string: body))
            let told = try answer.object()
            #expect((told["types"] as? [String: String])?[cells.key(1).1] == "blast")
            #expect((told["types"] as? [String: String])?.count == 6)
            #expect(told["canUndo"] as? Bool == true && told["total"] as? String == "5")
            #expect((told["blasts"] as? String)?.hasPrefix("40") == true)
        }
    }

    @Test func `administrators see how readers agree with the network, by model version`() async throws {
        try await CellDesk.run { cells in
            _ = try await cells.send([cells.key(1), ("to", "monocyte")])
            let gallery = try await cells.desk.services.database.read {
                try $0.cells(of: [cells.desk.screening], isHeld: false)
            }
            #expect(gallery.count == 6)
            let admin = try await TestPeople.make("chief@example.org", .administrator, in: cells.desk.services)
            let browser = try await TestPeople.browser(
                of: admin, client: cells.desk.desk.client, in: cells.desk.services)
            #expect(try await browser.get("/admin/cells").text.contains("Nothing confirmed yet"))
            let page = try await cells.desk.reader.get(cells.image).text
            let digest = try #require(page.firstMatch(of: /id="cells-digest" value="([0-9a-f]+)"/)?.output.1)
            _ = try await cells.send([("action", "confirm"), ("digest", String(digest))])
            let told = try await browser.get("/admin/cells").text
            // Five of six agree; by the margins chance would give 7 of 36.
            #expect(told.contains("6 cells of confirmed images") && told.contains("title=\"0.793103\">κ = 0.79"))
        }
    }

    @Test func `the report on paper and the copy of one's data hold the cells`() async throws {
        try await CellDesk.run { cells in
            let report = try await cells.program(.get, "/api/v1/screenings/\(cells.desk.screening)/report.pdf")
            #expect(report.status == .ok && report.body.readableBytes > 10_000)
            let export = try await cells.desk.patient.get("/account/export")
            #expect(export.status == .ok && export.text.contains("cells.json"))
        }
    }
}
