import Foundation

/// Paths of this server, for redirects that a request names: nobody is ever sent elsewhere (OWASP ASVS 5.0, 3.7.2).
enum OwnPath {
    /// The path if it is one of ours, else the home page.
    ///
    /// One slash and no second, no backslash (browsers read it as a slash), no control character or space.
    static func checked(_ text: String?, otherwise: String = "/") -> String {
        guard let text, text.utf8.count <= 1024, text.hasPrefix("/"), !text.hasPrefix("//"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return otherwise }
        return text
    }

    /// The path as the value of a query's parameter (RFC 3986, 2.1).
    static func encode(_ path: String) -> String {
        let allowed = CharacterSet.unreserved.union(CharacterSet(charactersIn: "/"))
        return checked(path).addingPercentEncoding(withAllowedCharacters: allowed) ?? "/"
    }
}
