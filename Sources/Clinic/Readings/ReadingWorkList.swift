import Findings
import Foundation

/// A clinician's list of shared screenings, in the order in which they should be read.
public struct ReadingWorkList: Sendable, Equatable {
    /// What the network said, for the order and the filter.
    public enum Urgency: Int, Sendable, CaseIterable, Comparable {
        /// A malignant class is reported.
        case malignant
        /// More than one class remains possible.
        case uncertain
        case benign
        /// The network declined the image.
        case rejected

        public static func < (first: Urgency, second: Urgency) -> Bool { first.rawValue < second.rawValue }

        public init(_ finding: Finding) {
            self =
                switch finding.decision {
                case .report: finding.label.isMalignant ? .malignant : .benign
                case .uncertain: .uncertain
                case .rejected: .rejected
                }
        }
    }

    /// Which lines to show.
    public enum Filter: String, Sendable, CaseIterable {
        case waiting, signed, all
    }

    /// The lines of the filter.
    public let lines: [SharedScreening]
    public let filter: Filter
    /// All lines, signed or not.
    public let total: Int
    /// Lines that this clinician has not signed.
    public let waiting: Int
    /// What the patients chose to tell of the cases that are shared whole.
    public var told: [CaseID: ToldOfCase] = [:]

    /// - Parameters:
    ///   - shared: What is shared with the clinician, in any order.
    ///   - filter: Which lines to show.
    ///   - isBlind: Whether the network's answers are hidden: the order must not tell them either, so that only the time
    ///     of waiting counts.
    public init(_ shared: [SharedScreening], filter: Filter, isBlind: Bool) {
        total = shared.count
        waiting = shared.count { !$0.isSigned }
        self.filter = filter
        lines = shared.filter { line in
            switch filter {
            case .all: true
            case .waiting: !line.isSigned
            case .signed: line.isSigned
            }
        }.sorted { first, second in
            if first.isSigned != second.isSigned { return second.isSigned }
            let (urgent, other) = (first.urgency, second.urgency)
            if !isBlind && !first.isSigned && urgent != other { return urgent < other }
            if first.sharedAt != second.sharedAt {
                // Who waits longest comes first; of what is done, the newest.
                return first.isSigned ? first.sharedAt > second.sharedAt : first.sharedAt < second.sharedAt
            }
            return first.screeningID.text < second.screeningID.text
        }
    }

    /// The lines by case, each case where its first line is.
    public var cases: [[SharedScreening]] {
        let groups = Dictionary(grouping: lines, by: \.caseID)
        var seen: Set<CaseID> = []
        return lines.compactMap { seen.insert($0.caseID).inserted ? groups[$0.caseID] : nil }
    }

    /// The lines before and after a screening.
    public func neighbours(of id: ScreeningID) -> (place: Int?, before: ScreeningID?, after: ScreeningID?) {
        guard let place = lines.firstIndex(where: { $0.screeningID == id }) else {
            return (nil, nil, lines.first?.screeningID)
        }
        return (
            place, place > 0 ? lines[place - 1].screeningID : nil,
            place + 1 < lines.count ? lines[place + 1].screeningID : nil
        )
    }
}

extension SharedScreening {
    /// How soon it should be read.
    public var urgency: ReadingWorkList.Urgency { .init(finding) }
}
