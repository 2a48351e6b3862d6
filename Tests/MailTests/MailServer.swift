import Foundation
import ProcessFixtures
import Testing

/// A real mail server (aiosmtpd) on loopback, for as long as a test needs it.
final class MailServer: Sendable {
    /// A letter as the server took it.
    struct Letter: Decodable {
        let from: String
        let to: [String]
        let tls: Bool
        let user: String?
        let text: String

        /// The head's fields, unfolded (RFC 5322, 2.2.3).
        var fields: [String: String] {
            let head = text.replacing("\r\n", with: "\n").components(separatedBy: "\n\n")[0].replacing("\n ", with: " ")
            return Dictionary(
                head.split(separator: "\n").compactMap { line in
                    let parts = line.split(separator: ":", maxSplits: 1)
                    return parts.count == 2
                        ? (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)) : nil
                }, uniquingKeysWith: { first, _ in first + " AGAIN" })
        }

        /// The body, decoded.
        var body: String {
            let text = text.replacing("\r\n", with: "\n").components(separatedBy: "\n\n").dropFirst().joined()
            let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data()
            return String(decoding: data, as: UTF8.self)
        }
    }

    /// A part of a letter, as Python's reader takes it apart.
    struct Part: Decodable {
        let type: String
        let name: String?
        let content: String
    }

    static func parts(of letter: String) async throws -> [Part] {
        let script = """
            import email, json, sys
            letter = email.message_from_bytes(sys.stdin.buffer.read())
            assert not letter.defects, letter.defects
            print(json.dumps([{"type": part.get_content_type(), "name": part.get_filename(),
                "content": part.get_payload(decode=True).decode()} for part in letter.walk() if not part.is_multipart()]))
            """
        let listed = try await StartedProgram.run(["python3", "-c", script], given: Data(letter.utf8))
        return try JSONDecoder().decode([Part].self, from: listed.output)
    }

    let port: Int
    private let program: StartedProgram
    private let folder: URL
    /// The certificate, for those who are to believe it.
    let certificate: URL

    /// - Parameters:
    ///   - kind: `plain`, `starttls` or `tls`.
    ///   - asksForLogin: Whether user `post` with password `secret word` has to log in.
    init(_ kind: String, asksForLogin: Bool = false) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-mail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem")
        let key = folder.appending(path: "key.pem")
        var arguments = [kind]
        if kind != "plain" {
            try await Self.makeCertificate(certificate, key: key)
            arguments += [certificate.path, key.path]
        }
        if asksForLogin { arguments.append("--login") }
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/mail/server.py")
        // It tells of every handshake that a client breaks off.
        program = try StartedProgram(
            ["sh", "-c", #"exec "$0" "$@" 2> /dev/null"#, "python3", "-W", "ignore", script.path] + arguments)
        port = try #require(Int(try await program.line()), "the mail server did not start; is aiosmtpd in PYTHONPATH?")
    }

    /// The next letter; the server has written it before it told the sender so.
    func letter() async throws -> Letter {
        try JSONDecoder().decode(Letter.self, from: Data(try await program.line().utf8))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static func makeCertificate(_ certificate: URL, key: URL) async throws {
        let command = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path, "-out",
            certificate.path,
        ]
        let made = try await StartedProgram.run(command, withErrors: true)
        try #require(made.code == 0, "\(String(decoding: made.output, as: UTF8.self))")
    }
}
