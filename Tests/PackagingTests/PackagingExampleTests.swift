import Foundation
import Imaging
import Packaging
import Testing

/// The worked example of the module's documentation, which `Scripts/examples.py` copies from here.
@Suite struct PackagingExampleTests {
    @Test func `the worked example reads a package and refuses it once a byte has changed`() throws {
        try TinyPackage.withCopy { directory in
            // example
            let package = try ModelPackage(directory: directory)
            let classes = package.description.classes.map(\.key)
            let side = package.sight.pipeline.outputWidth

            var network = try Data(contentsOf: package.networkURL)
            network[network.count / 2] ^= 1
            try network.write(to: package.networkURL)
            do {
                _ = try ModelPackage(directory: directory)
            } catch let error as PackagingError where error.code == .wrongChecksum {
                print("\(error.path) was changed: \(error.message)")
            }
            // end of example
            #expect(classes == ["benign", "early-pre-b", "pre-b", "pro-b"])
            #expect(side == package.description.input.width)
            let error = #expect(throws: PackagingError.self) { try ModelPackage(directory: directory) }
            #expect(error?.code == .wrongChecksum && error?.path.hasSuffix("model.onnx") == true)
        }
    }
}
