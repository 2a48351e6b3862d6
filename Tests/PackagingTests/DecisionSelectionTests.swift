import Foundation
import Packaging
import Testing

/// The rule of the smallest confidence, as `model.json` keeps it.
@Suite struct DecisionSelectionTests {
    private static var rule: [String: Any] {
        [
            "maximumRisk": 0.005, "minimumCoverage": 0.9, "lowestConfidence": 0.5, "risk": 0.004, "coverage": 0.93,
            "images": 2606, "isReached": true,
        ]
    }

    private func load(_ change: (inout [String: Any]) -> Void) throws -> ModelPackage {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in
                var rule = Self.rule
                change(&rule)
                json["decision"] = ["minimumConfidence": 0.7, "selection": rule] as [String: Any]
            }
            return try ModelPackage(directory: copy)
        }
    }

    @Test func `the rule is read, and stays what it is through a file`() throws {
        let description = try load { _ in }.description
        let selection = try #require(description.decision.selection)
        #expect(selection.maximumRisk == 0.005 && selection.coverage == 0.93 && selection.images == 2606)
        #expect(selection.isReached)
        #expect(try ModelDescription(json: description.json()).decision == description.decision)
    }

    @Test func `a package without a rule has none`() throws {
        #expect(try ModelPackage(directory: TinyPackage.directory).description.decision.selection == nil)
    }

    @Test(arguments: ["maximumRisk", "minimumCoverage", "lowestConfidence", "risk", "coverage"])
    func `a share out of range is refused by name`(field: String) throws {
        let error = try #require(throws: PackagingError.self) { try load { $0[field] = 1.5 } }
        #expect(error.code == .invalidValue)
        #expect("\(error)".contains(field))
    }

    @Test func `a part of metrics json is put in its place and leaves the others`() throws {
        let json = Data(#"{"validation": {"images": 3, "auroc": null}, "part": 1}"#.utf8)
        let written = try MetricsFile.adding("part", ["value": 0.25], to: json)
        let found = try #require(try JSONSerialization.jsonObject(with: written) as? [String: Any])
        #expect((found["part"] as? [String: Double]) == ["value": 0.25])
        #expect((found["validation"] as? [String: Any])?["images"] as? Int == 3)
        #expect((found["validation"] as? [String: Any])?["auroc"] is NSNull)
        #expect(throws: PackagingError.self) { try MetricsFile.adding("part", 1, to: Data("[]".utf8)) }
    }
}
