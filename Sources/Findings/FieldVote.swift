import Foundation

/// What the field network says to one field of an image, and for how much it counts.
public struct FieldVote: Sendable, Equatable {
    /// Calibrated.
    public let probabilities: ClassProbabilities
    /// What the finder took for white cells, of every type, in the part of the image that the field answers for.
    public let whiteCells: Int

    public init(probabilities: ClassProbabilities, whiteCells: Int) {
        (self.probabilities, self.whiteCells) = (probabilities, whiteCells)
    }

    /// That any malignant class is right, 0 to 1.
    var malignancy: Double { 1 - probabilities[.benign] }
}

extension ClassProbabilities {
    /// How many fields have to look malignant before their image does. At the confidence that a package reports at, about one
    /// field in two hundred is wrong: of sixty healthy ones three are by chance once in three hundred images, two once in 27.
    public static let fieldWitnesses = 3

    /// The answer to an image from those to its fields: as malignant as its most malignant fields are.
    ///
    /// Leukaemic cells need not lie in most fields, so a mean over all would hide them. The probability of any malignant class is
    /// the mean of that over the `fieldWitnesses` fields where it is highest: all fields have to be benign for a benign answer,
    /// one that is not leaves it open, three are told. Which malignant class is a mean of the logits, weighed by white cells and
    /// by how malignant the field is. One field gives its own probabilities.
    ///
    /// - Parameter votes: At least one, in any order, which does not matter to the last digit.
    public init(of votes: [FieldVote]) {
        precondition(!votes.isEmpty, "an answer needs a field")
        let ordered = votes.sorted { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
        let witnesses = ordered.prefix(Self.fieldWitnesses).map(\.malignancy)
        let malignancy = witnesses.reduce(0, +) / Double(witnesses.count)
        let classes = SmearClass.allCases.filter(\.isMalignant)
        var (logits, weights) = ([Double](repeating: 0, count: classes.count), 0.0)
        for vote in ordered {
            let weight = Double(max(1, vote.whiteCells)) * max(vote.malignancy, 1e-12)
            weights += weight
            for (place, smearClass) in classes.enumerated() {
                logits[place] += weight * log(max(vote.probabilities[smearClass], 1e-300))
            }
        }
        let greatest = (logits.max() ?? 0) / weights
        let shares = logits.map { exp($0 / weights - greatest) }
        let sum = shares.reduce(0, +)
        let each = Dictionary(uniqueKeysWithValues: zip(classes, shares.map { $0 / sum * malignancy }))
        self.init(SmearClass.allCases.map { each[$0] ?? 1 - malignancy })
    }

    /// The most malignant first.
    private static func order(_ vote: FieldVote) -> [Double] {
        [-vote.malignancy] + vote.probabilities.values + [Double(vote.whiteCells)]
    }
}
