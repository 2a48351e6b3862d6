import Clinic
import Findings
import Foundation
import Store
import Testing

/// Addresses and keys of S3 stores, as operators write them.
@Suite struct S3LocationTests {
    @Test func `an address names bucket, prefix, endpoint and region, and what it leaves out is Amazon's`() throws {
        let whole = try S3Location(
            "s3://smears/ward-3/a?endpoint=https://s3.example.org:9000/&region=eu-central-1&addressing=virtual")
        #expect(whole.bucket == "smears" && whole.prefix == "ward-3/a" && whole.region == "eu-central-1")
        #expect(whole.endpoint == "https://s3.example.org:9000" && whole.addressing == .virtual)
        #expect(whole.name == "s3://smears/ward-3/a")
        let short = try S3Location("s3://smears?region=ap-south-1")
        #expect(short.prefix.isEmpty && short.name == "s3://smears" && short.addressing == .path)
        #expect(short.endpoint == "https://s3.ap-south-1.amazonaws.com")
        #expect(try S3Location("s3://smears").region == "us-east-1")
        #expect(try S3Location("s3://smears/").prefix.isEmpty)
        // As a form encodes it, too.
        #expect(
            try S3Location("s3://smears?endpoint=https%3A%2F%2Fs3.example.org").endpoint == "https://s3.example.org")
    }

    @Test(arguments: ["127.0.0.1:8333", "localhost", "[::1]:8333", "[0:0::1]:8333", "[::ffff:127.0.0.1]"])
    func `without encryption only this machine is called, unless it is said`(_ here: String) throws {
        #expect(try S3Location("s3://smears?endpoint=http://\(here)").endpoint == "http://\(here)")
        #expect(throws: ClinicError.self) { try S3Location("s3://smears?endpoint=http://[::ffff:192.0.2.7]:9000") }
        let error = #expect(throws: ClinicError.self) { try S3Location("s3://smears?endpoint=http://192.0.2.7:9000") }
        #expect(error?.description.contains("unencrypted=yes") == true)
        let told = try S3Location("s3://smears?endpoint=http://192.0.2.7:9000&unencrypted=yes")
        #expect(told.endpoint == "http://192.0.2.7:9000")
    }

    @Test(
        arguments: [
            "s3://", "s3:///x", "http://smears/x", "s3://S_mears", "s3://ab", "s3://-ab", "s3://a..b", "s3://smears:80",
            "s3://smears/a%2Fb c", "s3://smears/../x", "s3://smears/.x", "s3://smears#x", "s3://smears?region=",
            "s3://smears?region=a/b", "s3://smears?zone=1", "s3://smears?region=a&region=b", "s3://smears?region",
            "s3://smears?addressing=host", "s3://smears?unencrypted=no", "s3://smears?endpoint=ftp://x",
            "s3://smears?endpoint=https://", "s3://smears?endpoint=https://x/path", "s3://smears?endpoint=x:9000",
            "s3://smears/\(String(repeating: "a", count: 101))",
        ])
    func `an address that cannot be meant is refused with an example`(_ text: String) throws {
        let error = #expect(throws: ClinicError.self) { try S3Location(text) }
        #expect(error?.code == .invalid && error?.field == "archive")
        #expect(error?.description.contains("s3://bucket/prefix?endpoint=") == true)
    }

    @Test(
        arguments: [
            "s3://AKIA123:hidden-word@smears/x", "s3://smears?secret=hidden-word",
            "s3://smears?X-Amz-Credential=hidden-word",
            "s3://smears?endpoint=https://AKIA123:hidden-word@s3.example.org",
            "s3://smears?accessKey=hidden-word",
        ])
    func `keys in an address are refused and never told`(_ text: String) throws {
        let error = try #require(#expect(throws: ClinicError.self) { try S3Location(text) })
        #expect(error.description.contains("LEUKOSCOPE_S3_SECRET"))
        #expect(!error.description.contains("hidden-word") && !error.description.contains("AKIA123"))
    }

    @Test func `keys come from variables or files, and never show`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "secret")
        try Data("hidden-word\n".utf8).write(to: file)
        let plain = ["LEUKOSCOPE_S3_KEY_ID": "AKIA123", "LEUKOSCOPE_S3_SECRET": "hidden-word"]
        let access = try S3Access(environment: plain)
        for told in ["\(access)", String(reflecting: access), String(describing: Mirror(reflecting: access).children)] {
            #expect(!told.contains("hidden-word") && !told.contains("AKIA123"))
        }
        _ = try S3Access(environment: ["LEUKOSCOPE_S3_KEY_ID": "AKIA123", "LEUKOSCOPE_S3_SECRET_FILE": file.path])
        let wrong: [([String: String], String)] = [
            ([:], "needs LEUKOSCOPE_S3_KEY_ID"), (["LEUKOSCOPE_S3_KEY_ID": "AKIA123"], "needs LEUKOSCOPE_S3_SECRET"),
            (plain.merging(["LEUKOSCOPE_S3_SECRET_FILE": file.path]) { $1 }, "both set"),
            (plain.merging(["LEUKOSCOPE_S3_SECRET": "two\nlines"]) { $1 }, "LEUKOSCOPE_S3_SECRET has to be letters"),
            (plain.merging(["LEUKOSCOPE_S3_CA": folder.appending(path: "no").path]) { $1 }, "LEUKOSCOPE_S3_CA"),
            (
                ["LEUKOSCOPE_S3_KEY_ID": "A", "LEUKOSCOPE_S3_SECRET_FILE": folder.appending(path: "no").path],
                "cannot be read"
            ),
        ]
        for (environment, part) in wrong {
            let error = #expect(throws: ClinicError.self) { try S3Access(environment: environment) }
            #expect(error?.description.contains(part) == true, "\(String(describing: error)) lacks \(part)")
        }
    }

    @Test func `a place without a scheme is a folder, and one with another scheme is refused`() throws {
        guard case .directory(let folder) = try ArchiveLocation("/srv/archive", environment: [:]) else {
            Issue.record("it is a folder")
            return
        }
        #expect(folder.path == "/srv/archive")
        #expect(throws: ClinicError.self) { try ArchiveLocation("gs://smears", environment: [:]) }
        #expect(throws: ClinicError.self) { try ArchiveLocation("s3://smears", environment: [:]) }
    }
}
