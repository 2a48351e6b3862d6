import Findings
import Foundation

/// What the watch takes of the answer to one field.
public struct WatchedField: Sendable, Equatable, Codable {
    /// Whether the most probable class is a malignant one.
    public let isMalignant: Bool
    /// How unlike the training images it is; larger is less familiar.
    public let novelty: Double
    /// That there are blasts in it, 0 to 1.
    public let evidence: Double

    private enum CodingKeys: String, CodingKey {
        case isMalignant = "m"
        case novelty = "n"
        case evidence = "e"
    }

    public init(isMalignant: Bool, novelty: Double, evidence: Double) {
        (self.isMalignant, self.novelty, self.evidence) = (isMalignant, novelty, evidence)
    }

    /// Of a model that reads no cells the probability of the malignant classes is the evidence.
    public init(_ outcome: ScreeningOutcome) {
        self.init(
            isMalignant: outcome.label.isMalignant, novelty: outcome.novelty,
            evidence: outcome.cells?.blastEvidence.value ?? 1 - outcome.probabilities[.benign])
    }
}

/// The fields of one sample, in the order in which they came.
public struct WatchedCase: Sendable, Equatable {
    /// Fields that count; what comes after them does not.
    public static let maximumFields = 10
    /// At least one, at most `maximumFields`.
    public let fields: [WatchedField]

    /// - Returns: Nil without fields.
    public init?(_ fields: [WatchedField]) {
        guard !fields.isEmpty else { return nil }
        self.fields = Array(fields.prefix(Self.maximumFields))
    }

    /// What its first fields come to.
    struct Summary {
        /// Whether more than half of them look malignant: cases are compared with cases of their own kind alone, so that
        /// more or fewer people with leukaemia than among the control fields are no alarm.
        let isMalignant: Bool
        /// Mean over the fields.
        let novelty: Double
        let evidence: Double
    }

    func summary(ofFirst count: Int) -> Summary {
        let first = fields.prefix(count)
        let number = Double(first.count)
        return Summary(
            isMalignant: 2 * first.count(where: \.isMalignant) > first.count,
            novelty: first.reduce(0) { $0 + $1.novelty } / number,
            evidence: first.reduce(0) { $0 + $1.evidence } / number)
    }
}

/// Watches whether the cases of a microscope still look like its control fields: a conformal test martingale.
///
/// Each case gets one p-value for novelty, small where it is greater than that of the cases before, and one for the evidence
/// of blasts, small where it is unlike theirs to either side. Both are ranks among the control cases and all watched cases
/// of its kind, with ties broken by a coin, and the case then joins them. While cases keep coming from one distribution the
/// p-values are independent and uniform, whatever that distribution is (Vovk, Gammerman and Shafer, "Algorithmic Learning in
/// a Random World", 2005, theorem 8.1); cases of each kind are ranked among themselves (Mondrian taxonomy, section 4.5). A
/// reference that never grows would not do: its own chance error is found out by a long stream. A bettor against uniformity
/// (`BettingMartingale`) then comes to 1/α with a probability of at most α, ever (Ville's inequality), and two of them each
/// have half of α.
public struct SiteWatch: Sendable {
    /// How probable a false alarm is, ever.
    public static let level = 0.01
    /// No p-value is below it, whatever the coin says.
    private static let leastP = 1e-9

    public enum Alarm: String, Sendable, CaseIterable { case novelty, evidence }

    /// What one case came to.
    public struct Step: Sendable, Equatable {
        /// 0 to 1, above 0.
        public let noveltyP: Double
        public let evidenceP: Double
        /// Natural logarithms of what the bettors have, of 1 at the beginning.
        public let noveltyWealth: Double
        public let evidenceWealth: Double
        /// The one that came to its limit; novelty before evidence.
        public let alarm: Alarm?

        /// The memberwise initialiser, for rows.
        public init(
            noveltyP: Double, evidenceP: Double, noveltyWealth: Double, evidenceWealth: Double, alarm: Alarm?
        ) {
            (self.noveltyP, self.evidenceP, self.alarm) = (noveltyP, evidenceP, alarm)
            (self.noveltyWealth, self.evidenceWealth) = (noveltyWealth, evidenceWealth)
        }
    }

