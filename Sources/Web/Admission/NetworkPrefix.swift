import Foundation

/// Whom limits count as one: an IPv4 address, or the /64 that one subscriber of IPv6 has to himself (RFC 6177).
enum NetworkPrefix {
    /// - Parameter address: As a connection or a proxy tells it; what is no address stands for itself.
    static func text(_ address: String) -> String {
        var bytes = in6_addr()
        let plain = address.split(separator: "%", maxSplits: 1).first.map(String.init) ?? address
        guard inet_pton(AF_INET6, plain, &bytes) == 1 else { return address }
        let octets = withUnsafeBytes(of: bytes) { Array($0) }
        // ::ffff:192.0.2.1 is an IPv4 address.
        if octets.prefix(10).allSatisfy({ $0 == 0 }), octets[10] == 0xFF, octets[11] == 0xFF {
            return octets.suffix(4).map(String.init).joined(separator: ".")
        }
        return octets.prefix(8).map { String(format: "%02x", $0) }.joined() + "/64"
    }
}
