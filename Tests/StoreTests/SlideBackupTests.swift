import Clinic
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct SlideBackupTests {
    @Test func `a backup holds the files of whole slides, and a restore leaves others that are there`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let secret = try ServerSecret(dataDirectory: place.directory)
            let database = try place.open(key: secret.key(for: "audit"))
            try await database.migrate()
            let archive = try DirectoryArchive(directory: place.directory.appending(path: "archive"))
            let user = User.sample("a@x.org")
            let smearCase = SmearCase.sample(of: user.id)
            let slides = [CaseSlide.State.done, .receiving].map { state in
                CaseSlide(
                    caseID: smearCase.id, ownerID: user.id, name: "smear.svs", source: .upload, byteCount: 3_000_000,
                    received: 3_000_000, state: state, wanted: 20, createdAt: moment(1), updatedAt: moment(1))
            }
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7 / 5) }
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.append(Consent.sample(of: user.id))
                try transaction.insert(smearCase)
                for slide in slides { try transaction.insert(slide) }
                try transaction.insert([
                    SlideField(slideID: slides[0].id, number: 1, x: 1, y: 2, side: 3, micrometresPerPixel: 0.25)
                ])
                _ = try transaction.add(
                    SlidePart(start: 0, byteCount: 0, sha256: String(repeating: "0", count: 64)), to: slides[1].id,
                    at: moment(2))
            }
            for slide in slides { try await archive.store(bytes, at: "slides/\(slide.id)/slide.svs") }
            try await archive.store([1], at: "slides/\(slides[0].id)/unpacked/slide.mrxs")
            // It is being unpacked, or a crash left this.
            let unpacking = archive.directory.appending(path: "slides/\(slides[0].id)/.unpacking/slide")
            try FileManager.default.createDirectory(at: unpacking, withIntermediateDirectories: true)
            try Data([1]).write(to: unpacking.appending(path: "Index.dat"))
            let backup = place.directory.appending(path: "backup")
            let manifest = try await Backup(database: database, archive: archive, dataDirectory: place.directory)
                .write(into: backup)
            #expect(manifest.files == 1 && manifest.missing.isEmpty)
            // A slide whose file is gone is missing, whatever was unpacked of it; one that is not whole is not.
            for slide in slides { try await archive.remove("slides/\(slide.id)/slide.svs") }
            let lacking = try await Backup(database: database, archive: archive, dataDirectory: place.directory)
                .write(into: place.directory.appending(path: "lacking"))
            #expect(lacking.missing == ["slides/\(slides[0].id)/"] && lacking.files == 0 && !lacking.isWhole)
            try await database.close()
            try await TestedDatabase.sqlite.withPlace { other in
                let restored = try DatabaseLocation.open(
                    other.url, dataDirectory: other.directory,
                    auditKey: ServerSecret(file: backup.appending(path: "secret.key")).key(for: "audit"))
                let target = try DirectoryArchive(directory: other.directory.appending(path: "archive"))
                let stray = "slides/\(SlideID())/slide.tif"
                try await target.store([5], at: stray)
                try await Restore(from: backup).run(into: restored, dataDirectory: other.directory)
                #expect(
                    try await Set(target.keys(under: "slides/")) == ["slides/\(slides[0].id)/slide.svs", stray])
                #expect(try await target.bytes(at: "slides/\(slides[0].id)/slide.svs") == bytes)
                #expect(try await restored.read { try $0.slides(of: smearCase.id) }.count == 2)
                #expect(try await Consents(database: restored).standing(of: user.id) == .open)
                let log = try await restored.read { try $0.auditRecords(after: 0, limit: 9).map(\.entry.action) }
                #expect(log.contains(.consent(.lapse)))
                #expect(try await restored.read { try $0.fields(of: slides[0].id) }.count == 1)
                try await restored.close()
            }
        }
    }
}
