import Findings
import Foundation
import Packaging
import Screening
import Testing

/// The worked example of the module's documentation, which `Scripts/examples.py` copies from here.
@Suite struct ScreeningExampleTests {
    @Test func `the worked example screens an image and tells every decision apart`() async throws {
        let directory = ScreeningFixture.folder.appendingPathComponent("tiny-package")
        let file = try ScreeningFixture.bytes("pro-b")
        // example
        let package = try ModelPackage(directory: directory)
        let screener = try Screener(package: package)
        let outcome = try await screener.screen(file)

        let answer =
            switch outcome.decision {
            case .report: "\(outcome.displayName), \(Int(outcome.confidence * 100)) %"
            case .uncertain: "one of \(outcome.predictionSet.map(\.rawValue))"
            case .rejected: "no answer: \(outcome.reasons.map(\.code))"
            }
        // end of example
        #expect(outcome.decision == .report && outcome.label == .proB)
        #expect(answer == "\(outcome.displayName), \(Int(outcome.confidence * 100)) %")
        #expect(outcome.displayName == package.description.classes[3].displayName)
    }
}
