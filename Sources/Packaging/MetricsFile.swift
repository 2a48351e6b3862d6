import Formats
import Foundation

/// `metrics.json` as a whole, to put one part into it.
public enum MetricsFile {
    /// The same file with `value` in place of anything under `key`; everything else as it was.
    ///
    /// - Throws: `PackagingError` with `.malformed` when the file is no JSON object.
    public static func adding(_ key: String, _ value: some Encodable, to json: Data) throws -> Data {
        do {
            var file = try JSONDecoder().decode([String: JSONValue].self, from: json)
            file[key] = try JSONDecoder().decode(JSONValue.self, from: JSONFormat.line.data(value))
            return try JSONFormat.file.data(file)
        } catch {
            throw PackagingError(
                .malformed, "cannot be read as JSON", path: ModelPackage.FileName.metrics, underlying: error)
        }
    }
}
