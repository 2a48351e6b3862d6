import Foundation
import Imaging

/// Reads an image file within limits: a device, a pipe or a huge file is refused before a byte is read.
enum ImageFile {
    static func read(_ url: URL, limits: ImageLimits) throws -> [UInt8] {
        let path = url.path
        guard FileManager.default.fileExists(atPath: path) else {
            throw ScreeningError(.fileNotFound, "there is no such file", path: path)
        }
        do {
            let target = url.resolvingSymlinksInPath().path
            let attributes = try FileManager.default.attributesOfItem(atPath: target)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw ScreeningError(.notAFile, "is no regular file", path: path)
            }
            let bytes = (attributes[.size] as? NSNumber)?.intValue ?? 0
            guard bytes <= limits.maximumBytes else {
                throw ScreeningError(
                    .fileTooLarge, "has \(bytes) bytes, more than the limit of \(limits.maximumBytes)", path: path)
            }
            return [UInt8](try Data(contentsOf: url))
        } catch let error as ScreeningError {
            throw error
        } catch {
            throw ScreeningError(.fileUnreadable, "cannot be read: \(error.localizedDescription)", path: path)
        }
    }
}
