import Foundation

/// Everything the web server can be told, with defaults that are safe on a desk.
public struct WebConfiguration: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    public var port = 8080
    /// SHA-256 digests of the tokens that may call the API, 32 bytes each; nil leaves it open, on loopback only.
    public var apiTokens: APITokens?
    /// The folder of Bootstrap 5 (`css/bootstrap.min.css` inside), as Debian's `libjs-bootstrap5` installs it.
    public var bootstrapDirectory = URL(filePath: "/usr/share/javascript/bootstrap5")
    /// The language of the pages, a file name in `Resources/Texts`.
    public var language = "en"
    /// Limits on one upload.
    public var upload = ImageUpload.Limits()
    /// Screenings at work at the same time.
    public var maximumRunningScreenings = 4
    /// Screenings that may wait for their turn; one more is told to come back.
    public var maximumWaitingScreenings = 32
    /// Images one address may send at once.
    public var imagesPerBurst = 30
    /// Images a minute one address may send in the long run.
    public var imagesPerMinute = 120
    /// How long a connection may be silent.
    public var idleTimeout = Duration.seconds(30)
    /// Connections that may be open at the same time.
    public var maximumConnections = 512

    public init() {}

    /// Whether the server can be reached from this machine only.
    public var isLoopback: Bool {
        let name = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")).lowercased()
        return name == "localhost" || name == "::1" || (name.hasPrefix("127.") && name.split(separator: ".").count == 4)
    }

    /// Checks what would be unsafe to serve.
    ///
    /// - Throws: `WebError.configuration` when the API would be open to other machines.
    public func validate() throws {
        guard isLoopback || apiTokens != nil else {
            throw WebError(
                .configuration,
                """
                Not started: “\(host)” can be reached from other machines, and the API would answer anybody. \
                Name a file of token digests with --api-token-file, or listen on 127.0.0.1.
                """)
        }
        guard (0...65535).contains(port) else {
            throw WebError(.configuration, "Port \(port) is not between 0 and 65535.")
        }
    }
}
