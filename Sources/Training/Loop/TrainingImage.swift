import Datasets
import Foundation

/// One labelled image of a training set.
public struct TrainingImage: Sendable, Equatable {
    public let url: URL
    /// Class number, in the order of the model package's classes.
    public let label: Int
    /// Duplicates share a group; it never straddles a split.
    public let group: String
    /// The path within the data set, for reports.
    public let id: String
    /// The acquisition series, where known.
    public let series: String?
    /// The acquisition run, where known.
    public let run: String?

    public init(url: URL, label: Int, group: String, id: String, series: String? = nil, run: String? = nil) {
        (self.url, self.label, self.group, self.id) = (url, label, group, id)
        (self.series, self.run) = (series, run)
    }

    /// What intervals resample whole: the run where folds are runs, else the duplicate group.
    /// - Parameter split: How the folds are cut.
    public func resamplingUnit(split: String) -> String {
        split == SplitMethod.runs.rawValue ? run ?? group : group
    }
}

extension TrainingImage {
    /// An image of a data set.
    public init(_ item: Dataset.Item) {
        self.init(
            url: item.url, label: item.label, group: "\(item.group)", id: item.file, series: item.series,
            run: item.run)
    }
}
