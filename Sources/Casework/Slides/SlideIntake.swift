import Clinic
import Crypto
import Formats
import Foundation
import Offloading
import Slides

/// Takes whole slides: in parts, each checked and on the disk before its sender is told, or out of the operator's folder.
public struct SlideIntake: Sendable {
    /// Bytes of every part but the last.
    public static let partBytes = 8 << 20

    /// What became of a part.
    public enum Receipt: Sendable, Equatable {
        /// It is here, now or since before.
        case stored(CaseSlide)
        /// It is not the next one: the slide says how far it is.
        case misplaced(CaseSlide)
    }

    private let slides: CaseSlides
    private let folder: SlideFolder
    private let onWaiting: @Sendable (CaseID) -> Void

    /// - Parameters:
    ///   - slides: The rules and rows.
    ///   - folder: The files.
    ///   - onWaiting: Called when a slide waits to be read.
    public init(slides: CaseSlides, folder: SlideFolder, onWaiting: @escaping @Sendable (CaseID) -> Void = { _ in }) {
        (self.slides, self.folder, self.onWaiting) = (slides, folder, onWaiting)
    }

    /// Begins a slide, or goes on with it: from the first part that is not on the disk.
    ///
    /// - Throws: As `CaseSlides.begin`; `ClinicError.quotaExceeded` where the disk has no room.
    public func begin(
        in id: CaseID, name: String, bytes: Int, fingerprint: String, fields: Int = CaseSlides.defaultFields,
        by owner: Principal
    ) async throws -> CaseSlide {
        try await Offloading.process.wait { [folder] in try folder.requireRoom(for: max(0, bytes)) }
        return try await caughtUp(
            slides.begin(in: id, name: name, bytes: bytes, fingerprint: fingerprint, fields: fields, by: owner))
    }

    /// A slide as far as its parts are on the disk; after a restore that may be less than its row says.
    private func caughtUp(_ slide: CaseSlide) async throws -> CaseSlide {
        guard slide.state == .receiving, slide.received > 0, case .behind(let kept) = try await standing(of: slide)
        else { return slide }
        return try await slides.rewind(slide.id, to: kept)
    }

    /// Whether a slide's file can be reached now.
    public func standing(of slide: CaseSlide) async throws -> SlideStanding {
        try await Offloading.process.wait { [folder] in folder.standing(of: slide) }
    }

    /// Takes a part.
    ///
    /// - Parameters:
    ///   - bytes: All of it.
    ///   - digest: Its SHA-256, as its sender says.
    ///   - start: The place of its first byte.
    /// - Throws: `ClinicError.notFound` for anybody but the owner; `.invalid` for a part of another size than `partBytes`, one that
    ///   is not what its digest says, and a first one that is not the announced one; `.consentNeeded`, `.storage`, `.busy`.
    public func receive(
        _ bytes: [UInt8], digest: [UInt8], at start: Int, of id: SlideID, in smearCase: CaseID, by owner: Principal
    ) async throws -> Receipt {
        let slide = try await caughtUp(slides.receiving(id, in: smearCase, by: owner))
        let found = try await Offloading.process.compute { Array(SHA256.hash(data: bytes)) }
        guard found == digest else { throw ClinicError(.invalid, "errors.slides.changedPart", field: "part") }
        let part = SlidePart(start: start, byteCount: bytes.count, sha256: found.hexadecimal)
        if start >= 0, start < slide.received {
            // The answer to it got lost.
            return try await slides.parts(of: id).contains(part) ? .stored(slide) : .misplaced(slide)
        }
        guard slide.state == .receiving, start == slide.received else { return .misplaced(slide) }
        let expected = min(Self.partBytes, slide.byteCount - start)
        guard bytes.count == expected else {
            throw ClinicError(.invalid, "errors.slides.partBytes", ["bytes": expected], field: "part")
        }
        guard start > 0 || part.sha256 == slide.fingerprint else {
            throw ClinicError(.invalid, "errors.slides.otherFile", field: "part")
        }
        do {
            try await Offloading.process.wait { [folder] in try folder.write(bytes, at: start, of: slide) }
        } catch let gone as PartsGone {
            return .misplaced(try await slides.rewind(id, to: gone.kept))
        }
        let stored = try await slides.add(part, to: id, in: smearCase, by: owner)
        if stored.state == .waiting { onWaiting(smearCase) }
        return .stored(stored)
    }

    /// Takes a slide out of the operator's folder.
    ///
    /// - Throws: `ClinicError.invalid` with field `path` for what is not there or leads out of it; as `CaseSlides.register`.
    public func register(
        _ path: String, in id: CaseID, fields: Int = CaseSlides.defaultFields, by owner: Principal
    ) async throws -> CaseSlide {
        let bytes: Int
        do {
            bytes = try await Offloading.process.wait { [folder] in try folder.resolve(path).byteCount }
        } catch is SlideError {
            throw ClinicError(.invalid, "errors.slides.path", field: "path")
        } catch is SlideAway {
            throw ClinicError(.invalid, "errors.slides.path", field: "path")
        }
        let slide = try await slides.register(path, bytes: bytes, in: id, fields: fields, by: owner)
        onWaiting(id)
        return slide
    }

    /// The slides of the operator's folder, for clinicians and administrators; nil where none was named, and for patients. None
    /// where the folder is not there at this moment.
    public func registered(for reader: Principal) async throws -> [String]? {
        guard reader.role != .patient, folder.registered != nil else { return nil }
        return try await Offloading.process.wait { [folder] in try folder.registeredPaths() }
    }

    /// Says that a slide waits to be read again.
    public func announceWaiting(_ id: CaseID) { onWaiting(id) }
}

/// Whole slides as pages and programs use them.
public struct WholeSlides: Sendable {
    public let intake: SlideIntake
    public let desk: SlideDesk
    public let quota: SlideQuota

    public init(intake: SlideIntake, desk: SlideDesk, quota: SlideQuota = SlideQuota()) {
        (self.intake, self.desk, self.quota) = (intake, desk, quota)
    }
}
