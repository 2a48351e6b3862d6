import Crypto
import Datasets
import Findings
import Formats
import Foundation
import Testing

@Suite struct CellCollectionTests {
    private func lend(_ test: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "export/cells/monocyte"), withIntermediateDirectories: true)
        try test(folder)
    }

    private func write(_ rows: [[String]], _ folder: URL) throws {
        try Data(CSV.table([["file", "type", "sha256"]] + rows).utf8).write(
            to: folder.appending(path: "export/cells/cells.csv"))
        try Data("file,label,sha256,bytes,width,height,source,patient,series,group,fold\r\n".utf8).write(
            to: folder.appending(path: "export/manifest.csv"))
    }

    @Test func `cells come along with a set, of which there may be nothing else, but damaged ones do not`() throws {
        try lend { folder in
            let (good, bad) = (Data("a picture".utf8), Data("another".utf8))
            try good.write(to: folder.appending(path: "export/cells/monocyte/a.png"))
            try bad.write(to: folder.appending(path: "export/cells/monocyte/b.png"))
            let digest = SHA256.hash(data: good).hexadecimal
            try write(
                [
                    ["cells/monocyte/a.png", "monocyte", digest], ["cells/monocyte/b.png", "monocyte", digest],
                    ["cells/monocyte/c.png", "monocyte", digest],
                ], folder)
            let set = folder.appending(path: "set")
            let dataset = try Dataset.importing(folder.appending(path: "export"), into: set)
            #expect(dataset.items.isEmpty)
            #expect(dataset.rejected.map(\.file) == ["cells/monocyte/b.png", "cells/monocyte/c.png"])
            #expect(dataset.rejected.map(\.reason) == [.damaged, .unreadable])
            #expect(try CellCollection(in: set)?.cells.map(\.file) == ["cells/monocyte/a.png"])
            #expect(try CellCollection(in: set)?.counts == [.monocyte: 1])
            #expect(try Data(contentsOf: set.appending(path: "cells/monocyte/a.png")) == good)
            #expect(try DatasetCheck(Dataset.load(folder: set)).findings.isEmpty)
            try bad.write(to: set.appending(path: "cells/monocyte/a.png"))
            #expect(try DatasetCheck(Dataset.load(folder: set)).findings.map(\.problem) == [.changed])
        }
    }

    @Test(arguments: [
        ["../monocyte/a.png", "monocyte", "0"], ["cells/../../a.png", "monocyte", "0"],
        ["cells/monocyte/../\u{301}a.png", "monocyte", "0"],
        ["cells/monocyte/a.png", "elephant", "0"], ["cells/lymphocyte/a.png", "monocyte", "0"],
    ])
    func `a list that names other places or types is refused with its line`(row: [String]) throws {
        try lend { folder in
            try write([row], folder)
            let error = #expect(throws: DatasetError.self) {
                try CellCollection(in: folder.appending(path: "export"))
            }
            #expect(error?.code == .malformedTable && error?.line == 2)
        }
    }
}
