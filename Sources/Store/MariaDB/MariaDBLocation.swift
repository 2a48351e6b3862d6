import Clinic
import Foundation

/// Where a MariaDB or MySQL server is, out of `mysql://user:password@host:port/name?tls=…`.
struct MariaDBLocation: Sendable, Equatable {
    /// How the way to the server is protected.
    enum TLS: String, Sendable, CaseIterable {
        case off
        /// Encrypted; whoever answers is believed, but gets no password.
        case required
        /// Encrypted, and the server proves that it is who it says.
        case verify
    }

    let host: String
    let port: UInt32
    let user: String
    let password: String
    let database: String
    let tls: TLS
    /// The file of authorities to believe, for `verify`; nil for the system's.
    let authorities: String?
    /// A socket of this machine, in place of host and port.
    let socket: String?

    /// The place without the password, for messages.
    var name: String { socket.map { "\($0) (database \(database))" } ?? "\(host):\(port)/\(database)" }

    /// - Parameter url: Special characters in user, password and name are percent-encoded. Query: `tls=off`,
    ///   `required` or `verify`, by default `off` to this machine and `verify` to another; `ca=FILE`; `socket=FILE`.
    /// - Throws: `ClinicError.invalid` with field `database`.
    init(url: String) throws {
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
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        self.user = user
        self.database = database
        port = UInt32(clamping: parts.port ?? 3306)
        password = parts.password ?? ""
        authorities = options["ca"]
        socket = options["socket"]
        if let named = options["tls"] {
            guard let tls = TLS(rawValue: named) else { throw Self.invalid("tls is off, required or verify") }
            self.tls = tls
        } else {
            let isLocal = socket != nil || ["localhost", "127.0.0.1", "::1"].contains(self.host)
            tls = authorities == nil && isLocal ? .off : .verify
        }
    }

    private static func invalid(_ what: String) -> ClinicError {
        ClinicError(
            .invalid,
            fault:
                "The database's URL cannot be used: \(what). It looks like mysql://user:password@host:3306/leukoscope",
            field: "database")
    }
}
