import Clinic
import Foundation
import Slides

#if canImport(Glibc)
    import Glibc
#endif

/// Whether a slide's file can be reached at this moment. It is looked for each time and stands in no row: what is away may come back,
/// so nothing is concluded, changed or deleted because of it.
public enum SlideStanding: Sendable, Equatable {
    case here
    /// Its disk is not mounted, its folder is empty or gone, or the file is not in it.
    case away
    /// Of a file that is being sent, parts that came are gone, as after a restore: it has to be sent from this byte on.
    case behind(Int)
}

/// A slide's file is not there at this moment.
struct SlideAway: Error, CustomStringConvertible {
    /// For the log: what was looked for.
    let description: String
}

/// Parts that came are not on the disk any more.
struct PartsGone: Error {
    /// Where the first one that is missing begins.
    let kept: Int
}

extension SlideFolder {
    /// Whether a slide's file can be reached at this moment. It blocks.
    func standing(of slide: CaseSlide) -> SlideStanding {
        do {
            guard slide.source == .upload else {
                _ = try resolve(slide.path)
                return .here
            }
            try requirePresence()
            let count = try byteCount(of: slide)
            guard slide.state == .receiving else { return count == nil ? .away : .here }
            return slide.received <= count ?? 0 ? .here : .behind(Self.wholeParts(of: count ?? 0))
        } catch is SlideError {
            // The file is there. Whoever opens it is told what is wrong with it.
            return .here
        } catch {
            return .away
        }
    }

    /// Bytes of a slide's own file; nil where there is none. It is opened for that: over NFS a name alone may tell a size of before.
    private func byteCount(of slide: CaseSlide) throws -> Int? {
        let file = file(of: slide)
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw Self.failure("read", file) }
            return nil
        }
        defer { close(descriptor) }
        return try Self.byteCount(of: descriptor, at: file)
    }

    static func byteCount(of descriptor: Int32, at file: URL) throws -> Int {
        var about = stat()
        guard fstat(descriptor, &about) == 0 else { throw failure("read", file) }
        return Int(about.st_size)
    }

    /// Where the first part begins that so many bytes do not hold whole.
    static func wholeParts(of byteCount: Int) -> Int {
        byteCount / SlideIntake.partBytes * SlideIntake.partBytes
    }
}
