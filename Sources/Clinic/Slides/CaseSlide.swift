import Foundation

public typealias SlideID = Identifier<CaseSlide>

/// A whole slide of a case: its file is being sent, waits to be read, is read, or was read.
public struct CaseSlide: Sendable, Equatable, Codable {
    public enum Source: String, Sendable, CaseIterable, Codable {
        /// Sent in parts, and kept by the server.
        case upload
        /// In the folder that the operator named; its file stays where it is.
        case folder
    }

    public enum State: String, Sendable, CaseIterable, Codable {
        /// Parts of the file are still to come.
        case receiving
        /// In the queue.
        case waiting
        /// A worker has it.
        case reading
        /// Its fields are screened.
        case done
        /// It could not be read.
        case failed
    }

    /// Why reading ended.
    public enum End: String, Sendable, CaseIterable, Codable {
        /// The fields ask for an urgent reading.
        case urgent
        /// As many fields were screened as were asked for.
        case fields
        /// The monolayer has no more fields.
        case exhausted
    }

    /// Why it could not be read.
    public enum Failure: String, Sendable, CaseIterable, Codable {
        /// There is no file where it was, or it may not be read.
        case unreadable
        /// No format that is read.
        case format
        /// DICOM.
        case dicom
        /// The file contradicts itself, or ends the process that reads it.
        case damaged
        /// Beyond the limits on levels, sizes or packed files.
        case limits
        /// Nothing says how wide a pixel is.
        case scale
        /// No part of it shows cells in one layer.
        case monolayer
        /// The file is not what was sent.
        case changed
        /// Its owner's images are as many, or as large, as they may be.
        case quota
        /// Whose it is has not agreed, or not any more.
        case consent
        /// A fault of the server.
        case server
    }

    public let id: SlideID
    public let caseID: CaseID
    public let ownerID: UserID
    /// The file's name, as its sender has it.
    public let name: String
    public let source: Source
    /// Where it lies in the operator's folder; empty for one that was sent.
    public let path: String
    /// Bytes of the file.
    public let byteCount: Int
    /// Bytes that are here.
    public var received: Int
    /// SHA-256 of the first part, by which its sender finds it again; empty for one of the folder.
    public let fingerprint: String
    public var state: State
    /// How many fields are to be screened.
    public var wanted: Int
    /// How often a worker took it up since it was last asked for.
    public var attempts: Int
    public var workerID: String?
    /// Until when its worker has it; of one that waits, before when nobody takes it up, nil for at once.
    public var leaseUntil: Date?
    /// How wide a pixel is, in micrometres: stated by hand, or found in the file; nil before it is known.
    public var micrometresPerPixel: Double?
    /// Of level 0, in pixels; nil before it was opened.
    public var width: Int?
    public var height: Int?
    /// OpenSlide's name of the format.
    public var format: String?
    public var end: End?
    public var failure: Failure?
    public let createdAt: Date
    public var updatedAt: Date

    public init(
        id: SlideID = SlideID(), caseID: CaseID, ownerID: UserID, name: String, source: Source, path: String = "",
        byteCount: Int, received: Int = 0, fingerprint: String = "", state: State, wanted: Int, attempts: Int = 0,
        workerID: String? = nil, leaseUntil: Date? = nil, micrometresPerPixel: Double? = nil, width: Int? = nil,
        height: Int? = nil, format: String? = nil, end: End? = nil, failure: Failure? = nil, createdAt: Date,
        updatedAt: Date
    ) {
        (self.id, self.caseID, self.ownerID, self.name, self.source) = (id, caseID, ownerID, name, source)
        (self.path, self.byteCount, self.received, self.fingerprint) = (path, byteCount, received, fingerprint)
        (self.state, self.wanted, self.attempts, self.workerID) = (state, wanted, attempts, workerID)
        (self.leaseUntil, self.micrometresPerPixel, self.width) = (leaseUntil, micrometresPerPixel, width)
        (self.height, self.format, self.end, self.failure) = (height, format, end, failure)
        (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
    }

    /// Whether all of the file is here.
    public var isWhole: Bool { state != .receiving }

    /// The folder of its files in the archive, with its `/`.
    public var archiveFolder: String { Self.archiveFolder(of: id) }

    static func archiveFolder(of id: SlideID) -> String { "slides/\(id)/" }
}

/// A part of a slide's file, as it was sent.
public struct SlidePart: Sendable, Equatable {
    /// Its first byte's place in the file.
    public let start: Int
    public let byteCount: Int
    /// SHA-256, 64 lower-case hexadecimal digits.
    public let sha256: String

