import Findings

/// How one answer came about, in numbers and names of pictures: what the page of visual analytics shows.
///
/// A file is named as in `ScreeningPictures.files`. Of a rejected image nothing in here names a class, so that it may be
/// shown as well.
public struct ScreeningAnalytics: Codable, Sendable, Equatable {
    /// The image after one preprocessing step.
    public struct Step: Codable, Sendable, Equatable {
        /// `original`, or the step's name in `model.json`.
        public let name: String
        /// The step's parameters in English; empty for the original.
        public let parameters: String
        /// The same, to be told in the reader's language; nil for the original, and in what was stored before it was kept.
        public let told: Message?
        /// The picture, at most 384 pixels a side.
        public let file: String
        /// Pixels of the image after the step; the picture may be smaller.
        public let width: Int
        public let height: Int

        /// The memberwise initialiser.
        public init(
            name: String, parameters: String, told: Message? = nil, file: String, width: Int, height: Int
        ) {
            (self.name, self.parameters, self.told, self.file) = (name, parameters, told, file)
            (self.width, self.height) = (width, height)
        }
    }

    /// The feature maps of one layer of the network, some of them shown.
    public struct Stage: Codable, Sendable, Equatable {
        /// One feature map in the picture; the darkest is `minimum`, the brightest `maximum`.
        public struct Channel: Codable, Sendable, Equatable {
            /// Its place in the layer, from 0.
            public let index: Int
            /// The least and the greatest value in it; without unit.
            public let minimum: Double
            public let maximum: Double
        }

        /// `early`, `middle` or `last`.
        public let name: String
        /// Feature maps of the layer, and the cells of each.
        public let channels: Int
        public let width: Int
        public let height: Int
        /// The maps shown, row after row as in the picture.
        public let shown: [Channel]
        /// Maps in a row of the picture.
        public let columns: Int
        public let file: String

        /// The memberwise initialiser.
        public init(
            name: String, channels: Int, width: Int, height: Int, shown: [Channel], columns: Int, file: String
        ) {
            (self.name, self.channels, self.width, self.height) = (name, channels, width, height)
            (self.shown, self.columns, self.file) = (shown, columns, file)
        }
    }

    /// One nucleus with the cell around it, measured in pixels of the original image.
    public struct Cell: Codable, Sendable, Equatable {
        /// Its number in the picture, from 1; the largest nucleus first.
        public let number: Int
        /// The centre of the nucleus, as shares of the image's width and height, 0 to 1.
        public let centerX: Double
        public let centerY: Double
        /// Square pixels of the original image.
        public let nucleusArea: Double
        /// Square pixels of the original image, the nucleus included.
        public let cellArea: Double
        /// `cellArea` as a share of the image, 0 to 1.
        public let areaShare: Double
        /// Of the nucleus: 4π area / perimeter², 1 for a circle.
        public let roundness: Double
        /// Area of the nucleus by the area of the whole cell, 0 to 1.
        public let nucleusToCytoplasm: Double
        /// The nucleus touches another, or its outline is too large or too dented for one: its figures are uncertain.
        public let isClump: Bool
        /// The cell is cut off by the edge of the image; its figures are too small.
        public let touchesEdge: Bool

        /// The memberwise initialiser.
        public init(
            number: Int, centerX: Double, centerY: Double, nucleusArea: Double, cellArea: Double, areaShare: Double,
            roundness: Double, nucleusToCytoplasm: Double, isClump: Bool, touchesEdge: Bool
        ) {
            (self.number, self.centerX, self.centerY) = (number, centerX, centerY)
            (self.nucleusArea, self.cellArea, self.areaShare) = (nucleusArea, cellArea, areaShare)
            (self.roundness, self.nucleusToCytoplasm, self.isClump) = (roundness, nucleusToCytoplasm, isClump)
            self.touchesEdge = touchesEdge
        }
    }

    /// One part of the work.
    public struct Phase: Codable, Sendable, Equatable {
        /// `decode`, `preprocess`, `infer` or `explain`.
        public let name: String
        public let milliseconds: Double

        /// The memberwise initialiser.
        public init(name: String, milliseconds: Double) {
            self.name = name
            self.milliseconds = milliseconds
        }
    }

    /// Pixels of the display picture; the heat map and the overlay have its aspect ratio.
    public let displayWidth: Int
    public let displayHeight: Int
    /// Pixels of the photograph, after its orientation.
    public let originalWidth: Int
    public let originalHeight: Int
    /// First `original`, then every step in turn.
    public let steps: [Step]
    /// Which field of the image steps and stages show, from 1; nil for the whole of it.
    public let shownField: Int?
    /// From the input to the output; empty when the model declares none.
    public let stages: [Stage]
    /// The largest nuclei, at most `maximumCells`.
    public let cells: [Cell]
    /// How many nuclei were found in all.
    public let cellsFound: Int
    /// The picture with the outlines.
    public let cellsFile: String
    /// The reference cases most like the image; nil for a rejected image, and where the model has none.
    public let similar: SimilarCases?
    /// In order.
    public let timeline: [Phase]

    /// How many cells are measured and drawn in one image.
    public static let maximumCells = 60

    /// The memberwise initialiser.
    public init(
        displayWidth: Int, displayHeight: Int, originalWidth: Int, originalHeight: Int, steps: [Step],
        shownField: Int? = nil, stages: [Stage], cells: [Cell], cellsFound: Int, cellsFile: String,
        similar: SimilarCases? = nil, timeline: [Phase]
    ) {
        (self.displayWidth, self.displayHeight, self.originalWidth) = (displayWidth, displayHeight, originalWidth)
        (self.originalHeight, self.steps, self.shownField) = (originalHeight, steps, shownField)
        self.stages = stages
        (self.cells, self.cellsFound, self.cellsFile) = (cells, cellsFound, cellsFile)
        (self.similar, self.timeline) = (similar, timeline)
    }
}
