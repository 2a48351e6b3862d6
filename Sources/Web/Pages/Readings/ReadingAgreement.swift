import Clinic
import Evaluation
import Findings

/// How the readings of one model's screenings agree with the network.
///
/// κ counts the images for which the network reported a class and the reader named one; the table shows all.
struct ReadingAgreement: Sendable {
    let modelName: String
    let modelVersion: String
    /// Rows: the classes as readers named them, then all other answers. Columns: the classes as the network reported them,
    /// then “uncertain” and “no answer”.
    let table: [[Int]]
    /// Of all readings that count.
    let kappa: CohensKappa?
    /// Of those whose readers had not seen the network's answer.
    let blindKappa: CohensKappa?
    let readings: Int
    let blindReadings: Int

    /// The models in the order of their names and versions.
    static func all(_ counts: [ReadingCount]) -> [ReadingAgreement] {
        Dictionary(grouping: counts) { [$0.modelName, $0.modelVersion] }.sorted { first, second in
            first.key.lexicographicallyPrecedes(second.key)
        }.map { ReadingAgreement($0.value, name: $0.key[0], version: $0.key[1]) }
    }

    private init(_ counts: [ReadingCount], name: String, version: String) {
        modelName = name
        modelVersion = version
        let classes = SmearClass.allCases.count
        var table = Array(repeating: Array(repeating: 0, count: classes + 2), count: classes + 1)
        for count in counts {
            let row = count.readerLabel.smearClass?.index ?? classes
            table[row][Self.column(count)] += count.count
        }
        self.table = table
        kappa = Self.kappa(counts)
        blindKappa = Self.kappa(counts.filter(\.isBlind))
        readings = counts.reduce(0) { $0 + $1.count }
        blindReadings = counts.reduce(0) { $0 + ($1.isBlind ? $1.count : 0) }
    }

    private static func column(_ count: ReadingCount) -> Int {
        switch count.networkDecision {
        case .report: count.networkLabel.index
        case .uncertain: SmearClass.allCases.count
        case .rejected: SmearClass.allCases.count + 1
        }
    }

    private static func kappa(_ counts: [ReadingCount]) -> CohensKappa? {
        var matrix = ConfusionMatrix(classes: SmearClass.allCases.count)
        for count in counts where count.networkDecision == .report {
            guard let reader = count.readerLabel.smearClass else { continue }
            matrix.add(label: reader.index, predicted: count.networkLabel.index, times: count.count)
        }
        return CohensKappa(matrix)
    }
}
