import Findings

/// What a case comes to: a doctor's signed reading of the whole case where one leads, else what its images say.
///
/// The most serious reading that counts leads, whatever the network says; the network's answer stands beside it. It does not
/// lead over a malignant image that it has not taken back: one that came later, or one that another doctor read so.
public struct CaseConclusion: Sendable, Equatable {
    /// What the images say, single signed readings and all.
    public let verdict: CaseVerdict
    /// What the network alone says of the images.
    public let network: CaseVerdict
    /// The readings of the whole case that count, the newest signature first.
    public let readings: [CaseReading]
    /// The one that leads; nil where none does.
    public let leading: CaseReading?
    /// Whether readings that count give the case different answers.
    public let isDisputed: Bool
    /// Images that came after the reading that leads, or after the newest one where none does.
    public let newImages: Int

    /// An image of the case.
    public struct Image: Sendable, Equatable {
        public let screening: ScreeningID
        /// Whether it comes to something malignant.
        public let isMalignant: Bool

        public init(screening: ScreeningID, isMalignant: Bool) {
            (self.screening, self.isMalignant) = (screening, isMalignant)
        }
    }

    /// - Parameters:
    ///   - verdict: What the images say, single signed readings and all.
    ///   - network: What the network alone says of them.
    ///   - readings: Of the whole case, in any order; drafts, earlier revisions and settled ones too.
    ///   - images: All images of the case.
    public init(
        verdict: CaseVerdict, network: CaseVerdict, readings: [CaseReading],
        images: [Image]
    ) {
        (self.verdict, self.network) = (verdict, network)
        self.readings = readings.counting
        isDisputed = Set(self.readings.map(\.label)).count > 1
        let best = self.readings.mostSerious
        leading = best.flatMap { best in
            best.label.isMalignant || !images.contains { $0.isMalignant } ? best : nil
        }
        newImages =
            (leading ?? self.readings.first).map { told in images.count { told.images[$0.screening] == nil } } ?? 0
    }

    /// How urgent it is.
    public var kind: CaseVerdict.Kind {
        switch leading?.label {
        case nil: verdict.kind
        case .smearClass(let read): read.isMalignant ? .urgent : .benign
        case .otherMalignancy: .urgent
        case .normalBlood, .reactive: .benign
        case .otherFinding, .unreadable, .undecided: .undecided
        }
    }
}

extension Finding {
    /// Whether an image comes to something malignant, for the network or for a reader whose reading leads.
    public func isMalignant(read readings: [Reading]) -> Bool {
        let readings = readings.counting
        return led(by: readings).reported?.isMalignant == true || readings.contains { $0.label.isMalignant }
    }
}
