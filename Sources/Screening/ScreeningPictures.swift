import Findings

/// The pictures that go with an answer, as files, and what they show.
///
/// One of every `PictureKind` but the original; `heat` and `overlay` only where the image was not rejected. No file holds
/// anything but pixels.
public struct ScreeningPictures: Sendable {
    /// The bytes of each file.
    public let files: [(kind: PictureKind, bytes: [UInt8])]
    public let analytics: ScreeningAnalytics

    /// The memberwise initialiser.
    public init(files: [(kind: PictureKind, bytes: [UInt8])], analytics: ScreeningAnalytics) {
        self.files = files
        self.analytics = analytics
    }

    /// The file of that name, or `nil`.
    public subscript(name: String) -> [UInt8]? { files.first { $0.kind.name == name }?.bytes }
}
