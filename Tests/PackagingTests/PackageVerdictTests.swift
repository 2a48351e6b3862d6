import Findings
import Foundation
import Packaging
import Testing

@Suite struct PackageVerdictTests {
    private static func rule(_ name: String, _ version: String) -> VerdictRule {
        let rate = VerdictRule.Rate(value: 0.5, low95: 0.25, high95: 0.75)
        return VerdictRule(
            model: .init(name: name, version: version), cells: .init(field: FieldModel(), limit: 1.5),
            steps: [.init(fields: 1, witnesses: 1, withLeukaemia: rate, without: rate)])
    }

    @Test func `a package carries the rule of its own model, and another version drops it`() throws {
        try TinyPackage.withCopy { copy in
            let package = try ModelPackage(directory: copy)
            #expect(package.verdict == nil)
            let rule = Self.rule(package.description.name, package.description.version)
            try PackageVerdict.write(rule, into: package)
            #expect(try ModelPackage(directory: copy).verdict == rule)
            #expect(throws: PackagingError.self) {
                try PackageVerdict.write(Self.rule(package.description.name, "other"), into: package)
            }
            try TinyPackage.edit(copy) { $0["version"] = "other" }
            #expect(try ModelPackage(directory: copy).verdict == nil)
            try Data(#"{"verdict": {"steps": []}}"#.utf8).write(to: package.metricsURL)
            #expect(throws: PackagingError.self) { try ModelPackage(directory: copy) }
        }
    }
}
