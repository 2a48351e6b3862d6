/// What a slide is, without its pixels.
public struct SlideShape: Sendable, Equatable, Codable {
    /// One size of the picture.
    public struct Level: Sendable, Equatable, Codable {
        /// In pixels.
        public let width: Int
        public let height: Int
        /// How many pixels of level 0 one pixel is wide, 1 or more.
        public let downsample: Double

        public init(width: Int, height: Int, downsample: Double) {
            (self.width, self.height, self.downsample) = (width, height, downsample)
        }
    }

    /// A picture beside the slide's own, such as its label: a label may name a person, so none is ever read unasked.
    public struct AssociatedImage: Sendable, Equatable, Codable {
        public let name: String
        /// In pixels.
        public let width: Int
        public let height: Int

        public init(name: String, width: Int, height: Int) {
            (self.name, self.width, self.height) = (name, width, height)
        }
    }

    /// OpenSlide's name of the format, such as `aperio` or `generic-tiff`.
    public let format: String
    /// The largest first; never empty.
    public let levels: [Level]
    /// How wide a pixel of level 0 is; nil where the file does not tell.
    public let micrometresPerPixel: Double?
    /// Magnification of the objective, such as 40; nil where the file does not tell.
    public let objectivePower: Double?
    /// By name.
    public let associatedImages: [AssociatedImage]

    public init(
        format: String, levels: [Level], micrometresPerPixel: Double?, objectivePower: Double? = nil,
        associatedImages: [AssociatedImage] = []
    ) {
        precondition(!levels.isEmpty, "a slide has a level")
        (self.format, self.levels, self.micrometresPerPixel) = (format, levels, micrometresPerPixel)
        (self.objectivePower, self.associatedImages) = (objectivePower, associatedImages)
    }

    /// Width of level 0 in pixels.
    public var width: Int { levels[0].width }
    /// Height of level 0 in pixels.
    public var height: Int { levels[0].height }

    /// The smallest level in which a pixel is at most so many pixels of level 0 wide; level 0 where none is.
    public func level(downsampledAtMost limit: Double) -> Int {
        // Levels of scanners are rounded to whole pixels, so a half is rarely quite one.
        levels.indices.filter { levels[$0].downsample <= limit * 1.01 }.max {
            levels[$0].downsample < levels[$1].downsample
        } ?? 0
    }
}

/// A rectangle of a slide in pixels of level 0; it may reach over the slide's edges, where all is white.
public struct SlideRectangle: Sendable, Equatable, Hashable, Codable {
    public let x: Int
    public let y: Int
    /// At least 1.
    public let width: Int
    public let height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
}
