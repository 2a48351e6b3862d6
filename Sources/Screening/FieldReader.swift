import Cells
import Evaluation
import Findings
import Imaging
import Inference
import Offloading
import Packaging

/// Cuts a large image into fields of the scale that the field network knows, leaves out those that cannot be read, and makes
/// one answer of the others.
struct FieldReader: Sendable {
    /// An image is cut from this many fields along a side on; a smaller one is seen whole.
    static let leastFields = 1.75
    /// How many times enlarged a field may be; beyond that it has no detail to be read by.
    static let greatestEnlargement = 1.5
    /// The least share of a field that has to be open glass; of 371 usable images of four sets it is 0.40 at least.
    static let leastOpenShare = 0.1
    /// How many fields are prepared and run through the network at once.
    private static let batch = 8

    let package: ModelPackage
    let sight: ImageSight
    let novelty: NoveltyMeasure
    let offloading: Offloading

    /// How an image is to be cut; nil for one that is seen whole: because it is about one field, its scale is not known, or the
    /// network's input is larger.
    private func plan(for seen: SeenImage, scale: ImageScale) throws -> FieldPlan? {
        let (input, image) = (package.description.input, seen.view)
        guard let cells = package.description.cells, scale.source != .unknown, input.width == input.height else {
            return nil
        }
        let field = scale.redCellPixels * cells.redCellsAcross
        let (longer, side) = (Double(max(image.width, image.height)), Double(input.width))
        guard longer > side, longer >= Self.leastFields * field, side <= Self.greatestEnlargement * field,
            longer / field * side <= 8192
        else { return nil }
        return try FieldPlan(
            width: image.width, height: image.height, redCellPixels: scale.redCellPixels,
            target: side / cells.redCellsAcross, side: input.width)
    }

    /// Bytes that cutting a picture may take beside it: the picture turned, and three times the resized one (`cv_scale_resize`).
    func cuttingCost(pictureBytes: Int) -> Int {
        let side = package.description.input.width
        guard package.description.cells != nil, pictureBytes > 3 * side * side else { return 0 }
        return pictureBytes + Int(3 * Self.greatestEnlargement * Self.greatestEnlargement * Double(pictureBytes))
    }

    /// The fields of an image, and what is wrong with each without asking a network.
    struct Cut: Sendable {
        let seen: SeenImage
        let fields: CutImage
        let looks: [(quality: ImageQuality, fault: FieldFault?)]
        let duration: Duration
    }

    /// Cuts an image and looks at every field; nil for an image that is seen whole.
    func cut(_ seen: SeenImage, scale: ImageScale) async throws -> Cut? {
        guard let plan = try plan(for: seen, scale: scale) else { return nil }
        return try await offloading.compute {
            let start = ContinuousClock.now
            let fields = try plan.fields(of: seen.view)
            let looks = try fields.map { field in
                let quality = ImageQuality.assess(try sight.see(field.upright().image, of: seen).input)
                var faults = package.description.quality.failures(of: quality).compactMap(\.fieldFault)
                if field.openShare(glass: fields.glass) < Self.leastOpenShare { faults.append(.thick) }
                return (quality: quality, fault: FieldFault.foremost(of: faults))
            }
            return Cut(seen: seen, fields: fields, looks: looks, duration: .now - start)
        }
    }

    /// Runs the usable fields of an image through the network.
    /// - Parameters:
    ///   - cut: The image.
    ///   - cells: All that the finder took for white cells; a field without any is not read.
    ///   - engine: Of the same package.
    func read(_ cut: Cut, cells: [ReadCell], with engine: any NetworkEngine) async throws -> FieldsAnswer {
        let plan = cut.fields.plan
        var whiteCells = [Int](repeating: 0, count: plan.fields.count)
        // Of every type: elsewhere types are right half the time, and a blast taken for a smudge must not hide its field.
        for cell in cells {
            whiteCells[plan.field(atX: cell.found.centre.x, y: cell.found.centre.y)] += 1
        }
        var faults = zip(cut.looks, whiteCells).map { $0.fault ?? ($1 == 0 ? .empty : nil) }
        let usable = faults.indices.filter { faults[$0] == nil }
        var judged: [FieldsAnswer.Field] = []
        for start in stride(from: 0, to: usable.count, by: Self.batch) {
            let batch = Array(usable[start..<min(start + Self.batch, usable.count)])
            for (place, seen, output) in try await looked(at: batch, of: cut, with: engine) {
                let field = field(place, seen, output, whiteCells: whiteCells[place], quality: cut.looks[place].quality)
                faults[place] = field.fault
                judged.append(field)
            }
        }
        return FieldsAnswer(plan: plan, faults: faults, judged: judged)
    }

    /// What the network sees of a field and says to it.
    func look(at place: Int, of cut: Cut, with engine: any NetworkEngine) async throws -> (SeenImage, NetworkOutput) {
        let looked = try await looked(at: [place], of: cut, with: engine)
        return (looked[0].seen.image, looked[0].output)
    }

    private struct SeenField: Sendable {
        let image: SeenImage
        let turn: SquareTurn
        let appearance: ImageAppearance?
        let tensor: [Float]
    }

    private func looked(
        at places: [Int], of cut: Cut, with engine: any NetworkEngine
    ) async throws -> [(place: Int, seen: SeenField, output: NetworkOutput)] {
        try await withThrowingTaskGroup(of: (place: Int, seen: SeenField, output: NetworkOutput).self) { group in
            for place in places {
                group.addTask {
                    let seen = try await offloading.compute { try see(place, of: cut) }
                    return (place, seen, try await engine.infer(seen.tensor))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.place < $1.place }
        }
    }

    private func see(_ place: Int, of cut: Cut) throws -> SeenField {
        let (field, turn) = try cut.fields[place].upright()
        let image = try sight.see(field, of: cut.seen)
        return SeenField(
            image: image, turn: turn,
            appearance: package.appearance == nil ? nil : try ImageAppearance.measure(image.input),
            tensor: image.tensor())
    }

    /// What is kept of a field.
    private func field(
        _ place: Int, _ seen: SeenField, _ output: NetworkOutput, whiteCells: Int, quality: ImageQuality
    ) -> FieldsAnswer.Field {
        let description = package.description
        let probabilities = ClassProbabilities(
            TemperatureScaling.softmax(output.logits, temperature: description.calibration.temperature))
        let novelty = novelty.novelty(embedding: output.embedding, appearance: seen.appearance)
        let facts = DecisionFacts(probabilities, novelty: novelty, quality: quality, cells: nil, limits: description)
        return FieldsAnswer.Field(
            place: place, vote: FieldVote(probabilities: probabilities, whiteCells: whiteCells), novelty: novelty,
            quality: quality, fault: FieldFault.foremost(of: facts.refusals.compactMap(\.fieldFault)), turn: seen.turn,
            maps: SmearClass.allCases.map {
                ClassActivationMap.evidence(
                    featureMap: output.featureMap, width: description.outputs.featureMapWidth,
                    height: description.outputs.featureMapHeight, classifierWeight: package.classifierWeight,
                    classIndex: $0.index)
            })
    }
}
