import ArgumentParser
import Foundation
import Inference
import Packaging

extension ModelsCommand {
    /// Writes the network that an inference server has to serve.
    struct Network: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a package's network for an inference server: as ONNX, its stages among its outputs.",
            discussion: """
                Serve it under the package's name, and name the server to “serve” and “predict” with --inference.
                """)

        @Option(
            help: ArgumentHelp("The package; by default the one beside the program.", valueName: "dir"))
        var model: String?

        @Argument(help: ArgumentHelp("The file to write, such as models/release/1/model.onnx.", valueName: "file"))
        var file: String

        func run() throws {
            let package = try ModelPackage.open(model)
            do {
                let network = ONNXOutputs.adding(
                    stagesOf: package.description, to: try Data(contentsOf: package.networkURL))
                try network.write(to: URL(fileURLWithPath: file), options: .atomic)
            } catch {
                throw ProgramExit.stop(
                    "\(file) cannot be written: \(error.localizedDescription)", ProgramExit.unavailable)
            }
        }
    }
}
