import Foundation
import Testing

/// A real mail server (aiosmtpd) on loopback, for as long as a test needs it.
final class MailServer {
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

    static func parts(of letter: String) throws -> [Part] {
        let script = """
            import email, json, sys
            letter = email.message_from_bytes(sys.stdin.buffer.read())
            assert not letter.defects, letter.defects
            print(json.dumps([{"type": part.get_content_type(), "name": part.get_filename(),
                "content": part.get_payload(decode=True).decode()} for part in letter.walk() if not part.is_multipart()]))
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(letter.utf8))
        try input.fileHandleForWriting.close()
        let listed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode([Part].self, from: listed)
    }

    let port: Int
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let folder: URL
    /// The certificate, for those who are to believe it.
    let certificate: URL

    /// - Parameters:
    ///   - kind: `plain`, `starttls` or `tls`.
    ///   - asksForLogin: Whether user `post` with password `secret word` has to log in.
    init(_ kind: String, asksForLogin: Bool = false) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-mail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem")
        let key = folder.appending(path: "key.pem")
        var arguments = [kind]
        if kind != "plain" {
            try Self.makeCertificate(certificate, key: key)
            arguments += [certificate.path, key.path]
        }
        if asksForLogin { arguments.append("--login") }
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/mail/server.py")
        process.arguments = ["python3", "-W", "ignore", script.path] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        port = try #require(Int(Self.line(output)), "the mail server did not start; is aiosmtpd in PYTHONPATH?")
    }

    /// The next letter; the server has written it before it told the sender so.
    func letter() throws -> Letter {
        try JSONDecoder().decode(Letter.self, from: Data(Self.line(output).utf8))
    }

    deinit {
        input.fileHandleForWriting.closeFile()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func line(_ pipe: Pipe) -> String {
        var bytes: [UInt8] = []
        while let byte = pipe.fileHandleForReading.readData(ofLength: 1).first, byte != 10 { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func makeCertificate(_ certificate: URL, key: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path, "-out",
            certificate.path,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
