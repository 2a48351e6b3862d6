import Foundation
import Imaging

/// The images that paths lead to, in the order given: files as they are, folders walked in order of name.
///
/// Lazy: only the entries of the folders on the way down are held. In a folder, hidden entries, linked folders and files
/// without an image's extension are passed over and counted.
struct ImagePaths: Sequence, IteratorProtocol {
    /// One place, as it will be shown.
    enum Entry: Sendable, Equatable {
        case file(String)
        case unreadableFolder(String, reason: String)
    }

    /// How many files of folders were passed over so far.
    private(set) var skipped = 0
    private var pending: [(path: String, named: Bool)]

    init(_ paths: [String]) {
        pending = paths.reversed().map { ($0, true) }
    }

    mutating func next() -> Entry? {
        while let (path, named) = pending.popLast() {
            if isFolder(path, followLinks: named) {
                do {
                    let names = try FileManager.default.contentsOfDirectory(atPath: path)
                    let visible = names.filter { !$0.hasPrefix(".") }.sorted(by: >)
                    pending += visible.map { (path.hasSuffix("/") ? path + $0 : "\(path)/\($0)", false) }
                } catch {
                    return .unreadableFolder(path, reason: error.localizedDescription)
                }
            } else if named
                || ImageFormat.fileExtensions.contains(URL(fileURLWithPath: path).pathExtension.lowercased())
            {
                return .file(path)
            } else {
                skipped += 1
            }
        }
        return nil
    }

    private func isFolder(_ path: String, followLinks: Bool) -> Bool {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
            return false
        }
        // A link could lead back up, and the walk would never end.
        return followLinks || URL(fileURLWithPath: path).resourceIsLink == false
    }
}

extension URL {
    /// Whether the path itself is a symbolic link; an entry that cannot be asked is taken for one.
    fileprivate var resourceIsLink: Bool {
        do {
            return try resourceValues(forKeys: [.isSymbolicLinkKey]).isSymbolicLink ?? true
        } catch {
            return true
        }
    }
}
