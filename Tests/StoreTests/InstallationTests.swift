import Clinic
import Findings
import Foundation
import Store
import Testing

/// An archive and a database that do not belong together must never meet: to the wrong database, every file is a leftover.
@Suite struct InstallationTests {
    /// Opens, does something, and closes.
    @discardableResult
    private func opened<Value: Sendable>(
        _ place: DatabasePlace, _ url: String?, _ opening: Installation.Opening = .ready,
        _ body: (Installation) async throws -> Value
    ) async throws -> Value {
        let installation = try await Installation.open(place.directory, databaseURL: url, opening)
        do {
            let value = try await body(installation)
            try await installation.database.close()
            return value
        } catch {
            try await installation.database.close()
            throw error
        }
    }

    private func refusal(
        _ place: DatabasePlace, _ url: String?, _ opening: Installation.Opening = .ready
    ) async throws -> ClinicError? {
        await #expect(throws: ClinicError.self) { try await opened(place, url, opening) { _ in } }
    }

    /// Stores images with their rows.
    private func add(_ count: Int, to installation: Installation) async throws {
        let (user, smearCase) = (User.sample(), CaseID())
        try await installation.database.write { transaction in
            try transaction.insert(user)
            try transaction.insert(
                SmearCase(id: smearCase, ownerID: user.id, title: "x", createdAt: moment(1), updatedAt: moment(1)))
        }
        for _ in 0..<count {
            let image = CaseImage.sample(in: smearCase)
            try await installation.archive.store([1], at: image.archiveKey)
            _ = try await installation.database.write { try $0.add(image) }
        }
    }