    private var cases: [WatchedCase]
    /// Fields that are compared at most: as many as at least half of the control cases have.
    private let comparedFields: Int
    /// What the cases come to by their first so many fields, worked out when first asked for.
    private var summaries: [Int: Summaries] = [:]
    public private(set) var novelty: BettingMartingale
    public private(set) var evidence: BettingMartingale

    /// - Parameters:
    ///   - controls: A case each of the control fields of one person.
    ///   - watched: Cases that were watched since.
    ///   - novelty: As the last case left it.
    ///   - evidence: As the last case left it.
    public init(
        controls: [WatchedCase], watched: [WatchedCase] = [], novelty: BettingMartingale = BettingMartingale(),
        evidence: BettingMartingale = BettingMartingale()
    ) {
        let lengths = controls.map(\.fields.count).sorted()
        comparedFields = lengths.isEmpty ? WatchedCase.maximumFields : lengths[lengths.count / 2]
        (cases, self.novelty, self.evidence) = (controls + watched, novelty, evidence)
    }

    /// What either bettor must have, as a natural logarithm.
    public static var limit: Double { log(2 / level) }

    /// Takes the next case in.
    ///
    /// - Parameters:
    ///   - watched: The case.
    ///   - coins: Two numbers above 0 and up to 1, each by chance: they break ties.
    public mutating func add(_ watched: WatchedCase, coins: (novelty: Double, evidence: Double)) -> Step {
        // Like with like: the mean of many fields is spread less than that of few.
        let count = min(watched.fields.count, comparedFields)
        let own = watched.summary(ofFirst: count)
        let others = known(byFirst: count)
        let noveltyP = others.novelty(own.isMalignant).rank(of: own.novelty, coin: coins.novelty)
        let rank = others.evidence(own.isMalignant).rank(of: own.evidence, coin: coins.evidence)
        let evidenceP = max(2 * min(rank, 1 - rank), Self.leastP)
        novelty.bet(on: noveltyP)
        evidence.bet(on: evidenceP)
        join(watched)
        let alarm: Alarm? =
            novelty.logWealth >= Self.limit ? .novelty : evidence.logWealth >= Self.limit ? .evidence : nil
        return Step(
            noveltyP: noveltyP, evidenceP: evidenceP, noveltyWealth: novelty.logWealth,
            evidenceWealth: evidence.logWealth, alarm: alarm)
    }

    private mutating func known(byFirst count: Int) -> Summaries {
        if let known = summaries[count] { return known }
        var made = Summaries()
        for other in cases where other.fields.count >= count { made.add(other.summary(ofFirst: count)) }
        summaries[count] = made
        return made
    }

    private mutating func join(_ watched: WatchedCase) {
        cases.append(watched)
        for count in summaries.keys where count <= watched.fields.count {
            summaries[count]?.add(watched.summary(ofFirst: count))
        }
    }
}

/// What cases come to, those that look malignant and the others apart.
private struct Summaries {
    private var values: [Bool: (novelty: [Double], evidence: [Double])] = [:]

    mutating func add(_ summary: WatchedCase.Summary) {
        values[summary.isMalignant, default: ([], [])].novelty.append(summary.novelty)
        values[summary.isMalignant, default: ([], [])].evidence.append(summary.evidence)
    }

    func novelty(_ isMalignant: Bool) -> [Double] { values[isMalignant]?.novelty ?? [] }
    func evidence(_ isMalignant: Bool) -> [Double] { values[isMalignant]?.evidence ?? [] }
}

extension [Double] {
    /// The share of these numbers and this one that are greater than it, a part of those like it counted as the coin says:
    /// uniform from 0 to 1 where all come from one distribution.
    fileprivate func rank(of own: Double, coin: Double) -> Double {
        var (more, same) = (0, 1)
        for other in self {
            if other > own { more += 1 } else if other == own { same += 1 }
        }
        return (Double(more) + coin * Double(same)) / Double(count + 1)
    }
}
