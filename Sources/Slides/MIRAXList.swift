import Foundation

/// The list of the files that belong to an MRXS slide, in the folder of its name.
public enum MIRAXList {
    public static let name = "Slidedat.ini"
    /// OpenSlide refuses a longer one.
    public static let maximumBytes = 1 << 20

    /// Refuses a list that names a file of another folder: OpenSlide would open it wherever the path leads, into another slide of
    /// an archive, or out of it. Goes byte by byte, as OpenSlide's reader does.
    /// - Parameter bytes: All of the list, or one byte more than it may have.
    /// - Throws: `SlideError` `damaged`.
    public static func check(_ bytes: Data) throws(SlideError) {
        guard bytes.count <= maximumBytes else { throw SlideError(.damaged, "\(name) has more than 1 MB") }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let end = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let key = String(decoding: line[..<end], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard key == "INDEXFILE" || key.hasPrefix("FILE_"), line[end...].contains(UInt8(ascii: "/")) else {
                continue
            }
            throw SlideError(.damaged, "\(name) names as \(key) a file outside of the slide's folder")
        }
    }
}
