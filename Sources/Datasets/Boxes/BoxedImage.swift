import Foundation
import Imaging

/// An image in which people drew boxes around the cells.
public struct BoxedImage: Sendable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case redCell, whiteCell, platelet
    }

    /// A box in pixels of the image; its upper left corner may lie outside.
    public struct Box: Sendable, Equatable {
        public let kind: Kind
        public let x: Double
        public let y: Double
        public let width: Double
        public let height: Double

        public init(kind: Kind, x: Double, y: Double, width: Double, height: Double) {
            (self.kind, self.x, self.y, self.width, self.height) = (kind, x, y, width, height)
        }
    }

    /// Fewest whole red cells that tell a scale.
    public static let fewestRedCells = 5

    public let file: URL
    /// Size of the image in pixels.
    public let width: Int
    public let height: Int
    public let boxes: [Box]

    public init(file: URL, width: Int, height: Int, boxes: [Box]) {
        (self.file, self.width, self.height, self.boxes) = (file, width, height, boxes)
    }

    /// Diameter of the usual red cell in pixels: the median of √(width · height) over the boxes of at least
    /// `fewestRedCells` red cells that keep 3 pixels from the border; nil where there are fewer.
    public var redCellPixels: Double? {
        let sizes = boxes.filter { box in
            box.kind == .redCell && min(box.width, box.height) > 4 && box.x > 3 && box.y > 3
                && box.x + box.width < Double(width) - 3 && box.y + box.height < Double(height) - 3
        }.map { ($0.width * $0.height).squareRoot() }.sorted()
        guard sizes.count >= Self.fewestRedCells else { return nil }
        let middle = sizes.count / 2
        return sizes.count.isMultiple(of: 2) ? (sizes[middle - 1] + sizes[middle]) / 2 : sizes[middle]
    }

    /// The images of a folder with Pascal VOC annotations: `JPEGImages/*.jpg` and `Annotations/*.xml`, in order of name.
    /// - Throws: `DatasetError` `unreadable` or `malformedTable`, or `ImagingError` for an image that cannot be read.
    public static func voc(folder: URL) throws -> [BoxedImage] {
        try images(in: folder, "JPEGImages", "Annotations", "xml") { text, _, _, path in
            try VOCAnnotation.boxes(text, path: path)
        }
    }

    /// The images of a folder with YOLO labels: `images/*.jpg` and `labels/*.txt`, in order of name.
    /// - Parameter kinds: By number of the class in the labels.
    /// - Throws: `DatasetError` `unreadable` or `malformedTable`, or `ImagingError` for an image that cannot be read.
    public static func yolo(folder: URL, kinds: [Kind]) throws -> [BoxedImage] {
        try images(in: folder, "images", "labels", "txt") { text, width, height, path in
            try YOLOLabels.boxes(text, width: width, height: height, kinds: kinds, path: path)
        }
    }

    /// - Parameter read: The boxes from the text of an image's file, with the image's width and height and the file's path.
    private static func images(
        in folder: URL, _ pictures: String, _ texts: String, _ ending: String,
        _ read: (_ text: String, _ width: Int, _ height: Int, _ path: String) throws -> [Box]
    ) throws -> [BoxedImage] {
        try files(in: folder.appending(path: pictures)).map { file in
            let name = "\(file.deletingPathExtension().lastPathComponent).\(ending)"
            let place = folder.appending(path: "\(texts)/\(name)")
            let (width, height) = try imageSize(of: file)
            return BoxedImage(
                file: file, width: width, height: height, boxes: try read(text(of: place), width, height, place.path))
        }
    }

    private static func files(in folder: URL) throws -> [URL] {
        do {
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "jpg" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
        } catch {
            throw DatasetError(.unreadable, "the folder of the images cannot be read", path: folder.path)
        }
    }

    private static func text(of file: URL) throws -> String {
        do {
            return try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw DatasetError(.unreadable, "the boxes of an image cannot be read", path: file.path)
        }
    }

    private static func imageSize(of file: URL) throws -> (width: Int, height: Int) {
        do {
            let image = try ImageDecoder.decode([UInt8](Data(contentsOf: file)))
            return (image.width, image.height)
        } catch let error as CocoaError {
            throw DatasetError(.unreadable, error.localizedDescription, path: file.path)
        }
    }
}
