import Foundation

/// Files that a folder of images brings along and that are no images of their own: what systems write beside files, and
/// segmented copies beside the originals.
struct AsideFiles {
    /// The files that are left to look at, in the order in which they were given.
    let images: [String]
    /// The others, each with its reason.
    let leftOut: [RejectedFile]

    /// - Parameter files: Paths below the folder, with `/`.
    init(_ files: [String]) {
        var (images, leftOut): ([String], [RejectedFile]) = ([], [])
        let originals = Self.originals(among: files)
        for file in files {
            if let system = Self.system(file) {
                leftOut.append(
                    RejectedFile(file: file, reason: .systemFile, detail: "\(system) wrote it; it is no image"))
            } else if let copy = Self.segmented(file) {
                // Without originals beside them, segmented images are all that there is.
                guard let folders = originals[copy.parent] else {
                    images.append(file)
                    continue
                }
                let twin = folders[copy.stem].map { "a segmented copy of \($0)" }
                leftOut.append(
                    RejectedFile(
                        file: file, reason: .segmented,
                        detail: (twin ?? "a segmented image without its original")
                            + "; a network learns from the originals"))
            } else {
                images.append(file)
            }
        }
        (self.images, self.leftOut) = (images, leftOut)
    }

    /// Which system wrote a file beside the real ones.
    private static func system(_ file: String) -> String? {
        let parts = file.split(separator: "/")
        let name = parts.last.map { $0.lowercased() } ?? ""
        if parts.contains("__MACOSX") || name.hasPrefix("._") || name == ".ds_store" { return "macOS" }
        return ["thumbs.db", "desktop.ini"].contains(name) ? "Windows" : nil
    }

    /// Where a path leaves for a copy: the folder above, and the rest of the path without its type, in lower case.
    private struct Copy {
        let parent: String
        let stem: String

        init?(_ file: String, below names: Set<String>) {
            let parts = file.split(separator: "/", omittingEmptySubsequences: false)
            guard let place = parts.dropLast().lastIndex(where: { names.contains($0.lowercased()) }) else { return nil }
            parent = parts[..<place].joined(separator: "/")
            let rest = parts[(place + 1)...].joined(separator: "/")
            stem = (rest as NSString).deletingPathExtension.lowercased()
        }
    }

    private static func segmented(_ file: String) -> Copy? {
        Copy(file, below: ["segmented", "segmented images", "segmentation"])
    }

    /// The originals by folder above and the rest of their path.
    private static func originals(among files: [String]) -> [String: [String: String]] {
        files.reduce(into: [:]) { originals, file in
            guard system(file) == nil, let copy = Copy(file, below: ["original", "originals", "original images"])
            else { return }
            originals[copy.parent, default: [:]][copy.stem] = file
        }
    }
}
