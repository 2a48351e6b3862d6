import Inference
import Packaging
import Synchronization

/// The network once more, compiled so that it also gives the feature maps of its stages; made when first wanted.
///
/// It is apart from the network that predicts, which so stays as fast as it was: with these outputs OpenVINO must keep
/// and reorder results that it otherwise overwrites.
final class StageEngine: Sendable {
    private let package: ModelPackage
    private let options: InferenceOptions
    private let made = Mutex<InferenceEngine?>(nil)

    init(package: ModelPackage, options: InferenceOptions) {
        self.package = package
        var options = options
        options.requests = 1
        self.options = options
    }

    /// What the description declares, from the input to the output.
    var stages: [ModelDescription.Stage] { package.description.outputs.stages ?? [] }

    /// The engine; compiling blocks the first caller, and those that come meanwhile, for some hundred milliseconds.
    /// - Throws: `InferenceError`.
    func engine() throws -> InferenceEngine {
        try made.withLock { made in
            if let made { return made }
            let engine = try InferenceEngine(package: package, options: options, copiesStages: true)
            made = engine
            return engine
        }
    }
}
