/// A dense array of 32-bit floats with a shape, in row-major order.
public struct Tensor: Sendable, Equatable {
    /// The length of each axis, outermost first; empty for a scalar.
    public let shape: [Int]
    /// The values, `shape.reduce(1, *)` of them, the last axis varying fastest.
    public var values: [Float]

    /// - Precondition: `values.count` is the product of `shape`.
    public init(shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count, "shape \(shape) does not hold \(values.count) values")
        self.shape = shape
        self.values = values
    }

    /// A tensor of one repeated value.
    public init(shape: [Int], repeating value: Float) {
        self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }
}
