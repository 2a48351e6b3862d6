import Foundation
import LoopbackFixtures
import NetworkFixtures
import Networks
import ProcessFixtures
import Synchronization
import Tensors
import Testing
import Training

@Suite struct ProcessGroupSettingsTests {
    private static let whole = ["RANK": "1", "WORLD_SIZE": "3", "MASTER_ADDR": "10.0.0.7", "MASTER_PORT": "29500"]

    @Test func `the four variables say where a process stands`() throws {
        let settings = try #require(try ProcessGroupSettings.read(Self.whole))
        #expect((settings.rank, settings.size) == (1, 3))
        #expect((settings.address, settings.port) == ("10.0.0.7", 29500))
    }

    @Test(arguments: [
        [:], ["MASTER_ADDR": "10.0.0.7", "MASTER_PORT": "29500"], ["RANK": "0", "WORLD_SIZE": "1"],
    ])
    func `a process of its own needs none of them`(environment: [String: String]) throws {
        #expect(try ProcessGroupSettings.read(environment) == nil)
    }

    @Test(arguments: [
        ("RANK", nil, "WORLD_SIZE is set and RANK is not"), ("WORLD_SIZE", nil, "RANK is set and WORLD_SIZE is not"),
        ("MASTER_ADDR", nil, "RANK is set and MASTER_ADDR is not"), ("MASTER_PORT", "", "MASTER_PORT is not"),
        ("RANK", "3", "RANK is \"3\"; with WORLD_SIZE 3 it is a whole number from 0 to 2"),
        ("RANK", "-1", "RANK is \"-1\""), ("RANK", "one", "RANK is \"one\""),
        ("WORLD_SIZE", "0", "WORLD_SIZE is \"0\"; it is a whole number from 1 to 1024"),
        ("MASTER_PORT", "65536", "MASTER_PORT is \"65536\"; it is a whole number from 1 to 65535"),
    ])
    func `what is missing or cannot be is named`(name: String, value: String?, words: String) throws {
        var environment = Self.whole
        environment[name] = value
        let error = #expect(throws: TrainingError.self) { try ProcessGroupSettings.read(environment) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}

/// The results of threads, by number.
private final class Results<Value: Sendable>: Sendable {
    private let values = Mutex<[Int: Result<Value, any Error>]>([:])
    private let ended = DispatchSemaphore(value: 0)

    func set(_ number: Int, _ value: Result<Value, any Error>) {
        values.withLock { $0[number] = value }
        ended.signal()
    }

    func wait(for count: Int) -> [Result<Value, any Error>] {
        for _ in 0..<count { ended.wait() }
        return values.withLock { values in (0..<count).compactMap { values[$0] } }
    }
}

extension TorchTests {
    /// Several members in one process, each in a thread of its own; they meet over loopback as processes do, whose own tests are
    /// those of the commands.
    @Suite struct ProcessGroupTests {
        private func together<Value: Sendable>(
            _ size: Int, _ body: @escaping @Sendable (ProcessGroup) throws -> Value
        ) async throws -> [Result<Value, any Error>] {
            let port = "\(try FreePort.find())"
            let results = Results<Value>()
            for rank in 0..<size {
                Thread {
                    results.set(
                        rank,
                        Result {
                            let settings = try ProcessGroupSettings.read([
                                "RANK": "\(rank)", "WORLD_SIZE": "\(size)", "MASTER_ADDR": "127.0.0.1",
                                "MASTER_PORT": port,
                            ])
                            let patience = ProcessGroup.Patience(joining: .seconds(120), exchanging: .seconds(120))
                            return try body(ProcessGroup(joining: settings, patience: patience))
                        })
                }.start()
            }
            return try await onOwnThread { results.wait(for: size) }
        }

        /// Every operation, and no chance: the members of a test share one generator of random numbers.
        private static let graph = Graph(
            name: everyOperation.name, input: everyOperation.input, inputChannels: everyOperation.inputChannels,
            nodes: everyOperation.nodes.map { node in
                guard case .dropout = node.operation else { return node }
                return Node(name: node.name, operation: .dropout(rate: 0), inputs: node.inputs, stage: node.stage)
            }, outputs: everyOperation.outputs)

        private static func network(_ group: ProcessGroup) throws -> TrainableNetwork {
            var weights = try TinyNetwork.golden().filter { graph.parameterShapes[$0.key] != nil }
            // What others begin with does not count.
            if !group.isFirst { weights = graph.initialWeights(seed: 9) }
            return try TrainableNetwork(graph: graph, weights: weights, group: group)
        }

        private static func part(of batch: Batch, _ group: ProcessGroup) -> Batch {
            let own = group.part(of: batch.count)
            let size = batch.images.count / batch.count
            return Batch(
                images: Array(batch.images[own.lowerBound * size..<own.upperBound * size]),
                labels: Array(batch.labels[own]), height: batch.height, width: batch.width)
        }

        private static func expectClose(
            _ found: [String: Tensor], _ expected: [String: Tensor], _ what: String
        ) throws {
            #expect(found.count == expected.count)
            for (name, tensor) in expected {
                let other = try #require(found[name])
                #expect(other.shape == tensor.shape)
                for (a, b) in zip(other.values, tensor.values) {
                    #expect(abs(a - b) < 1e-5 + 1e-4 * abs(b), "\(what) of \(name): \(a) and \(b)")
                }
            }
        }

        @Test(arguments: [2, 3])
        func `several processes give the gradients of one with the whole batch`(size: Int) async throws {
            // Five images, so that the parts differ; one of them shows no class.
            let five = TinyNetwork.batch(count: 5)
            let whole = Batch(
                images: five.images, labels: [0, 1, Batch.noClass, 3, 0], height: five.height, width: five.width)
            let one = try Self.network(.alone)
            let expected = try one.gradients(whole, training: true)
            let results = try await together(size) { group in
                let network = try Self.network(group)
                let found = try network.gradients(Self.part(of: whole, group), training: true)
                return (found.loss, found.gradients, try network.weights())
            }
            let all = try results.map { try $0.get() }
            for (loss, gradients, weights) in all {
                #expect(abs(loss - expected.loss) < 1e-6)
                try Self.expectClose(gradients, expected.gradients, "the gradient")
                // The running statistics of batch normalisation are those of the whole batch too.
                try Self.expectClose(weights, one.weights(), "the value")
                #expect(gradients == all[0].1, "all processes have the same, to the last bit")
                #expect(weights == all[0].2)
            }
        }

        @Test func `the statistics of a part alone would give other gradients`() throws {
            let whole = TinyNetwork.batch(count: 4)
            let expected = try Self.network(.alone).gradients(whole, training: true).gradients
            let half = Batch(
                images: Array(whole.images.prefix(whole.images.count / 2)), labels: Array(whole.labels.prefix(2)),
                height: whole.height, width: whole.width)
            let found = try Self.network(.alone).gradients(half, training: true).gradients
            let differences = try expected.map { name, tensor in
                zip(tensor.values, try #require(found[name]).values).map { abs($0 - $1) }.max() ?? 0
            }
            #expect((differences.max() ?? 0) > 1e-2, "else the test above could not fail")
        }

        @Test func `two processes step as one does, towards targets that weigh differently`() async throws {
            let whole = TinyNetwork.batch(count: 4)
            let targets = (0..<16).map { Float($0 % 3) / 2 }
            let weights = (0..<16).map { Float($0 < 8 ? 0 : $0 % 4) }
            @Sendable func stepped(_ group: ProcessGroup) throws -> (Double, [String: Tensor]) {
                let network = try Self.network(group)
                var configuration = TrainingConfiguration()
                configuration.optimizer = .sgd
                configuration.precision = .float32
                try network.beginTraining(configuration, classWeights: nil)
                let own = group.part(of: 4)
                let places = own.lowerBound * 4..<own.upperBound * 4
                let loss = try network.targetStep(
                    Self.part(of: whole, group), targets: Array(targets[places]), weights: Array(weights[places]),
                    learningRate: 0.1, seed: 1)
                return (loss, try network.weights())
            }
            let expected = try stepped(.alone)
            for result in try await together(2, stepped) {
                let found = try result.get()
                #expect(abs(found.0 - expected.0) < 1e-6)
                try Self.expectClose(found.1, expected.1, "the value")
            }
        }

        @Test func `what is not finite in one process stops all, and moves nothing`() async throws {
            let whole = TinyNetwork.batch(count: 4)
            let results = try await together(2) { group in
                let network = try Self.network(group)
                try network.beginTraining(TrainingConfiguration(), classWeights: nil)
                let before = try network.weights()
                let part = Self.part(of: whole, group)
                var images = part.images
                if !group.isFirst { images[3] = .nan }
                let error = #expect(throws: TrainingError.self) {
                    try network.step(
                        Batch(images: images, labels: part.labels, height: part.height, width: part.width),
                        learningRate: 0.1, seed: 1)
                }
                return (error?.code == .notFinite, try network.weights() == before)
            }
            for result in results { #expect(try result.get() == (true, true)) }
        }

        @Test func `rows, sums and bytes reach every process`() async throws {
            let results = try await together(3) { group in
                let own = group.part(of: 7)
                let rows = try group.gather(own.flatMap { [Float($0), -Float($0)] }, width: 2, count: 7)
                let sums = try group.sum([Double(group.rank), 1])
                let bytes = try group.broadcast { [1, 2, 3] }
                return (rows, sums, bytes, try group.any(group.rank == 2), try group.first { false })
            }
            for result in results {
                let (rows, sums, bytes, any, first) = try result.get()
                #expect(rows == (0..<7).flatMap { [Float($0), -Float($0)] })
                #expect(sums == [3, 3])
                #expect(bytes == [1, 2, 3])
                #expect(any && !first)
            }
        }

        @Test(arguments: [1, 3, ProcessGroup.numbersAtOnce + 1])
        func `rows are gathered piece by piece, however many they are`(width: Int) async throws {
            let count = 3 * ProcessGroup.numbersAtOnce / width + 2
            let value = { (row: Int, column: Int) in Float((row * 7 + column) % 8191) }
            let expected = (0..<count).map { row in (0..<width).map { value(row, $0) } }
            let results = try await together(2) { group in
                let own = Array(expected[group.part(of: count)])
                let rows = try group.gather(own, width: width, count: count)
                let flat = try group.gather(own.flatMap(\.self), width: width, count: count)
                return (rows == expected, flat == expected.flatMap(\.self), group.largestExchange)
            }
            for result in results {
                let (rows, flat, largest) = try result.get()
                #expect(rows && flat)
                #expect(largest <= max(width, ProcessGroup.numbersAtOnce))
            }
        }

        @Test func `a process that was given something else stops all of them`() async throws {
            let results = try await together(3) { try $0.requireSame($0.rank == 1 ? "other" : "same", "the recipes") }
            for result in results {
                let error = #expect(throws: TrainingError.self) { try result.get() }
                #expect(error?.code == .configuration)
                #expect(error?.message.contains("the recipes differ between process 0 and process 1") == true)
            }
        }

        @Test func `a process of its own has all of everything`() throws {
            let alone = ProcessGroup.alone
            #expect(alone.part(of: 5) == 0..<5)
            #expect(try alone.gather([1, 2], width: 1, count: 2) == [1, 2])
            #expect(try alone.gather([[1], [2]], width: 1, count: 2) == [[1], [2]])
            #expect(try alone.broadcast { [4] } == [4])
            #expect(try alone.sum([2]) == [2])
        }
    }
}
