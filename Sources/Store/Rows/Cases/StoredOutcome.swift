import Findings
import Formats
import Foundation

/// Reads outcomes from rows, whatever version of the program wrote them; nothing else does.
enum StoredOutcome {
    /// What rows hold of a version that wrote its reasons as English sentences. They stay what they are.
    private struct First: Decodable {
        let label: SmearClass
        let displayName: String
        let probabilities: ClassProbabilities
        let decision: Decision
        let reasons: [String]
        let predictionSet: [SmearClass]
        let novelty: Double
        let similarCases: [ScreeningOutcome.SimilarCase]?
        let quality: ImageQuality
        let model: ScreeningOutcome.Model
        let image: ScreeningOutcome.Image
        let timings: ScreeningOutcome.Timings
        let notice: String?

        var outcome: ScreeningOutcome {
            ScreeningOutcome(
                label: label, displayName: displayName, probabilities: probabilities, decision: decision,
                reasons: reasons.map { .told(sentence: $0) }, predictionSet: predictionSet, novelty: novelty,
                similarCases: similarCases, quality: quality, model: model, image: image, timings: timings,
                notice: notice)
        }
    }

    private struct Form: Decodable {
        let version: Int?
    }

    /// - Returns: Nil for a text that cannot be read, of which whoever asks for the answer is told
    ///   (`ScreeningRecord.answer`).
    static func read(_ json: String) -> ScreeningOutcome? {
        let (data, decoder) = (Data(json.utf8), JSONDecoder())
        do {
            return try decoder.decode(Form.self, from: data).version == nil
                ? decoder.decode(First.self, from: data).outcome : decoder.decode(ScreeningOutcome.self, from: data)
        } catch {
            return nil
        }
    }

    /// - Throws: `EncodingError`, for a number that is none.
    static func text(_ outcome: ScreeningOutcome) throws -> String {
        try JSONFormat.line.text(outcome)
    }
}

extension Finding {
    /// What a row's columns say. A decision or class that this version does not know is no answer.
    init(storedDecision: String, label: String, confidence: Double) {
        let smearClass = SmearClass(rawValue: label)
        self.init(
            decision: smearClass.flatMap { _ in Decision(rawValue: storedDecision) } ?? .rejected,
            label: smearClass ?? .benign, confidence: confidence)
    }
}

extension Message {
    /// As a row keeps it: key and facts as JSON.
    func stored() throws -> String { try JSONFormat.line.text(self) }

    /// - Parameter stored: What a row keeps; a sentence where an earlier program wrote one, which is shown as it is.
    init(stored: String) {
        do { self = try JSONDecoder().decode(Message.self, from: Data(stored.utf8)) } catch {
            self.init("errors.screenings.before", ["words": .text(stored)])
        }
    }
}
