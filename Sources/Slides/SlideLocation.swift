import CSlides
import Foundation

/// Where the file is that OpenSlide opens for a path: MRXS is a file with a folder of its name beside it.
enum SlideLocation {
    /// - Parameter path: A file, a folder that holds one `.mrxs` file, or the data folder of one.
    /// - Throws: `SlideError` `unreadable`, `unknownFormat` or `dicom`.
    static func file(for path: String) throws(SlideError) -> String {
        let files = FileManager.default
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw SlideError(.unreadable, "there is no slide \(path); a file, or for MRXS its folder, is asked for")
        }
        guard files.isReadableFile(atPath: path) else {
            throw SlideError(.unreadable, "\(path) may not be read by this program; give it the right to read")
        }
        guard isFolder.boolValue else {
            if !readsDICOM, isDICOM(path) { throw dicom(path) }
            try check(path)
            return path
        }
        let main = try main(ofFolder: URL(fileURLWithPath: path).standardizedFileURL)
        try check(main)
        return main
    }

    /// Of a file that is none of those that are given to OpenSlide, or that it refuses.
    static func unknown(_ path: String) -> SlideError {
        SlideError(
            .unknownFormat,
            "\(path) is no slide that OpenSlide \(SlideFile.libraryVersion) reads here; SVS, NDPI, SCN, BIF, MRXS and TIFF with "
                + "tiles are read (`vips tiffsave --tile --pyramid` makes one of a picture)")
    }

    /// OpenSlide goes by what is in a file, whatever its name, and VMS and VMU are texts that name files anywhere. So it is given
    /// nothing but files that hold all of their slide, and MRXS whose list was looked at.
    private static func check(_ path: String) throws(SlideError) {
        guard path.hasSuffix(".mrxs") else {
            guard isTIFF(path) || isDICOM(path) else { throw unknown(path) }
            return
        }
        let list = "\(path.dropLast(5))/\(MIRAXList.name)"
        guard FileManager.default.fileExists(atPath: list) else {
            throw SlideError(
                .unknownFormat,
                "\(path) lacks its \(list); an MRXS slide is the .mrxs file and, beside it, the folder of its name with all files"
            )
        }
        guard let bytes = begin(of: list, MIRAXList.maximumBytes + 1) else {
            throw SlideError(.unreadable, "\(list) may not be read by this program; give it the right to read")
        }
        try MIRAXList.check(bytes)
    }

    private static func main(ofFolder folder: URL) throws(SlideError) -> String {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() } catch {
            throw SlideError(.unreadable, "the folder \(folder.path) cannot be listed: \(error.localizedDescription)")
        }
        let slides = names.filter { $0.lowercased().hasSuffix(".mrxs") }
        if slides.count == 1 { return folder.appendingPathComponent(slides[0]).path }
        if slides.count > 1 {
            throw SlideError(
                .unknownFormat,
                "the folder \(folder.path) holds \(slides.count) slides (\(slides.prefix(3).joined(separator: ", "))); "
                    + "name one of them")
        }
        let above = folder.appendingPathExtension("mrxs").path
        if FileManager.default.fileExists(atPath: above) { return above }
        if let file = names.first(where: { $0.lowercased().hasSuffix(".dcm") }) {
            if !readsDICOM { throw dicom(folder.path) }
            return folder.appendingPathComponent(file).path
        }
        throw SlideError(
            .unknownFormat,
            "the folder \(folder.path) holds no .mrxs file; a folder stands for an MRXS slide, other slides are files")
    }

    /// Whether a file begins as DICOM files do: `DICM` after 128 bytes (PS3.10, 7.1).
    private static func isDICOM(_ path: String) -> Bool {
        begin(of: path, 132)?.dropFirst(128).elementsEqual("DICM".utf8) == true
    }

    /// Whether a file begins as TIFF files do: the order of its bytes, then 42, or 43 where places have 64 bits.
    private static func isTIFF(_ path: String) -> Bool {
        guard let begin = begin(of: path, 4) else { return false }
        return ["II*\0", "MM\0*", "II+\0", "MM\0+"].contains { begin.elementsEqual($0.utf8) }
    }

    /// The first bytes of a file; nil where they cannot be read.
    private static func begin(of path: String, _ count: Int) -> Data? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { file.closeFile() }
        do { return try file.read(upToCount: count) ?? Data() } catch { return nil }
    }

    private static var readsDICOM: Bool { (Int(SlideFile.libraryVersion.prefix { $0 != "." }) ?? 0) >= 4 }

    private static func dicom(_ path: String) -> SlideError {
        SlideError(
            .dicom,
            "\(path) is DICOM, which OpenSlide reads from version 4 on; this is \(SlideFile.libraryVersion). "
                + "Export the slide as SVS or as a tiled TIFF pyramid")
    }
}
