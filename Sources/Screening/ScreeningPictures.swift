/// The pictures that go with an answer, as files, and what they show.
///
/// `display.jpg`, `thumbnail.jpg`, `cells.jpg`, `step-0.jpg` and so on, `stage-0.png` and so on; and, unless the image
/// was rejected, `heat.png` (the class-activation map alone, dark violet to yellow) and `overlay.png` (the map over the
/// image), or `overlay.jpg` alone for a page. No file holds anything but pixels.
public struct ScreeningPictures: Sendable {
    /// What pictures are made for.
    public enum Purpose: Sendable {
        /// To be stored with a case: the heat map is lossless.
        case keeping
        /// To be embedded in a page that is not kept, most of whose weight a lossless file would be.
        case showing
    }

    /// Names without a folder, and the bytes of each file.
    public let files: [(name: String, bytes: [UInt8])]
    public let analytics: ScreeningAnalytics

    /// The memberwise initialiser.
    public init(files: [(name: String, bytes: [UInt8])], analytics: ScreeningAnalytics) {
        self.files = files
        self.analytics = analytics
    }

    /// The file of that name, or `nil`.
    public subscript(name: String) -> [UInt8]? { files.first { $0.name == name }?.bytes }
}
