import Offloading
import Packaging

/// What runs the network of a package on one image after another, here or elsewhere.
public protocol NetworkEngine: Sendable {
    /// Runs the network on one image.
    /// - Parameter tensor: `[3, height, width]`, red first, as `PreprocessingPipeline.tensor(from:)` makes it.
    /// - Throws: `InferenceError`; `CancellationError`.
    func infer(_ tensor: [Float]) async throws -> NetworkOutput
}

extension InferenceEngine: NetworkEngine {}

/// What runs the network of one package.
public struct PackageEngines: Sendable {
    /// The package.
    public let package: ModelPackage
    /// The arithmetic of this machine.
    public let precision: ModelDescription.Precision
    /// Answers without stages.
    public let plain: any NetworkEngine
    /// Answers with the stages that the description names.
    public let staged: any NetworkEngine
    /// How many images are best in flight at once.
    public let requests: Int

    /// The memberwise initialiser.
    public init(
        package: ModelPackage, precision: ModelDescription.Precision, plain: any NetworkEngine,
        staged: any NetworkEngine, requests: Int
    ) {
        (self.package, self.precision, self.plain) = (package, precision, plain)
        (self.staged, self.requests) = (staged, requests)
    }

    /// Those of this machine. The network with stages is compiled when it is first wanted.
    /// - Parameters:
    ///   - engine: Of the package.
    ///   - options: How to use the machine.
    ///   - offloading: The threads that compile.
    /// - Throws: `InferenceError`.
    public init(_ engine: InferenceEngine, options: InferenceOptions, offloading: Offloading) throws {
        let package = engine.package
        let hasStages = package.description.outputs.stages?.isEmpty == false
        self.init(
            package: package, precision: engine.precision, plain: engine,
            staged: hasStages
                ? try StageEngine(package: package, options: options, offloading: offloading) : engine,
            requests: engine.requests)
    }
}

/// Stands before this machine's engines, and answers in their place where it can.
public protocol EngineFront: Sendable {
    /// - Parameter local: The engines of this machine.
    /// - Returns: Those that are asked; they ask `local` where they cannot answer.
    /// - Throws: `InferenceError`.
    func engines(before local: PackageEngines) throws -> PackageEngines
}