    public init(start: Int, byteCount: Int, sha256: String) {
        (self.start, self.byteCount, self.sha256) = (start, byteCount, sha256)
    }
}

/// A field of a slide that was chosen to be screened.
public struct SlideField: Sendable, Equatable, Codable {
    public let slideID: SlideID
    /// From 1, the best first.
    public let number: Int
    /// Its upper left corner, in pixels of level 0.
    public let x: Int
    public let y: Int
    /// Width and height, in pixels of level 0.
    public let side: Int
    /// How wide a pixel is.
    public let micrometresPerPixel: Double
    /// Its image in the case; nil before it is one, and after it was deleted.
    public var imageID: ImageID?
    /// When it became an image; it never becomes one again.
    public var takenAt: Date?

    public init(
        slideID: SlideID, number: Int, x: Int, y: Int, side: Int, micrometresPerPixel: Double, imageID: ImageID? = nil,
        takenAt: Date? = nil
    ) {
        (self.slideID, self.number, self.x, self.y, self.side) = (slideID, number, x, y, side)
        (self.micrometresPerPixel, self.imageID, self.takenAt) = (micrometresPerPixel, imageID, takenAt)
    }
}

/// Whole slides, and the queue in which they wait to be read.
public protocol SlideRows {
    func insert(_ slide: CaseSlide) throws
    func slide(_ id: SlideID) throws -> CaseSlide?
    /// The oldest first.
    func slides(of smearCase: CaseID) throws -> [CaseSlide]
    func slides(ofOwner owner: UserID) throws -> [CaseSlide]
    /// Bytes of the files that were or will be sent, of one person and of all, and the slides of that person that are not whole.
    func slideUsage(of owner: UserID) throws -> (own: Int, all: Int, unfinished: Int)
    /// Notes a part that was written to the disk.
    ///
    /// - Returns: Whether it was the next one; false where another came before it.
    func add(_ part: SlidePart, to slide: SlideID, at: Date) throws -> Bool
    /// In the order of the file.
    func parts(of slide: SlideID) throws -> [SlidePart]
    /// Forgets the parts from a byte on, of a file that is being sent: its sender goes on there.
    ///
    /// - Parameter kept: Where a part begins. Nothing changes where as much, or less, is here.
    func rewind(_ slide: SlideID, to kept: Int, at: Date) throws
    /// Stores state, wish, end, failure, scale, size and format, and lets go of the worker.
    func update(_ slide: CaseSlide) throws
    /// Takes the next slide for a worker: one that waits, or one whose worker let its lease run out. People take turns, so that one
    /// person's many slides hold up nobody else's one.
    func claimSlide(worker: String, now: Date, leaseUntil: Date) throws -> CaseSlide?
    /// Gives a worker more time.
    ///
    /// - Returns: Whether it still has the slide.
    func renewSlide(_ id: SlideID, worker: String, until: Date) throws -> Bool
    /// Puts what a worker has back into the queue, on a graceful stop, and gives the attempt back.
    func releaseSlides(worker: String) throws
    func deleteSlide(_ id: SlideID) throws
    /// Slides whose file is not whole and that got no part since then.
    func unfinishedSlides(before: Date, limit: Int) throws -> [CaseSlide]

    /// Stores the fields that were chosen.
    func insert(_ fields: [SlideField]) throws
    /// By number.
    func fields(of slide: SlideID) throws -> [SlideField]
    /// The field that an image shows.
    func slideField(ofImage image: ImageID) throws -> SlideField?
    /// Notes which image a field became.
    func update(_ field: SlideField) throws
}
