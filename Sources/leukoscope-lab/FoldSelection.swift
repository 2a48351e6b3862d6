import ArgumentParser

/// Folds named on the command line.
enum FoldSelection {
    /// Reads `1,2,5`.
    /// - Parameter count: How many folds there are.
    /// - Returns: Nil where none is named, for all.
    /// - Throws: `ValidationError` for a number that is no fold.
    static func read(_ only: String?, count: Int) throws -> Set<Int>? {
        guard let only else { return nil }
        let numbers = only.split(separator: ",").map { Int($0) }
        guard !numbers.isEmpty, numbers.allSatisfy({ (1...count).contains($0 ?? 0) }) else {
            throw ValidationError("--only \(only): give fold numbers from 1 to \(count), separated by commas")
        }
        return Set(numbers.compactMap { $0 })
    }
}
