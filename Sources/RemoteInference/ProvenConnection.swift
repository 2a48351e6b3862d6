import Inference
import Packaging
import Synchronization

/// A connection that is used for images only after the server's network was shown to be the package's over it.
///
/// What was shown holds for this connection and this version of the model: when it was opened anew, another server may stand
/// at its end.
final class ProvenConnection: Sendable {
    /// What was found out when the network was proven.
    private struct Proof {
        let messages: any TensorMessages
        let version: String
        let batch: Int
    }

    private let options: RemoteOptions
    private let package: ModelPackage
    private let served: ServedModel
    private let reference: any NetworkEngine
    private let http: HTTPConnection
    private let proof = Mutex<Proof?>(nil)

    /// - Parameters:
    ///   - options: Where the server is and what it calls the network.
    ///   - package: Whose network it is to run.
    ///   - reference: That network here, in 32-bit floats and with its stages.
    ///   - http: Used by this alone.
    init(options: RemoteOptions, package: ModelPackage, reference: any NetworkEngine, http: HTTPConnection) {
        (self.options, self.package, self.reference, self.http) = (options, package, reference, http)
        served = ServedModel(package.description)
    }

    /// Images of a request at most; 1 before the proof.
    var batch: Int { proof.withLock { $0?.batch ?? 1 } }

    /// The version of the model that was proven.
    var version: String { proof.withLock { $0?.version ?? "" } }

    /// Asks what the server's network is, and lets it answer all probes, in batches as images will come.
    /// - Throws: `RemoteInferenceError`; `InferenceError`, `CancellationError`.
    func prove() async throws {
        proof.withLock { $0 = nil }
        var messages: any TensorMessages = messages()
        if let request = messages.serverRequest { try messages.take(server: try await ask(request)) }
        let told = try served.verify(messages.metadata(from: try await ask(messages.metadataRequest)))
        var batch = min(options.batch, told, messages.maximumBatch(values: served.input.count))
        while true {
            do {
                let version = try await proveAnswers(messages, batch: batch)
                proof.withLock { $0 = Proof(messages: messages, version: version, batch: batch) }
                return
            } catch let error as RemoteInferenceError where error.code == .refused && batch > 1 {
                // The server may set a limit that its description of the network does not tell.
                batch /= 2
            }
        }
    }

    /// Runs images through the server's network.
    /// - Parameters:
    ///   - images: At most `batch`.
    ///   - withStages: Whether the stages are wanted.
    ///   - timeout: For the whole of it.
    /// - Throws: `RemoteInferenceError`; then nothing is proven any more.
    func infer(_ images: [[Float]], withStages: Bool, timeout: Duration) async throws -> [NetworkOutput] {
        let proof = proof.withLock { $0 }
        guard let proof else { throw RemoteInferenceError(.changed, "the inference server's network was not proven") }
        do {
            let (outputs, version) = try await infer(images, withStages, proof.messages, timeout: timeout)
            guard version == proof.version else {
                throw RemoteInferenceError(
                    .changed,
                    "the inference server's model is of version “\(version.shown(60))” now, and of “\(proof.version.shown(60))” when it was proven"
                )
            }
            return outputs
        } catch {
            self.proof.withLock { $0 = nil }
            throw error
        }
    }

    /// Lets the server answer one probe, which keeps the connection open and shows the network anew.
    /// - Throws: As `infer`, and `InferenceError`.
    func check(probe: Int) async throws {
        let tensor = try ProbeTensors(package).tensor(probe)
        let remote = try await infer([tensor], withStages: false, timeout: options.deadline)
        do {
            try await verify(remote, probes: [(probe, tensor)])
        } catch {
            proof.withLock { $0 = nil }
            throw error
        }
    }

    /// Ends whatever waits for the server, within a moment; for good.
    func stop() { http.stop() }

    private func messages() -> any TensorMessages {
        let model = options.model ?? package.description.name
        switch options.server.transport {
        case .rest: return RESTMessages(model: model)
        case .grpc: return GRPCMessages(model: model)
        }
    }

    private func ask(_ request: WireRequest) async throws -> WireAnswer {
        try await http.exchange(request, maximumAnswer: 1 << 20, timeout: options.proofDeadline)
    }

    /// One image alone first, because that is how most come, then the others in batches.
    private func proveAnswers(_ messages: any TensorMessages, batch: Int) async throws -> String {
        let probes = ProbeTensors(package)
        var (next, version) = (0, String?.none)
        while next < ProbeTensors.count {
            try Task.checkCancellation()
            let indices = next..<min(ProbeTensors.count, next + (next == 0 ? 1 : batch))
            let images = try indices.map { ($0, try probes.tensor($0)) }
            let (outputs, told) = try await infer(
                images.map(\.1), true, messages, timeout: options.proofDeadline)
            guard version == nil || version == told else {
                throw RemoteInferenceError(
                    .changed, "the inference server's model changed its version while it was proven")
            }
            version = told
            try await verify(outputs, probes: images)
            next = indices.upperBound
        }
        return version ?? ""
    }

    private func verify(_ outputs: [NetworkOutput], probes: [(index: Int, tensor: [Float])]) async throws {
        for (output, probe) in zip(outputs, probes) {
            try Agreement.verify(
                output, try await reference.infer(probe.tensor), description: package.description, image: probe.index)
        }
    }

    private func infer(
        _ images: [[Float]], _ withStages: Bool, _ messages: any TensorMessages, timeout: Duration
    ) async throws -> (outputs: [NetworkOutput], version: String) {
        let outputs = served.outputs(withStages: withStages)
        let request = messages.request(
            InferenceQuestion(
                input: served.input.name, shape: [images.count] + served.input.shape, images: images,
                outputs: outputs.map(\.name), timeout: timeout))
        let answer = try await http.exchange(
            request,
            maximumAnswer: messages.maximumAnswer(values: images.count * outputs.reduce(0) { $0 + $1.count }),
            timeout: timeout)
        guard !answer.isNew else {
            throw RemoteInferenceError(
                .changed,
                "the inference server \(options.server.address) closed the connection over which its network was proven"
            )
        }
        let read = try messages.answer(from: answer)
        return (try served.outputs(of: read, count: images.count, withStages: withStages), read.version)
    }
}
