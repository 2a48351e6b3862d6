import Findings
import Foundation

/// A field of view whose answer is known by another method than a microscope, and what the model said to it. Its picture is
/// not kept.
public struct ControlField: Sendable, Equatable {
    /// How it is known what the person has, which must not be the look of the smear itself.
    public enum Method: String, Sendable, CaseIterable {
        case flowCytometry = "flow-cytometry"
        case cytogenetics
        case marrowHistology = "marrow-histology"
        /// Of people without leukaemia: they stayed well for a year.
        case followUp = "follow-up"
    }

    public enum Purpose: String, Sendable, CaseIterable {
        case qualification
        /// A slide that is photographed again and again, to see that the microscope is still what it was.
        case check
    }

    public let id: ControlID
    public let siteID: SiteID
    /// A code of the laboratory for the person, never a name: fields of one person count together.
    public let person: String
    public let label: SmearClass
    public let knownBy: Method
    public let purpose: Purpose
    /// Of the file, 64 lower-case hexadecimal digits: one file counts once for a model.
    public let sha256: String
    public let answer: ControlAnswer
    public let createdAt: Date

    /// Characters of a person's code.
    public static let maximumPerson = 60

    public init(
        id: ControlID = ControlID(), siteID: SiteID, person: String, label: SmearClass, knownBy: Method,
        purpose: Purpose = .qualification, sha256: String, answer: ControlAnswer, createdAt: Date
    ) {
        (self.id, self.siteID, self.person, self.label) = (id, siteID, person, label)
        (self.knownBy, self.purpose, self.sha256) = (knownBy, purpose, sha256)
        (self.answer, self.createdAt) = (answer, createdAt)
    }

    /// Whether one class was reported, and it is on the same side: how far a leukaemia has come is no matter here.
    public var isRight: Bool { answer.reported.map { $0.isMalignant == label.isMalignant } ?? false }
    /// Whether one class was reported, and it is on the other side.
    public var isWrong: Bool { answer.reported.map { $0.isMalignant != label.isMalignant } ?? false }

    /// A person's code as somebody typed it.
    ///
    /// - Throws: `ClinicError.invalid` with field `person`.
    public static func person(_ text: String) throws -> String {
        try Booking.text(
            text.replacing("\n", with: " "), field: "person", atMost: maximumPerson, isRequired: true)
    }
}

/// What a model said to a field: as much as qualification and watch need.
public struct ControlAnswer: Sendable, Equatable {
    public let model: ScreeningOutcome.Model
    public let decision: Decision
    /// The most probable class.
    public let label: SmearClass
    public let watched: WatchedField
    /// Whether the image passed the novelty check.
    public let isFamiliar: Bool
    /// Whether it can say anything of the microscope: an image that is out of focus or no smear cannot.
    public let isUsable: Bool

    public init(
        model: ScreeningOutcome.Model, decision: Decision, label: SmearClass, watched: WatchedField,
        isFamiliar: Bool = true, isUsable: Bool = true
    ) {
        (self.model, self.decision, self.label, self.watched) = (model, decision, label, watched)
        (self.isFamiliar, self.isUsable) = (isFamiliar, isUsable)
    }

    public init(_ outcome: ScreeningOutcome) {
        self.init(
            model: outcome.model, decision: outcome.decision, label: outcome.label, watched: WatchedField(outcome),
            isFamiliar: outcome.isFamiliar, isUsable: outcome.isOfMicroscope)
    }

    /// The class, where one is reported.
    public var reported: SmearClass? { decision == .report ? label : nil }
}

extension ScreeningOutcome {
    /// Whether the image passed the novelty check of the model: it looks like what the model knows.
    public var isFamiliar: Bool {
        !reasons.contains { if case .unfamiliar = $0 { true } else { false } }
    }

    /// Whether what is wrong with the image, if anything, may lie in the microscope: it was answered, or only its looks are
    /// strange. A blurred picture, or one of something else, says nothing of it.
    var isOfMicroscope: Bool {
        guard decision == .rejected else { return true }
        return !isFamiliar
            && reasons.allSatisfy { reason in
                switch reason {
                case .unfamiliar, .noUsableField: true
                default: false
                }
            }
    }
}
