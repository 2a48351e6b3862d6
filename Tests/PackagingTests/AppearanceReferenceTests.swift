import Foundation
import Imaging
import Packaging
import Tensors
import Testing

@Suite struct AppearanceReferenceTests {
    private static let size = ImageAppearance.count

    private static func reference(
        deviation: Float = 1, corner: Float = 0, size: Int = size
    ) -> AppearanceReference {
        var whitening = Tensor(shape: [size, size], repeating: 0)
        for row in 0..<size { whitening.values[row * size + row] = 1 }
        whitening.values[size - 1] = corner
        return AppearanceReference(
            center: Tensor(shape: [size], repeating: 2), deviation: Tensor(shape: [size], repeating: deviation),
            whitening: whitening)
    }

    private func write(
        _ parameters: [String: Tensor], _ novelty: ModelDescription.Novelty
    ) throws -> ModelPackage {
        try TinyPackage.withTemporaryDirectory { place in
            let original = try ModelPackage(directory: TinyPackage.directory)
            var description = original.description
            description.novelty = novelty
            let own = try Safetensors.read(original.directory.appendingPathComponent("parameters.safetensors"))
            return try ModelPackage.write(
                description, onnx: original.networkURL, parameters: own.merging(parameters) { $1 }, card: "",
                metrics: Data("{}".utf8), to: place.appendingPathComponent("new"))
        }
    }

    private static let asked = ModelDescription.Novelty(method: .appearanceMahalanobis, threshold: 0.5, scale: 12)

    @Test func `comes back as it was written`() throws {
        let package = try write(Self.reference().parameters, Self.asked)
        #expect(package.appearance == Self.reference())
        #expect(package.description.novelty == Self.asked)
    }

    @Test func `is not there where the package does not ask`() throws {
        #expect(try ModelPackage(directory: TinyPackage.directory).appearance == nil)
        #expect(try write(Self.reference().parameters, .init(threshold: 0.5)).appearance == nil)
    }

    @Test(arguments: [nil, 0, -1, 1e9]) func `needs a scale`(_ scale: Double?) throws {
        let error = try #require(throws: PackagingError.self) {
            try write(
                Self.reference().parameters,
                .init(method: .appearanceMahalanobis, threshold: 0.5, scale: scale))
        }
        #expect(error.code == .invalidValue)
        #expect(error.message.contains("novelty.scale"))
    }

    @Test func `needs its tensors in their shape`() throws {
        #expect(try #require(throws: PackagingError.self) { try write([:], Self.asked) }.code == .wrongShape)
        let error = try #require(throws: PackagingError.self) {
            try write(Self.reference(size: 3).parameters, Self.asked)
        }
        #expect(error.code == .wrongShape)
    }

    @Test func `refuses numbers that are no distance`() throws {
        for broken in [
            Self.reference(deviation: 0), Self.reference(deviation: .nan), Self.reference(corner: 1),
        ] {
            let error = try #require(throws: PackagingError.self) { try write(broken.parameters, Self.asked) }
            #expect(error.code == .invalidValue)
        }
    }
}
