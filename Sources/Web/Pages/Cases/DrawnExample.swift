import Casework
import Findings
import Foundation

/// A drawn smear that stands for a class on the pages.
struct DrawnExample: Sendable {
    let smearClass: SmearClass
    /// The JPEG file: what is shown is what is screened.
    let jpeg: [UInt8]
    /// Where the picture is served.
    let address: String

    /// One a class, in their order: a seed whose drawing shows the class well.
    private static let seeds: [UInt64] = [11, 23, 31, 47]

    /// Draws one picture a class and puts them among the static files.
    ///
    /// - Parameter assets: The static files.
    static func drawAll(into assets: inout AssetLibrary) async throws -> [DrawnExample] {
        var examples: [DrawnExample] = []
        for (smearClass, seed) in zip(SmearClass.allCases, seeds) {
            let jpeg = try await DrawnPicture.jpeg(of: smearClass, seed: seed)
            let name = "example-\(smearClass).jpg"
            try await assets.add(Data(jpeg), named: name)
            examples.append(DrawnExample(smearClass: smearClass, jpeg: jpeg, address: try assets.address(of: name)))
        }
        return examples
    }
}
