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

    @Test(arguments: [",", ";", "\t", "|"], ["\r\n", "\n", "\r"])
    func `a first line that names the separator is no record`(separator: String, end: String) {
        for (chunk, line) in [(1, "sep="), (7, "SEP="), (1000, "\"sep=")] {
            let first = line + separator + (line.hasPrefix("\"") ? "\"" : "")
            let records = read([first, "a\(separator)b,b", "1\(separator)2"].joined(separator: end), chunk: chunk)
            #expect(records.last?.fields == ["1", "2"], "\(first)")
            #expect(records.map(\.line) == [2, 3])
        }
        #expect(read("sep=long,b\n1,2\n").map(\.fields) == [["sep=long", "b"], ["1", "2"]])
    }

    @Test func `tabs are told from commas in fields`() {
        #expect(read("a\tb\tc, d\n1\t2,5\t3\n").last?.fields == ["1", "2,5", "3"])
    }

    @Test(arguments: [1, 2, 3, 1000], [true, false]) func `UTF-16 is read in pieces of any size`(chunk: Int, mark: Bool)
    {
        let text = (mark ? "\u{FEFF}" : "") + "name\tcity\nDr. Ä 😀\tவேலூர்\n"
        for isBig in [true, false] {
            let bytes = text.utf16.flatMap { unit -> [UInt8] in
                let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
                return isBig ? pair : pair.reversed()
            }
            var reader = CSVReader()
            let pieces = stride(from: 0, to: bytes.count, by: chunk).flatMap {
                reader.append(bytes[$0..<min($0 + chunk, bytes.count)])
            }
            let records = pieces + reader.finish()
            #expect(records.map(\.fields) == [["name", "city"], ["Dr. Ä 😀", "வேலூர்"]])
        }
    }

    private static let cutFiles: [[UInt8]] = [
        [0x0A, 0x00, 0x91, 0x62, 0xFF, 0x0E],  // A line break in two bytes first
        Array("\u{FEFF}a;\u{0A0A};c\n1;2;3\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }),
        [0xEF, 0xBB, 0xBF, 0x0A, 0x61], [0x0D], [],
        Array((String(repeating: "a,b;", count: 16_384) + ";;;;\n1;2\n").utf8),
    ]

    @Test(arguments: cutFiles) func `where a file is cut changes no record`(bytes: [UInt8]) {
        var whole = CSVReader()
        let records = whole.append(bytes) + whole.finish()
        let ends = [bytes.count - 1, CSVReader.maximumRecord - 1, CSVReader.maximumRecord, CSVReader.maximumRecord + 2]
        for cut in Array(0...min(bytes.count, 24)) + ends where (0...bytes.count).contains(cut) {
            var reader = CSVReader()
            let pieces = reader.append(bytes[..<cut]) + reader.append(bytes[cut...]) + reader.finish()
            #expect(pieces == records, "cut behind \(cut) of \(bytes.count) bytes")
        }
    }

    @Test func `half a character of UTF-16 spoils its own record alone`() {
        var reader = CSVReader()
        let records =
            reader.append([0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x3D, 0xD8, 0x0A, 0, 0x62, 0, 0x0A, 0, 0x63]) + reader.finish()
        #expect(records.map(\.problem) == [nil, .notUTF8, nil, .notUTF8])
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
