import Foundation
import ProcessFixtures
import Testing

@Suite struct CertificateCommandTests {
    /// Runs the installed `openssl` and answers what it prints.
    private static func openSSL(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        let outcome = try await StartedProgram.run(["openssl"] + arguments, withErrors: true)
        return (outcome.code, String(decoding: outcome.output, as: UTF8.self))
    }

    @Test func `makes a certificate that its authority vouches for, and keeps the authority`() async throws {
        try await Place.lend { place in
            let hosts = ["--host", "smears.lan", "--host", "192.168.1.20", "--host", "fd00::20"]
            let made = try await Program.leukoscope.run(
                ["certificate", "--out", "tls"] + hosts, in: place.folder)
            try #require(made.code == 0, "\(made.errors)")
            let (authority, certificate) = (place.url("tls/authority.pem").path, place.url("tls/certificate.pem").path)
            for name in [
                ["-verify_hostname", "smears.lan"], ["-verify_ip", "192.168.1.20"], ["-verify_ip", "fd00::20"],
            ] {
                let verified = try await Self.openSSL(
                    ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", authority] + name + [certificate])
                #expect(verified.code == 0, "\(name): \(verified.output)")
            }
            let other = try await Self.openSSL([
                "verify", "-CAfile", authority, "-verify_hostname", "other.lan", certificate,
            ])
            #expect(other.code != 0)
            for key in ["authority.key", "certificate.key"] {
                let facts = try FileManager.default.attributesOfItem(atPath: place.url("tls/\(key)").path)
                #expect(facts[.posixPermissions] as? Int == 0o600, "\(key)")
            }
            let before = try Data(contentsOf: place.url("tls/authority.pem"))
            let again = try await Program.leukoscope.run(
                ["certificate", "--out", "tls", "--host", "other.lan", "--days", "30"], in: place.folder)
            #expect(again.code == 0, "\(again.errors)")
            #expect(try Data(contentsOf: place.url("tls/authority.pem")) == before)
            let renewed = try await Self.openSSL([
                "verify", "-CAfile", authority, "-verify_hostname", "other.lan", certificate,
            ])
            #expect(renewed.code == 0, "\(renewed.output)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.url("tls").path).count == 4)
        }
    }

    @Test(arguments: [
        ["--host", "a b"], ["--host", "-x.lan"], ["--host", "x,DNS:evil"], ["--host", "a..b"], ["--host", ""], [],
        ["--host", "smears.lan", "--days", "398"],
    ]) func `refuses names and times that no browser takes`(arguments: [String]) async throws {
        try await Place.lend { place in
            let refused = try await Program.leukoscope.run(
                ["certificate", "--out", "tls"] + arguments, in: place.folder)
            #expect(refused.code == 64, "\(refused.output) \(refused.errors)")
            #expect(!FileManager.default.fileExists(atPath: place.url("tls").path))
        }
    }

    @Test func `a signing that fails leaves the key and the certificate of before`() async throws {
        try await Place.lend { place in
            let command = ["certificate", "--out", "tls", "--host", "smears.lan"]
            let made = try await Program.leukoscope.run(command, in: place.folder)
            try #require(made.code == 0, "\(made.errors)")
            let pair = ["tls/certificate.key", "tls/certificate.pem"]
            let before = try pair.map { try Data(contentsOf: place.url($0)) }
            try place.write(Data("no key".utf8), to: "tls/authority.key")
            let failed = try await Program.leukoscope.run(command, in: place.folder)
            #expect(failed.code == 70, "\(failed.errors)")
            #expect(try pair.map { try Data(contentsOf: place.url($0)) } == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.url("tls").path).count == 4)
        }
    }

    @Test func `half an authority is not replaced`() async throws {
        try await Place.lend { place in
            try place.write(Data("kept".utf8), to: "tls/authority.key")
            let refused = try await Program.leukoscope.run(
                ["certificate", "--out", "tls", "--host", "smears.lan"], in: place.folder)
            #expect(refused.code == 69, "\(refused.errors)")
            #expect(try Data(contentsOf: place.url("tls/authority.key")) == Data("kept".utf8))
        }
    }
}
