import Foundation
import Imaging

/// A drawn smear that stands for a class on the pages.
struct DrawnExample: Sendable {
    /// The class's key, such as `pre-b`.
    let key: String
    /// The JPEG file: what is shown is what is screened.
    let jpeg: [UInt8]
    /// Where the picture is served.
    let address: String

    /// Class keys in the order of every model, with a seed whose drawing shows the class well.
    static let seeds: [(key: String, seed: UInt64)] = [
        ("benign", 11), ("early-pre-b", 23), ("pre-b", 31), ("pro-b", 47),
    ]

    /// Draws one picture a class and puts them among the static files.
    ///
    /// - Parameter assets: The static files.
    static func drawAll(into assets: inout AssetLibrary) async throws -> [DrawnExample] {
        var examples: [DrawnExample] = []
        for (index, entry) in seeds.enumerated() {
            let drawing = try DrawnSmear.draw(class: index, seed: entry.seed)
            let jpeg = try ImageEncoder.jpeg(drawing, quality: 90)
            let name = "example-\(entry.key).jpg"
            try await assets.add(Data(jpeg), named: name)
            examples.append(DrawnExample(key: entry.key, jpeg: jpeg, address: try assets.address(of: name)))
        }
        return examples
    }
}
