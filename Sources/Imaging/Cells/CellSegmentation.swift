import CVision
import NativeCalls

/// Nuclei and the cells around them, for showing and measuring; no part of the classification.
///
/// The image is brought to 768 pixels of its longer side, so that the work is bounded and lengths mean the same in
/// every image. The colour of the empty glass is the median of the brightest fifth, in CIE Lab.
/// - **Nucleus:** pixels both redder and bluer than the glass, split off by Otsu's threshold (1979); paler cytoplasm is
///   taken off each region by a second Otsu threshold on the missing green where that divides it well. What is much paler
///   than the strongest region, or smaller than a fifth of the usual one (platelets), is left out.
/// - **Division:** a region that fills less than 92 % of its convex hull is divided at the peaks of the distance to its
///   border, each pixel going to the nearest peak.
/// - **Cell:** tissue within 1.2 nuclear radii of the nearest nucleus that is not the colour of the glass, nor, where
///   there are some away from all nuclei, of the red cells; smoothed by closing and opening.
///
/// Limits: nuclei that lie over each other may stay one (`isClump`); the lobes of a granulocyte may be counted one by one;
/// a cell's border against a cell that it touches is half way, not where the membrane is; a very pale cytoplasm is
/// taken for glass, and in a picture without glass nothing may be found.
public struct CellSegmentation: Sendable, Equatable {
    /// A place as shares of the image's width and height, 0 to 1.
    public struct Point: Sendable, Equatable {
        public let x: Double
        public let y: Double
    }

    /// One nucleus with its cell, measured in pixels of the image that was given.
    public struct Cell: Sendable, Equatable {
        /// Square pixels.
        public let nucleusArea: Double
        /// Length of the nucleus's outline after a running mean over seven border pixels (of the image at 768 pixels), in
        /// pixels; without the mean a circle's stairs would be a tenth too long.
        public let nucleusPerimeter: Double
        /// Square pixels, the nucleus included.
        public let cellArea: Double
        /// Centre of gravity of the nucleus.
        public let center: Point
        /// The nucleus touches another, or its outline is too large or too dented for one: its figures are uncertain.
        public let isClump: Bool
        /// The cell is cut off by the edge of the image.
        public let touchesEdge: Bool
        /// Closed lines.
        public let nucleusOutline: [Point]
        public let cellOutline: [Point]

        /// 4π area / perimeter² of the nucleus, 1 for a circle (Cox 1927).
        public var roundness: Double {
            nucleusPerimeter > 0 ? min(1, 4 * .pi * nucleusArea / (nucleusPerimeter * nucleusPerimeter)) : 0
        }

        /// Area of the nucleus by the area of the whole cell, 0 to 1.
        public var nucleusToCytoplasm: Double { cellArea > 0 ? min(1, nucleusArea / cellArea) : 0 }
    }

    /// The largest nucleus first.
    public let cells: [Cell]

    /// Finds the cells of `image`.
    /// - Parameters:
    ///   - image: A field of any size.
    ///   - maximum: About how many nuclei are kept, the largest; 1 to 1000.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image or maximum, or `processingFailed`.
    public static func find(in image: RGBImage, maximum: Int = 200) throws -> CellSegmentation {
        guard (1...1000).contains(maximum) else {
            throw ImagingError(.invalidParameter, "cells need a maximum of 1 to 1000")
        }
        var found: OpaquePointer?
        try image.read { cv_cells_find($0, $1, $2, Int32(maximum), &found, $3) }
        defer { cv_cells_free(found) }
        let list = Array(UnsafeBufferPointer(start: cv_cells_list(found), count: cv_cells_count(found)))
        let areas = list.map(\.nucleusArea).sorted()
        // Of two or fewer nuclei none is the usual one.
        let usual = areas.count > 2 ? areas[areas.count / 2] : .infinity
        return CellSegmentation(cells: list.map { Cell($0, points: cv_cells_points(found), usualArea: usual) })
    }

