import Findings
import Foundation
import Imaging
import Inference
import Packaging
import Screening
import Tensors
import Testing
import Wording

/// Large images, cut into fields, read by the model that is made for drawn smears.
@Suite(.timeLimit(.minutes(15))) struct FieldsTests {
    private static let models = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Models")
    /// Side of a drawn smear, which with red cells of a twelfth of it is a field.
    private static let side = 224
    private static let redCell = Double(side) / 12
    private static let screener = Result { try make() }

    /// - Parameter change: Of the description. Smears of several stains side by side are of no laboratory, so novelty is not
    ///   asked, and the cells contradict nothing.
    private static func make(_ change: (inout ModelDescription) -> Void = { _ in }) throws -> Screener {
        let original = try ModelPackage(directory: models.appending(path: "demonstration"))
        var description = original.description
        description.novelty.threshold = 2
        description.cells?.agreement = AgreementLimits(benignMaximum: 1, malignantMinimum: 0)
        change(&description)
        let place = FileManager.default.temporaryDirectory.appending(path: "fields-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: place) } catch { Issue.record(error) }
        }
        let package = try ModelPackage.write(
            description, onnx: original.networkURL,
            parameters: Safetensors.read(original.directory.appending(path: "parameters.safetensors")),
            cells: original.cellModelURL, card: "", metrics: Data("{}".utf8), to: place)
        return try Screener(package: package)
    }

    private static func smears(_ classes: [Int], seed: UInt64 = 0) throws -> [RGBImage] {
        try classes.enumerated().map { try DrawnSmear.draw(class: $1, seed: seed + UInt64($0), side: side) }
    }

    /// Smears that the network reads rightly by themselves; of the photographs that are drawn some are blurred or dark.
    private static func readable(_ classes: [Int]) async throws -> [RGBImage] {
        var (found, seed): ([Int: [RGBImage]], UInt64) = ([:], 0)
        for smearClass in Set(classes) {
            let wanted = classes.count { $0 == smearClass }
            while found[smearClass, default: []].count < wanted {
                try #require(seed < 400)
                let smear = Self.underOneLamp(try DrawnSmear.draw(class: smearClass, seed: seed, side: side))
                seed += 1
                let result = try await screen(smear, redCellPixels: redCell)
                guard result.decision == .report, result.label.index == smearClass, result.cells?.found ?? 0 > 0 else {
                    continue
                }
                found[smearClass, default: []].append(smear)
            }
        }
        return classes.map { found[$0, default: []].removeFirst() }
    }

    /// The smear with glass of one brightness and colour, as all parts of one photograph have.
    private static func underOneLamp(_ smear: RGBImage) -> RGBImage {
        var result = smear
        for channel in 0..<3 {
            let places = stride(from: channel, to: smear.pixels.count, by: 3)
            var counts = [Int](repeating: 0, count: 256)
            for place in places { counts[Int(smear.pixels[place])] += 1 }
            var (left, glass) = (places.underestimatedCount / 10, 255)
            while glass > 1, left >= counts[glass] {
                left -= counts[glass]
                glass -= 1
            }
            for place in places { result.pixels[place] = UInt8(min(255, Int(smear.pixels[place]) * 238 / glass)) }
        }
        return result
    }

    /// The smear out of focus.
    private static func blurred(_ smear: RGBImage) throws -> RGBImage {
        try smear.resized(width: 14, height: 14).resized(width: side, height: side)
    }

    private static func mosaic(_ images: [RGBImage], columns: Int) -> RGBImage {
        let rows = images.count / columns, side = images[0].width
        var pixels: [UInt8] = []
        pixels.reserveCapacity(rows * columns * side * side * 3)
        for row in 0..<rows * side {
            for column in 0..<columns {
                let from = row % side * side * 3
                pixels += images[row / side * columns + column].pixels[from..<from + side * 3]
            }
        }
        return RGBImage(width: columns * side, height: rows * side, pixels: pixels)
    }

    private static func explain(
        _ image: RGBImage, redCellPixels: Double? = nil
    ) async throws -> ScreeningExplanation {
        try await screener.get().explain(ScreenedFile(ImageEncoder.png(image), redCellPixels: redCellPixels))
    }

    private static func screen(_ image: RGBImage, redCellPixels: Double? = nil) async throws -> ScreeningOutcome {
        try await screener.get().screen(ScreenedFile(ImageEncoder.png(image), redCellPixels: redCellPixels))
    }

    @Test func `a large smear is read field by field at the scale that is measured, and its cells once`() async throws {
        let smears = try Self.smears([0, 0, 0, 0, 0, 0, 0, 0, 0])
        let result = try await Self.screen(Self.mosaic(smears, columns: 3))
        let fields = try #require(result.fields)
        #expect(result.cells?.scale.source == .measured)
        #expect(fields.isCut && fields.read >= 4, "\(fields)")
        #expect(result.label == .benign, "\(result.probabilities)")
        #expect(result.reasons.allSatisfy { $0.code != "fields-disagree" })
        var single = 0
        for smear in smears { single += try await Self.screen(smear).cells?.found ?? 0 }
        let found = try #require(result.cells?.found)
        #expect(abs(Double(found) / Double(single) - 1) < 0.15, "\(found) of \(single)")
    }

    @Test(arguments: [[0, 0, 0, 0, 0, 0, 2, 2, 2], [3, 0, 0, 0, 3, 0, 0, 0, 3]])
    func `leukaemic fields among normal ones are not averaged away`(classes: [Int]) async throws {
        let result = try await Self.screen(
            Self.mosaic(Self.readable(classes), columns: 3), redCellPixels: Self.redCell)
        #expect(result.fields?.read == 9)
        #expect(result.label.isMalignant, "\(result.probabilities)")
        #expect(result.finding.reported != .benign)
    }

    @Test func `a single leukaemic field leaves a benign picture open`() async throws {
        let result = try await Self.screen(
            Self.mosaic(Self.readable([0, 0, 0, 0, 2, 0, 0, 0, 0]), columns: 3), redCellPixels: Self.redCell)
        #expect(result.decision == .uncertain, "\(result.reasons)")
        #expect(result.probabilities[.benign] < 5.0 / 6)
    }

    @Test func `fields that cannot be read are left out, each for its reason`() async throws {
        var tiles = try await Self.readable([2, 2, 2, 2, 2, 2])
        // Of a smear that is seen to be out of focus then; some of those that are drawn keep contours enough.
        var plain = tiles[0]
        for tile in tiles {
            let alone = try await Self.screen(Self.blurred(tile), redCellPixels: Self.redCell)
            if alone.reasons.contains(where: { $0.code == "blurred" }) { plain = tile }
        }
        tiles[1].pixels = plain.pixels.map { $0 / 4 }
        tiles[2] = try Self.blurred(plain)
        tiles[3].pixels = [UInt8](repeating: 232, count: plain.pixels.count)
        // Eosin everywhere, darker and lighter, as red cells over each other, and as irregular.
        tiles[4].pixels = plain.pixels.indices.map { index in
            let (across, down) = (index / 3 % Self.side / 9, index / 3 / Self.side / 9)
            let wave = (across * across * 7 + down * down * 11 + across * down * 5) % 13 % 2 * 40
            return UInt8([225, 140, 165][index % 3] - wave)
        }
        let image = Self.mosaic(tiles, columns: 3)
        let explanation = try await Self.explain(image, redCellPixels: Self.redCell)
        let fields = try #require(explanation.result.fields)
        #expect(fields.all.map(\.fault) == [nil, .dark, .blurred, .empty, .thick, nil])
        #expect(fields.read == 2 && fields.refused == 4)
        for (number, field) in fields.all.enumerated() {
            #expect(field.x == number % 3 * Self.side && field.y == number / 3 * Self.side)
            #expect(field.width == Self.side && field.height == Self.side)
        }
        // Decided by the fields that were read.
        #expect(explanation.result.label.isMalignant && explanation.result.decision != .rejected)
        #expect(explanation.shownField == 1 || explanation.shownField == 6)
        // The map is one of the whole picture, and nothing is shown where nothing was read.
        #expect((explanation.mapWidth, explanation.mapHeight) == (84, 56))
        #expect(explanation.map.max() == 1 && explanation.map.min() == 0)
        func evidence(_ number: Int) -> Float {
            var sum: Float = 0
            for row in number / 3 * 28..<number / 3 * 28 + 28 {
                for column in number % 3 * 28..<number % 3 * 28 + 28 { sum += explanation.map[row * 84 + column] }
            }
            return sum
        }
        #expect((1...4).allSatisfy { evidence($0) == 0 })
        #expect(evidence(0) > 0 && evidence(5) > 0)

        let json = try ScreeningAnswer(explanation.result, text: TextCatalogue(language: "en")).json()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let told = try #require(object["fields"] as? [String: Any])
        #expect(told["read"] as? Int == 2 && told["refused"] as? Int == 4)
        #expect(
            told["skipped"] as? [String: Int] == ["dark": 1, "blurred": 1, "empty": 1, "thick": 1, "novel": 0])
    }

    @Test func `an image without a usable field is rejected, with probabilities all the same`() async throws {
        let glass = RGBImage(
            width: 672, height: 448, pixels: [UInt8](repeating: 232, count: 672 * 448 * 3))
        let result = try await Self.screen(glass, redCellPixels: Self.redCell)
        #expect(result.decision == .rejected)
        #expect(result.reasons.first == .noUsableField(fields: 6))
        #expect(result.fields?.read == 0 && result.fields?.skipped(.empty) == 6)
        #expect(abs(result.probabilities.values.reduce(0, +) - 1) < 1e-9)
        #expect(result.similarCases == nil)
    }

    @Test func `an image most of whose fields are unlike the images of training is rejected as such`() async throws {
        let strict = try Self.make { $0.novelty.threshold = 0.01 }
        let image = try Self.mosaic(Self.smears([0, 1, 2, 3]), columns: 2)
        let result = try await strict.screen(ScreenedFile(ImageEncoder.png(image), redCellPixels: Self.redCell))
        #expect(result.decision == .rejected)
        #expect(result.reasons.map(\.code) == ["no-usable-field", "unfamiliar"])
        #expect(result.fields?.skipped(.novel) == 4)
    }

    @Test func `a large image is told benign only where its usual field looks familiar enough`() async throws {
        let image = try await ScreenedFile(
            ImageEncoder.png(Self.mosaic(Self.readable([0, 0, 0, 0, 0, 0]), columns: 3)), redCellPixels: Self.redCell)
        let plain = try await Self.screener.get().screen(image)
        try #require(plain.label == .benign && plain.decision != .rejected, "\(plain.reasons)")
        func limited(_ limit: Double) async throws -> ScreeningOutcome {
            try await Self.make {
                $0.formatVersion = ModelDescription.currentFormatVersion
                $0.novelty.benignThreshold = limit
            }.screen(image)
        }
        #expect(try await limited(plain.novelty + 1e-5).reasons.map(\.code) == plain.reasons.map(\.code))
        let left = try await limited(plain.novelty - 1e-5)
        #expect(left.decision == .uncertain && left.fields?.read == plain.fields?.read)
        #expect(left.reasons.contains(.tooUnfamiliarForBenign(found: left.novelty, limit: plain.novelty - 1e-5)))
    }

    @Test func `an image of about one field, or of unknown scale, is seen whole`() async throws {
        let screener = try Self.screener.get()
        let smear = try DrawnSmear.draw(class: 1, seed: 23, side: 300)
        let unknown = RGBImage(width: 900, height: 700, pixels: [UInt8](repeating: 190, count: 900 * 700 * 3))
        // Red cells of 300 / 20 pixels would be 1.67 fields; and an image no larger than the network's input is not cut.
        let images: [(RGBImage, Double?)] = [
            (smear, nil), (smear, 300.0 / 20), (try DrawnSmear.draw(class: 2, seed: 4), 224.0 / 30), (unknown, nil),
        ]
        for (image, redCellPixels) in images {
            let bytes = try ImageEncoder.png(image)
            let result = try await screener.screen(ScreenedFile(bytes, redCellPixels: redCellPixels))
            let output = try await screener.engine.infer(screener.package.sight.see(bytes).tensor())
            let temperature = screener.package.description.calibration.temperature
            let exponentials = output.logits.map { exp(Double($0) / temperature) }
            for (value, exponential) in zip(result.probabilities.values, exponentials) {
                #expect(abs(value - exponential / exponentials.reduce(0, +)) < 1e-6)
            }
            let fields = try #require(result.fields)
            #expect(fields.all.map { [$0.x, $0.y, $0.width, $0.height] } == [[0, 0, image.width, image.height]])
            #expect(fields.read == (result.decision == .rejected ? 0 : 1))
            #expect(!result.reasons.contains { $0.code == "no-usable-field" })
        }
    }

    @Test func `a turn or a mirror image of a large smear changes neither decision nor fields`() async throws {
        let image = try Self.mosaic(Self.smears([0, 2, 0, 2, 0, 2], seed: 40), columns: 3)
        let upright = try await Self.screen(image, redCellPixels: Self.redCell)
        let fields = try #require(upright.fields)
        #expect(fields.all.count == 6)
        for position in Position.allCases {
            let turned = try await Self.screen(position.applied(to: image), redCellPixels: Self.redCell)
            #expect(turned.decision == upright.decision && turned.label == upright.label, "\(position)")
            #expect(turned.reasons.map(\.code) == upright.reasons.map(\.code), "\(position)")
            #expect(turned.predictionSet == upright.predictionSet, "\(position)")
            // Every field is turned to one side before the network sees it, so it answers the same.
            #expect(abs(turned.probabilities[.benign] - upright.probabilities[.benign]) < 1e-6, "\(position)")
            #expect(abs(turned.novelty - upright.novelty) < 1e-9 && turned.quality == upright.quality, "\(position)")
            let moved = fields.all.map { position.applied(to: $0, in: (image.width, image.height)) }
            #expect(
                Set(moved.map(\.description)) == Set((turned.fields?.all ?? []).map(\.description)), "\(position)")
        }
    }

    @Test func `a picture album shows a large image in one map and its clearest field step by step`() async throws {
        let image = try Self.mosaic(Self.smears([2, 2, 2, 2]), columns: 2)
        let (result, pictures) = try await Self.screener.get().pictures(
            ScreenedFile(ImageEncoder.png(image), redCellPixels: Self.redCell))
        try #require(result.decision != .rejected, "\(result.reasons)")
        #expect((1...4).contains(pictures.analytics.shownField ?? 0))
        #expect(pictures.analytics.steps.first?.width == Self.side)
        let file = try #require(pictures["map.png"])
        let map = try HeatMap(png: file)
        #expect(map.width == 256 && map.height == 256 && map.levels.contains(255))
        #expect(file.count < 40_000)
        let kept = try JSONDecoder().decode(
            ScreeningAnalytics.self, from: JSONEncoder().encode(pictures.analytics))
        #expect(kept == pictures.analytics)
    }
}

