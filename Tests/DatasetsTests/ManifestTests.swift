import Datasets
import Findings
import Testing

@Suite struct ManifestTests {
    static let digest = String(repeating: "0a", count: 32)
    static let entry = Manifest.Entry(
        file: "a, \"b\"\n.png", label: 2, sha256: digest, bytes: 3, width: 4, height: 5, source: "x", patient: "p",
        series: nil, group: 6, fold: 1, additional: ["note, kept"])

    @Test func `reads what it writes`() throws {
        let manifest = Manifest(entries: [Self.entry], additionalColumns: ["note"])
        #expect(try Manifest(csv: manifest.csv) == manifest)
        #expect(manifest.sha256.count == 64)
    }

    @Test(
        arguments: [
            "", "file,label\r\n", "file,file\r\n", "\"file\n",
            Manifest.columns.joined(separator: ",") + "\na.png,pre-b\n",
        ])
    func `broken tables are refused`(text: String) {
        #expect(throws: DatasetError.self) { try Manifest(csv: text) }
    }

    @Test(
        arguments: [
            "a.png,leukaemia,DIGEST,1,1,1,,,,0,", "../a.png,pre-b,DIGEST,1,1,1,,,,0,",
            "../\u{301}a.png,pre-b,DIGEST,1,1,1,,,,0,", "/\u{301}a.png,pre-b,DIGEST,1,1,1,,,,0,",
            "/a.png,pre-b,DIGEST,1,1,1,,,,0,",
            "a.png,pre-b,12,1,1,1,,,,0,", "a.png,pre-b,DIGEST,-1,1,1,,,,0,", "a.png,pre-b,DIGEST,1,1,1,,,,x,",
            "b.png,pre-b,DIGEST,1,1,1,,,,0,\nb.png,pre-b,DIGEST,1,1,1,,,,0,",
        ])
    func `rows that cannot be true are refused`(row: String) {
        let rows = row.split(separator: "DIGEST", omittingEmptySubsequences: false).joined(separator: Self.digest)
        let text = Manifest.columns.joined(separator: ",") + "\n" + rows + "\n"
        #expect { try Manifest(csv: text) } throws: { ($0 as? DatasetError)?.code == .invalidManifest }
    }

    @Test(
        arguments: [
            ("Benign", "benign"), ("EARLY", "early-pre-b"), ("[Malignant] early Pre-B", "early-pre-b"),
            ("Malignant_early_Pre-B", "early-pre-b"), ("Pre", "pre-b"), ("[malignant] pre-b", "pre-b"),
            ("Malignant_Pre-B", "pre-b"), ("pro", "pro-b"), ("[Malignant] Pro-B", "pro-b"),
            ("Malignant_Pro-B", "pro-b"),
        ])
    func `all spellings of the classes are known`(name: String, key: String) {
        #expect(SmearClass(folder: name)?.rawValue == key)
    }

    @Test(arguments: ["", "Pre-C", "Malignant", "images"])
    func `other names are no class`(name: String) {
        #expect(SmearClass(folder: name) == nil)
    }
}
