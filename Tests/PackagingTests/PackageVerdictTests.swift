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
        try TinyPackage.withTemporaryDirectory { directory in
            var tiny = try TinyPackage.make()
            let package = try tiny.write(to: directory.appendingPathComponent("package"))
            #expect(package.verdict == nil)
            let rule = Self.rule(package.description.name, package.description.version)
            try PackageVerdict.write(rule, into: package)
            #expect(try ModelPackage(directory: package.directory).verdict == rule)
            #expect(throws: PackagingError.self) {
                try PackageVerdict.write(Self.rule(package.description.name, "other"), into: package)
            }
            _ = tiny
            tiny = try TinyPackage.make()
            let description = package.directory.appendingPathComponent("model.json")
            let text = try String(contentsOf: description, encoding: .utf8)
            let version = "\"version\" : \"\(package.description.version)\""
            #expect(text.contains(version))
            try Data(text.replacing(version, with: "\"version\" : \"other\"").utf8).write(to: description)
            #expect(try ModelPackage(directory: package.directory).verdict == nil)
            try Data(#"{"verdict": {"steps": []}}"#.utf8).write(to: package.metricsURL)
            #expect(throws: PackagingError.self) { try ModelPackage(directory: package.directory) }
        }
    }
}
