/// The parts that move pixels.
extension RGBImage {
    /// Resized so that red cells have the reference's size, in a field of the reference's size.
    /// - Parameters:
    ///   - redCellPixels: Diameter of a red cell in this image.
    ///   - factor: On the reference's red cells.
    ///   - place: Which part of a larger image is taken: 0 is its upper left, 1 its lower right.
    func brought(
        from redCellPixels: Double, near reference: NearDomainReference, factor: Double, place: Double
    ) throws -> RGBImage {
        guard let target = reference.redCellPixels, redCellPixels > 0 else {
            throw ImagingError(
                .invalidParameter, "red cells of \(redCellPixels) pixels cannot be brought to the reference's size")
        }
        let scale = target * factor / redCellPixels
        let resized = try resized(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded())))
        func start(_ length: Int, _ wanted: Int) -> Int {
            length > wanted ? Int(Double(length - wanted) * place) : (length - wanted) / 2
        }
        return resized.window(
            x: start(resized.width, reference.width), y: start(resized.height, reference.height),
            width: reference.width, height: reference.height)
    }

    /// A rectangle of the image, which its mirror images continue without end.
    func window(x left: Int, y top: Int, width: Int, height: Int) -> RGBImage {
        func mirrored(_ place: Int, _ length: Int) -> Int {
            let turn = ((place % (2 * length)) + 2 * length) % (2 * length)
            return turn < length ? turn : 2 * length - 1 - turn
        }
        let columns = (left..<left + width).map { mirrored($0, self.width) * 3 }
        var cut: [UInt8] = []
        cut.reserveCapacity(width * height * 3)
        for y in top..<top + height {
            let row = mirrored(y, self.height) * self.width * 3
            for column in columns { cut.append(contentsOf: pixels[row + column..<row + column + 3]) }
        }
        return RGBImage(width: width, height: height, pixels: cut)
    }

    /// Turned clockwise.
    /// - Parameter quarters: By how many times 90 degrees, 1 to 3.
    func turned(quarters: Int) -> RGBImage {
        let (newWidth, newHeight) = quarters == 2 ? (width, height) : (height, width)
        var turned: [UInt8] = []
        turned.reserveCapacity(pixels.count)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                let (column, row) =
                    switch quarters {
                    case 1: (y, height - 1 - x)
                    case 2: (width - 1 - x, height - 1 - y)
                    default: (width - 1 - y, x)
                    }
                let place = (row * width + column) * 3
                turned.append(contentsOf: pixels[place..<place + 3])
            }
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: turned)
    }
}
