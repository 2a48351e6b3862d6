import Foundation
import NIOSSL

/// The certificate and key by which the server itself speaks TLS.
public struct TLSFiles: Sendable, Equatable {
    /// PEM: the server's certificate, and behind it those that lead to its authority.
    public let certificate: URL
    /// PEM, without a password.
    public let key: URL

    public init(certificate: URL, key: URL) { (self.certificate, self.key) = (certificate, key) }

    /// TLS 1.2 and 1.3; the cipher suites are those of BoringSSL, which has no weak ones left.
    ///
    /// - Throws: `WebError.configuration` for a file that cannot be read, is none, or does not belong to the other.
    func configuration() throws -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMFile(certificate.path) } catch {
            throw WebError(
                .configuration,
                fault: "--certificate \(certificate.path) cannot be used: it must be a certificate in PEM (\(error)).")
        }
        let secret: NIOSSLPrivateKey
        do { secret = try NIOSSLPrivateKey(file: key.path, format: .pem) } catch {
            throw WebError(
                .configuration,
                fault: "--key \(key.path) cannot be used: it must be a key in PEM without a password (\(error)).")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do { _ = try NIOSSLContext(configuration: configuration) } catch {
            throw WebError(
                .configuration,
                fault: "\(certificate.path) and \(key.path) do not belong to each other, or cannot be used (\(error)).")
        }
        return configuration
    }
}
