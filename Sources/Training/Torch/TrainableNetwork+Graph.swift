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
        var list: [CTNode] = []
        for (index, node) in graph.nodes.enumerated() {
            var entry = CTNode()
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
        try Self.check {
            ct_network_create(list, Int32(list.count), logits, embedding, features, &handle, $0)
        }
        guard let handle else { throw TrainingError(.library, "libtorch made no network") }
        return handle
    }
}

extension CTNode {
    fileprivate mutating func describe(_ operation: Networks.Operation) {
        switch operation {
        case .convolution(let c):
            let padding = [c.padding.top, c.padding.left, c.padding.bottom, c.padding.right]
            set(
                CTConvolution,
                [c.inputChannels, c.outputChannels, c.kernelHeight, c.stride, c.groups, c.bias ? 1 : 0] + padding
                    + [c.kernelWidth])
        case .batchNormalization(let channels, let epsilon, let momentum):
            set(CTBatchNormalization, [channels])
            // Decimal text keeps 0.001 the same double as in Python; a bare Float to Double would not.
            reals = (Double("\(epsilon)") ?? Double(epsilon), Double("\(momentum)") ?? Double(momentum))
        case .relu: set(CTRelu)
        case .relu6: set(CTRelu6)
        case .sigmoid: set(CTSigmoid)
        case .silu: set(CTSilu)
        case .maxPool(let kernelSize, let stride, let padding): set(CTMaxPool, [kernelSize, stride, padding])
        case .averagePool(let kernelSize, let stride, let padding): set(CTAveragePool, [kernelSize, stride, padding])
        case .globalAveragePool: set(CTGlobalAveragePool)
        case .add: set(CTAdd)
        case .multiply: set(CTMultiply)
        case .concatenate: set(CTConcatenate)
        case .dropout(let rate):
            set(CTDropout)
            reals.0 = Double("\(rate)") ?? Double(rate)
        case .linear(let inputFeatures, let outputFeatures): set(CTLinear, [inputFeatures, outputFeatures])
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
