import Clinic
import Foundation
import Store
import Testing

@Suite struct DirectoryArchiveTests {
    private func withArchive(_ body: (DirectoryArchive) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "leukoscope-archive-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(DirectoryArchive(directory: directory))
    }

    @Test func `files come back as they were stored, are replaced whole and listed by their beginning`() async throws {
        try await withArchive { archive in
            try await archive.store([1, 2], at: "images/a.png")
            try await archive.store([], at: "screenings/x/heat.png")
            try await archive.store([3], at: "screenings/x/step-0.jpg")
            try await archive.store([9, 9, 9], at: "images/a.png")
            #expect(try await archive.bytes(at: "images/a.png") == [9, 9, 9])
            #expect(try await archive.bytes(at: "screenings/x/heat.png") == [])
            #expect(
                try await archive.keys(under: "screenings/x/") == ["screenings/x/heat.png", "screenings/x/step-0.jpg"])
            #expect(try await archive.keys(under: "").count == 3)
            #expect(try await archive.keys(under: "nowhere/") == [])
        }
    }

    @Test func `an archive whose disk came off refuses everything, and nothing is written in its place`() async throws {
        try await withArchive { archive in
            try await archive.store([1], at: "identity")
            try await archive.store([2], at: "images/a.png")
            let away = archive.directory.appendingPathExtension("away")
            try FileManager.default.moveItem(at: archive.directory, to: away)
            defer { try? FileManager.default.removeItem(at: away) }
            // With the empty folder that a mount point is, and without one.
            for isMountPoint in [false, true] {
                if isMountPoint {
                    try FileManager.default.createDirectory(at: archive.directory, withIntermediateDirectories: true)
                }
                for use in [
                    { _ = try await archive.bytes(at: "images/a.png") },
                    { try await archive.store([3], at: "images/b.png") },
                    { try await archive.remove("images/") }, { _ = try await archive.keys(under: "") },
                ] as [() async throws -> Void] {
                    let error = await #expect(throws: ClinicError.self) { try await use() }
                    #expect(error?.code == .storage)
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: archive.directory.path).isEmpty)
            try FileManager.default.removeItem(at: archive.directory)
            try FileManager.default.moveItem(at: away, to: archive.directory)
            #expect(try await archive.bytes(at: "images/a.png") == [2])
        }
    }

    @Test func `one file or a whole folder is removed, also one that is not there`() async throws {
        try await withArchive { archive in
            for key in ["s/x/1", "s/x/2", "s/y/1"] { try await archive.store([1], at: key) }
            try await archive.remove("s/x/1")
            try await archive.remove("s/x/1")
            #expect(try await archive.keys(under: "s/") == ["s/x/2", "s/y/1"])
            try await archive.remove("s/x/")
            try await archive.remove("s/x/")
            #expect(try await archive.keys(under: "s/") == ["s/y/1"])
            let error = await #expect(throws: ClinicError.self) { try await archive.bytes(at: "s/x/2") }
            #expect(error?.code == .notFound)
        }
    }

    @Test(arguments: ["../x", "a/../b", "/etc/passwd", "a//b", ".hidden", "a/.b", "", "a b", "é", "a\0b"])
    func `a key that could lead elsewhere is refused`(_ key: String) async throws {
        try await withArchive { archive in
            let error = await #expect(throws: ClinicError.self) { try await archive.store([1], at: key) }
            #expect(error?.code == .invalid)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "the administrator reads every folder"))
    func `a folder that cannot be read is told, and not taken for an empty one`() async throws {
        try await withArchive { archive in
            try await archive.store([1], at: "images/a.png")
            let folder = archive.directory.appending(path: "images").path
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder)
            defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder) }
            for prefix in ["", "images/"] {
                let error = await #expect(throws: ClinicError.self) { try await archive.keys(under: prefix) }
                #expect(error?.code == .storage)
            }
        }
    }

    @Test func `a folder that is reached by a link is listed as itself`() async throws {
        try await withArchive { archive in
            try await archive.store([1], at: "images/a.png")
            let link = archive.directory.appendingPathExtension("link")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: archive.directory)
            defer { try? FileManager.default.removeItem(at: link) }
            let linked = try DirectoryArchive(directory: link)
            for prefix in ["", "images/"] { #expect(try await linked.keys(under: prefix) == ["images/a.png"]) }
        }
    }

    @Test func `what a crash left half written is not listed`() async throws {
        try await withArchive { archive in
            try await archive.store([1], at: "images/a.png")
            let half = archive.directory.appending(path: "images/.half.part")
            try Data([1]).write(to: half)
            #expect(try await archive.keys(under: "images/") == ["images/a.png"])
        }
    }
}
