import Cells
import Evaluation
import Findings
import Formats
import Foundation
import Imaging

/// Measures a cell model on labelled smears, with the trivial baselines beside each figure.
public struct CellEvaluation {
    /// What was measured; each figure says on how much.
    public struct Results: Codable, Sendable, Equatable {
        /// Of one laboratory whose boxes are known.
        public struct Finding: Codable, Sendable, Equatable {
            public let laboratory: String
            public let images: Int
            public let cells: Int
            /// At an overlap of 0.3 of both boxes.
            public let recall: Double
            public let precision: Double
        }

        /// The area under the ROC curve of one question, by the reader and by what needs no network.
        public struct Ranking: Codable, Sendable, Equatable {
            public let question: String
            public let positives: Int
            public let negatives: Int
            public let reader: Double
            /// Larger nuclei.
            public let size: Double
            /// Denser nuclei.
            public let darkness: Double
            /// More white cells for the area; for fields only.
            public let density: Double?
        }

        /// Laboratories that the model was trained on are so by the recipe; this is told, not found out.
        public let learnedFrom: [String]
        public let finding: [Finding]
        public let cells: [Ranking]
        public let fields: [Ranking]
        /// Macro-F1 of the eight normal types, on held-out cells of the laboratory that taught them.
        public let typesMacroF1: Double?
        public let millisecondsOfField: Double
        /// What a wrong ruler does to the evidence; nil in files of earlier versions.
        let rulers: [CellRuler.Reading]?
    }

    private let reader: CellReader
    private let configuration: CellTrainingConfiguration

    public init(model folder: URL, configuration: CellTrainingConfiguration) throws {
        reader = try CellReader(folder: folder)
        self.configuration = configuration
    }

    /// One cell with what is known of it.
    fileprivate struct Known {
        let laboratory: String
        let group: String
        let label: ReaderTraining.Label
        let evidence: Double
        let size: Double
        let darkness: Double
        let type: CellType
    }

    /// One field.
    fileprivate struct Field {
        let laboratory: String
        let isMalignant: Bool
        let evidence: Double
        let size: Double
        let darkness: Double
        let density: Double
    }

    /// Measures on what the training did not see: held-out groups of laboratories that were learned from, and all of the others.
    /// - Parameter observe: Done and all.
    public func run(_ smears: [LabelledSmear], learnedFrom: [String], observe: (Int, Int) -> Void = { _, _ in }) throws
        -> Results
    {
        let asked = smears.filter { !learnedFrom.contains($0.laboratory) || $0.isHeldOut }
        var (found, cells, fields): ([String: Matches], [Known], [Field]) = ([:], [], [])
        var (seconds, timed) = (0.0, 0)
        for (number, smear) in asked.enumerated() {
            observe(number + 1, asked.count)
            cells += try known(smear, number: number)
            if case .middle = smear.truth { continue }
            if smear.laboratory == "cnmc" { continue }
            let image = try smear.image()
            let start = ContinuousClock.now
            let reading = try reader.read(image: image, redCellPixels: smear.redCellPixels)
            seconds += (ContinuousClock.now - start) / .seconds(1)
            timed += 1
            if case .cells(let truth) = smear.truth {
                found[smear.laboratory, default: Matches()].add(
                    reading.cells.map(\.found.box), truth: truth.map(\.box))
            }
            if let isMalignant = smear.showsLeukaemia { fields.append(Field(reading, isMalignant, smear)) }
        }
        return Results(
            learnedFrom: learnedFrom, finding: found.sorted { $0.key < $1.key }.map { $1.result($0) },
            cells: try cellRankings(cells), fields: try fieldRankings(fields), typesMacroF1: try typesMacroF1(cells),
            millisecondsOfField: timed > 0 ? 1000 * seconds / Double(timed) : 0,
            rulers: try rulers(asked))
    }

    private func rulers(_ smears: [LabelledSmear]) throws -> [CellRuler.Reading] {
        let ruler = CellRuler(reader: reader)
        let laboratories = Dictionary(grouping: smears.filter { $0.showsLeukaemia != nil }, by: \.laboratory)
            .filter { Set($0.value.map(\.showsLeukaemia)).count == 2 && $0.key != "cnmc" }
        return try laboratories.keys.sorted().flatMap { try ruler.told(smears, of: $0) } + ruler.drawn()
    }

    private func known(_ smear: LabelledSmear, number: Int) throws -> [Known] {
        let samples = try ReaderTraining.samples(smear, number: number, configuration: configuration)
        let answers = try reader.answers(samples.map(\.patch))
        let names = reader.description.reader.answers
        let place = names.firstIndex(of: .blast) ?? 0
        return zip(samples, answers).map { sample, answer in
            let normal = names.indices.filter { names[$0] != .blast && names[$0] != .smudge }
            let best = normal.max { answer[$0] < answer[$1] }
            return Known(
                laboratory: smear.laboratory, group: smear.group, label: sample.label,
                evidence: reader.description.calibration.evidence(answer[place]), size: sample.nucleusArea,
                darkness: sample.density, type: best.map { names[$0] } ?? .unsure)
        }
    }

