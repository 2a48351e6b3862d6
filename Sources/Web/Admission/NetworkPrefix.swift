import Formats
import Foundation

/// Whom limits count as one: an IPv4 address, or the /64 that one subscriber of IPv6 has to himself (RFC 6177).
enum NetworkPrefix {
    /// - Parameter address: As a connection or a proxy tells it; what is no address stands for itself.
    static func text(_ address: String) -> String {
        guard let octets = octetsOfSix(address) else { return address }
        return octets.prefix(12) == mapped
            ? octets.suffix(4).map(String.init).joined(separator: ".") : octets.prefix(8).hexadecimal + "/64"
    }

    /// Whether a numeric address is of this machine alone (127.0.0.0/8 or ::1), however it is written.
    static func isHere(_ address: String) -> Bool {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 { return withUnsafeBytes(of: four) { $0.first == 127 } }
        guard let octets = octetsOfSix(address) else { return false }
        return octets == [UInt8](repeating: 0, count: 15) + [1] || (octets.prefix(12) == mapped && octets[12] == 127)
    }

    /// What an IPv4 address begins with where it is written as one of IPv6, such as ::ffff:192.0.2.1.
    private static let mapped = ([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF])[...]

    /// The sixteen bytes of an IPv6 address, without its zone; nil for anything else.
    private static func octetsOfSix(_ address: String) -> [UInt8]? {
        var bytes = in6_addr()
        let plain = address.split(separator: "%", maxSplits: 1).first.map(String.init) ?? address
        guard inet_pton(AF_INET6, plain, &bytes) == 1 else { return nil }
        return withUnsafeBytes(of: bytes) { Array($0) }
    }
}
