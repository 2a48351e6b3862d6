import Cells
import Evaluation
import Findings
import Formats
import Foundation
import Imaging
import Networks
import Tensors

/// Makes a cell model of labelled smears: trains both networks, calibrates on what was held out, writes the folder that
/// `CellReader` opens.
public struct CellModelTraining {
    public let configuration: CellTrainingConfiguration

    public init(_ configuration: CellTrainingConfiguration) { self.configuration = configuration }

    /// What a training tells as it goes.
    public enum Event: Sendable {
        case prepared(fields: Int, cells: Int)
        case finder(step: Int, loss: Double)
        case reader(step: Int, loss: Double)
        case calibrated(CellCalibration)
    }

    /// Trains on four fifths of the groups and calibrates on the rest. Where it stands is kept in the folder until it has ended.
    /// - Parameters:
    ///   - smears: Of every laboratory that is learned from.
    ///   - folder: Gets `cells.json`, `cells-find.onnx` and `cells-read.onnx`; made if missing.
    ///   - provenance: For the description.
    ///   - resume: Goes on with the training in the folder, if there is one.
    ///   - group: The processes that train together, all given the same; process 0 alone reads and writes the folder.
    /// - Throws: `TrainingError`, `ImagingError`, `NetworkError`, `CellError`.
    public func run(
        _ smears: [LabelledSmear], into folder: URL, provenance: String, resume: Bool = false,
        group: ProcessGroup = .alone, observe: (Event) -> Void = { _ in }
    ) throws {
        do {
            try train(smears, into: folder, provenance: provenance, resume: resume, group: group, observe: observe)
        } catch let error as TrainingError where error.code == .processes {
            throw TrainingError(
                .processes,
                "\(error.message), with --resume, and they go on where it was last kept, at most "
                    + "\(CellCheckpoint.interval) steps before")
        }
    }