    /// Blasts of each laboratory that has some against the normal cells of each that has some.
    private func cellRankings(_ cells: [Known]) throws -> [Results.Ranking] {
        let kept = cells.filter { $0.label != .type(.smudge) && $0.label != .type(.platelet) }
        let blasts = Dictionary(grouping: kept.filter(\.label.isBlast), by: \.laboratory).sorted { $0.key < $1.key }
        let normals = Dictionary(grouping: kept.filter { !$0.label.isBlast }, by: \.laboratory).sorted {
            $0.key < $1.key
        }
        return try blasts.flatMap { blast in
            try normals.compactMap { normal -> Results.Ranking? in
                guard (blast.key == "cnmc") == (normal.key == "cnmc") else { return nil }
                let isPersons = blast.key == "cnmc"
                return try Self.ranking(
                    isPersons ? "people of \(blast.key)" : "blasts of \(blast.key), normal cells of \(normal.key)",
                    isPersons ? Self.people(blast.value) : blast.value,
                    isPersons ? Self.people(normal.value) : normal.value,
                    measures: [\.evidence, \.size, \.darkness])
            }
        }
    }

    /// The mean of each person's cells.
    private static func people(_ cells: [Known]) -> [Known] {
        Dictionary(grouping: cells, by: \.group).sorted { $0.key < $1.key }.map { group, cells in
            func mean(_ value: KeyPath<Known, Double>) -> Double {
                cells.reduce(0) { $0 + $1[keyPath: value] } / Double(cells.count)
            }
            return Known(
                laboratory: cells[0].laboratory, group: group, label: cells[0].label, evidence: mean(\.evidence),
                size: mean(\.size), darkness: mean(\.darkness), type: .unsure)
        }
    }

    private func fieldRankings(_ fields: [Field]) throws -> [Results.Ranking] {
        let malignant = fields.filter(\.isMalignant)
        let healthy = Dictionary(grouping: fields.filter { !$0.isMalignant }, by: \.laboratory)
        return try healthy.sorted { $0.key < $1.key }.compactMap { laboratory, healthy in
            try Self.ranking(
                "fields with leukaemia, fields without of \(laboratory)", malignant, healthy,
                measures: [\.evidence, \.size, \.darkness, \.density])
        }
    }

    private static func ranking<Item>(
        _ question: String, _ positives: [Item], _ negatives: [Item], measures: [KeyPath<Item, Double>]
    ) throws -> Results.Ranking? {
        guard !positives.isEmpty, !negatives.isEmpty else { return nil }
        let truth = positives.map { _ in true } + negatives.map { _ in false }
        let areas = try measures.map { measure in
            try ReceiverOperatingCharacteristic(
                scores: (positives + negatives).map { $0[keyPath: measure] }, positives: truth)?.area ?? 0.5
        }
        return Results.Ranking(
            question: question, positives: positives.count, negatives: negatives.count, reader: areas[0],
            size: areas[1],
            darkness: areas[2], density: areas.count > 3 ? areas[3] : nil)
    }

    private func typesMacroF1(_ cells: [Known]) throws -> Double? {
        let types = CellType.answers.filter { $0 != .blast && $0 != .smudge }
        let pairs = cells.compactMap { cell -> (Int, Int)? in
            guard case .type(let type) = cell.label, let truth = types.firstIndex(of: type),
                let answer = types.firstIndex(of: cell.type)
            else { return nil }
            return (truth, answer)
        }
        guard !pairs.isEmpty else { return nil }
        return try ConfusionMatrix(labels: pairs.map(\.0), predicted: pairs.map(\.1), classes: types.count).macroF1
    }

    /// How found boxes and true ones fit.
    private struct Matches {
        var (images, hits, found, known) = (0, 0, 0, 0)

        /// Each true box takes the free found one that it overlaps most, from 0.3 on.
        mutating func add(_ found: [OutlinedCell.Box], truth: [OutlinedCell.Box]) {
            var free = found
            for box in truth {
                guard let best = free.indices.max(by: { box.overlap(with: free[$0]) < box.overlap(with: free[$1]) }),
                    box.overlap(with: free[best]) >= 0.3
                else { continue }
                free.remove(at: best)
                hits += 1
            }
            images += 1
            self.found += found.count
            known += truth.count
        }

        func result(_ laboratory: String) -> Results.Finding {
            Results.Finding(
                laboratory: laboratory, images: images, cells: known,
                recall: Double(hits) / Double(max(1, known)), precision: Double(hits) / Double(max(1, found)))
        }
    }
}

extension CellEvaluation.Results {
    /// As a file.
    public func json() throws -> Data { try JSONFormat.file.data(self) }
}

extension CellEvaluation.Field {
    fileprivate init(_ reading: CellReading, _ isMalignant: Bool, _ smear: LabelledSmear) {
        let cells = reading.cells.map(\.found.outlined)
        func mean(_ value: (OutlinedCell) -> Double) -> Double {
            cells.isEmpty ? 0 : cells.reduce(0) { $0 + value($1) } / Double(cells.count)
        }
        self.init(
            laboratory: smear.laboratory, isMalignant: isMalignant, evidence: reading.evidence.logOdds,
            size: mean(\.nucleusArea), darkness: mean { $0.density.reduce(0, +) / 3 },
            density: Double(cells.count) / max(reading.summary.area, 0.01))
    }
}
