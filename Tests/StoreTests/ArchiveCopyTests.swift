import Clinic
import Findings
import Foundation
import Store
import Testing

/// Moving an installation's files into another archive. Between folders here; `Tests/Server` copies into a real S3 store.
@Suite struct ArchiveCopyTests {
    /// A data folder whose archive has its mark and two files, and another place beside it.
    private func withInstallation(
        _ body: (_ data: URL, _ source: DirectoryArchive, _ target: DirectoryArchive) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-copy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appending(path: "data")
        let installation = try await Installation.open(data, databaseURL: nil)
        try await installation.database.close()
        let source = try DirectoryArchive(directory: data.appending(path: "archive"))
        try await source.store([1, 2], at: "images/a.png")
        try await source.store([3], at: "quarantine/2026-11-30/images/b.png")
        try await source.store([4], at: "readiness/proof")
        try await source.store([5], at: "ward-3/images/of-another-installation.png")
        try await body(data, source, DirectoryArchive(directory: folder.appending(path: "target")))
    }

    private func refusal(
        _ source: DirectoryArchive, _ target: DirectoryArchive, _ end: String = "Nothing was copied."
    ) async throws -> String {
        let error = try #require(
            await #expect(throws: ClinicError.self) { try await ArchiveCopy(from: source, to: target).run() })
        #expect(error.code == .invalid && error.description.contains(end))
        return error.description
    }

