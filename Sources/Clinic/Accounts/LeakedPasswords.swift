import Foundation

/// Passwords that were found in breaches, the most common first tried by whoever guesses (OWASP ASVS 5.0, 6.2.4 and 6.2.12).
public struct LeakedPasswords: Sendable, Equatable {
    private let known: Set<String>

    /// None: then only the words of `CommonPasswords` are refused.
    public init() { known = [] }

    /// Reads a file of one password a line in UTF-8, in small letters, as `Scripts/passwords.py` writes it.
    ///
    /// - Throws: `ClinicError.corrupt` for another file, `.storage` where it cannot be read.
    public init(_ file: URL) throws {
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            throw ClinicError(.storage, fault: "\(file.path) cannot be read: \(error.localizedDescription)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ClinicError(.corrupt, fault: "\(file.path) is no list of passwords: it is not UTF-8.")
        }
        known = Set(text.split(separator: "\n").map(String.init))
        guard !known.isEmpty, known.allSatisfy({ $0 == $0.lowercased() }) else {
            throw ClinicError(
                .corrupt, fault: "\(file.path) is no list of passwords, one a line in small letters; make it anew.")
        }
    }

    public var count: Int { known.count }

    /// Whether a password is one of them, whatever the case of its letters.
    public func contains(_ password: String) -> Bool { known.contains(password.lowercased()) }
}
