import Foundation
import Packaging
import Tensors
import Testing

@Suite struct ReferenceCasesTests {
    private static let size = 16

    /// Each along another axis.
    private func cases(
        ids: [String] = ["Benign/1.jpg", "Pre/\"2\" ä.jpg", "Pro/3.jpg"], labels: [Int] = [0, 2, 3], length: Float = 1,
        size: Int = size
    ) throws -> ReferenceCases {
        let values = ids.indices.flatMap { row in (0..<size).map { $0 == row ? length : 0 } }
        return try ReferenceCases(
            ids: ids, labels: labels, embeddings: Tensor(shape: [ids.count, size], values: values),
            projectionMean: Tensor(shape: [size], repeating: 0.25),
            projectionComponents: Tensor(
                shape: [2, size], values: (0..<2 * size).map { $0 % (size + 1) == 0 ? 1 : 0 }),
            classes: 4)
    }

    private func write(_ references: ReferenceCases?, to place: URL) throws -> ModelPackage {
        let original = try ModelPackage(directory: TinyPackage.directory)
        return try ModelPackage.write(
            original.description, onnx: original.networkURL,
            parameters: Safetensors.read(original.directory.appendingPathComponent("parameters.safetensors")),
            references: references, card: "", metrics: Data("{}".utf8), to: place)
    }

    @Test func `travel with the package, and a package without them has none`() throws {
        try TinyPackage.withTemporaryDirectory { place in
            let written = try write(cases(), to: place.appendingPathComponent("with"))
            #expect(try written.references == cases())
            #expect(written.description.files["references.safetensors"]?.count == 64)
            let without = try write(nil, to: place.appendingPathComponent("without"))
            #expect(without.references == nil)
            #expect(without.description.files["references.safetensors"] == nil)
        }
        #expect(try ModelPackage(directory: TinyPackage.directory).references == nil)
    }

    @Test func `three hundred of a large network take less than a megabyte`() throws {
        let many = try cases(ids: (0..<300).map { "Early/\($0).jpg" }, labels: (0..<300).map { $0 % 4 }, size: 1280)
        #expect(try many.fileBytes().count < 800_000)
    }

    @Test func `a place is the way along each direction from the mean`() throws {
        let place = try cases().place((0..<Self.size).map { $0 == 1 ? 1 : 0 })
        #expect(abs(place.x + 0.25) < 1e-6 && abs(place.y - 0.75) < 1e-6)
    }

    @Test func `cases that do not fit each other are refused`() {
        #expect(throws: PackagingError.self) { try cases(labels: [0, 1]) }
        #expect(throws: PackagingError.self) { try cases(labels: [0, 1, 4]) }
        #expect(throws: PackagingError.self) { try cases(labels: [0, -1, 2]) }
        #expect(throws: PackagingError.self) { try cases(length: 0.9) }
        #expect(throws: PackagingError.self) { try cases(length: .nan) }
        #expect(throws: PackagingError.self) { try cases(ids: [], labels: []) }
    }

    @Test func `a file that was changed, is not stated or is of another network is refused`() throws {
        try TinyPackage.withTemporaryDirectory { place in
            let directory = place.appendingPathComponent("package")
            _ = try write(cases(), to: directory)
            let file = directory.appendingPathComponent("references.safetensors")
            let bytes = try Data(contentsOf: file)
            try (bytes + [0]).write(to: file)
            #expect(throws: PackagingError.self) { try ModelPackage(directory: directory) }
            try bytes.write(to: file)
            _ = try ModelPackage(directory: directory)
            try TinyPackage.edit(directory) { description in
                var files = description["files"] as? [String: String] ?? [:]
                files["references.safetensors"] = nil
                description["files"] = files
            }
            let error = #expect(throws: PackagingError.self) { try ModelPackage(directory: directory) }
            #expect(error?.code == .wrongChecksum)
            let other = place.appendingPathComponent("other")
            let shape = #expect(throws: PackagingError.self) { try write(cases(size: 8), to: other) }
            #expect(shape?.code == .wrongShape)
            #expect(!FileManager.default.fileExists(atPath: other.path))
        }
    }
}
