import Formats
import Foundation
import ProcessFixtures
import Testing

/// Archives that Python's `zipfile` writes.
@Suite struct LargeZipTests {
    /// Runs Python in a folder that is removed afterwards, which is to write `a.zip`.
    private func lend(_ script: String, _ body: (URL, URL) throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zip-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) }
        }
        let written = try await StartedProgram.run(["python3", "-c", "import zipfile, zlib\n" + script], in: folder)
        try #require(written.code == 0)
        try body(folder.appendingPathComponent("a.zip"), folder)
    }

    private func failure(_ body: () throws -> Void) -> LargeZip.Failure? {
        do {
            try body()
            return nil
        } catch { return error as? LargeZip.Failure }
    }

    private static let mixed = """
        with zipfile.ZipFile("a.zip", "w") as z:
            z.writestr("folder/", "")
            z.writestr("folder/stored", bytes(range(256)) * 20000)
            z.writestr("deflated", b"cell " * 900000, zipfile.ZIP_DEFLATED)
            with z.open("long", "w", force_zip64=True) as f: f.write(b"x" * 70)
            z.comment = b"a comment behind it"
        """

    @Test func `unpacks stored, deflated and ZIP64 files, and passes folders over`() async throws {
        try await lend(Self.mixed) { url, folder in
            let zip = try LargeZip(url)
            #expect(zip.entries.map(\.name) == ["folder/stored", "deflated", "long"])
            #expect(zip.entries.map(\.byteCount) == [5_120_000, 4_500_000, 70])
            let expected = [
                Data((0..<20000).flatMap { _ in (0...255).map(UInt8.init) }),
                Data(Array(repeating: Array("cell ".utf8), count: 900_000).joined()), Data(repeating: 120, count: 70),
            ]
            for (number, entry) in zip.entries.enumerated() {
                let target = folder.appendingPathComponent("out-\(number)")
                try zip.unpack(entry, to: target)
                #expect(try Data(contentsOf: target) == expected[number])
            }
        }
    }

    @Test func `refuses what grows beyond the limits, before it is unpacked`() async throws {
        try await lend(Self.mixed) { url, _ in
            let small = LargeZip.Limits(files: 10, bytes: 5_000_000)
            guard case .beyondLimits = failure({ _ = try LargeZip(url, limits: small) }) else {
                Issue.record("the bytes are not bounded")
                return
            }
            let few = LargeZip.Limits(files: 2, bytes: 1 << 40)
            guard case .beyondLimits = failure({ _ = try LargeZip(url, limits: few) }) else {
                Issue.record("the files are not bounded")
                return
            }
        }
    }

    @Test func `refuses a file that unpacks to more than the archive says`() async throws {
        // The size in the directory is made smaller: 4 bytes at 24 behind its signature.
        let script = """
            with zipfile.ZipFile("a.zip", "w") as z: z.writestr("bomb", bytes(3000000), zipfile.ZIP_DEFLATED)
            b = bytearray(open("a.zip", "rb").read())
            at = b.find(b"PK\\x01\\x02")
            b[at + 24:at + 28] = (1000).to_bytes(4, "little")
            open("a.zip", "wb").write(b)
            """
        try await lend(script) { url, folder in
            let zip = try LargeZip(url)
            let target = folder.appendingPathComponent("out")
            guard case .broken = failure({ try zip.unpack(zip.entries[0], to: target) }) else {
                Issue.record("a bomb is unpacked")
                return
            }
            let written = try FileManager.default.attributesOfItem(atPath: target.path)[.size] as? Int
            #expect((written ?? 0) <= 1000)
        }
    }

    @Test(arguments: [
        "open('a.zip', 'wb').write(b'no archive')",
        """
        with zipfile.ZipFile("a.zip", "w") as z: z.writestr("a", b"x" * 100)
        b = open("a.zip", "rb").read(); open("a.zip", "wb").write(b[:-30])
        """,
        """
        with zipfile.ZipFile("a.zip", "w") as z:
            link = zipfile.ZipInfo("link"); link.create_system = 3; link.external_attr = 0o120777 << 16
            z.writestr(link, "/etc/passwd")
        """,
        // 2^64 - 1 files, as only ZIP64 can say.
        """
        import struct
        long = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 2**64 - 1, 2**64 - 1, 0, 0)
        locator = struct.pack("<IIQI", 0x07064B50, 0, 0, 1)
        end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
        open("a.zip", "wb").write(long + locator + end)
        """,
    ])
    func `refuses what is broken, cut off, or holds a link`(_ script: String) async throws {
        try await lend(script) { url, _ in
            #expect(failure { _ = try LargeZip(url) } != nil)
        }
    }
}
