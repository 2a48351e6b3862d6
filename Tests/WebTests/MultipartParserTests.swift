import Randomness
import Testing
import Web

@Suite struct MultipartParserTests {
    static let type = "multipart/form-data; boundary=sep"
    static let body =
        "--sep\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n"
        + "Content-Type: image/png\r\n\r\nabc\r\ndef\r\n--sep\r\n"
        + "Content-Disposition: form-data; name=\"note\"\r\n\r\n\r\n--sep--\r\n"

    /// Headers and joined content of each part, and whether the body ended well.
    struct Form: Equatable {
        var parts: [[String: String]] = []
        var contents: [[UInt8]] = []
        var isFinished = false
    }

    static func parse(_ pieces: [[UInt8]], type: String = type) throws -> Form {
        var parser = try MultipartParser(contentType: type)
        var form = Form()
        for piece in pieces {
            for event in try parser.append(piece) {
                switch event {
                case .partBegan(let headers):
                    form.parts.append(headers)
                    form.contents.append([])
                case .content(let bytes): form.contents[form.contents.count - 1] += bytes
                case .partEnded: break
                case .finished: form.isFinished = true
                }
            }
        }
        try parser.finish()
        return form
    }

    @Test func `reads parts with line breaks inside and empty ones`() throws {
        let form = try Self.parse([Array(Self.body.utf8)])
        #expect(form.contents == [Array("abc\r\ndef".utf8), []])
        #expect(form.parts[0]["content-type"] == "image/png")
        #expect(form.isFinished)
    }

    @Test(arguments: 1...40) func `reads the same in pieces of any size`(size: Int) throws {
        let bytes = Array(Self.body.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(try Self.parse(pieces) == Self.parse([bytes]))
    }

    @Test func `skips preamble and epilogue and padding`() throws {
        let text = "preamble\r\n--sep \t\r\nA: b\r\n\r\nx\r\n--sep--epilogue\r\n--sep\r\n"
        let form = try Self.parse([Array(text.utf8)])
        #expect(form.contents == [[UInt8(ascii: "x")]])
    }

    @Test func `keeps content that looks almost like a delimiter`() throws {
        let content = "\r\n--se\r\n-\r\r\n\r\n--sap"
        let form = try Self.parse([Array("--sep\r\nA: b\r\n\r\n\(content)\r\n--sep--".utf8)])
        #expect(form.contents == [Array(content.utf8)])
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"unclosed",
        "multipart/form-data; boundary=\"a\u{1}b\"",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
    ])
    func `refuses a bad boundary`(type: String) {
        #expect { try MultipartParser(contentType: type) } throws: { ($0 as? WebError)?.code == .malformedRequest }
    }

    @Test(arguments: ["", "application/json", "multipart/mixed; boundary=sep"])
    func `refuses other types`(type: String) {
        #expect { try MultipartParser(contentType: type) } throws: { ($0 as? WebError)?.code == .notMultipart }
    }

    @Test(arguments: [
        "", "--sep\r\n", "--sep\r\nA: b\r\n\r\ncontent", "--sepx\r\nA: b\r\n\r\nx\r\n--sep--",
        "--sep\r\nno colon\r\n\r\nx\r\n--sep--", "--sep\r\n: nameless\r\n\r\nx\r\n--sep--",
        "--sep\r\nA: 1\r\na: 2\r\n\r\nx\r\n--sep--",
        "--sep\r\nA: \(String(repeating: "b", count: 9000))\r\n\r\nx\r\n--sep--",
        String(repeating: "--sep\r\nA: b\r\n\r\nx\r\n", count: 17) + "--sep--",
    ])
    func `refuses a broken body`(body: String) {
        #expect { try Self.parse([Array(body.utf8)]) } throws: { ($0 as? WebError)?.code == .malformedRequest }
    }

    /// A thousand seeded mutations: never a crash, always the same answer however the bytes are cut.
    @Test func `survives mutated bodies cut anywhere`() {
        var outcomes = (read: 0, refused: 0)
        for seed in UInt64(0)..<1000 {
            var random = SplitMix64(seed: seed)
            var bytes = Array(Self.body.utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) { Self.mutate(&bytes, &random) }
            let whole = Result { try Self.parse([bytes]) }
            let cut = Result { try Self.parse(Self.pieces(of: bytes, &random)) }
            switch (whole, cut) {
            case (.success(let first), .success(let second)):
                #expect(first == second, "seed \(seed)")
                outcomes.read += 1
            case (.failure(let first), .failure(let second)):
                #expect((first as? WebError)?.code == (second as? WebError)?.code, "seed \(seed)")
                #expect((first as? WebError)?.code == .malformedRequest, "seed \(seed)")
                outcomes.refused += 1
            default: Issue.record("seed \(seed): the answer depends on how the body was cut")
            }
        }
        #expect(outcomes.read > 100 && outcomes.refused > 100, "\(outcomes)")
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = .random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(index..<min(bytes.count, index + .random(in: 1...20, using: &random)))
        case 2: bytes.insert(contentsOf: Array("\r\n--sep".utf8).prefix(.random(in: 1...7, using: &random)), at: index)
        default: bytes.insert(contentsOf: bytes[index...].prefix(.random(in: 1...30, using: &random)), at: index)
        }
    }

    private static func pieces(of bytes: [UInt8], _ random: inout SplitMix64) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(.random(in: 1...17, using: &random))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}
