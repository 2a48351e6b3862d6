/// What one slide may ask of its reader.
public struct SlideLimits: Sendable, Equatable {
    /// Pixels of one reading; four bytes each while it is read and three afterwards.
    public var pixelsPerRead = 4096 * 4096
    /// Levels of a pyramid; each halving of the largest slide that there is gives about twenty.
    public var levels = 32
    /// Width and height of a level in pixels.
    public var side = 4_000_000
    /// Pixels that the search for the monolayer may read.
    public var surveyPixels = 2_000_000_000

    public init() {}
}