    @Test
    func `every file and the mark are copied, again only what came meanwhile, and the installation goes on there`()
        async throws
    {
        try await withInstallation { data, source, target in
            let first = try await ArchiveCopy(from: source, to: target).run()
            #expect((first.copied, first.copiedBytes, first.present, first.others) == (2, 3, 0, 0))
            #expect(first.isWhole)
            #expect(
                try await target.keys(under: "") == [
                    "identity", "images/a.png", "quarantine/2026-11-30/images/b.png", "readiness/copied",
                ])
            #expect(try await target.bytes(at: "identity") == source.bytes(at: "identity"))
            let moved = try await Installation.open(data, databaseURL: nil, archive: .directory(target.directory))
            try await moved.archive.store([7], at: "images/new.png")
            try await moved.database.close()

            try await source.store([5, 6], at: "images/c.png")
            let second = try await ArchiveCopy(from: source, to: target).run()
            #expect((second.copied, second.present, second.others) == (1, 2, 1))
            #expect(try await target.bytes(at: "images/new.png") == [7])
            #expect(try await source.keys(under: "").count == 6, "nothing is removed where it comes from")
        }
    }

    @Test func `a copy that stopped is no archive of a server, and is gone on with`() async throws {
        try await withInstallation { data, source, target in
            // As it is when the process ended in the midst: the mark of a copy, one file, and one that is not the same.
            let mark = String(decoding: try await source.bytes(at: "identity"), as: UTF8.self)
            try await target.store(Array("\(mark)unfinished\n".utf8), at: "identity")
            try await target.store([1, 2], at: "images/a.png")
            try await target.store([0], at: "quarantine/2026-11-30/images/b.png")
            // Erased since it was copied.
            try await target.store([8], at: "images/erased.png")
            let place = ArchiveLocation.directory(target.directory)
            let error = await #expect(throws: ClinicError.self) {
                _ = try await Installation.open(data, databaseURL: nil, archive: place)
            }
            #expect(error?.description.contains("a copy that is not finished") == true)
            #expect(try await refusal(target, source).contains("is itself a copy that is not finished"))

            let report = try await ArchiveCopy(from: source, to: target).run()
            #expect((report.copied, report.present, report.removed, report.others) == (1, 1, 1, 0))
            #expect(try await target.keys(under: "images/") == ["images/a.png"])
            #expect(try await target.bytes(at: "quarantine/2026-11-30/images/b.png") == [3])
            try await Installation.open(data, databaseURL: nil, archive: place).database.close()
        }
    }

    @Test func `what is erased while it is copied, or before the next copy, does not live on`() async throws {
        try await withInstallation { data, source, target in
            try await source.store([5], at: "images/c.png")
            let file = try source.file("images/a.png")
            let first = try await ArchiveCopy(from: source, to: target).run { done, all in
                if done == all { unlink(file.path) }
            }
            #expect((first.copied, first.removed, first.isWhole) == (3, 1, true))
            #expect(try await target.keys(under: "images/") == ["images/c.png"])
            try await source.remove("images/c.png")
            let second = try await ArchiveCopy(from: source, to: target).run()
            #expect((second.copied, second.removed, second.others) == (0, 1, 0))
            #expect(try await target.keys(under: "images/").isEmpty)

            // Once a server has worked with it, what is there alone may be nowhere else.
            let place = ArchiveLocation.directory(target.directory)
            try await Installation.open(data, databaseURL: nil, archive: place).database.close()
            try await target.store([7], at: "images/new.png")
            try await source.remove("quarantine/2026-11-30/images/b.png")
            try await source.store([9], at: "images/late.png")
            let late = try source.file("images/late.png")
            let third = try await ArchiveCopy(from: source, to: target).run { done, all in
                if done == all { unlink(late.path) }
            }
            #expect((third.copied, third.removed, third.others) == (1, 1, 2))
            #expect(
                try await target.keys(under: "") == [
                    "identity", "images/new.png", "quarantine/2026-11-30/images/b.png",
                ])
        }
    }

    @Test func `what vanishes between the list and its turn is no fault`() async throws {
        try await withInstallation { _, source, target in
            let names = (0..<12).map { "images/x\($0 + 10).png" } + ["slides/a/slide.svs", "slides/b/slide.svs"]
            for name in names { try await source.store([1, 2, 3], at: name) }
            let last = try names.suffix(3).map { try source.file($0) }
            let report = try await ArchiveCopy(from: source, to: target).run { done, _ in
                // Eight are on their way at once; those that come last are not among them.
                if done == 1 { for file in last { unlink(file.path) } }
            }
            #expect(report.isWhole && report.copied == names.count - 1)
            #expect(try await target.keys(under: "slides/").isEmpty)
        }
    }

    @Test func `where most files went from the source they stay in the copy`() async throws {
        try await withInstallation { _, source, target in
            for number in 0..<101 { try await source.store([1], at: "images/x\(number).png") }
            _ = try await ArchiveCopy(from: source, to: target).run()
            try await source.remove("images/")
            #expect(try await refusal(source, target, "Nothing was removed.").contains("102 of 103 files"))
            #expect(try await target.keys(under: "images/").count == 102)
        }
    }

    @Test func `files of whole slides go along from folder to folder, but for what was unpacked`() async throws {
        try await withInstallation { _, source, target in
            let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7 / 5) }
            try await source.store(large, at: "slides/a/slide.svs")
            try await source.store([1], at: "slides/a/unpacked/slide.mrxs")
            let first = try await ArchiveCopy(from: source, to: target).run()
            #expect((first.copied, first.copiedBytes, first.slides) == (3, 3_000_003, 0))
            #expect(try await target.keys(under: "slides/") == ["slides/a/slide.svs"])
            #expect(try await target.bytes(at: "slides/a/slide.svs") == large)
            let second = try await ArchiveCopy(from: source, to: target).run()
            #expect((second.copied, second.present, second.isWhole) == (0, 3, true))
            try await source.store(large + [1], at: "slides/a/slide.svs")
            #expect(try await ArchiveCopy(from: source, to: target).run().copied == 1, "more of it was sent")
            try await source.store([1], at: "slides/a/slide.svs")
            #expect(try await ArchiveCopy(from: source, to: target).run().different == ["slides/a/slide.svs"])
            #expect(try await target.bytes(at: "slides/a/slide.svs") == large + [1])
        }
    }

    @Test func `files of whole slides are copied between folders, without what was unpacked of them`() async throws {
        try await withInstallation { _, source, target in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7 / 5) }
            try await source.store(bytes, at: "slides/a/slide.zip")
            try await source.store([1], at: "slides/a/unpacked/slide.mrxs")
            let unpacking = source.directory.appending(path: "slides/a/.unpacking")
            try FileManager.default.createDirectory(at: unpacking, withIntermediateDirectories: true)
            try Data([1]).write(to: unpacking.appending(path: "slide.mrxs"))
            let first = try await ArchiveCopy(from: source, to: target).run()
            #expect(first.isWhole && first.copied == 3 && first.copiedBytes == 3_000_003)
            #expect(try await target.keys(under: "slides/") == ["slides/a/slide.zip"])
            #expect(try await target.bytes(at: "slides/a/slide.zip") == bytes)
            #expect(try await ArchiveCopy(from: source, to: target).run().present == 3)
        }
    }

    @Test func `in a finished copy nothing is overwritten, and what differs is told`() async throws {
        try await withInstallation { _, source, target in
            _ = try await ArchiveCopy(from: source, to: target).run()
            try await target.store([9], at: "images/a.png")
            let report = try await ArchiveCopy(from: source, to: target).run()
            #expect(report.different == ["images/a.png"] && !report.isWhole)
            #expect(try await target.bytes(at: "images/a.png") == [9])
        }
    }

    @Test func `strangers are refused: no mark, files without one, another installation, one place under two names`()
        async throws
    {
        try await withInstallation { data, source, target in
            #expect(try await refusal(target, source).contains("has no mark of an installation"))
            try await target.store([1], at: "images/x.png")
            #expect(try await refusal(source, target).contains("holds files and no mark"))
            try await target.remove("images/x.png")
            #expect(try await refusal(source, source).contains("name two archives"))

            let inside = try DirectoryArchive(directory: source.directory.appending(path: "copies/first"))
            #expect(try await refusal(source, inside).contains("lies within"))

            let link = data.appending(path: "link")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: source.directory)
            let mark = try await source.bytes(at: "identity")
            #expect(try await ArchiveCopy(from: source, to: DirectoryArchive(directory: link)).run().copied == 0)
            #expect(try await source.bytes(at: "identity") == mark)

            let other = data.appending(path: "other")
            try await Installation.open(other, databaseURL: nil).database.close()
            let strange = try DirectoryArchive(directory: other.appending(path: "archive"))
            #expect(try await refusal(source, strange).contains("is the archive of another installation"))
            #expect(try await strange.keys(under: "") == ["identity"])
        }
    }
}
