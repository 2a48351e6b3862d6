import CCurl
import Foundation

/// Where a server of the Open Inference Protocol v2 is, and how it is spoken to.
///
/// No address but this one is called: no redirection is followed and no proxy is asked. Addresses of private networks are called
/// only where they are named, in the address itself or beside it; without encryption nothing but a named address is called.
public struct RemoteServer: Sendable, Equatable {
    /// What carries the messages.
    enum Transport: Sendable, Equatable { case rest, grpc }

    let transport: Transport
    /// `http://host:port/prefix` or `https://…`, without a slash at its end.
    let base: String
    /// Numeric addresses that may be called, between spaces.
    let allowed: String
    /// Whether public addresses have to be named too.
    let isNamedOnly: Bool
    /// What the server knows this program by; in no message of this module.
    let token: String?

    /// For people: without token.
    public let address: String

    /// - Parameters:
    ///   - address: `http://host:port/prefix` or `https://…` for REST, `grpc://host:port` or `grpcs://…` for gRPC.
    ///   - allowed: Numeric addresses of private networks that the host may have, such as `10.0.0.7`.
    ///   - token: Sent as `Authorization: Bearer`; over an encrypted connection alone, or to this machine.
    /// - Throws: `RemoteInferenceError.configuration`.
    public init(_ address: String, allowed: [String] = [], token: String? = nil) throws {
        let schemes = [
            "http": ("http", Transport.rest), "https": ("https", .rest), "grpc": ("http", .grpc),
            "grpcs": ("https", .grpc),
        ]
        guard let parts = URLComponents(string: address), let scheme = parts.scheme,
            let (carrier, transport) = schemes[scheme],
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil, parts.query == nil,
            parts.fragment == nil, address.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
        else {
            throw RemoteInferenceError(
                .configuration,
                "The inference server must look like http://127.0.0.1:8000 or grpc://127.0.0.1:8001 (https://… or grpcs://… with encryption)."
            )
        }
        var path = parts.path
        while path.hasSuffix("/") { path.removeLast() }
        guard transport == .rest || path.isEmpty else {
            throw RemoteInferenceError(
                .configuration, "An inference server of gRPC has no path: \(scheme)://host:port.")
        }
        for name in allowed where name.contains(" ") || cc_address_is_private(name) < 0 {
            throw RemoteInferenceError(.configuration, "“\(name)” is no numeric address such as 10.0.0.7.")
        }
        let bare = host.trimmingCharacters(in: ["[", "]"])
        let isEncrypted = carrier == "https"
        var named = allowed
        if bare == "localhost" { named += ["127.0.0.1", "::1"] }
        if cc_address_is_private(bare) == 1 { named.append(bare) }
        guard isEncrypted || (!named.isEmpty && named.allSatisfy { cc_address_is_private($0) == 1 }) else {
            throw RemoteInferenceError(
                .configuration,
                "Images go to \(bare) over https:// or grpcs:// alone; without encryption to an address of a private network that --inference-allow names."
            )
        }
        guard token == nil || isEncrypted || bare == "localhost" || cc_address_is_here(bare) == 1 else {
            throw RemoteInferenceError(
                .configuration, "The inference server's token goes over https:// or grpcs:// alone, or to this machine."
            )
        }
        if let token {
            guard !token.isEmpty, token.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
                throw RemoteInferenceError(.configuration, "The inference server's token is one line without blanks.")
            }
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        (self.transport, self.token, self.address) = (transport, token, address)
        base = "\(carrier)://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host)\(port)\(path)"
        self.allowed = named.joined(separator: " ")
        isNamedOnly = !isEncrypted
    }
}
