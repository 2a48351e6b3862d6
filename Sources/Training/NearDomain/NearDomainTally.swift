import Findings
import Imaging

/// Counts the answers to changed fields; the order in which they come does not matter.
public struct NearDomainTally: Sendable {
    /// What is used of a screening.
    public struct Answer: Sendable {
        public let label: SmearClass
        public let decision: Decision
        public let novelty: Double

        public init(label: SmearClass, decision: Decision, novelty: Double) {
            (self.label, self.decision, self.novelty) = (label, decision, novelty)
        }
    }

    private struct Key: Hashable {
        let set: String
        let kind: String
        /// -1 for the images as they are, else the place in `NearDomainChange`.
        let change: Int
    }

    private var rows: [Key: NearDomainResults.Row] = [:]
    private var fields: [Key: NearDomainResults.Fields] = [:]
    private var wrong: [NearDomainResults.Wrong] = []

    public init() {}

    /// Counts all answers to one field.
    /// - Parameters:
    ///   - subject: The field.
    ///   - answers: By change, nil being none; an answer that is nil was not asked for, since the change altered nothing.
    public mutating func add(_ subject: NearDomainSubject, _ answers: [(change: NearDomainChange?, answer: Answer?)]) {
        var isWrong = false
        for (change, answer) in answers {
            let key = Self.key(subject, change)
            let name = change?.rawValue ?? NearDomainResults.unchanged
            var row =
                rows[key]
                ?? NearDomainResults.Row(
                    set: subject.set, kind: subject.kind, isMalignant: subject.isMalignant, change: name)
            defer { rows[key] = row }
            guard let answer else {
                row.untouched += 1
                continue
            }
            row.add(answer)
            if answer.decision == .report, answer.label.isMalignant != subject.isMalignant {
                isWrong = true
                wrong.append(
                    .init(image: subject.id, change: name, label: answer.label, novelty: answer.novelty))
            }
        }
        let key = Self.key(subject, nil)
        var all =
            fields[key]
            ?? NearDomainResults.Fields(set: subject.set, kind: subject.kind, isMalignant: subject.isMalignant)
        all.fields += 1
        if isWrong { all.everWrong += 1 }
        fields[key] = all
    }

    /// Counts what another tally counted, of other fields.
    public mutating func add(_ other: NearDomainTally) {
        rows.merge(other.rows) { $0 + $1 }
        fields.merge(other.fields) { $0 + $1 }
        wrong += other.wrong
    }

    private static func key(_ subject: NearDomainSubject, _ change: NearDomainChange?) -> Key {
        let place = change.flatMap { NearDomainChange.allCases.firstIndex(of: $0) }
        return Key(set: subject.set, kind: subject.kind, change: place ?? -1)
    }

    private static func order(_ key: Key) -> (String, Int, Int) {
        (key.set, SmearClass.keys.firstIndex(of: key.kind) ?? SmearClass.keys.count, key.change)
    }

    var sortedRows: [NearDomainResults.Row] {
        rows.sorted { Self.order($0.key) < Self.order($1.key) }.map(\.value)
    }

    var sortedFields: [NearDomainResults.Fields] {
        fields.sorted { Self.order($0.key) < Self.order($1.key) }.map(\.value)
    }

    var sortedWrong: [NearDomainResults.Wrong] {
        wrong.sorted { ($0.image, $0.change) < ($1.image, $1.change) }
    }
}

extension NearDomainResults.Fields {
    fileprivate static func + (one: Self, other: Self) -> Self {
        var sum = one
        sum.fields += other.fields
        sum.everWrong += other.everWrong
        return sum
    }
}

extension NearDomainResults.Row {
    fileprivate static func + (one: Self, other: Self) -> Self {
        var sum = one
        sum.images += other.images
        sum.untouched += other.untouched
        sum.reported += other.reported
        sum.uncertain += other.uncertain
        sum.rejected += other.rejected
        sum.reportedBenign += other.reportedBenign
        sum.reportedMalignant += other.reportedMalignant
        return sum
    }

    fileprivate mutating func add(_ answer: NearDomainTally.Answer) {
        images += 1
        switch answer.decision {
        case .report:
            reported += 1
            if answer.label.isMalignant { reportedMalignant += 1 } else { reportedBenign += 1 }
        case .uncertain: uncertain += 1
        case .rejected: rejected += 1
        }
    }
}
