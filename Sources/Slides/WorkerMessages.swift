/// What the process that reads slides is asked, one JSON object a line.
public enum SlideRequest: Sendable, Equatable, Codable {
    /// Opens a slide, instead of the one before.
    case open(path: String)
    /// Looks for the monolayer and chooses fields.
    case survey(fields: Int, micrometresPerPixel: Double?)
    /// Reads a part, reduced so that a pixel is so many of level 0 wide.
    case read(SlideRectangle, downsample: Double)
    /// Reads a tile of `SlideTiles`.
    case tile(zoom: Int, column: Int, row: Int)
}

/// What it answers, one JSON object a line; after a picture its bytes follow, red, green and blue, rows from the top.
public enum SlideReply: Sendable, Equatable, Codable {
    case opened(SlideShape)
    case surveyed(SurveyedSlide)
    case picture(width: Int, height: Int)
    case failed(code: SlideError.Code, message: String)
}

/// What a survey found.
public struct SurveyedSlide: Sendable, Equatable, Codable {
    /// How wide a pixel of level 0 is.
    public let micrometresPerPixel: Double
    /// Side of a field in pixels of level 0.
    public let fieldSide: Int
    /// How many fields each part of the slide has, by `SlideSurvey.Part`; those that were seen to be empty from afar are not
    /// among them.
    public let parts: [String: Int]
    /// The best fields, the best first.
    public let fields: [ChosenField]

    public init(micrometresPerPixel: Double, fieldSide: Int, parts: [String: Int], fields: [ChosenField]) {
        (self.micrometresPerPixel, self.fieldSide) = (micrometresPerPixel, fieldSide)
        (self.parts, self.fields) = (parts, fields)
    }
}
