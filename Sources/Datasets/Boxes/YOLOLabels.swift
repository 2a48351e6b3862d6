import Foundation

/// Boxes in the text files of YOLO: a line a box, its class, then middle and size as shares of the image.
enum YOLOLabels {
    /// - Throws: `DatasetError` `malformedTable` for a line without a known class and four numbers.
    static func boxes(
        _ text: String, width: Int, height: Int, kinds: [BoxedImage.Kind], path: String
    ) throws -> [BoxedImage.Box] {
        try text.split(whereSeparator: \.isNewline).enumerated().map { index, line in
            let words = line.split(separator: " ")
            let numbers = words.dropFirst().compactMap { Double($0) }
            guard let first = words.first, let number = Int(first), kinds.indices.contains(number), numbers.count == 4
            else {
                throw DatasetError(
                    .malformedTable, "a box needs a class from 0 to \(kinds.count - 1) and four numbers", path: path,
                    line: index + 1)
            }
            let size = (width: numbers[2] * Double(width), height: numbers[3] * Double(height))
            return BoxedImage.Box(
                kind: kinds[number], x: numbers[0] * Double(width) - size.width / 2,
                y: numbers[1] * Double(height) - size.height / 2, width: size.width, height: size.height)
        }
    }
}
