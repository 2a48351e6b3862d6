import Casework
import Clinic
import Foundation
import Imaging
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DoctorFilesTests {
    @Test func `a file of a doctor with its row outlives the sweep, one without does not`() async throws {
        try await CaseworkFixture.run { fixture in
            _ = try await fixture.registerDoctor()
            let files = DoctorFiles(database: fixture.database, archive: fixture.archive)
            let paper = try await files.addDocument(Array("%PDF-1.7".utf8), name: "a.pdf", by: fixture.owner.id)
            try await files.setPhoto(try CaseworkFixture.drawing(1), by: fixture.owner.id)
            let known = Set(try await fixture.archive.keys(under: "doctors/"))
            #expect(known.count == 2)
            #expect(known.contains(paper.archiveKey))
            let orphan = "doctors/\(DoctorID())/\(DocumentID()).pdf"
            try await fixture.archive.store([1], at: orphan)
            let removed = try await Sweeper(database: fixture.database, archive: fixture.archive).sweep(waiting: .zero)
            #expect(removed == [orphan])
            #expect(Set(try await fixture.archive.keys(under: "doctors/")) == known)
        }
    }

    @Test func `what an image carries beside its pixels is not kept, and names lose their paths`() async throws {
        try await CaseworkFixture.run { fixture in
            _ = try await fixture.registerDoctor()
            let files = DoctorFiles(database: fixture.database, archive: fixture.archive)
            let image = try CaseworkFixture.drawing(1) + Array("<?php secret ?>".utf8)
            let paper = try await files.addDocument(
                image, name: "C:\\papers\\../licence.exe\u{202E}.php", by: fixture.owner.id)
            #expect(paper.contentType == "image/png" || paper.contentType == "image/jpeg")
            #expect(paper.name.hasPrefix("licence.exe."))
            let kept = try await fixture.archive.bytes(at: paper.archiveKey)
            #expect(!String(decoding: kept, as: UTF8.self).contains("secret"))
            #expect(try ImageDecoder.decode(kept).pixels == ImageDecoder.decode(image).pixels)
        }
    }

    @Test(arguments: ["GIF89a..", "", "MZ", "hello"])
    func `other types and files that are too large leave nothing behind`(_ content: String) async throws {
        try await CaseworkFixture.run { fixture in
            _ = try await fixture.registerDoctor()
            let files = DoctorFiles(database: fixture.database, archive: fixture.archive)
            let error = await #expect(throws: ClinicError.self) {
                _ = try await files.addDocument(Array(content.utf8), name: "a", by: fixture.owner.id)
            }
            #expect(error?.field == "document")
            let large = Array("%PDF-".utf8) + [UInt8](repeating: 0, count: Directory.maximumDocumentBytes)
            await #expect(throws: ClinicError.self) {
                _ = try await files.addDocument(large, name: "a", by: fixture.owner.id)
            }
            #expect(try await fixture.archive.keys(under: "doctors/").isEmpty)
        }
    }
}