    /// Every file of the archive but the mark.
    private func files(_ place: DatabasePlace) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: place.directory.appending(path: "archive").path)
            .filter { $0.hasSuffix(".png") }
    }

    private func remove(_ name: String, in place: DatabasePlace) throws {
        try FileManager.default.removeItem(at: place.directory.appending(path: name))
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a new database and a new archive are bound to each other, by many at once too`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            try await opened(place, place.url, .adopting) { _ in }
            let marks = try await racing(4) { _ in
                try await opened(place, place.url) { try await $0.archive.bytes(at: "identity") }
            }
            #expect(Set(marks).count == 1 && !marks[0].isEmpty)
            try await opened(place, place.url) { try await add(2, to: $0) }
            #expect(try await opened(place, place.url) { try await $0.archive.bytes(at: "identity") } == marks[0])
        }
    }

    @Test func `a database that is gone is not made anew beside the images`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            try await opened(place, nil) { try await add(3, to: $0) }
            for name in ["leukoscope.sqlite", "leukoscope.sqlite-wal", "leukoscope.sqlite-shm"]
            where FileManager.default.fileExists(atPath: place.directory.appending(path: name).path) {
                try remove(name, in: place)
            }
            let error = try await refusal(place, nil)
            #expect(error?.code == .invalid && error?.field == "database")
            for word in ["LEUKOSCOPE_DATABASE", "--data-dir", "restore", "leukoscope archive adopt"] {
                #expect(error?.description.contains(word) == true, "\(word)")
            }
            #expect(try files(place).count == 3)
            let names = try FileManager.default.contentsOfDirectory(atPath: place.directory.path).sorted()
            #expect(names == ["archive", "secret.key"])
        }
    }

    @Test func `a folder that was used with MariaDB is refused without LEUKOSCOPE_DATABASE, which is named`()
        async throws
    {
        try await TestedDatabase.mariadb.withPlace { place in
            let name = try await opened(place, place.url) { installation in
                try await add(1, to: installation)
                return installation.database.name
            }
            let error = try await refusal(place, nil)
            #expect(error?.description.contains("it was used with \(name)") == true)
            #expect(error?.description.contains("LEUKOSCOPE_DATABASE") == true)
            // Nor beside an SQLite file with the same mark, such as the one that was moved away from.
            let backup = place.directory.appending(path: "backup")
            try await opened(place, place.url) { installation in
                _ = try await Backup(
                    database: installation.database, archive: installation.archive, dataDirectory: place.directory
                ).write(into: backup)
            }
            try await TestedDatabase.sqlite.withPlace { other in
                let secret = try ServerSecret(file: backup.appending(path: "secret.key"))
                let database = try DatabaseLocation.open(
                    nil, dataDirectory: other.directory, auditKey: secret.key(for: "audit"))
                try await Restore(from: backup).run(into: database, dataDirectory: other.directory)
                try await database.close()
                try await opened(other, nil) { _ in }
                try FileManager.default.copyItem(
                    at: other.directory.appending(path: "leukoscope.sqlite"),
                    to: place.directory.appending(path: "leukoscope.sqlite"))
            }
            #expect(try await refusal(place, nil)?.field == "database")
            #expect(try files(place).count == 1)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the archive of another installation is refused, and nothing of it touched`(_ kind: TestedDatabase)
        async throws
    {
        try await kind.withPlace { place in
            try await opened(place, place.url) { try await add(2, to: $0) }
            try await kind.withPlace { other in
                try await opened(other, other.url) { try await add(2, to: $0) }
                try remove("archive", in: other)
                try FileManager.default.copyItem(
                    at: place.directory.appending(path: "archive"), to: other.directory.appending(path: "archive"))
                #expect(try await refusal(other, other.url)?.field == "database")
                #expect(try files(other) == files(place))
                try await opened(other, other.url, .adopting) { installation in
                    try await installation.adoptArchive(at: moment(9))
                    let records = try await installation.database.read { try $0.auditRecords(after: 0, limit: 9) }
                    #expect(records.map(\.entry.action) == [.archive(.adopt)])
                    #expect(records[0].entry.detail.count == "previous=".count + 22)
                }
                try await opened(other, other.url) { _ in }
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an installation of before the marks is recognised by its files`(_ kind: TestedDatabase) async throws {
        try await kind.withPlace { place in
            try await opened(place, place.url) { installation in
                try await add(4, to: installation)
                try await installation.archive.store([2], at: "images/left-by-a-crash.png")
                // As the release before this one has left it.
                try await installation.database.migrating { connection in
                    try connection.run("DROP TABLE installation", [])
                    try connection.run("DELETE FROM schema_migrations WHERE number >= 4", [])
                }
            }
            try remove("archive/identity", in: place)
            try await opened(place, place.url) { installation in
                #expect(try await installation.archive.bytes(at: "identity").isEmpty == false)
                for key in try await installation.archive.keys(under: "images/") where !key.contains("crash") {
                    try await installation.archive.remove(key)
                }
            }
            #expect(try files(place).count == 1)
            try remove("archive/identity", in: place)
            // One file is left that no row knows: another's archive, or a lost one.
            #expect(try await refusal(place, place.url)?.field == "database")
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a database whose images are gone says so, until that is accepted`(_ kind: TestedDatabase) async throws {
        try await kind.withPlace { place in
            try await opened(place, place.url) { try await add(3, to: $0) }
            try remove("archive", in: place)
            let error = try await refusal(place, place.url)
            #expect(error?.code == .corrupt && error?.description.contains("3 of 3 images") == true)
            try await opened(place, place.url, .adopting) { try await $0.adoptArchive() }
            try await opened(place, place.url) { _ in }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a lost secret is not replaced while there are data that need it`(_ kind: TestedDatabase) async throws {
        try await kind.withPlace { place in
            try await opened(place, place.url) { _ in }
            try remove("secret.key", in: place)
            try await opened(place, place.url) { try await add(1, to: $0) }
            try remove("secret.key", in: place)
            for opening in [Installation.Opening.asItIs, .ready, .adopting] {
                let error = try await refusal(place, place.url, opening)
                #expect(error?.code == .corrupt && error?.description.contains("secret.key is missing") == true)
            }
            #expect(!FileManager.default.fileExists(atPath: place.directory.appending(path: "secret.key").path))
        }
    }

    @Test func `a backup carries the mark, and does not replace another installation`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let backup = place.directory.appending(path: "backup")
            let mark = try await opened(place, nil) { installation in
                try await add(2, to: installation)
                _ = try await Backup(
                    database: installation.database, archive: installation.archive, dataDirectory: place.directory
                ).write(into: backup)
                return try await installation.archive.bytes(at: "identity").prefix(22)
            }
            try await TestedDatabase.sqlite.withPlace { other in
                try await opened(other, nil) { try await add(1, to: $0) }
                try await restore(backup, into: other, isRefused: true)
                #expect(try files(other).count == 1)
                try await opened(other, nil) { _ in }
            }
            try await TestedDatabase.sqlite.withPlace { other in
                try await opened(other, nil) { _ in }
                try await restore(backup, into: other)
                #expect(try await opened(other, nil) { try await $0.archive.bytes(at: "identity").prefix(22) } == mark)
                // Over itself, as after a mishap.
                try await restore(backup, into: other)
                try await opened(other, nil) { _ in }
            }
        }
    }

    private func restore(_ backup: URL, into place: DatabasePlace, isRefused: Bool = false) async throws {
        let secret = try ServerSecret(file: backup.appending(path: "secret.key"))
        let database = try place.open(key: secret.key(for: "audit"))
        let restore = try Restore(from: backup)
        if isRefused {
            let error = await #expect(throws: ClinicError.self) {
                try await restore.run(into: database, dataDirectory: place.directory)
            }
            #expect(error?.field == "database")
        } else {
            try await restore.run(into: database, dataDirectory: place.directory)
        }
        try await database.close()
    }
}
