import Clinic

/// The names that stored files have in every kind of archive; none leads out of its place, and none needs escapes in a URL.
enum StoredName {
    private static let maximumBytes = 250

    /// Whether a text is parts of `A–Z a–z 0–9 - _ .` between slashes, no part beginning with a dot.
    static func isAllowed(_ key: some StringProtocol) -> Bool {
        let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return key.utf8.count <= maximumBytes
            && parts.allSatisfy { part in
                part.first.map { $0 != UInt8(ascii: ".") } ?? false
                    && part.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
            }
    }

    /// - Throws: `ClinicError.invalid`.
    static func check(_ key: String) throws {
        guard isAllowed(key) else { throw ClinicError(.invalid, fault: "This is no name of a stored file.") }
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
