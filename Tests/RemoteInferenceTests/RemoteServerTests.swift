import RemoteInference
import Testing

@Suite struct RemoteServerTests {
    @Test(arguments: [
        ("http://127.0.0.1:8000", []), ("http://localhost:8000/v1", []), ("grpc://10.1.2.3:8001", []),
        ("http://[::1]:8000", []), ("http://[0:0::0001]:8000", []), ("http://[::ffff:127.0.0.1]:8000", []),
        ("http://triton:8000", ["[fd00::7]", "::ffff:10.0.0.7", "fe80::1%lo"]),
        ("http://triton:8000/prefix/", ["10.0.0.7"]),
        ("grpc://triton:8001", ["10.0.0.7", "fd00::7"]),
        ("https://inference.example.org/team", []), ("grpcs://inference.example.org:8443", []),
    ])
    func `addresses of this machine, of named private networks and with encryption are taken`(
        address: String, allowed: [String]
    ) throws {
        #expect(try RemoteServer(address, allowed: allowed).address == address)
    }

    @Test(arguments: [
        ("127.0.0.1:8000", [], "must look like"), ("ftp://127.0.0.1", [], "must look like"),
        ("http://", [], "must look like"), ("http://127.0.0.1/?a=b", [], "must look like"),
        ("https://user:secret@inference.example.org", [], "must look like"),
        ("http://inference.example.org", [], "https://"), ("grpc://8.8.8.8:8001", [], "grpcs://"),
        ("http://triton:8000", ["10.0.0.7", "8.8.8.8"], "without encryption"),
        ("http://[::ffff:8.8.8.8]:8000", [], "without encryption"),
        ("http://triton:8000", ["::ffff:8.8.8.8"], "without encryption"),
        ("http://triton:8000", ["10.0.0.7 8.8.8.8"], "no numeric address"),
        ("grpc://127.0.0.1:8001/prefix", [], "no path"), ("http://triton:8000", ["triton"], "no numeric address"),
    ])
    func `addresses that are none, or that would leave the machine unprotected, are refused`(
        address: String, allowed: [String], reason: String
    ) {
        #expect {
            try RemoteServer(address, allowed: allowed)
        } throws: {
            guard let error = $0 as? RemoteInferenceError else { return false }
            return error.code == .configuration && error.message.contains(reason) && !error.message.contains("secret")
        }
    }

    @Test func `a token leaves this machine encrypted alone`() throws {
        #expect(throws: RemoteInferenceError.self) { try RemoteServer("http://10.0.0.7:8000", token: "abc") }
        #expect(throws: RemoteInferenceError.self) { try RemoteServer("https://example.org", token: "a\nX-Other: b") }
        #expect(throws: RemoteInferenceError.self) { try RemoteServer("https://example.org", token: "") }
        #expect(try RemoteServer("http://127.0.0.1:8000", token: "abc").address == "http://127.0.0.1:8000")
        #expect(try RemoteServer("http://[0::1]:8000", token: "abc").address == "http://[0::1]:8000")
        #expect(throws: RemoteInferenceError.self) { try RemoteServer("http://[::ffff:10.0.0.7]", token: "abc") }
        #expect(try RemoteServer("grpcs://example.org", token: "abc").address == "grpcs://example.org")
    }
}
