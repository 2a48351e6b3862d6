import Datasets
import Foundation
import Imaging
import Testing

@Suite struct BoxedImageTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "boxes-\(UUID().uuidString)")

    private func write(_ text: String, _ path: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func writeImage(_ path: String) throws {
        let image = try DrawnSmear.draw(class: 0, seed: 1, side: 100)
        try write("", path)
        try Data(ImageEncoder.jpeg(image, quality: 90)).write(to: folder.appending(path: path))
    }

    @Test func `reads boxes of Pascal VOC and of YOLO alike`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeImage("voc/JPEGImages/a.jpg")
        try write(
            """
            <annotation><object><name>RBC</name><bndbox><xmin>10</xmin><ymin>20</ymin>
            <xmax>30</xmax><ymax>50</ymax></bndbox></object>
            <object><name>WBC</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>
            </annotation>
            """, "voc/Annotations/a.xml")
        try writeImage("yolo/images/a.jpg")
        try write("1 0.2 0.35 0.2 0.3\n0 0.045 0.04 0.09 0.08\n", "yolo/labels/a.txt")
        let voc = try BoxedImage.voc(folder: folder.appending(path: "voc"))
        let yolo = try BoxedImage.yolo(
            folder: folder.appending(path: "yolo"), kinds: [.whiteCell, .redCell, .platelet])
        for image in voc + yolo {
            #expect(image.width == 100 && image.height == 100)
            #expect(image.boxes.map(\.kind) == [.redCell, .whiteCell])
            for (value, expected) in zip(
                [image.boxes[0].x, image.boxes[0].y, image.boxes[0].width, image.boxes[0].height], [10.0, 20, 20, 30])
            {
                #expect(abs(value - expected) < 1e-9)
            }
        }
    }

    @Test func `tells which file and line has no box`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeImage("images/a.jpg")
        try write("1 0.2 0.35 0.2 0.3\n7 0.1 0.1 0.1 0.1\n", "labels/a.txt")
        let error = #expect(throws: DatasetError.self) {
            try BoxedImage.yolo(folder: folder, kinds: [.whiteCell, .redCell, .platelet])
        }
        #expect(error?.code == .malformedTable && error?.line == 2)
        #expect(throws: DatasetError.self) { try BoxedImage.voc(folder: folder) }
    }

    @Test func `takes the median of five whole red cells at least`() {
        func box(_ x: Double, _ side: Double, _ kind: BoxedImage.Kind = .redCell) -> BoxedImage.Box {
            BoxedImage.Box(kind: kind, x: x, y: 10, width: side, height: side)
        }
        func truth(_ boxes: [BoxedImage.Box]) -> Double? {
            BoxedImage(file: folder, width: 200, height: 200, boxes: boxes).redCellPixels
        }
        let five = [10.0, 11, 12, 30, 31].map { box(20, $0) }
        #expect(truth(five) == 12)
        #expect(truth(five + [box(20, 14)]) == 13)
        #expect(truth(Array(five.dropLast())) == nil)
        // At the border, a platelet, a line.
        #expect(truth(five.dropLast() + [box(2, 20), box(20, 20, .platelet), box(20, 3)]) == nil)
    }
}
