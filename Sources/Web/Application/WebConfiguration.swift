import Clinic
import Foundation
import Wording

/// Everything the web server can be told, with defaults that are safe on a desk.
public struct WebConfiguration: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    public var port = 8080
    /// Where people reach the site, such as `https://smears.example.org`; nil for the address it listens on.
    public var publicURL: URL?
    /// Who runs the installation, as the notice names them; nil where nobody has said.
    public var runBy: Operator?
    /// The certificate and key where the server itself speaks TLS; nil where a proxy does, or nobody.
    public var tls: TLSFiles?
    /// Whether passwords may cross a network without encryption; for a closed local network only.
    public var allowsHTTP = false
    /// Whether a reverse proxy stands before the server, whose `X-Forwarded-For` is to be believed.
    public var isBehindProxy = false
    /// The folder of Bootstrap 5 (`css/bootstrap.min.css` inside), as Debian's `libjs-bootstrap5` installs it.
    public var bootstrapDirectory = URL(filePath: "/usr/share/javascript/bootstrap5")
    /// The file of Chart.js 3 for the charts of administrators, as Debian's `libjs-chart.js` installs it.
    public var chartScript = URL(filePath: "/usr/share/javascript/chart.js/chart.min.js")
    /// The language of the pages, of `Wording`.
    public var language = "en"
    /// The folder of the languages' files.
    public var texts = TextCatalogue.installed
    /// Limits on one upload.
    public var upload = UploadLimits()
    /// Screenings at work at the same time.
    public var maximumRunningScreenings = 4
    /// Screenings that may wait for their turn; one more is told to come back.
    public var maximumWaitingScreenings = 32
    /// Images one address may send at once.
    public var imagesPerBurst = 30
    /// Images a minute one address may send in the long run.
    public var imagesPerMinute = 120
    /// Attempts to log in, register or reset that one address may make at once.
    public var accountBurst = 20
    /// Attempts a minute of one address in the long run.
    public var accountAttemptsPerMinute = 10
    /// Searches for a place that one address may make at once, one for every few letters that somebody types.
    public var placesPerBurst = 60
    /// Searches for a place a minute of one address in the long run.
    public var placesPerMinute = 240
    /// Whether reports may hold codes of SNOMED CT, which needs a licence (https://www.snomed.org/get-snomed).
    public var usesSNOMED = false
    /// How long a connection may be silent.
    public var idleTimeout = Duration.seconds(30)
    /// How long answers at work may take after SIGTERM before they are broken off.
    public var stopTime = Duration.seconds(15)
    /// Connections that may be open at the same time.
    public var maximumConnections = 512
    /// What one connection, and those of one address, may take.
    public var connections = ConnectionLimits()

    public init() {}

    /// Whether the server can be reached from this machine only.
    public var isLoopback: Bool { Self.isLoopback(host) }

    static func isLoopback(_ host: String) -> Bool {
        let name = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")).lowercased()
        return name == "localhost" || NetworkPrefix.isHere(name)
    }

    /// Whether people reach the site through TLS.
    public var isEncrypted: Bool { publicURL?.scheme == "https" }

    /// Whether cookies carry `Secure`: always, but with `allowsHTTP` and no TLS.
    public var hasSecureCookies: Bool { isEncrypted || !allowsHTTP }

    /// Whether programs on this machine may ask for a screening without a token.
    var isOpenLocally: Bool { isLoopback && publicURL == nil }

    /// Checks what would be unsafe to serve.
    ///
    /// - Throws: `WebError.configuration` when passwords would cross a network in clear, or a value makes no sense.
    public func validate() throws {
        if let publicURL {
            let isPlain = publicURL.path.isEmpty || publicURL.path == "/"
            guard ["http", "https"].contains(publicURL.scheme), publicURL.host() != nil, isPlain,
                publicURL.query == nil, publicURL.fragment == nil, publicURL.user == nil
            else {
                throw WebError(
                    .configuration, fault: "--public-url must look like https://smears.example.org, without a path.")
            }
        }
        guard tls == nil || isEncrypted else {
            throw WebError(
                .configuration,
                fault:
                    "With --certificate name the site's address too, as the certificate has it: --public-url https://…."
            )
        }
        guard isEncrypted || allowsHTTP || (isLoopback && Self.isLoopback(publicURL?.host() ?? host)) else {
            throw WebError(
                .configuration,
                fault: """
                    Not started: passwords and images would cross the network in clear. Put a proxy with TLS before the \
                    server, or give it --certificate and --key, and name its address with --public-url https://…; or \
                    listen on 127.0.0.1. On a closed local network, --allow-http does without.
                    """)
        }
        guard (0...65535).contains(port) else {
            throw WebError(.configuration, fault: "Port \(port) is not between 0 and 65535.")
        }
    }
}
