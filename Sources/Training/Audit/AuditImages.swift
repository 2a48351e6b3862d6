import Dispatch
import Foundation
import Imaging
import Synchronization

/// The photographs of a data set, decoded anew each time they are asked for, changed, and made ready for a network.
package struct AuditImages: Sendable {
    package let items: [TrainingImage]
    private let sight: ImageSight
    package var preprocessing: PreprocessingPipeline { sight.pipeline }

    package init(items: [TrainingImage], preprocessing: PreprocessingPipeline) {
        self.items = items
        sight = ImageSight(pipeline: preprocessing)
    }

    /// Images that go through a network together.
    static let batchSize = 32

    private var networkSide: Int { max(preprocessing.outputWidth, preprocessing.outputHeight) }

    /// The photograph as training reads it, before any step.
    /// - Throws: `TrainingError` naming the file.
    package func photograph(_ index: Int) throws -> RGBImage {
        let url = items[index].url
        do {
            return try sight.photograph(sight.decode([UInt8](Data(contentsOf: url))))
        } catch {
            throw TrainingError(.data, "\(url.path) cannot be read: \(error)")
        }
    }

    /// The image that the network sees, before `normalize`.
    /// - Parameter variation: What is done to the photograph before; nil for nothing.
    package func image(_ index: Int, variation: ImageVariation? = nil) throws -> RGBImage {
        let photograph = try photograph(index)
        let varied = try variation?.apply(to: photograph, networkSide: networkSide) ?? photograph
        return try preprocessing.image(from: varied)
    }

    /// Images and labels for the network, in the order of `indices`.
    func batch(_ indices: ArraySlice<Int>, variation: ImageVariation? = nil) throws -> Batch {
        let images = try Self.concurrently(Array(indices)) { try image($0, variation: variation) }
        return batch(images, labels: indices.map { items[$0].label })
    }

    /// Images that went through every step but `normalize`.
    package func batch(_ images: [RGBImage], labels: [Int]) -> Batch {
        Batch(
            images: images.flatMap(preprocessing.normalized), labels: labels.map(Int64.init),
            height: preprocessing.outputHeight, width: preprocessing.outputWidth)
    }

    /// Runs of at most `batchSize`.
    static func runs(_ indices: [Int]) -> [ArraySlice<Int>] {
        stride(from: 0, to: indices.count, by: batchSize).map { indices[$0..<min(indices.count, $0 + batchSize)] }
    }

    /// What `work` gives for each element, in their order, on all processors.
    package static func concurrently<Result: Sendable>(
        _ elements: [Int], _ work: @Sendable (Int) throws -> Result
    ) throws -> [Result] {
        let results = Mutex([Swift.Result<Result, any Error>?](repeating: nil, count: elements.count))
        DispatchQueue.concurrentPerform(iterations: elements.count) { place in
            let result = Swift.Result { try work(elements[place]) }
            results.withLock { $0[place] = result }
        }
        return try results.withLock { try $0.compactMap { try $0?.get() } }
    }
}
