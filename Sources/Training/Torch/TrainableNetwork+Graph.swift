import CTorch
import Foundation
import Networks

extension TrainableNetwork {
    /// Hands the node list across once.
    static func create(_ graph: Graph) throws -> OpaquePointer {
        var numbers = [graph.input: Int32(0)]
        for (index, node) in graph.nodes.enumerated() { numbers[node.name] = Int32(index + 1) }
        func number(_ name: String) throws -> Int32 {
            guard let number = numbers[name] else {
                throw TrainingError(.configuration, "the graph \(graph.name) has no node \(name)")
            }
            return number
        }
        // The C list borrows names and inputs, which live in these two arenas until the call returns.
        let names = graph.nodes.map { strdup($0.name) }
        defer { names.forEach { free($0) } }
        let inputs = try graph.nodes.map { try $0.inputs.map(number) }
        let arena = UnsafeMutableBufferPointer<Int32>.allocate(capacity: max(1, inputs.joined().count))
        defer { arena.deallocate() }
        _ = arena.initialize(from: inputs.joined())
        var offset = 0
        var list: [ct_node] = []
        for (index, node) in graph.nodes.enumerated() {
            var entry = ct_node()
            entry.name = names[index].map { UnsafePointer($0) }
            entry.stage = Int32(node.stage)
            entry.inputs = arena.baseAddress.map { UnsafePointer($0 + offset) }
            entry.inputCount = Int32(inputs[index].count)
            offset += inputs[index].count
            entry.describe(node.operation)
            list.append(entry)
        }
        let outputs = graph.outputs
        let (logits, embedding) = (try number(outputs.logits), try number(outputs.embedding))
        let features = try number(outputs.featureMap)
        var handle: OpaquePointer?
        try check {
            ct_network_create(list, Int32(list.count), logits, embedding, features, &handle, $0, $1)
        }
        guard let handle else { throw TrainingError(.library, "libtorch made no network") }
        return handle
    }
}

extension ct_node {
    fileprivate mutating func describe(_ operation: Networks.Operation) {
        switch operation {
        case .convolution(let c):
            let padding = [c.padding.top, c.padding.left, c.padding.bottom, c.padding.right]
            set(
                CT_CONVOLUTION,
                [c.inputChannels, c.outputChannels, c.kernelSize, c.stride, c.groups, c.bias ? 1 : 0] + padding)
        case .batchNormalization(let channels, let epsilon, let momentum):
            set(CT_BATCH_NORMALIZATION, [channels])
            // Decimal text keeps 0.001 the same double as in Python; a bare Float to Double would not.
            reals = (Double("\(epsilon)") ?? Double(epsilon), Double("\(momentum)") ?? Double(momentum))
        case .relu: set(CT_RELU)
        case .relu6: set(CT_RELU6)
        case .sigmoid: set(CT_SIGMOID)
        case .silu: set(CT_SILU)
        case .maxPool(let kernelSize, let stride, let padding): set(CT_MAX_POOL, [kernelSize, stride, padding])
        case .averagePool(let kernelSize, let stride, let padding): set(CT_AVERAGE_POOL, [kernelSize, stride, padding])
        case .globalAveragePool: set(CT_GLOBAL_AVERAGE_POOL)
        case .add: set(CT_ADD)
        case .multiply: set(CT_MULTIPLY)
        case .concatenate: set(CT_CONCATENATE)
        case .dropout(let rate):
            set(CT_DROPOUT)
            reals.0 = Double("\(rate)") ?? Double(rate)
        case .linear(let inputFeatures, let outputFeatures): set(CT_LINEAR, [inputFeatures, outputFeatures])
        }
    }

    private mutating func set(_ operation: Int, _ values: [Int] = []) {
        self.operation = Int32(operation)
        withUnsafeMutableBytes(of: &integers) { bytes in
            let slots = bytes.bindMemory(to: Int64.self)
            for (index, value) in values.enumerated() { slots[index] = Int64(value) }
        }
    }
}
