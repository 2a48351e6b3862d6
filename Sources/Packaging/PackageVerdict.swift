import Findings
import Foundation

/// The rule on cases in `metrics.json`, under `verdict`.
public enum PackageVerdict {
    /// The key in `metrics.json`.
    public static let key = "verdict"

    private struct File: Decodable { let verdict: VerdictRule? }

    /// - Returns: Nil where there is none, or one of another model: a package that was made of another carries its figures
    ///   along, but not its errors.
    /// - Throws: `PackagingError` with `.malformed` or `.inputOutput`.
    static func read(of description: ModelDescription, in directory: URL) throws -> VerdictRule? {
        let url = directory.appendingPathComponent(ModelPackage.FileName.metrics)
        let data: Data
        do { data = try Data(contentsOf: url) } catch {
            throw PackagingError(.inputOutput, "cannot be read", path: url.path, underlying: error)
        }
        // What else the file holds is for whoever reads figures to judge; a file of no JSON is refused there.
        guard data.range(of: Data("\"\(key)\"".utf8)) != nil else { return nil }
        do {
            let rule = try JSONDecoder().decode(File.self, from: data).verdict
            return rule?.model == .init(name: description.name, version: description.version) ? rule : nil
        } catch {
            throw PackagingError(
                .malformed, "holds no rule on cases that can be read", path: url.path, underlying: error)
        }
    }

    /// Puts a rule into a package, in place of one that is there.
    ///
    /// - Throws: `PackagingError` with `.malformed` for a rule of another model or a file that is no JSON, `.inputOutput`.
    public static func write(_ rule: VerdictRule, into package: ModelPackage) throws {
        let model = ScreeningOutcome.Model(name: package.description.name, version: package.description.version)
        let path = package.metricsURL.path
        guard rule.model == model else {
            throw PackagingError(
                .malformed, "the rule is of another model", path: path, expected: "\(model.name) \(model.version)",
                actual: "\(rule.model.name) \(rule.model.version)")
        }
        do {
            let json = try MetricsFile.adding(key, rule, to: Data(contentsOf: package.metricsURL))
            try json.write(to: package.metricsURL, options: .atomic)
        } catch let error as PackagingError {
            throw error
        } catch {
            throw PackagingError(.inputOutput, "cannot be written", path: path, underlying: error)
        }
    }
}