/// The eight positions of a rectangle but the first: mirrored, then put upside down, then transposed.
private struct Position: CaseIterable, CustomStringConvertible {
    let isMirrored: Bool
    let isUpsideDown: Bool
    let isTransposed: Bool

    static let allCases = (1..<8).map {
        Position(isMirrored: $0 & 1 != 0, isUpsideDown: $0 & 2 != 0, isTransposed: $0 & 4 != 0)
    }

    var description: String { "mirrored \(isMirrored), upside down \(isUpsideDown), transposed \(isTransposed)" }

    func applied(to image: RGBImage) -> RGBImage {
        let (width, height) = isTransposed ? (image.height, image.width) : (image.width, image.height)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(image.pixels.count)
        for row in 0..<height {
            for column in 0..<width {
                var (x, y) = isTransposed ? (row, column) : (column, row)
                if isMirrored { x = image.width - 1 - x }
                if isUpsideDown { y = image.height - 1 - y }
                let start = (y * image.width + x) * 3
                pixels += image.pixels[start..<start + 3]
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    func applied(to field: ScreenedFields.Field, in size: (width: Int, height: Int)) -> ScreenedFields.Field {
        let x = isMirrored ? size.width - field.x - field.width : field.x
        let y = isUpsideDown ? size.height - field.y - field.height : field.y
        return isTransposed
            ? .init(x: y, y: x, width: field.height, height: field.width, fault: field.fault)
            : .init(x: x, y: y, width: field.width, height: field.height, fault: field.fault)
    }
}

extension ScreenedFields.Field {
    fileprivate var description: String { "\(x) \(y) \(width) \(height) \(fault?.rawValue ?? "read")" }
}
