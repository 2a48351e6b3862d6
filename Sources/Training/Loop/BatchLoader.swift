import Dispatch
import Foundation
import Imaging
import Randomness
import Synchronization

/// Prepares batches on other threads while the network works on the present one.
///
/// Batch b holds the images `order[b * size ..< (b + 1) * size]`; what each looks like depends on the seeds only.
final class BatchLoader {
    private let cache: ImageCache
    private let labels: [Int]
    private let batches: [ArraySlice<Int>]
    private let augmentation: Augmentation?
    private let transfer: StainTransfer?
    private let nearDomain: NearDomainVariation?
    private let erasure: NucleusErasure?
    private let guidance: TrainingNuclei?
    private let seed: UInt64
    private let queue = DispatchQueue(label: "leukoscope.batches", attributes: .concurrent)
    private var ahead: [Future] = []
    private var next = 0

    /// - Parameters:
    ///   - order: Indices into the cache, in the order wanted.
    ///   - dropsRemainder: Leaves out a last batch that is not full, unless it is the only one.
    ///   - erasure: Paints over nuclei first of all; nil leaves them.
    ///   - guidance: Gives the batch the places of the nuclei; nil gives none.
    ///   - transfer: Recolours images before they are augmented; nil leaves them.
    ///   - nearDomain: Changes images as other laboratories' are, before they are augmented; nil leaves them.
    ///   - augmentation: Nil for images as they are.
    ///   - prefetch: Batches prepared ahead.
    ///   - group: The processes of which each prepares its part of every batch, as one would the whole.
    init(
        cache: ImageCache, labels: [Int], order: [Int], batchSize: Int, dropsRemainder: Bool,
        erasure: NucleusErasure? = nil, guidance: TrainingNuclei? = nil, transfer: StainTransfer? = nil,
        nearDomain: NearDomainVariation? = nil, augmentation: Augmentation?, seed: UInt64, prefetch: Int = 3,
        group: ProcessGroup = .alone
    ) {
        (self.cache, self.labels, self.erasure, self.guidance) = (cache, labels, erasure, guidance)
        (self.transfer, self.nearDomain, self.augmentation, self.seed) = (transfer, nearDomain, augmentation, seed)
        var batches = stride(from: 0, to: order.count, by: batchSize).map {
            order[$0..<min(order.count, $0 + batchSize)]
        }
        if dropsRemainder, batches.count > 1, let last = batches.last, last.count < batchSize { batches.removeLast() }
        self.batches = batches.map { batch in
            let own = group.part(of: batch.count)
            return batch[(batch.startIndex + own.lowerBound)..<(batch.startIndex + own.upperBound)]
        }
        for _ in 0..<prefetch { schedule() }
    }

    /// Batches in all.
    var count: Int { batches.count }

    /// The next batch, or nil after the last; waits until it is ready.
    func nextBatch() throws -> Batch? {
        guard !ahead.isEmpty else { return nil }
        let batch = try ahead.removeFirst().wait()
        schedule()
        return batch
    }

    private func schedule() {
        guard next < batches.count else { return }
        let (cache, labels, indices, seed) = (cache, labels, batches[next], seed)
        let (erasure, guidance, augmentation) = (erasure, guidance, augmentation)
        let (transfer, nearDomain) = (transfer, nearDomain)
        next += 1
        let future = Future()
        queue.async {
            future.fulfil(
                Result {
                    try Self.assemble(
                        cache: cache, labels: labels, indices: indices, erasure: erasure, guidance: guidance,
                        transfer: transfer, nearDomain: nearDomain, augmentation: augmentation, seed: seed)
                })
        }
        ahead.append(future)
    }

    private static func assemble(
        cache: ImageCache, labels: [Int], indices: ArraySlice<Int>, erasure: NucleusErasure?,
        guidance: TrainingNuclei?, transfer: StainTransfer?, nearDomain: NearDomainVariation?,
        augmentation: Augmentation?, seed: UInt64
    ) throws -> Batch {
        let pipeline = cache.preprocessing
        var images: [Float] = []
        var targets: [Int64] = []
        var nuclei: [Float] = []
        images.reserveCapacity(indices.count * 3 * pipeline.outputWidth * pipeline.outputHeight)
        // By place in the order, not by image: an image that stands in it twice is varied in two ways.
        for (place, index) in zip(indices.indices, indices) {
            var image = try cache.image(index)
            var target = Int64(labels[index])
            var generator = SplitMix64(seed: seed, UInt64(place))
            if let erasure { (image, target) = try erasure.apply(to: image, of: target, index, using: &generator) }
            if let transfer { image = try transfer.apply(to: image, index: index, using: &generator) }
            if let nearDomain { image = try nearDomain.apply(to: image, using: &generator) }
            let variation = generator.next()
            if let augmentation { image = try augmentation.apply(to: image, seed: variation) }
            if let guidance {
                nuclei += try guidance.places(index, movedBy: augmentation ?? .none, seed: variation)
            }
            images.append(contentsOf: pipeline.normalized(image))
            targets.append(target)
        }
        return Batch(
            images: images, labels: targets, height: pipeline.outputHeight, width: pipeline.outputWidth,
            nuclei: nuclei, indices: Array(indices))
    }
}

/// A batch that another thread will deliver.
private final class Future: Sendable {
    private let ready = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<Batch, any Error>?>(nil)

    func fulfil(_ value: Result<Batch, any Error>) {
        result.withLock { $0 = value }
        ready.signal()
    }

    func wait() throws -> Batch {
        ready.wait()
        guard let value = result.withLock({ $0 }) else {
            throw TrainingError(.library, "a batch was announced but not delivered")
        }
        return try value.get()
    }
}