    /// Draws the outlines over an image of the same view, whatever its size: nuclei as solid, cells as dashed lines, each
    /// nucleus with its number from 1.
    /// - Parameters:
    ///   - image: What is drawn over.
    ///   - maximum: How many cells are drawn, the largest.
    /// - Throws: `ImagingError` `processingFailed`.
    public func drawn(over image: RGBImage, maximum: Int = .max) throws -> RGBImage {
        var result = image
        for (index, cell) in cells.prefix(maximum).enumerated() {
            try result.draw(cell.cellOutline, isDashed: true, number: 0)
            try result.draw(cell.nucleusOutline, isDashed: false, number: index + 1)
        }
        return result
    }
}

extension RGBImage {
    fileprivate mutating func draw(_ outline: [CellSegmentation.Point], isDashed: Bool, number: Int) throws {
        let points = outline.map { CVPoint(x: Float($0.x), y: Float($0.y)) }
        let (width, height) = (Int32(width), Int32(height))
        try pixels.withUnsafeMutableBufferPointer { pixels in
            try Native.call {
                cv_draw_outline(
                    pixels.baseAddress, width, height, points, points.count, isDashed ? 1 : 0, Int32(number), $0)
            }
        }
    }
}

extension CellSegmentation.Cell {
    fileprivate init(_ cell: CVCell, points: UnsafePointer<CVPoint>?, usualArea: Double) {
        func outline(_ first: Int32, _ count: Int32) -> [CellSegmentation.Point] {
            UnsafeBufferPointer(start: points.map { $0 + Int(first) }, count: Int(count)).map {
                CellSegmentation.Point(x: Double($0.x), y: Double($0.y))
            }
        }
        self.init(
            nucleusArea: cell.nucleusArea, nucleusPerimeter: cell.nucleusPerimeter, cellArea: cell.cellArea,
            center: CellSegmentation.Point(x: cell.centerX, y: cell.centerY),
            isClump: cell.isDivided != 0 || cell.solidity < 0.85 || cell.nucleusArea > 2.5 * usualArea,
            touchesEdge: cell.touchesEdge != 0, nucleusOutline: outline(cell.nucleusFirst, cell.nucleusCount),
            cellOutline: outline(cell.cellFirst, cell.cellCount))
    }
}

extension CellSegmentation {
    /// Which pixels lie on a nucleus: those whose centre is inside of an outline.
    /// - Parameters:
    ///   - width: Of the mask in pixels, at least 1; the outlines are shares of the image and fit any size.
    ///   - height: Likewise.
    /// - Returns: `[height, width]`.
    public func nucleusMask(width: Int, height: Int) -> [Bool] {
        var mask = [Bool](repeating: false, count: width * height)
        for cell in cells { Self.fill(cell.nucleusOutline, into: &mask, width: width, height: height) }
        return mask
    }

    /// Even-odd rule, one row of pixel centres after the other.
    private static func fill(_ outline: [Point], into mask: inout [Bool], width: Int, height: Int) {
        let points = outline.map { (x: $0.x * Double(width), y: $0.y * Double(height)) }
        guard points.count > 2, let top = points.map(\.y).min(), let bottom = points.map(\.y).max() else { return }
        for row in max(0, Int(top))..<max(0, min(height, Int(bottom) + 1)) {
            let y = Double(row) + 0.5
            var crossings: [Double] = []
            for (index, from) in points.enumerated() {
                let to = points[(index + 1) % points.count]
                guard (from.y <= y) != (to.y <= y) else { continue }
                crossings.append(from.x + (y - from.y) / (to.y - from.y) * (to.x - from.x))
            }
            crossings.sort()
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                let first = max(0, Int((crossings[pair] - 0.5).rounded(.up)))
                let last = min(width - 1, Int((crossings[pair + 1] - 0.5).rounded(.down)))
                if first <= last { for column in first...last { mask[row * width + column] = true } }
            }
        }
    }
}
