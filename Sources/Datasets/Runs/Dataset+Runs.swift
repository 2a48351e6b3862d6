import Foundation
import Imaging
import Synchronization

extension Dataset {
    /// Measures every image as the inference of runs sees it.
    ///
    /// - Returns: One frame an image, in the order of the manifest.
    /// - Throws: `DatasetError` `unreadable` for the first file that cannot be read or decoded.
    public func runFrames(progress: @escaping Progress = { _, _ in }) throws -> [RunFrame] {
        let entries = manifest.entries
        let measured = Mutex<[Int: Result<ImageBackdrop, DatasetError>]>([:])
        DispatchQueue.concurrentPerform(iterations: entries.count) { position in
            let result = backdrop(of: entries[position].file)
            let done = measured.withLock { measured in
                measured[position] = result
                return measured.count
            }
            progress(done, entries.count)
        }
        let numbers = FileNumbers(entries).values
        return try measured.withLock { measured in
            try entries.enumerated().compactMap { position, entry in
                try measured[position]?.get().frame(number: numbers[position], entry: entry)
            }
        }
    }

    private func backdrop(of file: String) -> Result<ImageBackdrop, DatasetError> {
        let url = folder.appendingPathComponent(file)
        do {
            return .success(try .measure(ImageDecoder.decode([UInt8](Data(contentsOf: url)))))
        } catch {
            return .failure(DatasetError(.unreadable, "no backdrop can be measured: \(error)", path: url.path))
        }
    }

    /// The same set with these runs in its manifest.
    ///
    /// - Parameter assignments: One an image, in the order of the manifest.
    public func assigning(_ assignments: [RunInference.Assignment]) -> Dataset {
        var result = self
        for (position, assignment) in assignments.enumerated() {
            result.manifest.entries[position].run = assignment.run
        }
        return result
    }

    /// The table of files, as they were named when they were imported, and their runs; `SampleFacts/table(_:)` reads it.
    public var runTable: String {
        let rows = manifest.entries.map { "\($0.source)\t\($0.run ?? SampleFacts.unassigned)" }
        return (["file\trun"] + rows).joined(separator: "\n") + "\n"
    }
}

extension ImageBackdrop {
    fileprivate func frame(number: Int, entry: Manifest.Entry) -> RunFrame {
        RunFrame(number: number, label: entry.label, group: entry.group, backdrop: self)
    }
}

/// The number of each file within its class: the last digits of its name. Where a name of the class has none, or two have
/// the same, the place among the files of the class.
struct FileNumbers {
    /// In the order of the entries.
    let values: [Int]

    init(_ entries: [Manifest.Entry]) {
        var values = [Int](repeating: 0, count: entries.count)
        for positions in Dictionary(grouping: entries.indices, by: { entries[$0].label }).values {
            let named = positions.map { Self.number(in: entries[$0].file) }
            let isNumbered = Set(named).count == named.count && !named.contains(nil)
            let ordered = positions.sorted { FileOrder.precedes(entries[$0].file, entries[$1].file) }
            for (place, position) in ordered.enumerated() { values[position] = place + 1 }
            guard isNumbered else { continue }
            for (position, number) in zip(positions, named) { values[position] = number ?? 0 }
        }
        self.values = values
    }

    private static func number(in file: String) -> Int? {
        let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        let digits = stem.reversed().drop { !$0.isASCII || !$0.isNumber }.prefix { $0.isASCII && $0.isNumber }
        return Int(String(digits.reversed()))
    }
}
