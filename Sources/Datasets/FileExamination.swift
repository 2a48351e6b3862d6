import Findings
import Foundation
import Imaging

/// One file looked at: an image with what the manifest says of it, or the reason why it is refused.
enum FileExamination: Sendable {
    case image(Manifest.Entry, ImageSimilarity)
    case refused(RejectedFile)

    /// Reads and decodes one file.
    ///
    /// - Parameter file: Path below `folder`.
    init(file: String, in folder: URL) {
        func refusal(_ reason: RejectedFile.Reason, _ detail: String) -> FileExamination {
            .refused(RejectedFile(file: file, reason: reason, detail: detail))
        }
        guard let smearClass = Self.smearClass(above: file) else {
            self = refusal(.unknownFolder, "no folder above the file names one of the four classes")
            return
        }
        do {
            let data = try Self.read(folder.appendingPathComponent(file))
            guard !data.isEmpty else {
                self = refusal(.empty, "the file holds no bytes")
                return
            }
            self = try Self.decoded(data, file: file, label: smearClass.index)
        } catch let error as ImagingError {
            self = refusal(error.code == .unknownFormat ? .wrongType : .damaged, error.message)
        } catch {
            self = refusal(.unreadable, Self.words(error))
        }
    }

    private static func decoded(_ data: Data, file: String, label: Int) throws -> FileExamination {
        let decoded = try ImageDecoder.decodeWithHeader([UInt8](data), minimumSide: 64)
        let entry = Manifest.Entry(
            file: file, label: label, sha256: data.sha256, bytes: data.count, width: decoded.originalWidth,
            height: decoded.originalHeight, source: file, group: 0)
        return .image(entry, try ImageSimilarity(of: decoded.image))
    }

    /// The class of the nearest folder that names one.
    private static func smearClass(above file: String) -> SmearClass? {
        let folders = file.split(separator: "/").dropLast()
        return folders.reversed().lazy.compactMap { SmearClass(folder: String($0)) }.first
    }

    /// - Throws: `ImagingError` `tooManyBytes` before reading; errors of the file system.
    private static func read(_ url: URL) throws -> Data {
        let values = try url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
        guard values.isRegularFile == true else {
            throw DatasetError(.unreadable, "not a regular file (links are not followed)")
        }
        let limit = ImageLimits.default.maximumBytes
        guard (values.fileSize ?? 0) <= limit else {
            throw ImagingError(.tooManyBytes, "the file is larger than \(limit) bytes", limit: limit)
        }
        return try Data(contentsOf: url)
    }

    private static func words(_ error: any Error) -> String {
        (error as? DatasetError)?.message ?? "the file cannot be read: \(error.localizedDescription)"
    }
}
