import Cells
import Evaluation
import Findings
import Imaging
import Inference
import Packaging

/// What was seen in an image, what the networks said to it, and what was made of it.
struct Answer: Sendable {
    let prepared: PreparedImage
    /// What can be shown of how the network came to the answer: the whole image, or the field that says most clearly what the
    /// answer says.
    fileprivate(set) var shown: (seen: SeenImage, output: NetworkOutput)
    /// Of a large image.
    let fields: FieldsAnswer?
    let cells: CellReading?
    fileprivate(set) var result: ScreeningOutcome
    fileprivate(set) var similar: SimilarCases.Search?

    /// The field that is shown, in the plan; nil where the whole image is, as every rejected one.
    var leadingField: Int? { result.decision == .rejected ? nil : fields?.leading(result.label) }
}

/// Makes answers of what the networks said.
struct AnswerMaker: Sendable {
    let package: ModelPackage
    let novelty: NoveltyMeasure

    /// - Parameters:
    ///   - prepared: The image.
    ///   - output: What the network says to the whole of it.
    ///   - inference: How long the network took, for all that it was asked.
    ///   - cells: What the second reader says, and how long it took.
    ///   - fields: What the network says to the fields of a large image, and how long these took to look at.
    func answer(
        _ prepared: PreparedImage, _ output: NetworkOutput, inference: Duration,
        cells: (reading: CellReading, duration: Duration)? = nil,
        fields: (answer: FieldsAnswer, duration: Duration)? = nil
    ) -> Answer {
        let description = package.description
        let seen = prepared.seen.decoded
        let findings = cells?.reading.findings(reduction: seen.reduction)
        let combined = fields?.answer.combined
        let probabilities =
            combined?.probabilities
            ?? ClassProbabilities(
                TemperatureScaling.softmax(output.logits, temperature: description.calibration.temperature))
        let facts = DecisionFacts(
            probabilities,
            novelty: combined?.novelty
                ?? novelty.novelty(embedding: output.embedding, appearance: prepared.appearance),
            quality: combined?.quality ?? prepared.quality, pattern: prepared.pattern, cells: findings,
            fields: fields?.answer.facts, limits: description)
        let whole = ScreenedFields(
            whole: seen.originalWidth, seen.originalHeight,
            fault: FieldFault.foremost(of: facts.refusals.compactMap(\.fieldFault)))
        let similar = facts.decision == .rejected ? nil : similar(output)
        let result = ScreeningOutcome(
            label: facts.label, displayName: description.classes[facts.label.index].displayName,
            probabilities: probabilities, decision: facts.decision, reasons: facts.reasons,
            predictionSet: facts.predictionSet, novelty: facts.novelty, similarCases: similar?.nearest,
            quality: combined?.quality ?? prepared.quality, cells: findings,
            fields: fields?.answer.screened(reduction: seen.reduction) ?? whole,
            model: .init(name: description.name, version: description.version),
            image: .init(
                width: seen.originalWidth, height: seen.originalHeight, sha256: prepared.sha256,
                notes: seen.header.notes),
            timings: .init(
                decodeMs: prepared.decode.milliseconds,
                preprocessMs: (prepared.preprocess + (fields?.duration ?? .zero)).milliseconds,
                inferenceMs: inference.milliseconds, cellsMs: cells?.duration.milliseconds),
            notice: description.notice)
        return Answer(
            prepared: prepared, shown: (prepared.seen, output), fields: fields?.answer, cells: cells?.reading,
            result: result, similar: similar)
    }

    /// The answer with another field to show how it came about.
    func answer(_ answer: Answer, shownBy shown: (seen: SeenImage, output: NetworkOutput)) -> Answer {
        var answer = answer
        answer.shown = shown
        answer.similar = similar(shown.output)
        answer.result.similarCases = answer.similar?.nearest
        return answer
    }

    private func similar(_ output: NetworkOutput) -> SimilarCases.Search? {
        package.references.flatMap { SimilarCases.Search(output.embedding, among: $0) }
    }

    /// Where the evidence for the answer's class lies in the image: `[height, width]`, 0 to 1.
    func map(of answer: Answer) -> (values: [Float], width: Int, height: Int) {
        let (outputs, label) = (package.description.outputs, answer.result.label)
        let (width, height) = (outputs.featureMapWidth, outputs.featureMapHeight)
        if let fields = answer.fields, answer.leadingField != nil {
            let map = FieldHeatMap(fields, label: label, mapWidth: width, mapHeight: height)
            return (map.values, map.width, map.height)
        }
        let map = ClassActivationMap.compute(
            featureMap: answer.shown.output.featureMap, width: width, height: height,
            classifierWeight: package.classifierWeight, classIndex: label.index)
        return (map, width, height)
    }
}
