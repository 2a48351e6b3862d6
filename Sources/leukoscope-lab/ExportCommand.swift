import ArgumentParser
import Foundation
import Networks
import Tensors
import Training

/// `leukoscope-lab export`.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a network as ONNX.",
        discussion: """
            Batch normalisation is folded into the convolutions. The file has one input, image [N, 3, H, W], and three \
            outputs: logits, embedding and features. The checkpoint of a run will do as weights: of it the best \
            epoch's are taken, else the moving average, else the newest.

            Example: leukoscope-lab export --architecture efficientnet-lite0 --weights runs/first/checkpoint.safetensors \
            --out network.onnx
            """)

    @Option(help: "Network: one of \(Architecture.names).")
    var architecture: String

    @Option(help: "Weights as safetensors, names as the graph declares them, or the checkpoint of a run.")
    var weights: String

    @Option(help: "The ONNX file to write.")
    var out: String

    @Option(help: "Number of classes.")
    var classes = 4

    @Option(help: "Height and width of the image, in pixels.")
    var side = 224

    func run() throws {
        guard let architecture = Architecture(rawValue: architecture) else {
            throw ValidationError("there is no architecture \"\(architecture)\"; there are \(Architecture.names)")
        }
        guard classes > 1, side >= 32 else { throw ValidationError("--classes must be 2 or more, --side 32 or more") }
        let graph = architecture.graph(classes: classes, inputHeight: side, inputWidth: side)
        let (folded, parameters) = try BatchNormalizationFolding.fold(
            graph, Self.networkWeights(of: Safetensors.read(URL(fileURLWithPath: weights))))
        try ONNXWriter.write(
            folded, parameters, inputHeight: side, inputWidth: side, to: URL(fileURLWithPath: out))
        print(out)
    }

    /// The weights alone, where a checkpoint keeps several sets and the optimiser's state beside them.
    private static func networkWeights(of tensors: [String: Tensor]) -> [String: Tensor] {
        for prefix in ["best/", "average/", "value/"] {
            let chosen = tensors.filter { $0.key.hasPrefix(prefix) }
            guard !chosen.isEmpty else { continue }
            return Dictionary(uniqueKeysWithValues: chosen.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
        }
        return tensors
    }
}
