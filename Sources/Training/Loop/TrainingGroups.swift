/// Classes within acquisition series, where the series is known.
package struct TrainingGroups: Sendable {
    /// The group of every image of the data set, from 0.
    package let numbers: [Int]
    package let count: Int

    /// - Parameter series: The series of each image, or empty.
    package init(labels: [Int], series: [String?]) {
        let names = labels.indices.map { "\(labels[$0]) \(series.isEmpty ? "" : series[$0] ?? "")" }
        let known = Dictionary(
            uniqueKeysWithValues: Set(names).sorted().enumerated().map { ($0.element, $0.offset) })
        numbers = names.compactMap { known[$0] }
        count = known.count
    }
}
