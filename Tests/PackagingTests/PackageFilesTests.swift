import Foundation
import Packaging
import ProcessFixtures
import Testing

/// Archives are made by Python's zipfile and tarfile, so that what is read was written by somebody else.
@Suite struct PackageFilesTests {
    private static func archive(_ script: String) async throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: file) } catch { Issue.record(error) }
        }
        let head = "import io, struct, sys, tarfile, zipfile\nout = sys.argv[1]\n"
        let written = try await StartedProgram.run(["python3", "-c", head + script, file.path])
        try #require(written.code == 0)
        return [UInt8](try Data(contentsOf: file))
    }

    private static func refusal(of archive: [UInt8]) throws -> PackagingError? {
        do {
            _ = try PackageFiles(archive: archive)
            return nil
        } catch let error as PackagingError {
            return error
        }
    }

    private static let expected: [String: [UInt8]] = [
        "model.json": Array(#"{"a": 1}"#.utf8), "model.onnx": [UInt8](repeating: 7, count: 5000),
    ]

    @Test(
        arguments: [
            """
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
                z.writestr("model.json", '{"a": 1}'); z.writestr("model.onnx", b"\\x07" * 5000)
            """,
            """
            with zipfile.ZipFile(out, "w") as z:
                z.writestr("second/", ""); z.writestr("second/model.json", '{"a": 1}')
                z.writestr("second/model.onnx", b"\\x07" * 5000)
                z.writestr("__MACOSX/second/._model.json", "x"); z.writestr("second/.DS_Store", "x")
                z.comment = b"made by hand"
            """,
            """
            for name, data in (("./model.json", b'{"a": 1}'), ("./model.onnx", b"\\x07" * 5000)):
                with tarfile.open(out, "a") as t:
                    info = tarfile.TarInfo(name); info.size = len(data); t.addfile(info, io.BytesIO(data))
            """,
            """
            with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as t:
                info = tarfile.TarInfo("second"); info.type = tarfile.DIRTYPE; t.addfile(info)
                for name, data in (("second/model.json", b'{"a": 1}'), ("second/model.onnx", b"\\x07" * 5000)):
                    info = tarfile.TarInfo(name); info.size = len(data); info.mtime = 1.5
                    t.addfile(info, io.BytesIO(data))
            """,
        ])
    func `a zip or tar is read, its files at the top or in one folder`(script: String) async throws {
        #expect(try await PackageFiles(archive: Self.archive(script)).files == Self.expected)
    }

    @Test(
        arguments: [
            ("../model.json", "is no name"), ("/etc/passwd", "is no name"), ("a/../../model.json", "is no name"),
            ("a/b/model.json", "deeper"), ("model json", "is no name"), ("..\\\\model.json", "is no name"),
        ])
    func `a path that leads elsewhere, a link, a device, a name twice or files in several folders are refused`(
        path: String, words: String
    ) async throws {
        let zip = try await Self.archive(
            """
            with zipfile.ZipFile(out, "w") as z: z.writestr("\(path)", "x")
            """)
        let tar = try await Self.archive(
            """
            with tarfile.open(out, "w") as t:
                info = tarfile.TarInfo("\(path)"); info.size = 1; t.addfile(info, io.BytesIO(b"x"))
            """)
        for archive in [zip, tar] {
            let error = try #require(try Self.refusal(of: archive))
            #expect(error.code == .unusableArchive)
            #expect(error.message.contains(words), "\(error.message)")
        }
    }

    @Test(
        arguments: [
            """
            with tarfile.open(out, "w") as t:
                info = tarfile.TarInfo("model.json"); info.type = tarfile.SYMTYPE; info.linkname = "/etc/passwd"
                t.addfile(info)
            """,
            """
            with tarfile.open(out, "w") as t:
                info = tarfile.TarInfo("model.json"); info.type = tarfile.CHRTYPE; t.addfile(info)
            """,
            """
            with zipfile.ZipFile(out, "w") as z:
                info = zipfile.ZipInfo("model.json"); info.create_system = 3; info.external_attr = 0o120777 << 16
                z.writestr(info, "/etc/passwd")
            """,
        ])
    func `links and devices are refused`(script: String) async throws {
        let error = try #require(try await Self.refusal(of: Self.archive(script)))
        #expect(error.code == .unusableArchive)
        #expect(error.message.contains("link"))
    }

    @Test func `what unpacks to more than a package may hold is refused before it is unpacked`() async throws {
        let honest = try await Self.archive(
            """
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z: z.writestr("model.onnx", bytes(80 << 20))
            """)
        #expect(honest.count < 100_000)
        #expect(try Self.refusal(of: honest)?.code == .tooLarge)
        let many = try await Self.archive(
            """
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
                for i in range(9): z.writestr(f"part{i}.bin", bytes(8 << 20))
            """)
        #expect(try Self.refusal(of: many)?.code == .tooLarge)
    }

    @Test func `a file that unpacks to another size than the archive says is refused`() async throws {
        let lying = try await Self.archive(
            """
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z: z.writestr("model.onnx", bytes(1 << 20))
            data = bytearray(buffer.getvalue())
            place = data.rindex(b"PK\\x01\\x02")
            data[place + 24:place + 28] = struct.pack("<I", 100)
            open(out, "wb").write(data)
            """)
        let error = try #require(try Self.refusal(of: lying))
        #expect(error.code == .unusableArchive)
        #expect(error.message.contains("another size"))
    }

    @Test func `a damaged file is told by its checksum`() async throws {
        var bytes = try await Self.archive(
            """
            with zipfile.ZipFile(out, "w") as z: z.writestr("model.json", "a" * 500)
            """)
        // The whole content: the time of day in the header may hold an "a" too.
        let content = try #require(bytes.firstRange(of: [UInt8](repeating: UInt8(ascii: "a"), count: 500)))
        bytes[content.lowerBound + 3] ^= 1
        #expect(try Self.refusal(of: bytes)?.message.contains("damaged") == true)
    }

    @Test func `cut off anywhere, an archive is refused and nothing worse happens`() async throws {
        for script in [
            "with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('model.json', 'b' * 3000)",
            """
            with tarfile.open(out, "w") as t:
                info = tarfile.TarInfo("model.json"); info.size = 3000; t.addfile(info, io.BytesIO(b"b" * 3000))
            """,
        ] {
            let whole = try await Self.archive(script)
            for count in stride(from: 0, to: min(whole.count, 3500), by: 7) {
                #expect(try Self.refusal(of: Array(whole.prefix(count))) != nil, "\(count)")
            }
        }
    }

    @Test(arguments: [[0x1F, 0x8B, 8, 0], Array("hello".utf8), []])
    func `other kinds of files are told apart`(bytes: [UInt8]) throws {
        #expect(try Self.refusal(of: bytes)?.code == .unusableArchive)
    }
}
