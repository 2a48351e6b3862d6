/// Classes within acquisition runs or series, where these are known.
package struct TrainingGroups: Sendable {
    /// The group of every image of the data set, from 0.
    package let numbers: [Int]
    package let count: Int

    /// - Parameter sources: The run or series of each image, or empty.
    package init(labels: [Int], sources: [String?]) {
        let names = labels.indices.map { "\(labels[$0]) \(sources.isEmpty ? "" : sources[$0] ?? "")" }
        let known = Dictionary(
            uniqueKeysWithValues: Set(names).sorted().enumerated().map { ($0.element, $0.offset) })
        numbers = names.compactMap { known[$0] }
        count = known.count
    }
}
