/// Where a scale comes from; the first one that is there wins.
public enum ScaleSource: String, Sendable, Codable, CaseIterable {
    /// Told with the image.
    case given
    /// Known for the microscope and its camera.
    case site
    /// Measured from the red cells of the image, or of all images of its case.
    case measured
    /// Nothing told it: what is usual was taken, and what rests on it is worth less.
    case unknown
}

/// What the white cells of an image came to: what was found, at which scale, and how much evidence of leukaemia it is.
public struct CellFindings: Codable, Sendable, Equatable {
    /// The ruler that the cells were read with.
    public struct Scale: Codable, Sendable, Equatable {
        /// Diameter of a red cell as boxes are drawn around it, in pixels of the upright original.
        public let redCellPixels: Double
        /// About how wide a pixel is, by the convention that a red cell is 7.5 µm wide.
        public let micrometresPerPixel: Double
        public let source: ScaleSource

        public init(redCellPixels: Double, micrometresPerPixel: Double, source: ScaleSource) {
            (self.redCellPixels, self.micrometresPerPixel) = (redCellPixels, micrometresPerPixel)
            self.source = source
        }
    }

    /// Whether the image holds cells that look like lymphoblasts, 0 to 1, with the 95 % interval that the number of cells
    /// gives it.
    public struct Evidence: Codable, Sendable, Equatable {
        public let value: Double
        public let low95: Double
        public let high95: Double

        public init(value: Double, low95: Double, high95: Double) {
            (self.value, self.low95, self.high95) = (value, low95, high95)
        }
    }

    /// What the evidence is made of, so that images of a case can be taken together.
    public struct Counts: Codable, Sendable, Equatable {
        /// White cells; what looks like platelets, smudges or nucleated red cells counts less than one.
        public let cells: Double
        /// Blast-like cells among them, counted softly.
        public let blastLike: Double
        /// The highest evidence of a cell, log-odds; nil without cells.
        public let highest: Double?
        /// The area of the image, in hundreds of red-cell areas.
        public let area: Double

        public init(cells: Double, blastLike: Double, highest: Double?, area: Double) {
            (self.cells, self.blastLike, self.highest, self.area) = (cells, blastLike, highest, area)
        }
    }

    public let scale: Scale
    /// Cells of every type that were found, platelets and smudges among them.
    public let found: Int
    public let differential: Differential
    public let blastEvidence: Evidence
    public let counts: Counts

    public init(scale: Scale, found: Int, differential: Differential, blastEvidence: Evidence, counts: Counts) {
        (self.scale, self.found, self.differential) = (scale, found, differential)
        (self.blastEvidence, self.counts) = (blastEvidence, counts)
    }
}
