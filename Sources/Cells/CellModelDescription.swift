import Findings
import Foundation

/// What a folder of a cell model states about its two networks: `cells.json`.
public struct CellModelDescription: Sendable, Equatable, Codable {
    /// The file in the folder.
    public static let fileName = "cells.json"
    /// The network that finds cells, in the same folder.
    public static let finderFile = "cells-find.onnx"
    /// The network that reads them.
    public static let readerFile = "cells-read.onnx"
    /// The version of the format that this program reads and writes.
    public static let currentFormat = 1

    /// The network that finds cells.
    public struct Finder: Sendable, Equatable, Codable {
        /// The least value of the heat map at a cell, 0 to 1.
        public var threshold: Double
        /// No middle of a cell is nearer to another, in places of the heat map; four are a red cell.
        public var reach: Double
        /// The least area of a nucleus, in red cells; what is smaller is a platelet.
        public var minimumNucleusArea: Double

        public init(threshold: Double = 0.4, reach: Double = 4, minimumNucleusArea: Double = 0.3) {
            (self.threshold, self.reach, self.minimumNucleusArea) = (threshold, reach, minimumNucleusArea)
        }
    }

    /// The network that reads them.
    public struct Reader: Sendable, Equatable, Codable {
        /// What each value means, in order.
        public var answers: [CellType]
        /// In how many of the eight positions of a square a cell is looked at: 1, 2, 4 or 8.
        public var positions: Int
        /// The least probability of a type that is told; under it a cell is `unsure`.
        public var leastTypeProbability: Double

        public init(
            answers: [CellType] = CellType.answers, positions: Int = 8, leastTypeProbability: Double = 0.5
        ) {
            (self.answers, self.positions, self.leastTypeProbability) = (answers, positions, leastTypeProbability)
        }
    }

    public var formatVersion: Int
    public var finder: Finder
    public var reader: Reader
    /// Makes log-odds of the blast answer.
    public var calibration: CellCalibration
    /// Makes of the cells of an image its evidence.
    public var field: FieldModel
    /// Log-odds that 95 of 100 normal white cells of the laboratories of training do not exceed, by `calibration`; what a
    /// site is fitted to.
    public var normalHigh: Double?
    /// Where the weights come from, in a sentence or two, with the credits of the data.
    public var provenance: String

    public init(
        finder: Finder = Finder(), reader: Reader = Reader(), calibration: CellCalibration = CellCalibration(),
        field: FieldModel = FieldModel(), provenance: String = ""
    ) {
        formatVersion = Self.currentFormat
        (self.finder, self.reader, self.calibration) = (finder, reader, calibration)
        (self.field, self.provenance) = (field, provenance)
    }

    /// Reads and checks the description of a folder.
    /// - Throws: `CellError` `model`.
    public static func read(folder: URL) throws -> CellModelDescription {
        let file = folder.appendingPathComponent(fileName)
        let description: CellModelDescription
        do {
            description = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
        } catch {
            throw CellError(.model, "\(file.path) describes no cell model: \(error)")
        }
        guard description.formatVersion == currentFormat else {
            throw CellError(
                .model,
                "\(file.path) is of format \(description.formatVersion); this program reads \(currentFormat)")
        }
        try description.validate(file.path)
        return description
    }

    /// - Throws: `CellError` `model` for the first value out of its range.
    private func validate(_ path: String) throws {
        let checks: [(Bool, String)] = [
            ((0...1).contains(finder.threshold), "finder.threshold lies from 0 to 1"),
            (finder.reach >= 0, "finder.reach is at least 0"),
            (finder.minimumNucleusArea >= 0, "finder.minimumNucleusArea is at least 0"),
            ([1, 2, 4, 8].contains(reader.positions), "reader.positions is 1, 2, 4 or 8"),
            ((0...1).contains(reader.leastTypeProbability), "reader.leastTypeProbability lies from 0 to 1"),
            (reader.answers.contains(.blast), "reader.answers holds blast"),
            (Set(reader.answers).count == reader.answers.count, "reader.answers names each type once"),
            (calibration.scale > 0, "calibration.scale is above 0"),
        ]
        if let wrong = checks.first(where: { !$0.0 }) { throw CellError(.model, "\(path): \(wrong.1)") }
    }
}

/// Makes of the blast answer of a cell log-odds that mean what they say: `shift + scale × answer`.
///
/// The shift is also what a site's own normal cells change (`SiteCalibration`); no weight of a network moves.
public struct CellCalibration: Sendable, Equatable, Codable {
    public var shift: Double
    public var scale: Double

    public init(shift: Double = 0, scale: Double = 1) { (self.shift, self.scale) = (shift, scale) }

    /// Log-odds of a blast.
    public func evidence(_ answer: Double) -> Double { shift + scale * answer }
}
