import Foundation
import Logging

/// Writes each line of the log as one object of JSON to standard error: `time` (ISO 8601, UTC), `level`, `label`, `message`, and the
/// metadata under their own names below `facts`.
public struct JSONLogHandler: LogHandler {
    public var metadata = Logger.Metadata()
    public var logLevel = Logger.Level.info
    private let label: String
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - label: The logger's.
    ///   - write: Takes a line with its end; by default standard error, a line at once.
    public init(label: String, write: @escaping @Sendable (String) -> Void = JSONLogHandler.standardError) {
        (self.label, self.write) = (label, write)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }.mapValues(Self.value)
        let line = Line(
            time: Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            level: event.level.rawValue,
            label: label, message: event.message.description, error: event.error.map { "\($0)" },
            facts: facts.isEmpty ? nil : facts)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            write(String(decoding: try encoder.encode(line), as: UTF8.self) + "\n")
        } catch {
            write("{\"level\":\"error\",\"message\":\"a line of the log cannot be written\"}\n")
        }
    }

    /// A line at once, so that those of several threads never mix.
    public static let standardError: @Sendable (String) -> Void = { line in
        FileHandle.standardError.write(Data(line.utf8))
    }

    private struct Line: Encodable {
        let time: String
        let level: String
        let label: String
        let message: String
        let error: String?
        let facts: [String: String]?
    }

    private static func value(_ value: Logger.Metadata.Value) -> String { "\(value)" }
}
