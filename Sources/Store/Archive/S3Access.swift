import Clinic
import Foundation

/// Who signs the requests to an S3 store, and which authorities vouch for it.
public struct S3Access: Sendable, CustomStringConvertible, CustomReflectable {
    static let keyVariable = "LEUKOSCOPE_S3_KEY_ID"
    static let secretVariable = "LEUKOSCOPE_S3_SECRET"
    /// A PEM file with the authorities to believe in place of the system's.
    static let authoritiesVariable = "LEUKOSCOPE_S3_CA"

    let keyID: String
    let secret: String
    let authorities: String?

    /// Reads the key and the secret, each from its variable or from the file that the variable with `_FILE` behind its name
    /// names.
    ///
    /// - Parameter environment: Of the process.
    /// - Throws: `ClinicError.invalid` for one that is missing or could not be sent, `.storage` for a file that cannot be read.
    public init(environment: [String: String]) throws {
        keyID = try Self.value(Self.keyVariable, environment)
        secret = try Self.value(Self.secretVariable, environment)
        authorities = environment[Self.authoritiesVariable].flatMap { $0.isEmpty ? nil : $0 }
        if let authorities, !FileManager.default.isReadableFile(atPath: authorities) {
            throw ClinicError(.storage, fault: "\(authorities) cannot be read (\(Self.authoritiesVariable)).")
        }
    }

    /// Nothing that anybody may not know.
    public var description: String { "S3Access" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    private static func value(_ name: String, _ environment: [String: String]) throws -> String {
        let file = environment[name + "_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        let plain = environment[name].flatMap { $0.isEmpty ? nil : $0 }
        let found: String
        switch (plain, file) {
        case (let plain?, nil): found = plain
        case (nil, let file?):
            do { found = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .newlines) } catch {
                throw ClinicError(.storage, fault: "\(file) cannot be read (\(name)_FILE).")
            }
        case (nil, nil):
            throw ClinicError(
                .invalid, fault: "An archive in an S3 store needs \(name), or \(name)_FILE with the name of a file.",
                field: "archive")
        case (_?, _?):
            throw ClinicError(
                .invalid, fault: "\(name) and \(name)_FILE are both set: take one away.", field: "archive")
        }
        guard !found.isEmpty, found.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            throw ClinicError(
                .invalid, fault: "\(name) has to be letters, digits and signs, without spaces and line breaks.",
                field: "archive")
        }
        return found
    }
}
