import Foundation
import Tensors

extension ModelPackage {
    /// Writes a package so that a reader sees the old one or the new one, never half of either.
    ///
    /// The package is built in a temporary directory beside the destination, loaded once with every check of
    /// `init(directory:)`, and renamed.
    /// - Parameters:
    ///   - description: What to write as `model.json`; `files` is filled in.
    ///   - onnx: The network, copied.
    ///   - parameters: The tensors of `ParameterName`.
    ///   - references: Training images to hold a new one against, if any.
    ///   - cells: The folder of the cell model, whose files are copied; needed where `description.cells` is there.
    ///   - card: The model card, in Markdown.
    ///   - metrics: The measured quality, in JSON.
    ///   - directory: The package to make or replace.
    /// - Returns: The package as loaded from its final place.
    /// - Throws: `PackagingError`; the destination is then unchanged.
    @discardableResult
    public static func write(
        _ description: ModelDescription, onnx: URL, parameters: [String: Tensor],
        references: ReferenceCases? = nil, cells: URL? = nil, card: String, metrics: Data, to directory: URL
    ) throws -> ModelPackage {
        let files = FileManager.default
        let parent = directory.standardizedFileURL.deletingLastPathComponent()
        let temporary = parent.appendingPathComponent(".\(directory.lastPathComponent).\(UUID().uuidString)")
        do {
            try files.createDirectory(at: temporary, withIntermediateDirectories: true)
            do {
                try fill(temporary, description, onnx, parameters, references, cells, card, metrics)
                _ = try ModelPackage(directory: temporary)
                try replace(directory, with: temporary)
            } catch {
                if files.fileExists(atPath: temporary.path) { try files.removeItem(at: temporary) }
                throw error
            }
        } catch let error as PackagingError {
            throw error
        } catch {
            throw PackagingError(
                .inputOutput, "the model package cannot be written", path: directory.path, underlying: error)
        }
        return try ModelPackage(directory: directory)
    }

    private static func fill(
        _ directory: URL, _ description: ModelDescription, _ onnx: URL, _ parameters: [String: Tensor],
        _ references: ReferenceCases?, _ cells: URL?, _ card: String, _ metrics: Data
    ) throws {
        let network = directory.appendingPathComponent(FileName.network)
        let tensors = directory.appendingPathComponent(FileName.parameters)
        try FileManager.default.copyItem(at: onnx, to: network)
        try Safetensors.write(parameters, metadata: [:], to: tensors)
        var complete = description
        complete.files = [
            FileName.network: try FileChecksum.sha256(of: network),
            FileName.parameters: try FileChecksum.sha256(of: tensors),
        ]
        if let references {
            let file = directory.appendingPathComponent(FileName.references)
            try Data(references.fileBytes()).write(to: file)
            complete.files[FileName.references] = try FileChecksum.sha256(of: file)
        }
        if let cells {
            for name in FileName.cells {
                let file = directory.appendingPathComponent(name)
                try FileManager.default.copyItem(at: cells.appendingPathComponent(name), to: file)
                complete.files[name] = try FileChecksum.sha256(of: file)
            }
        }
        try complete.json().write(to: directory.appendingPathComponent(FileName.description))
        try Data(card.utf8).write(to: directory.appendingPathComponent(FileName.card))
        try metrics.write(to: directory.appendingPathComponent(FileName.metrics))
    }

    /// rename(2) cannot put a directory over a filled one. Old and new change places in one step where the system can do
    /// that; elsewhere the old package steps aside first and comes back when the second rename fails.
    private static func replace(_ directory: URL, with temporary: URL) throws {
        let files = FileManager.default
        guard files.fileExists(atPath: directory.path) else {
            return try files.moveItem(at: temporary, to: directory)
        }
        if try DirectoryExchange.exchange(temporary, directory) { return try files.removeItem(at: temporary) }
        let old = temporary.appendingPathExtension("old")
        try files.moveItem(at: directory, to: old)
        do {
            try files.moveItem(at: temporary, to: directory)
        } catch {
            try files.moveItem(at: old, to: directory)
            throw error
        }
        try files.removeItem(at: old)
    }
}
