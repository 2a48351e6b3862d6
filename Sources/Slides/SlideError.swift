/// Why a slide could not be opened, read or surveyed.
public struct SlideError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// There is no such file or folder, or it may not be read.
        case unreadable
        /// A format that OpenSlide does not know.
        case unknownFormat
        /// DICOM, which OpenSlide reads from version 4 on.
        case dicom
        /// The file contradicts itself, or a tile of it cannot be decoded.
        case damaged
        /// A level, a size or an amount of pixels beyond the limits.
        case beyondLimits
        /// A region, level, tile or image that the slide does not have.
        case notThere
        /// How wide a pixel is in micrometres is neither in the file nor given.
        case noScale
        /// No part of the slide is a monolayer.
        case noMonolayer
        case outOfMemory
        /// The process that reads slides ended, or did not answer in time.
        case workerEnded
    }

    public let code: Code
    /// What is wrong, where, and what would be right: one English sentence.
    public let message: String

    public init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    public var description: String { message }
}
