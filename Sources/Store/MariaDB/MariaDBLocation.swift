import CCurl
import Clinic
import Foundation

/// Where a MariaDB or MySQL server is, out of `mysql://user:password@host:port/name?tls=…`; or the servers of one cluster, out
/// of `mysql://user:password@h1:3306,h2:3306,h3:3306/name`.
struct MariaDBLocation: Sendable, Equatable {
    /// How the way to the server is protected.
    enum TLS: String, Sendable, CaseIterable {
        case off
        /// Encrypted; whoever answers is believed, but gets no password.
        case required
        /// Encrypted, and the server proves that it is who it says.
        case verify
    }

    /// One of the servers that hold the database.
    struct Host: Sendable, Equatable {
        let name: String
        let port: UInt32

        var text: String { "\(name):\(port)" }
    }

    /// In the order in which they are liked; at least one.
    let hosts: [Host]
    let user: String
    let password: String
    let database: String
    let tls: TLS
    /// The file of authorities to believe, for `verify`; nil for the system's.
    let authorities: String?
    /// A socket of this machine, in place of host and port.
    let socket: String?

    /// The place without the password, for messages.
    var name: String {
        socket.map { "\($0) (database \(database))" } ?? "\(hosts.map(\.text).joined(separator: ","))/\(database)"
    }

    /// - Parameter url: Special characters in user, password and name are percent-encoded. Several hosts, between commas, are
    ///   nodes of one cluster. Query: `tls=off`, `required` or `verify`, by default `off` to this machine and `verify` to
    ///   another; `ca=FILE`; `socket=FILE`, with one host only.
    /// - Throws: `ClinicError.invalid` with field `database`.
    init(url: String) throws {
        let (url, others) = try Self.hostList(url)
        guard let parts = URLComponents(string: url), ["mysql", "mariadb"].contains(parts.scheme?.lowercased() ?? "")
        else { throw Self.invalid("it must begin with mysql:// (special characters are percent-encoded)") }
        guard let host = parts.host, !host.isEmpty else { throw Self.invalid("it names no host") }
        guard let user = parts.user, !user.isEmpty else { throw Self.invalid("it names no user") }
        let database = String(parts.path.dropFirst())
        guard !database.isEmpty, !database.contains("/") else {
            throw Self.invalid("it names no database after the host")
        }
        var options: [String: String] = [:]
        for item in parts.queryItems ?? [] {
            guard ["tls", "ca", "socket"].contains(item.name) else {
                throw Self.invalid("it holds the unknown option \(item.name); there are tls, ca and socket")
            }
            options[item.name] = item.value ?? ""
        }
        hosts = try [Self.host(host, parts.port)] + others.map(Self.otherHost)
        guard Set(hosts.map(\.text)).count == hosts.count else { throw Self.invalid("it names a host twice") }
        self.user = user
        self.database = database
        password = parts.password ?? ""
        authorities = options["ca"]
        socket = options["socket"]
        guard socket == nil || hosts.count == 1 else {
            throw Self.invalid("a socket stands for one host, not for several")
        }
        if let named = options["tls"] {
            guard let tls = TLS(rawValue: named) else { throw Self.invalid("tls is off, required or verify") }
            self.tls = tls
        } else {
            let isLocal =
                socket != nil || hosts.allSatisfy { $0.name == "localhost" || cc_address_is_here($0.name) == 1 }
            tls = authorities == nil && isLocal ? .off : .verify
        }
    }

    /// Takes a list of hosts apart, which no URL of RFC 3986 has.
    ///
    /// - Returns: The URL with the first host alone, and the others.
    private static func hostList(_ url: String) throws -> (url: String, others: [Substring]) {
        guard let scheme = url.range(of: "://") else { return (url, []) }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let list = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let hosts = list.split(separator: ",", omittingEmptySubsequences: false)
        guard hosts.count > 1, let first = hosts.first else { return (url, []) }
        guard hosts.count <= maximumHosts else { throw invalid("it names more than \(maximumHosts) hosts") }
        guard hosts.allSatisfy({ !$0.isEmpty }) else { throw invalid("a host between its commas is empty") }
        return (String(url[..<list.startIndex] + first + url[list.endIndex...]), Array(hosts.dropFirst()))
    }

    /// A cluster of more writes more slowly than one of three.
    private static let maximumHosts = 9

    private static func otherHost(_ text: Substring) throws -> Host {
        guard let parts = URLComponents(string: "mysql://\(text)"), let name = parts.host, !name.isEmpty,
            parts.path.isEmpty,
            parts.user == nil, parts.query == nil
        else { throw invalid("\(text) is no host with a port") }
        return try host(name, parts.port)
    }

    private static func host(_ name: String, _ port: Int?) throws -> Host {
        guard let port = UInt32(exactly: port ?? 3306), (1...65_535).contains(port) else {
            throw invalid("a port is 1 to 65535")
        }
        return Host(name: name.trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port: port)
    }

    private static func invalid(_ what: String) -> ClinicError {
        ClinicError(
            .invalid,
            fault:
                "The database's URL cannot be used: \(what). It looks like mysql://user:password@host:3306/leukoscope, or for a cluster mysql://user:password@h1:3306,h2:3306/leukoscope",
            field: "database")
    }
}
