import Foundation
import Inference
import Packaging
import Synchronization

/// The network compiled so that it gives the feature maps of its stages with its answer; made when first wanted.
///
/// It answers whatever is shown with pictures, in one run. It is apart from the network that only predicts, which so
/// stays as fast as it was: with these outputs OpenVINO must keep and reorder results that it otherwise overwrites.
final class StageEngine: Sendable {
    /// From the input to the output.
    let stages: [ModelDescription.Stage]
    private let package: ModelPackage
    private let options: InferenceOptions
    /// Mapped, not read: it costs no memory until it is wanted, and stays the same when the package is replaced.
    private let network: Data
    private let made = Mutex<InferenceEngine?>(nil)

    /// - Returns: `nil` when the description names no stages.
    /// - Throws: `InferenceError` when the network cannot be opened.
    init?(package: ModelPackage, options: InferenceOptions) throws {
        guard let stages = package.description.outputs.stages, !stages.isEmpty else { return nil }
        (self.stages, self.package, self.options) = (stages, package, options)
        do {
            network = try Data(contentsOf: package.networkURL, options: .alwaysMapped)
        } catch {
            throw InferenceError(
                .loadFailed, "\(package.networkURL.path) cannot be read", underlying: error.localizedDescription)
        }
    }

    /// The engine; compiling blocks the first caller, and those that come meanwhile, for some hundred milliseconds.
    /// - Throws: `InferenceError`.
    func engine() throws -> InferenceEngine {
        try made.withLock { made in
            if let made { return made }
            let engine = try InferenceEngine(package: package, options: options, stagesOf: network)
            made = engine
            return engine
        }
    }
}
