import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The files below a folder, found byte by byte: what cannot be part of a set is told, and stops nothing else.
///
/// Names are bytes (POSIX.1-2017, 3.170), which `FileManager` takes for UTF-8; so the folder is read with `readdir`.
struct FolderListing {
    /// Paths below the folder of everything else than folders, with `/`, sorted.
    private(set) var files: [String] = []
    /// Folders that cannot be read, links, and names that are not written in UTF-8.
    private(set) var refused: [RejectedFile] = []

    private let root: [CChar]

    /// - Throws: `DatasetError` `unreadable` when the folder itself cannot be read.
    init(of folder: URL) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw DatasetError(.unreadable, "there is no such folder", path: folder.path)
        }
        root = Array(folder.resolvingSymlinksInPath().path.utf8CString.dropLast())
        var left: [[CChar]] = [[]]
        while let path = left.popLast() {
            switch Self.names(in: root + (path.isEmpty ? [] : [Self.slash] + path) + [0]) {
            case .success(let names):
                for name in names { take(path.isEmpty ? name : path + [Self.slash] + name, &left) }
            case .failure(let failure) where path.isEmpty:
                throw DatasetError(.unreadable, "the folder cannot be listed: \(failure.reason)", path: folder.path)
            case .failure(let failure):
                refused.append(
                    RejectedFile(
                        file: Self.shown(path), reason: .unreadable,
                        detail: "the folder cannot be listed: \(failure.reason)"))
            }
        }
        files.sort()
        refused.sort { $0.file < $1.file }
    }

    private static let slash = CChar(bitPattern: UInt8(ascii: "/"))

    /// What the system said, such as `Permission denied`.
    private struct Failure: Error {
        let reason: String

        init(_ number: Int32) { reason = String(cString: strerror(number)) }
    }

    /// A file goes to the list, a folder to those that are left to read; links are not followed, so that none can lead in a circle.
    private mutating func take(_ path: [CChar], _ left: inout [[CChar]]) {
        var status = stat()
        guard lstat(root + [Self.slash] + path + [0], &status) == 0 else {
            let reason = Failure(errno).reason
            refused.append(
                RejectedFile(file: Self.shown(path), reason: .unreadable, detail: "it cannot be listed: \(reason)"))
            return
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            left.append(path)
            return
        }
        guard let file = String(validating: path.map { UInt8(bitPattern: $0) }, as: UTF8.self) else {
            refused.append(
                RejectedFile(
                    file: Self.shown(path), reason: .unreadable,
                    detail: "the name is not written in UTF-8; give the file another name"))
            return
        }
        guard status.st_mode & S_IFMT != S_IFLNK else {
            refused.append(
                RejectedFile(file: file, reason: .unreadable, detail: "a link; links are not followed"))
            return
        }
        files.append(file)
    }

    /// - Parameter path: Ends with a zero.
    private static func names(in path: [CChar]) -> Result<[[CChar]], Failure> {
        guard let folder = opendir(path) else { return .failure(Failure(errno)) }
        defer { closedir(folder) }
        var names: [[CChar]] = []
        while true {
            errno = 0
            // An entry may be shorter than its type says: no more of the name is read than is there. It always has a place.
            guard let entry = readdir(folder), let field = entry.pointer(to: \.d_name) else { break }
            let start = UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self)
            let name = Array(UnsafeBufferPointer(start: start, count: Int(strlen(start))))
            if name != [dot], name != [dot, dot] { names.append(name) }
        }
        return errno == 0 ? .success(names) : .failure(Failure(errno))
    }

    private static let dot = CChar(bitPattern: UInt8(ascii: "."))

    /// A path for people: bytes that are no UTF-8 as `\xE9`.
    private static func shown(_ path: [CChar]) -> String {
        let bytes = path.map { UInt8(bitPattern: $0) }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return bytes.map { byte in
            (0x20..<0x7F).contains(byte)
                ? String(UnicodeScalar(byte))
                : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
