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
