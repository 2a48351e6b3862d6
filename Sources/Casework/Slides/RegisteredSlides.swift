import Clinic
import Foundation
import Slides

#if canImport(Glibc)
    import Glibc
#endif

/// Slides in the folder that an operator named: nothing outside of it is opened, whatever somebody types or links.
extension SlideFolder {
    /// Slides that a list shows.
    static let maximumListed = 500
    private static let listedDepth = 3

    /// A slide of the folder.
    struct Registered: Sendable, Equatable {
        /// For OpenSlide, with every link followed.
        let path: String
        let byteCount: Int
    }

    /// The paths of the slides in the operator's folder, within it, in the order of their names; empty where none was named, and
    /// where the folder is not there at this moment.
    func registeredPaths() throws -> [String] {
        guard let registered, FileManager.default.fileExists(atPath: registered.path) else { return [] }
        let walk = FileManager.default.enumerator(at: registered, includingPropertiesForKeys: [.isRegularFileKey])
        guard let walk else { throw Self.failure("listed", registered) }
        let base = registered.path + "/"
        var found: [String] = []
        for case let url as URL in walk {
            if walk.level > Self.listedDepth { walk.skipDescendants() }
            let end = url.pathExtension.lowercased()
            guard end == "mrxs" || (SlideFormat(rawValue: end) ?? .zip) != .zip, url.path.hasPrefix(base) else {
                continue
            }
            found.append(String(url.path.dropFirst(base.count)))
            if found.count == Self.maximumListed { break }
        }
        return found.sorted()
    }

    /// - Parameter path: Within the operator's folder, parts between `/`.
    /// - Throws: `SlideAway` for what is not there, `SlideError.unreadable` for whatever lies or leads outside of the folder.
    func resolve(_ path: String) throws -> Registered {
        guard let registered else {
            throw SlideAway(description: "no folder of slides is named; an operator names one with --slides-folder")
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.utf8.contains(0) }) else {
            throw SlideError(.unreadable, "“\(path)” is no path within the folder of slides")
        }
        let base = try Self.real(registered.path)
        let found = try Self.real(registered.path + "/" + path)
        guard found.hasPrefix(base + "/") else {
            throw SlideError(.unreadable, "“\(path)” leads out of the folder of slides")
        }
        return Registered(path: found, byteCount: try Self.bytes(of: found, within: base))
    }

    /// Bytes of a slide, and of the folder that belongs to an MRXS slide, of which no file may lead out either.
    private static func bytes(of path: String, within base: String) throws -> Int {
        var folders: [String] = []
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if isFolder.boolValue {
            folders = [path, path + ".mrxs"]
        } else if path.lowercased().hasSuffix(".mrxs") {
            folders = [String(path.dropLast(5)), path]
        } else {
            folders = [path]
        }
        var total = 0
        for place in folders where FileManager.default.fileExists(atPath: place) {
            guard try real(place).hasPrefix(base + "/") else {
                throw SlideError(.unreadable, "“\(place)” leads out of the folder of slides")
            }
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
            let files =
                isFolder.boolValue
                ? (FileManager.default.enumerator(atPath: place)?.compactMap { $0 as? String } ?? []).map {
                    place + "/" + $0
                }
                : [place]
            for file in files {
                let target = try real(file)
                guard target.hasPrefix(base + "/") else {
                    throw SlideError(.unreadable, "“\(file)” leads out of the folder of slides")
                }
                var about = stat()
                if stat(target, &about) == 0, about.st_mode & S_IFMT == S_IFREG { total += Int(about.st_size) }
            }
        }
        return total
    }

    /// A path with every link followed.
    private static func real(_ path: String) throws -> String {
        guard let found = realpath(path, nil) else {
            let reason = errno
            let words = "\(path) cannot be reached: \(String(cString: strerror(reason)))"
            // These say something about the path itself; the others come and go with a disk.
            guard ![EINVAL, ELOOP, ENAMETOOLONG].contains(reason) else { throw SlideError(.unreadable, words) }
            throw SlideAway(description: words)
        }
        defer { free(found) }
        return String(cString: found)
    }
}
