import Foundation
import FoundationXML
import Imaging

/// Boxes that people drew around cells.
enum CellBoxes {
    /// A box with the name of what it holds, in pixels.
    struct Named {
        let name: String
        let box: OutlinedCell.Box

        var width: Double { box.right - box.left }
        var height: Double { box.bottom - box.top }
    }

    /// Fields with VOC XML.
    static func annotated(_ root: URL, source: CellSource) throws -> [LabelledSmear] {
        try CellSource.images(in: root.appendingPathComponent("JPEGImages"), limit: source.limit).compactMap { url in
            let name = url.deletingPathExtension().lastPathComponent
            let boxes = try VOCBoxes.read(root.appendingPathComponent("Annotations/\(name).xml"))
            return smear(url, boxes: boxes, source: source)
        }
    }

    /// Fields with a line of class, middle and size a box, as shares of the image.
    static func labelled(_ root: URL, source: CellSource) throws -> [LabelledSmear] {
        try CellSource.images(in: root.appendingPathComponent("images"), limit: source.limit).compactMap { url in
            let header = try ImageDecoder.inspect(Array(Data(contentsOf: url)))
            if let width = source.imageWidth, header.width != width { return nil }
            let name = url.deletingPathExtension().lastPathComponent
            let text = try String(contentsOf: root.appendingPathComponent("labels/\(name).txt"), encoding: .utf8)
            let boxes = text.split(separator: "\n").compactMap {
                named($0, width: Double(header.width), height: Double(header.height))
            }
            return smear(url, boxes: boxes, source: source)
        }
    }

    private static func named(_ line: Substring, width: Double, height: Double) -> Named? {
        let values = line.split(separator: " ").compactMap { Double($0) }
        guard values.count == 5, let name = ["WBC", "RBC", "Platelets"].dropFirst(Int(values[0])).first else {
            return nil
        }
        let (x, y) = (values[1] * width, values[2] * height)
        let (across, down) = (values[3] * width / 2, values[4] * height / 2)
        return Named(name: name, box: .init(left: x - across, top: y - down, right: x + across, bottom: y + down))
    }

    /// `nil` for an image with fewer than three red cells, where no scale was given.
    private static func smear(_ url: URL, boxes: [Named], source: CellSource) -> LabelledSmear? {
        let red = boxes.filter { $0.name == "RBC" && $0.box.left > 2 && $0.box.top > 2 && min($0.width, $0.height) > 8 }
        let shapes = red.map { $0.width / $0.height }.sorted()
        let shape = shapes.isEmpty ? 1 : shapes[shapes.count / 2]
        var (across, down) = (1.0, 1.0)
        if source.kind == .labels, let stretch = source.stretch {
            if shape < 0.95 { across = stretch } else if shape > 1.1 { down = stretch }
        }
        let widths = red.map { ($0.width * across * $0.height * down).squareRoot() }.sorted()
        guard let scale = widths.count >= 3 ? widths[widths.count / 2] : source.redCellPixels else { return nil }
        let cells = boxes.filter { $0.name == "WBC" }.map {
            LabelledSmear.Cell(
                box: .init(
                    left: $0.box.left * across, top: $0.box.top * down, right: $0.box.right * across,
                    bottom: $0.box.bottom * down))
        }
        return LabelledSmear(
            pixels: .file(url, across: across, down: down), truth: .cells(cells), redCellPixels: scale,
            laboratory: source.laboratory, group: url.lastPathComponent)
    }
}

/// The boxes of a VOC XML file.
private final class VOCBoxes: NSObject, XMLParserDelegate {
    private var found: [CellBoxes.Named] = []
    private var text = ""
    private var name = ""
    private var edges: [String: Double] = [:]

    static func read(_ file: URL) throws -> [CellBoxes.Named] {
        let parser: XMLParser
        do { parser = XMLParser(data: try Data(contentsOf: file)) } catch {
            throw TrainingError(.data, "\(file.path) cannot be read: \(error.localizedDescription)")
        }
        let reader = VOCBoxes()
        parser.delegate = reader
        guard parser.parse() else { throw TrainingError(.data, "\(file.path) is no XML") }
        return reader.found
    }

    func parser(
        _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        text = ""
        if element == "object" { edges = [:] }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
        _ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?
    ) {
        let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
        switch element {
        case "name": name = value
        case "xmin", "ymin", "xmax", "ymax": edges[element] = Double(value)
        case "object":
            if let left = edges["xmin"], let top = edges["ymin"], let right = edges["xmax"], let bottom = edges["ymax"]
            {
                found.append(.init(name: name, box: .init(left: left, top: top, right: right, bottom: bottom)))
            }
        default: break
        }
    }
}
