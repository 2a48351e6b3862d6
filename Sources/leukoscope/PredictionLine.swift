import Casework
import Findings
import Formats
import Foundation
import Imaging
import Inference
import Screening
import Wording

/// What `predict` says about one image: one line, for people or for programs.
enum PredictionLine: Sendable {
    case answer(file: String, ScreeningOutcome)
    case problem(file: String, code: String, message: String, isInternal: Bool)

    /// A problem from the error that screening threw; what is wrong with an image is told in the language of the words.
    init(file: String, error: any Error, text: TextCatalogue) {
        switch error {
        case let error as ImagingError:
            let message = text.language == TextCatalogue.base ? error.message : text(error.told)
            self = .problem(file: file, code: error.code.rawValue, message: message, isInternal: false)
        case let error as ScreeningError:
            self = .problem(file: file, code: error.code.rawValue, message: error.message, isInternal: false)
        case let error as InferenceError:
            self = .problem(file: file, code: error.code.rawValue, message: "\(error)", isInternal: true)
        default:
            self = .problem(file: file, code: "internal", message: "\(error)", isInternal: true)
        }
    }

    /// One JSON object: the answer with the file in front, or `{"file","error":{"code","message"}}`.
    /// - Throws: `EncodingError`.
    func json(_ text: TextCatalogue) throws -> String {
        switch self {
        case .answer(let file, let outcome):
            return try ScreeningAnswer(outcome, text: text).json(file: file)
        case .problem(let file, let code, let message, _):
            struct Problem: Encodable {
                struct Reason: Encodable { let code: String, message: String }
                let file: String
                let error: Reason
            }
            return try JSONFormat.line.text(Problem(file: file, error: .init(code: code, message: message)))
        }
    }

    /// A line for people: an uncertain image shows its set of classes, a rejected one no class at all.
    func line(_ text: TextCatalogue) -> String {
        switch self {
        case .problem(let file, _, let message, _):
            return "\(file)  error: \(message)"
        case .answer(let file, let result):
            let confidence = String(format: "%.1f %%", result.confidence * 100)
            let fields = result.fields?.sentence(text).map { "  (\($0))" } ?? ""
            switch result.decision {
            case .report:
                let caution = result.label.isMalignant ? "" : "  \(text("result.unqualified.line"))"
                return "\(file)  \(result.displayName)  \(confidence)\(caution)\(fields)"
            case .uncertain, .rejected:
                let reasons = result.reasons.map { text($0.message) }.joined(separator: " ")
                return "\(file)  \(result.decision.rawValue): \(reasons)\(fields)"
            }
        }
    }
}
