/// The fields of one image, in the order of its plan. Each is cut out when it is asked for, so that many take no memory.
public struct CutImage: Sendable, RandomAccessCollection {
    /// How it is cut.
    public let plan: FieldPlan
    /// The colour of empty glass in the whole image, red first, 0 to 255.
    public let glass: [UInt8]
    private let resized: RGBImage

    init(plan: FieldPlan, resized: RGBImage, glass: [UInt8]) {
        (self.plan, self.resized, self.glass) = (plan, resized, glass)
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { plan.fields.count }

    /// A field, outside of the image empty glass.
    public subscript(position: Int) -> RGBImage { resized.cut(plan.fields[position], over: glass) }
}

extension RGBImage {
    fileprivate func cut(_ field: FieldPlan.Field, over colour: [UInt8]) -> RGBImage {
        let columns = max(0, field.x)..<min(width, field.x + field.width)
        let rows = max(0, field.y)..<min(height, field.y + field.height)
        let inner = cut(columns: columns, rows: rows)
        if inner.width == field.width, inner.height == field.height { return inner }
        var result = RGBImage(
            width: field.width, height: field.height,
            pixels: [[UInt8]](repeating: colour, count: field.width * field.height).flatMap { $0 })
        for row in 0..<inner.height {
            let from = row * inner.width * 3
            let to = ((rows.lowerBound - field.y + row) * field.width + columns.lowerBound - field.x) * 3
            result.pixels.replaceSubrange(
                to..<(to + inner.width * 3), with: inner.pixels[from..<(from + inner.width * 3)])
        }
        return result
    }
}
