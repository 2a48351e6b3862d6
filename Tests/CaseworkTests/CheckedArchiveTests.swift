import Casework
import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CheckedArchiveTests {
    private func checked(
        _ fixture: CaseworkFixture, _ faults: StoredObjectFaults = StoredObjectFaults()
    ) -> CheckedArchive {
        CheckedArchive(fixture.archive, in: fixture.database, faults: faults)
    }

    private func fault(_ archive: CheckedArchive, at key: String) async -> ClinicError? {
        await #expect(throws: ClinicError.self) { _ = try await archive.bytes(at: key) }
    }

    /// Every file that an installation holds: images, pictures, a paper, a portrait, a model.
    private func fill(_ site: ModelSite) async throws -> [String] {
        let fixture = site.fixture
        try await fixture.add(2)
        let worker = fixture.worker { _ in CaseworkFixture.outcome() }
        try await fixture.run([worker], until: CaseworkFixture.allDone)
        _ = try await site.install("2.0.0")
        _ = try await fixture.registerDoctor()
        let files = DoctorFiles(database: fixture.database, archive: fixture.archive)
        _ = try await files.addDocument(Array("%PDF-1.7".utf8), name: "a.pdf", by: fixture.owner.id)
        try await files.setPhoto(try CaseworkFixture.drawing(1), by: fixture.owner.id)
        return try await fixture.files()
    }

    @Test func `every kind of stored file is given as it was written, and not once it was altered`() async throws {
        try await ModelSite.run { site in
            let (fixture, faults) = (site.fixture, StoredObjectFaults())
            let archive = checked(fixture, faults)
            let keys = try await fill(site)
            for kind in ["images/", "screenings/", "models/", "doctors/"] {
                #expect(keys.contains { $0.hasPrefix(kind) }, "\(kind)")
            }
            for key in keys {
                let bytes = try await archive.bytes(at: key)
                try await fixture.archive.store([0] + Array(bytes.dropFirst()) + [0], at: key)
                #expect(await fault(archive, at: key) == StoredObject.changed, "\(key)")
                try await fixture.archive.store(bytes, at: key)
                #expect(try await archive.bytes(at: key) == bytes)
            }
            #expect(faults.counts == [.changed: keys.count, .missing: 0])
        }
    }

    @Test func `exchanged images, one cut short and one that is gone are not given`() async throws {
        try await CaseworkFixture.run { fixture in
            let faults = StoredObjectFaults()
            let archive = checked(fixture, faults)
            try await fixture.add(4)
            let keys = try await fixture.archive.keys(under: ArchiveKey.images)
            let first = try await fixture.archive.bytes(at: keys[0])
            try await fixture.archive.store(fixture.archive.bytes(at: keys[1]), at: keys[0])
            try await fixture.archive.store(first, at: keys[1])
            try await fixture.archive.store(Array(fixture.archive.bytes(at: keys[2]).prefix(100)), at: keys[2])
            try await fixture.archive.remove(keys[3])
            for key in keys.prefix(3) { #expect(await fault(archive, at: key) == StoredObject.changed) }
            #expect(await fault(archive, at: keys[3])?.code == .notFound)
            #expect(faults.counts == [.changed: 3, .missing: 1])
        }
    }

    @Test func `a file that nobody stored is not given, wherever it lies`() async throws {
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            let worker = fixture.worker { _ in CaseworkFixture.outcome() }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            for key in ["images/\(ImageID()).png", ArchiveKey.picture(.overlay, of: record.id)] {
                try await fixture.archive.store([1], at: key)
                #expect(await fault(checked(fixture), at: key)?.code == .notFound)
            }
        }
    }

    @Test func `a file of before is taken as it is once, if it is as long as its row says`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(2)
            let archive = checked(fixture)
            let keys = try await fixture.archive.keys(under: ArchiveKey.images)
            for key in keys {
                let count = try await fixture.archive.bytes(at: key).count
                try await fixture.database.write {
                    try $0.record([StoredObject(key: key, sha256: nil, byteCount: count)])
                }
            }
            let bytes = try await archive.bytes(at: keys[0])
            let recorded = try await fixture.database.read { try $0.storedObject(keys[0]) }
            #expect(recorded == StoredObject(bytes, at: keys[0]))
            try await fixture.archive.store(Array(bytes.reversed()), at: keys[0])
            #expect(await fault(archive, at: keys[0]) == StoredObject.changed)
            try await fixture.archive.store(Array(fixture.archive.bytes(at: keys[1]).prefix(100)), at: keys[1])
            #expect(await fault(archive, at: keys[1]) == StoredObject.changed)
        }
    }

    @Test func `pictures of before are taken as they are once, each by itself`() async throws {
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            let worker = fixture.worker { _ in CaseworkFixture.outcome() }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            let folder = ArchiveKey.pictures(of: record.id)
            try await fixture.database.write { transaction in
                try transaction.forgetObjects([folder])
                try transaction.record([StoredObject(key: folder, sha256: nil, byteCount: nil)])
            }
            let (archive, key) = (checked(fixture), ArchiveKey.picture(.display, of: record.id))
            #expect(try await archive.bytes(at: key) == [1, 2, 3])
            try await fixture.archive.store([1, 2, 4], at: key)
            #expect(await fault(archive, at: key) == StoredObject.changed)
            #expect(try await archive.bytes(at: ArchiveKey.picture(.thumbnail, of: record.id)) == [4])
        }
    }

    @Test func `an image that was exchanged is not screened, and its sender is told`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(1)
            let key = try await fixture.archive.keys(under: ArchiveKey.images)[0]
            try await fixture.archive.store(try CaseworkFixture.drawing(7), at: key)
            let worker = fixture.worker { _ in CaseworkFixture.outcome() }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            let row = try await fixture.screenings()[0]
            #expect(row.state == .failed && row.failure == Message("errors.screenings.changed"))
        }
    }

    @Test func `what is deleted leaves no checksum behind`() async throws {
        try await ModelSite.run { site in
            let fixture = site.fixture
            _ = try await fill(site)
            let removal = CaseRemoval(database: fixture.database, archive: fixture.archive)
            let image = try await fixture.database.read { try $0.images(of: fixture.caseID)[0] }
            try await removal.removeImage(image.id, in: fixture.caseID, of: fixture.owner, by: fixture.actor)
            try await removal.removeCase(fixture.caseID, of: fixture.owner, by: fixture.actor)
            let model = try #require(try await site.store.contents().models.first)
            try await site.store.remove(model.id, by: fixture.actor)
            let files = DoctorFiles(database: fixture.database, archive: fixture.archive)
            let paper = try #require(
                try await Directory(database: fixture.database).own(fixture.owner.id)?.documents.first)
            try await files.deleteDocument(paper.id, by: fixture.owner.id)
            try await files.setPhoto(try CaseworkFixture.drawing(2), by: fixture.owner.id)
            try await files.removePhoto(by: fixture.owner.id)
            #expect(try await fixture.files().isEmpty)
            #expect(try await fixture.database.read { try $0.storedObjects(after: "", limit: 9) } == [])
        }
    }
}