    private func train(
        _ smears: [LabelledSmear], into folder: URL, provenance: String, resume: Bool, group: ProcessGroup,
        observe: (Event) -> Void
    ) throws {
        TrainableNetwork.prepare(threads: configuration.threads)
        let learned = smears.filter { !$0.isHeldOut }
        let cells = try learned.enumerated().flatMap {
            try ReaderTraining.samples($1, number: $0, configuration: configuration)
        }
        let fields = try learned.map { try FinderTraining.Sample($0) }
        observe(.prepared(fields: fields.count, cells: cells.count))
        let fingerprint = try CellCheckpoint.fingerprint(
            configuration, "\(provenance) \(fields.count) fields, \(cells.count) cells")
        try group.requireSame(fingerprint, "the recipe, the laboratories or the images")
        if group.isFirst { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        let hasBegun = try group.first { try CellCheckpoint.hasBegun(in: folder, resume: resume) }
        let kept = hasBegun ? try CellCheckpoint.read(from: folder, fingerprint: fingerprint, group: group) : nil
        func keep(_ checkpoint: CellCheckpoint) throws { try checkpoint.write(to: folder, fingerprint: fingerprint) }
        if kept?.network != ReaderTraining.name {
            let training = FinderTraining(configuration: configuration)
            let finder = try training.run(fields, by: training.learning(group: group, keep: keep), from: kept) {
                observe(.finder(step: $0, loss: $1))
            }
            if group.isFirst {
                try write(
                    finder, side: FinderTraining.side,
                    to: folder.appendingPathComponent(CellModelDescription.finderFile))
            }
        }
        let training = ReaderTraining(configuration: configuration)
        let reader = try training.run(
            cells, by: training.learning(group: group, keep: keep),
            from: kept?.network == ReaderTraining.name ? kept : nil
        ) { observe(.reader(step: $0, loss: $1)) }
        guard group.isFirst else { return }
        try write(reader, side: CellPatch.cropSide, to: folder.appendingPathComponent(CellModelDescription.readerFile))
        try describe(smears.filter(\.isHeldOut), in: folder, provenance: provenance, observe: observe)
        try CellCheckpoint.remove(from: folder)
    }

    /// Writes `cells.json` beside the two networks, with what is fitted to the smears that were held out.
    private func describe(
        _ heldOut: [LabelledSmear], in folder: URL, provenance: String, observe: (Event) -> Void
    ) throws {
        var description = CellModelDescription(provenance: provenance)
        try description.write(to: folder)
        (description.calibration, description.normalHigh) = try calibration(heldOut, folder: folder)
        observe(.calibrated(description.calibration))
        try description.write(to: folder)
        description.field.intercept = try intercept(heldOut, folder: folder)
        try description.write(to: folder)
    }

    private func write(_ trained: (Graph, [String: Tensor]), side: Int, to file: URL) throws {
        let (graph, folded) = try BatchNormalizationFolding.fold(trained.0, trained.1)
        try ONNXWriter.write(graph, folded, inputHeight: side, inputWidth: side, to: file)
    }

    /// Log-odds of held-out cells (Platt 1999), and what 95 of 100 normal ones do not exceed; as it is where there are too
    /// few.
    private func calibration(_ smears: [LabelledSmear], folder: URL) throws -> (CellCalibration, normalHigh: Double?) {
        let reader = try CellReader(folder: folder)
        let samples = try smears.enumerated().flatMap {
            try ReaderTraining.samples($1, number: $0, configuration: configuration)
        }.filter { $0.label != .type(.smudge) && $0.label != .type(.platelet) }
        let labels = samples.map { $0.label.isBlast ? 1 : 0 }
        let place = reader.description.reader.answers.firstIndex(of: .blast) ?? 0
        let answers = try reader.answers(samples.map(\.patch)).map { Float($0[place]) }
        let fitted = try Self.fit(answers, labels)
        let normal = labels.indices.filter { labels[$0] == 0 && samples[$0].label != .type(.erythroblast) }
            .map { fitted.evidence(Double(answers[$0])) }
        return (fitted, normal.count >= SiteCalibration.fewestCells ? SiteCalibration.high(normal) : nil)
    }

    private static func fit(_ answers: [Float], _ labels: [Int]) throws -> CellCalibration {
        guard labels.count(where: { $0 == 1 }) >= 10, labels.count(where: { $0 == 0 }) >= 10 else {
            return CellCalibration()
        }
        // Both kinds count alike, whatever their number.
        let few = min(labels.count { $0 == 1 }, labels.count { $0 == 0 })
        let kept = [0, 1].flatMap { kind in
            let all = labels.indices.filter { labels[$0] == kind }
            return (0..<few).map { all[$0 * all.count / few] }
        }
        let fit = try LogisticRegression(
            inputs: kept.map { [answers[$0]] }, labels: kept.map { labels[$0] }, classes: 2)
        let odds = try fit.probabilities([[0], [1]]).map { log(max($0[1], 1e-9) / max($0[0], 1e-9)) }
        let scale = odds[1] - odds[0]
        return scale > 0 ? CellCalibration(shift: odds[0], scale: scale) : CellCalibration()
    }

    /// Half way between the middle fields with and without leukaemia; 0 where there are not both.
    private func intercept(_ smears: [LabelledSmear], folder: URL) throws -> Double {
        let reader = try CellReader(folder: folder)
        var odds: [Bool: [Double]] = [:]
        for smear in smears {
            guard let isMalignant = smear.showsLeukaemia else { continue }
            let reading = try reader.read(image: smear.image(), redCellPixels: smear.redCellPixels)
            odds[isMalignant, default: []].append(reading.evidence.logOdds)
        }
        let middles = odds.values.map { $0.sorted()[$0.count / 2] }
        return middles.count == 2 ? -(middles[0] + middles[1]) / 2 : 0
    }
}

extension LabelledSmear {
    /// Whether leukaemia is in the field; `nil` for a single cell.
    public var showsLeukaemia: Bool? {
        switch truth {
        case .cells(let cells): cells.contains { $0.type == .blast }
        case .middle: nil
        case .diagnosis(let isMalignant, _): isMalignant
        }
    }
}

extension CellModelDescription {
    /// Writes `cells.json` into a folder.
    func write(to folder: URL) throws {
        try JSONFormat.file.data(self).write(to: folder.appendingPathComponent(Self.fileName), options: .atomic)
    }
}
