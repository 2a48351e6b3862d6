/// One of the eight positions in which a square covers itself.
///
/// The mean of a network's answers in all eight does not depend on how the cell lay under the microscope's four right angles
/// and their mirror images.
enum SquarePosition: Int, CaseIterable {
    case upright, halfTurn, mirrored, flipped, transposed, quarterTurn, threeQuarterTurn, antitransposed

    /// The first 1, 2, 4 or 8.
    static func first(_ count: Int) -> [SquarePosition] { Array(allCases.prefix(count)) }

    /// Appends an image in this position.
    /// - Parameters:
    ///   - image: `[planes, side, side]`.
    ///   - target: Gets as many values.
    func append(_ image: [Float], side: Int, to target: inout [Float]) {
        // Where a value comes from is linear in row and column.
        let last = side - 1
        let (start, down, across): (Int, Int, Int) =
            switch self {
            case .upright: (0, side, 1)
            case .halfTurn: (last * side + last, -side, -1)
            case .mirrored: (last, side, -1)
            case .flipped: (last * side, -side, 1)
            case .transposed: (0, 1, side)
            case .quarterTurn: (last, -1, side)
            case .threeQuarterTurn: (last * side, 1, -side)
            case .antitransposed: (last * side + last, -1, -side)
            }
        image.withUnsafeBufferPointer { image in
            for plane in stride(from: 0, to: image.count, by: side * side) {
                for row in 0..<side {
                    var source = plane + start + row * down
                    for _ in 0..<side {
                        target.append(image[source])
                        source += across
                    }
                }
            }
        }
    }
}
