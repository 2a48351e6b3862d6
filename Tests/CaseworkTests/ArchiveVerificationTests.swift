import Casework
import Clinic
import Foundation
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ArchiveVerificationTests {
    private func verify(
        _ fixture: CaseworkFixture, recording: Bool = false
    ) async throws -> ArchiveVerification.Report {
        try await ArchiveVerification(database: fixture.database, archive: fixture.archive, recording: recording).run()
    }

    private func fill(_ fixture: CaseworkFixture) async throws -> [String] {
        try await fixture.add(3)
        let worker = fixture.worker { _ in CaseworkFixture.outcome() }
        try await fixture.run([worker], until: CaseworkFixture.allDone)
        return try await fixture.files()
    }

    @Test func `an archive as it was written is whole, and every file is looked at`() async throws {
        try await CaseworkFixture.run { fixture in
            let keys = try await fill(fixture)
            let seen = Mutex<[Int]>([])
            let report = try await ArchiveVerification(database: fixture.database, archive: fixture.archive).run {
                done, total in
                #expect(total == keys.count)
                seen.withLock { $0.append(done) }
            }
            #expect(report.isWhole && report.files == 9 && report.withoutChecksum == 0)
            #expect(seen.withLock { $0 } == Array(1...9))
        }
    }

    @Test func `what is missing, changed, and without a row is named`() async throws {
        try await CaseworkFixture.run { fixture in
            _ = try await fill(fixture)
            let images = try await fixture.archive.keys(under: ArchiveKey.images)
            let pictures = try await fixture.archive.keys(under: ArchiveKey.screenings)
            try await fixture.archive.remove(images[0])
            try await fixture.archive.store([1], at: images[1])
            try await fixture.archive.remove(pictures[0])
            try await fixture.archive.store([7, 7, 7], at: pictures[1])
            let strangers = ["doctors/x/y.pdf", "images/\(ImageID()).png", "models/a/b", pictures[2] + "x"]
            for key in strangers { try await fixture.archive.store([1], at: key) }
            let report = try await verify(fixture)
            #expect(!report.isWhole)
            #expect(report.missing == [images[0], pictures[0]].sorted())
            #expect(report.changed == [images[1], pictures[1]].sorted())
            #expect(report.withoutRow == strangers.sorted())
            #expect(report.unreadable == [])
        }
    }

    @Test func `files of before are told, and recorded where that is wanted`() async throws {
        try await CaseworkFixture.run { fixture in
            _ = try await fill(fixture)
            let images = try await fixture.archive.keys(under: ArchiveKey.images)
            let folders = try await fixture.screenings().map { ArchiveKey.pictures(of: $0.id) }.sorted()
            try await fixture.database.write { transaction in
                try transaction.forgetObjects(folders + images)
                try transaction.record((folders + images).map { StoredObject(key: $0, sha256: nil, byteCount: nil) })
            }
            // One whole folder is gone, and one picture was read since.
            try await fixture.archive.remove(folders[0])
            let checked = CheckedArchive(fixture.archive, in: fixture.database)
            _ = try await checked.bytes(at: folders[1] + "display.jpg")
            var report = try await verify(fixture)
            #expect(report.missing == [folders[0]] && report.changed == [] && report.withoutRow == [])
            #expect(report.withoutChecksum == 6 && report.recorded == 0)
            report = try await verify(fixture, recording: true)
            #expect(report.missing == [folders[0]] && report.recorded == 6)
            report = try await verify(fixture)
            #expect(report.missing == [folders[0]] && report.withoutChecksum == 0 && report.files == 7)
            try await fixture.archive.store([9], at: images[0])
            try await fixture.archive.store([9], at: folders[2] + "stranger")
            report = try await verify(fixture)
            #expect(report.changed == [images[0]] && report.withoutRow == [folders[2] + "stranger"])
        }
    }

    @Test func `a file that the disk does not give is told, and the others are looked at`() async throws {
        try await CaseworkFixture.run { fixture in
            _ = try await fill(fixture)
            let key = try await fixture.archive.keys(under: ArchiveKey.images)[1]
            let archive = UnreadableArchive(base: fixture.archive, unreadable: key)
            let report = try await ArchiveVerification(database: fixture.database, archive: archive).run()
            #expect(report.unreadable == [key] && report.files == 9 && report.missing == [] && report.changed == [])
        }
    }
}

/// An archive whose disk does not give one file.
private struct UnreadableArchive: ImageArchive {
    let base: any ImageArchive
    let unreadable: String

    func bytes(at key: String) async throws -> [UInt8] {
        guard key != unreadable else { throw ClinicError(.storage, fault: "an error of the disk") }
        return try await base.bytes(at: key)
    }
    func store(_ bytes: [UInt8], at key: String) async throws { try await base.store(bytes, at: key) }
    func remove(_ key: String) async throws { try await base.remove(key) }
    func keys(under prefix: String) async throws -> [String] { try await base.keys(under: prefix) }
}
