import Casework
import Clinic
import Findings
import Foundation

/// A whole slide as programs and scripts see it.
struct APISlide: Encodable, Sendable {
    /// Fields that are to be screened, that are images of the case, and that have an answer.
    struct Fields: Encodable, Sendable {
        let wanted: Int
        let taken: Int
        let answered: Int
    }

    let id: SlideID
    let name: String
    let state: CaseSlide.State
    /// Of the file.
    let bytes: Int
    /// Of these, how many are here: where the next part begins.
    let received: Int
    /// Of every part but the last.
    let partBytes: Int
    /// Whether its file, as far as it was sent, can be read at this moment.
    let isReachable: Bool
    let fields: Fields
    let width: Int?
    let height: Int?
    let micrometresPerPixel: Double?
    /// Why reading ended.
    let ended: CaseSlide.End?
    /// Why it could not be read.
    let failure: CaseSlide.Failure?
    let createdAt: Date

    init(_ slide: CaseSlide, _ fields: Fields, _ standing: SlideStanding) {
        (id, name, state, bytes) = (slide.id, slide.name, slide.state, slide.byteCount)
        received = if case .behind(let kept) = standing { kept } else { slide.received }
        (partBytes, isReachable) = (SlideIntake.partBytes, standing != .away)
        (width, height, micrometresPerPixel) = (slide.width, slide.height, slide.micrometresPerPixel)
        (ended, failure, createdAt) = (slide.end, slide.failure, slide.createdAt)
        self.fields = fields
    }

    init(_ progress: SlideProgress, _ standing: SlideStanding) {
        self.init(
            progress.slide,
            Fields(
                wanted: progress.fields.isEmpty ? progress.slide.wanted : progress.wantedCount,
                taken: progress.takenCount, answered: progress.answeredCount), standing)
    }

    /// One of which parts come.
    init(_ slide: CaseSlide) { self.init(slide, Fields(wanted: slide.wanted, taken: 0, answered: 0), .here) }
}
