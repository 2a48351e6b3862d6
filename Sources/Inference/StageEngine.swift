import Foundation
import Offloading
import Packaging
import Synchronization

/// The network compiled so that it gives the feature maps of its stages with its answer; made when first wanted.
///
/// It answers whatever is shown with pictures, in one run. It is apart from the network that only predicts, which so
/// stays as fast as it was: with these outputs OpenVINO must keep and reorder results that it otherwise overwrites.
public final class StageEngine: NetworkEngine {
    private let package: ModelPackage
    private let options: InferenceOptions
    private let offloading: Offloading
    /// Mapped, not read: it costs no memory until it is wanted, and stays the same when the package is replaced.
    private let network: Data
    private let made = Mutex<InferenceEngine?>(nil)

    /// - Parameters:
    ///   - package: A verified package; where it names no stages, the answers have none.
    ///   - options: How to use the machine.
    ///   - offloading: The threads that compile.
    /// - Throws: `InferenceError` when the network cannot be opened.
    public init(package: ModelPackage, options: InferenceOptions, offloading: Offloading = .process) throws {
        (self.package, self.options, self.offloading) = (package, options, offloading)
        do {
            network = try Data(contentsOf: package.networkURL, options: .alwaysMapped)
        } catch {
            throw InferenceError(
                .loadFailed, "\(package.networkURL.path) cannot be read", underlying: error.localizedDescription)
        }
    }

    public func infer(_ tensor: [Float]) async throws -> NetworkOutput {
        try await offloading.wait { try self.engine() }.infer(tensor)
    }

    /// The engine; compiling blocks the first caller, and those that come meanwhile, for some hundred milliseconds.
    private func engine() throws -> InferenceEngine {
        try made.withLock { made in
            if let made { return made }
            let engine = try InferenceEngine(package: package, options: options, stagesOf: network)
            made = engine
            return engine
        }
    }
}
