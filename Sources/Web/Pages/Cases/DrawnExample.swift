import Findings
import Foundation
import Imaging

/// A drawn smear that stands for a class on the pages.
struct DrawnExample: Sendable {
    let smearClass: SmearClass
    /// The JPEG file: what is shown is what is screened.
    let jpeg: [UInt8]
    /// Where the picture is served.
    let address: String

    /// A seed whose drawing shows the class well.
    private static func seed(_ smearClass: SmearClass) -> UInt64 {
        switch smearClass {
        case .benign: 11
        case .earlyPreB: 23
        case .preB: 31
        case .proB: 47
        }
    }

    /// Draws one picture a class and puts them among the static files.
    ///
    /// - Parameter assets: The static files.
    static func drawAll(into assets: inout AssetLibrary) async throws -> [DrawnExample] {
        var examples: [DrawnExample] = []
        for smearClass in SmearClass.allCases {
            let drawing = try DrawnSmear.draw(class: smearClass.index, seed: seed(smearClass))
            let jpeg = try ImageEncoder.jpeg(drawing, quality: 90)
            let name = "example-\(smearClass).jpg"
            try await assets.add(Data(jpeg), named: name)
            examples.append(DrawnExample(smearClass: smearClass, jpeg: jpeg, address: try assets.address(of: name)))
        }
        return examples
    }
}
