import Dispatch
import Foundation
import Imaging
import Synchronization

/// Training images, decoded and preprocessed once up to (not including) normalisation.
///
/// Images beyond the memory limit are decoded anew each time; the result is the same.
public final class ImageCache: Sendable {
    /// The images, in the order of the data set.
    public let urls: [URL]
    /// How every image is seen, as serving will see it.
    public let sight: ImageSight
    /// The steps that every image goes through.
    public var preprocessing: PreprocessingPipeline { sight.pipeline }
    private let kept: [RGBImage?]

    /// Reads every image, on all processors.
    /// - Parameters:
    ///   - urls: In the order of the data set.
    ///   - preprocessing: The steps that every image goes through.
    ///   - minimumSide: As in `ImageSight`.
    ///   - megabytes: What the cache may hold.
    ///   - progress: Called now and then with the number of images read, from any thread.
    /// - Throws: `TrainingError` naming the first file that cannot be read.
    public init(
        urls: [URL], preprocessing: PreprocessingPipeline, minimumSide: Int? = nil, megabytes: Int,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        self.urls = urls
        let sight = ImageSight(pipeline: preprocessing, minimumSide: minimumSide)
        self.sight = sight
        let bytes = preprocessing.outputWidth * preprocessing.outputHeight * 3
        let fitting = min(urls.count, megabytes * 1_000_000 / max(1, bytes))
        let results = Mutex([Result<RGBImage, any Error>?](repeating: nil, count: fitting))
        let done = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: fitting) { index in
            let result = Result { try Self.read(urls[index], sight) }
            results.withLock { $0[index] = result }
            let count = done.add(1, ordering: .relaxed).newValue
            if count % 64 == 0 || count == fitting { progress(count) }
        }
        let images: [RGBImage?] = try results.withLock { try $0.map { try $0?.get() } }
        kept = images + Array(repeating: nil, count: urls.count - fitting)
    }

    /// The preprocessed image, 8 bits, of the pipeline's output size.
    public func image(_ index: Int) throws -> RGBImage {
        if let image = kept[index] { return image }
        return try Self.read(urls[index], sight)
    }

    private static func read(_ url: URL, _ sight: ImageSight) throws -> RGBImage {
        do {
            return try sight.see([UInt8](Data(contentsOf: url))).input
        } catch let error as ImagingError {
            throw TrainingError(.data, "\(url.path): \(error)")
        } catch {
            throw TrainingError(.data, "\(url.path) cannot be read: \(error.localizedDescription)")
        }
    }
}
