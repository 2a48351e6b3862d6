import Formats
import Testing

@Suite struct CSVReaderTests {
    private func read(_ text: String, chunk: Int = 1 << 16, separator: Unicode.Scalar? = nil) -> [CSVReader.Record] {
        var reader = CSVReader(separator: separator)
        let bytes = Array(text.utf8)
        let records = stride(from: 0, to: bytes.count, by: chunk).flatMap {
            reader.append(bytes[$0..<min($0 + chunk, bytes.count)])
        }
        return records + reader.finish()
    }

    @Test(arguments: ["\r\n", "\n", "\r"], [1, 2, 3, 5, 1000])
    func `lines end with CRLF, LF or CR, in pieces of any size`(end: String, chunk: Int) {
        let text = ["\u{FEFF}a,b", "\"1\(end)2\",\"say \"\"x\"\"\"", "", "3,4", ""].joined(separator: end)
        let records = read(text, chunk: chunk)
        #expect(records.map(\.fields) == [["a", "b"], ["1\(end)2", "say \"x\""], ["3", "4"]])
        #expect(records.map(\.line) == [1, 2, 5])
    }

    @Test(arguments: ["\n\n", ",,\n", " , ,\n", "\"\",\"\"\n", ";;;\n\n,,,\n"])
    func `rows of nothing but separators are no records`(blank: String) {
        let records = read("a,b\n\(blank)1,2\n\(blank)")
        #expect(records.map(\.fields).filter { $0 != [";;;"] } == [["a", "b"], ["1", "2"]])
        #expect(records.allSatisfy { $0.problem == nil })
    }

    @Test(arguments: [
        ("x\"y,1", CSVReader.Problem.quoteInField), ("\"x\"y,1", .textAfterQuote),
        (String(repeating: "z", count: CSVReader.maximumRecord + 1), .tooLong),
    ])
    func `a record that breaks the rules stops no other`(broken: String, problem: CSVReader.Problem) {
        for end in ["\n", "\r", "\r\n"] {
            let records = read("a,b\(end)\(broken)\(end)1,2\(end)\"open")
            #expect(records.map(\.problem) == [nil, problem, nil, .unclosedQuote])
            #expect(records.map(\.line) == [1, 2, 3, 4])
        }
    }

    @Test func `bytes that are no UTF-8 spoil their own record alone`() {
        var reader = CSVReader()
        let records = reader.append(Array("a,b\n".utf8) + [0xFF, 0x0A] + Array("1,2\n".utf8)) + reader.finish()
        #expect(records.map(\.problem) == [nil, .notUTF8, nil])
    }

    @Test func `the first line tells comma from semicolon, unless the caller knows`() {
        #expect(read("a;b;c,d\n1;2;3\n").last?.fields == ["1", "2", "3"])
        #expect(read("a,b;c,d\n1;2,3\n").last?.fields == ["1;2", "3"])
        #expect(read("a;b\tc\n", separator: "\t").map(\.fields) == [["a;b", "c"]])
    }

    @Test(arguments: [["a", ""], ["x,y", "say \"z\"", "two\r\nlines", " padded ", "ü"], ["'", "=1+1", ";"]])
    func `what is written reads back as it was`(fields: [String]) {
        let text = CSV.table([["h"] + fields, ["r"] + fields])
        #expect(text.hasSuffix("\r\n"))
        #expect(read(text, separator: ",").map(\.fields) == [["h"] + fields, ["r"] + fields])
    }

    @Test(arguments: [("=1+1", "'=1+1"), ("@x", "'@x"), ("-2", "'-2"), ("plain", "plain"), ("", "")])
    func `no field is taken for a formula`(field: String, written: String) {
        #expect(CSV.plain(field) == written)
    }
}
