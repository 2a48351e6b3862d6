import ArgumentParser
import Foundation
import Networks
import Packaging
import Training

/// `leukoscope-lab stages`.
struct StagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stages",
        abstract: "Declares in a model package which layers an explanation shows.",
        discussion: """
            Writes outputs.stages of model.json anew, by the architecture that it names: an early, a middle and the last \
            feature map. The network and its checksum stay as they are. Packages of train have them already.

            Example: leukoscope-lab stages Models/release
            """)

    @Argument(help: "The model package.")
    var package: String

    func run() throws {
        let directory = URL(fileURLWithPath: package)
        var description = try ModelPackage(directory: directory).description
        guard let architecture = Architecture(rawValue: description.architecture) else {
            throw ValidationError("the package has the unknown architecture \"\(description.architecture)\"")
        }
        let graph = architecture.graph(
            classes: description.classes.count, inputHeight: description.input.height,
            inputWidth: description.input.width)
        let stages = try ModelRelease.stages(
            of: graph, inputHeight: description.input.height, inputWidth: description.input.width)
        description.outputs.stages = stages
        try description.json().write(
            to: directory.appendingPathComponent(ModelPackage.FileName.description), options: .atomic)
        _ = try ModelPackage(directory: directory)
        for stage in stages {
            print("\(stage.name): \(stage.tensor), \(stage.channels) maps of \(stage.width) × \(stage.height)")
        }
    }
}
