/// What made a measurement impossible.
public struct EvaluationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of problem, for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// There is nothing to measure.
        case empty
        /// Two arrays that belong together differ in length, or a row has the wrong number of columns.
        case shape
        /// A label is no index into the classes.
        case labelOutOfRange
        /// A number is NaN, infinite, or outside 0 to 1 where a probability is due.
        case notAProbability
        /// The probabilities of one image do not sum to 1.
        case notNormalized
        /// A parameter such as the coverage or the number of bins is outside its range.
        case parameter
    }

    public let code: Code
    /// One sentence for people, with the offending value and what was expected.
    public let message: String
    /// Position of the first offending row, counted from 0.
    public let row: Int?

    public init(code: Code, message: String, row: Int? = nil) {
        (self.code, self.message, self.row) = (code, message, row)
    }

    public var description: String { row.map { "\(message) (row \($0))" } ?? message }
}
