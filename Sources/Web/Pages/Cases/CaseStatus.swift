import Clinic
import Crypto
import Findings
import Formats
import Foundation

/// The state of a case for scripts: what the status route answers and the event stream sends.
struct CaseStatus: Sendable, Encodable {
    struct Image: Sendable, Encodable {
        let number: Int
        let image: String
        let screening: String
        let state: String
        /// Nil until the screening is done.
        let decision: Decision?
        /// Screenings before this one; nil unless it is queued.
        let position: Int?
        let secondsLeft: Int?
    }

    let verdict: String
    let pending: Int
    let images: [Image]
    /// Changes whenever anything above but the seconds changes.
    let version: String

    init(_ contents: CaseContents, pace: Double?) {
        verdict = contents.conclusion.kind.rawValue
        pending = contents.pendingCount
        images = contents.entries.map { entry in
            let screening = entry.screening
            return Image(
                number: entry.image.number, image: entry.image.id.text, screening: screening.id.text,
                state: screening.state.rawValue,
                decision: screening.finding?.decision, position: entry.position,
                secondsLeft: entry.position.flatMap { place in pace.map { Int(($0 * Double(place + 1)).rounded(.up)) } }
            )
        }
        let parts =
            images.map { "\($0.image) \($0.state) \($0.position ?? -1)" }
            + contents.entries.flatMap { $0.readings.map(\.reading.id.text) }
            + contents.readings.map(\.reading.id.text) + [
                contents.person.map { "\($0.updatedAt)" } ?? "", contents.subject.dependent?.facts.name ?? "",
            ]
            + contents.entries.map { "\($0.standing.name ?? "") \($0.standing.qualification.rawValue)" }
            + ["\(contents.smearCase.title)\n\(contents.smearCase.note)"]
        version = SHA256.hash(data: Data(parts.joined(separator: "\n").utf8)).prefix(8).hexadecimal
    }

    /// One line of JSON.
    func json() throws -> String { try JSONFormat.line.text(self) }
}
