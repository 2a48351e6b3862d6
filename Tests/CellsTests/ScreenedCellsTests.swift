import Cells
import Findings
import Foundation
import Imaging
import Screening
import Testing
import Wording

@Suite(.timeLimit(.minutes(10))) struct ScreenedCellsTests {
    private let screener: Screener

    init() throws { screener = try CellPackage.screener.get() }

    private static func field(_ seed: UInt64 = 41) throws -> DrawnCells {
        try DrawnField.draw([.blast, .blast, .blast, .neutrophil, .lymphocyte], seed: seed)
    }

    private func screen(_ image: RGBImage, redCellPixels: Double? = nil) async throws -> ScreeningOutcome {
        try await screener.screen(ScreenedFile(ImageEncoder.png(image), redCellPixels: redCellPixels))
    }

    @Test func `an image is answered with its scale, its cells and their evidence`() async throws {
        let field = try Self.field()
        let explanation = try await screener.explain(ScreenedFile(ImageEncoder.png(field.image)))
        let cells = try #require(explanation.result.cells)
        #expect(cells.scale.source == .measured)
        #expect(abs(cells.scale.redCellPixels / field.redCellPixels - 1) < 0.2)
        #expect(abs(cells.found - field.cells.count) <= 1)
        #expect(explanation.cells.count == cells.found)
        #expect((cells.blastEvidence.low95...cells.blastEvidence.high95).contains(cells.blastEvidence.value))
        for cell in explanation.cells {
            #expect(cell.box.left >= 0 && cell.box.right <= 224 && cell.box.left < cell.box.right)
            #expect(cell.picture.width >= Int(cell.box.right - cell.box.left))
            #expect((0...1).contains(cell.blastEvidence) && (0...1).contains(cell.typeProbability))
        }
        let text = try TextCatalogue(language: "en")
        let json = try ScreeningAnswer(explanation.result, text: text).json()
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(abs((object["blastEvidence"] as? Double ?? 2) - cells.blastEvidence.value) < 1e-9)
        #expect((object["cells"] as? [String: Any])?["found"] as? Int == cells.found)
        #expect((object["scale"] as? [String: Any])?["source"] as? String == "measured")
        #expect((object["site"] as? [String: Any])?["qualification"] as? String == "unqualified")
    }

    @Test func `what is known of a microscope wins over the red cells, and what somebody states over both`()
        async throws
    {
        let field = try Self.field()
        let known = SiteScale.redCellPixels(field.redCellPixels * 1.3)
        let png = try ImageEncoder.png(field.image)
        let site = try #require(try await screener.screen(ScreenedFile(png, site: known)).cells)
        #expect(site.scale.source == .site && abs(site.scale.redCellPixels / known.redCellPixels - 1) < 1e-9)
        let stated = try await screener.screen(
            ScreenedFile(png, redCellPixels: field.redCellPixels, site: known)
        ).cells
        #expect(stated?.scale.source == .given)
        guard case .micrometresPerPixel(let half) = SiteScale.micrometresPerPixel(0.1).reduced(by: 2) else {
            Issue.record("another kind of scale")
            return
        }
        #expect(half == 0.2 && SiteScale.redCellPixels(80).reduced(by: 2) == .redCellPixels(40))
    }

    @Test func `the cells come with crops in a sheet, and with what tells them apart`() async throws {
        let field = try Self.field()
        let (result, pictures) = try await screener.pictures(ScreenedFile(ImageEncoder.png(field.image)))
        let found = try #require(result.cells?.found)
        #expect(pictures.cells.map(\.number) == Array(1...found))
        let sheet = try ImageDecoder.decode(try #require(pictures[PictureKind.cellSheet(0).name]))
        #expect((sheet.width, sheet.height) == CellSheet.size(of: 0, cells: found))
        #expect(pictures[PictureKind.cellSheet(1).name] == nil)
        for cell in pictures.cells {
            // The nucleus lies in the middle of the crop, and is darker than its surroundings.
            let place = CellSheet.place(of: cell.number)
            let side = CellSheet.tileSide
            let tile = sheet.cut(columns: place.x..<place.x + side, rows: place.y..<place.y + side)
            func brightness(_ columns: Range<Int>, _ rows: Range<Int>) -> Double {
                let part = tile.cut(columns: columns, rows: rows)
                return part.pixels.reduce(0) { $0 + Double($1) } / Double(part.pixels.count)
            }
            #expect(brightness(30..<50, 30..<50) < brightness(0..<side, 0..<6))
            #expect(cell.embedding.similarity(to: cell.embedding) > 0.999 && (0...1).contains(cell.confidence))
        }
        // Drawn blasts are more like each other than like the smaller cells.
        func kind(of cell: ScreenedCell) throws -> DrawnCells.Kind {
            let (x, y) = ((cell.box.left + cell.box.right) / 2, (cell.box.top + cell.box.bottom) / 2)
            return try #require(
                field.cells.min { hypot($0.middle.x - x, $0.middle.y - y) < hypot($1.middle.x - x, $1.middle.y - y) }
            ).kind
        }
        let blasts = try pictures.cells.filter { try kind(of: $0) == .blast }
        let others = try pictures.cells.filter { try kind(of: $0) != .blast }
        try #require(blasts.count > 1 && !others.isEmpty)
        func mean(_ cells: some Collection<ScreenedCell>) -> Double {
            cells.reduce(0) { $0 + blasts[0].embedding.similarity(to: $1.embedding) } / Double(cells.count)
        }
        #expect(mean(blasts.dropFirst()) > mean(others))
        // An answer that is not kept has no sheets.
        let shown = try await screener.pictures(ScreenedFile(ImageEncoder.png(field.image)), for: .showing).pictures
        #expect(!shown.files.contains { $0.kind == .cellSheet(0) })
    }

    @Test func `a stated scale wins over the measured one, and one that no image has is refused`() async throws {
        let field = try Self.field()
        let stated = try #require(try await screen(field.image, redCellPixels: 26).cells)
        #expect(stated.scale.source == .given)
        #expect(stated.scale.redCellPixels == 26)
        await #expect(throws: ImagingError.self) { try await screen(field.image, redCellPixels: 3) }
    }

    @Test func `evidence is a number for every image that can be decoded`() async throws {
        for (width, height) in [(64, 64), (224, 224), (900, 40), (33, 700)] {
            let blank = RGBImage(
                width: width, height: height, pixels: [UInt8](repeating: 236, count: 3 * width * height))
            let cells = try #require(try await screen(blank).cells)
            #expect(cells.scale.source == .unknown, "\(width)x\(height)")
            #expect(cells.found == 0)
            #expect((0...1).contains(cells.blastEvidence.value))
            #expect(cells.blastEvidence.low95 == 0 && cells.blastEvidence.high95 == 1)
        }
    }

    @Test func `a turn or a mirror image changes neither cells nor evidence`() async throws {
        let image = try Self.field().image
        let upright = try #require(try await screen(image).cells)
        for turn in Turn.allCases {
            let turned = try #require(try await screen(turn.applied(to: image)).cells)
            #expect(turned.scale == upright.scale, "\(turn)")
            #expect(turned.found == upright.found, "\(turn)")
            #expect(abs(turned.blastEvidence.value - upright.blastEvidence.value) < 0.1, "\(turn)")
        }
    }

    @Test func `a large image is read in parts, and a cell on a seam counts once`() async throws {
        let (count, side) = (7, 224)
        let fields = try (0..<count * count).map { try Self.field(UInt64(500 + $0)) }
        var pixels: [UInt8] = []
        for row in 0..<count * side {
            for column in 0..<count {
                let field = fields[row / side * count + column].image
                pixels += field.pixels[row % side * side * 3..<(row % side + 1) * side * 3]
            }
        }
        let whole = RGBImage(width: count * side, height: count * side, pixels: pixels)
        let reader = try CellReader(folder: DrawnModel.folder.get())
        let single = try fields.reduce(0) { try $0 + reader.find(image: $1.image, redCellPixels: 18).count }
        let found = try reader.find(image: whole, redCellPixels: 18)
        #expect(abs(Double(found.count) / Double(single) - 1) < 0.1, "\(found.count) of \(single)")
        for (place, cell) in found.enumerated() {
            #expect(found.dropFirst(place + 1).allSatisfy { $0.box.overlap(with: cell.box) < 0.5 })
            #expect((0...1).contains(cell.contour.map(\.x).max() ?? 2))
        }
    }

    @Test(arguments: [13.0, 18]) func `a cell on a seam of parts or of fields counts once, at any scale`(
        redCellPixels: Double
    ) throws {
        let side = 2048
        // Two parts of 64 red cells meet in the middle, and fields of twelve at every place of the plan.
        let plan = try FieldPlan(
            width: side, height: side, redCellPixels: redCellPixels, target: 224.0 / 12, side: 224)
        let seams = Set(plan.fields.map { plan.rectangle(of: $0).x }).sorted().dropFirst()
        let kinds: [DrawnCells.Kind] = [.blast, .lymphocyte]
        var places = [PixelPlace(x: Double(side) / 2, y: Double(side) / 2)]
        for (number, seam) in seams.enumerated() {
            let along = Double(side) * (Double(number) + 0.7) / (Double(seams.count) + 0.4)
            for place in [PixelPlace(x: seam, y: along), PixelPlace(x: along, y: Double(side) / 2)]
            where places.allSatisfy({ hypot($0.x - place.x, $0.y - place.y) > 4 * redCellPixels }) {
                places.append(place)
            }
        }
        let cells = places.enumerated().map { number, place in
            let kind = kinds[number % kinds.count]
            return DrawnCells.Cell(kind: kind, middle: place, nucleusRadius: kind.nucleusRadius.upperBound)
        }
        let drawn = try DrawnCells(cells, redCellPixels: redCellPixels, seed: 6, side: side)
        let found = try CellReader(folder: DrawnModel.folder.get()).find(
            image: drawn.image, redCellPixels: redCellPixels)
        var hits = 0
        for cell in drawn.cells {
            let near = found.filter { $0.box.overlap(with: cell.box(side: side)) >= 0.3 }
            #expect(near.count <= 1, "\(cell.middle)")
            hits += near.count
        }
        #expect(Double(hits) >= 0.8 * Double(cells.count), "\(hits) of \(cells.count)")
        // Each belongs to one field of the plan, which shows it.
        for cell in found {
            let field = plan.rectangle(of: plan.fields[plan.field(atX: cell.centre.x, y: cell.centre.y)])
            #expect(cell.centre.x >= field.x - redCellPixels && cell.centre.x <= field.x + field.width + redCellPixels)
            #expect(
                cell.centre.y >= field.y - redCellPixels && cell.centre.y <= field.y + field.height + redCellPixels)
        }
    }

    @Test func `an answer that the cells contradict is left open`() async throws {
        let image = try ImageDecoder.decode(
            [UInt8](
                try Data(
                    contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                        .appendingPathComponent("Fixtures/inference/pre-b.png"))))
        let agreeing = try await screen(image)
        try #require(agreeing.label.isMalignant && agreeing.decision == .report)
        let strict = try CellPackage.make(AgreementLimits(benignMaximum: 0, malignantMinimum: 1))
        let open = try await strict.screen(ImageEncoder.png(image))
        #expect(open.decision == .uncertain)
        #expect(open.reasons.map(\.code) == ["readers-disagree"])
    }
}

/// The eight positions of a square but the first.
private enum Turn: CaseIterable {
    case right, half, left, mirrored, flipped, transposed, transverse

    func applied(to image: RGBImage) -> RGBImage {
        let swaps = [.right, .left, .transposed, .transverse].contains(self)
        let (width, height) = swaps ? (image.height, image.width) : (image.width, image.height)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(image.pixels.count)
        for row in 0..<height {
            for column in 0..<width {
                let (x, y): (Int, Int) =
                    switch self {
                    case .right: (row, image.height - 1 - column)
                    case .half: (image.width - 1 - column, image.height - 1 - row)
                    case .left: (image.width - 1 - row, column)
                    case .mirrored: (image.width - 1 - column, row)
                    case .flipped: (column, image.height - 1 - row)
                    case .transposed: (row, column)
                    case .transverse: (image.width - 1 - row, image.height - 1 - column)
                    }
                let start = (y * image.width + x) * 3
                pixels += image.pixels[start..<start + 3]
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }
}
