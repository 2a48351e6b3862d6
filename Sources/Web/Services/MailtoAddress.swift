import Foundation

/// Addresses of mail as links (RFC 6068).
enum MailtoAddress {
    private static let plain = CharacterSet.unreserved.union(CharacterSet(charactersIn: "@+"))

    /// A letter to this address alone: what could begin fields of a letter, such as `?cc=`, is part of the address.
    static func of(_ address: String) -> String {
        "mailto:\(address.addingPercentEncoding(withAllowedCharacters: plain) ?? "")"
    }
}
