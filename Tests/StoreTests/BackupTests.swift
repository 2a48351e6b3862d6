import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Synchronization
import Testing

@Suite struct BackupTests {
    /// An installation with an account, a screened case with its files, a share and audit entries.
    private struct Installation {
        let database: any MaintainedDatabase
        let archive: DirectoryArchive
        let directory: URL
    }

    private func install(_ place: DatabasePlace) async throws -> Installation {
        let secret = try ServerSecret(dataDirectory: place.directory)
        let database = try place.open(key: secret.key(for: "audit"))
        try await database.migrate()
        return Installation(
            database: database, archive: try DirectoryArchive(directory: place.directory.appending(path: "archive")),
            directory: place.directory)
    }

    private func fill(_ installation: Installation) async throws -> User {
        var user = User.sample("a@x.org", name: "Line\nbreak \"quoted\" \\ \u{1} 🩸 ரத்தம்")
        user.place = UserPlace(name: "x", latitude: 12, longitude: -0.1)
        user.language = "ta"
        let stored = user
        let reader = User.sample("b@x.org", role: .clinician)
        let done = SmearCase.sample(of: user.id, title: "Screened sample")
        let image = CaseImage.sample(in: done.id)
        try await installation.archive.store([1, 2, 3], at: image.archiveKey)
        let screening = try await installation.database.write { transaction in
            try transaction.insert(stored)
            try transaction.insert(reader)
            try transaction.insert(
                APIToken(
                    digest: SecretToken().digest, userID: stored.id, label: "scanner", scopes: [.read],
                    createdAt: moment(1), expiresAt: moment(90)))
            let dependent = Dependent.sample(of: stored.id)
            try transaction.insert(dependent)
            try transaction.append(.sample(of: stored.id))
            try transaction.append(.sample(of: stored.id, for: dependent.id))
            var done = done
            done.dependentID = dependent.id
            try transaction.insert(done)
            let screening = try transaction.add(image).1
            try transaction.record([StoredObject([1, 2, 3], at: image.archiveKey)])
            _ = try transaction.claimScreening(worker: "w", now: moment(3), leaseUntil: moment(9))
            _ = try transaction.complete(
                screening.id, worker: "w", outcome: .sample(), analyticsJSON: "[]", at: moment(4))
            try transaction.share(screening.id, with: reader.id, allowsTraining: true, at: moment(5))
            try transaction.addPractice(of: reader, patient: stored, screening: screening.id)
            try CellCarrying.replace(of: screening.id, with: [.sample(1), .sample(2, .unsure)], in: transaction)
            try transaction.insert([
                CellChange(
                    act: CellActID(), screeningID: screening.id, number: 2, box: NetworkCell.sample(2).box,
                    userID: reader.id, at: moment(6), networkType: .unsure, from: .unsure, to: .blast)
            ])
            try transaction.confirm(CellConfirmation(screeningID: screening.id, userID: reader.id, at: moment(7)))
            try transaction.addWholeCase(done.id, screening.id, of: stored.id, reader: reader.id)
            try transaction.addSite(of: done.id)
            try transaction.addRetention(of: done.id, stored.id)
            try transaction.append(
                AuditEntry(.caseRead(.page), by: .user(stored.id), object: done.id.text, at: moment(6)))
            return screening
        }
        try await installation.archive.store([4, 5], at: "screenings/\(screening.id)/heat.png")
        try await installation.database.write { transaction in
            try transaction.record([
                StoredObject([4, 5], at: "screenings/\(screening.id)/heat.png"),
                StoredObject([8], at: "doctors/1.jpg"), StoredObject([8], at: "doctors/paper.pdf"),
            ])
        }
        for key in ["doctors/1.jpg", "doctors/paper.pdf"] { try await installation.archive.store([8], at: key) }
        let models = try await installation.database.read { try $0.installedModels() }
        for model in models { try await installation.archive.store([9], at: "models/\(model.id)/model.json") }
        try await installation.archive.store([6], at: "images/orphan.png")
        try await installation.archive.store([6], at: "doctors/orphan.jpg")
        try await installation.archive.store([6], at: "models/\(InstalledModelID())/model.json")
        return stored
    }

    private func backUp(_ installation: Installation, into target: URL) async throws -> BackupManifest {
        try await Backup(
            database: installation.database, archive: installation.archive, dataDirectory: installation.directory
        ).write(into: target)
    }

    @Test(arguments: TestedDatabase.allCases, TestedDatabase.allCases)
    func `a backup of either database comes back in either`(
        _ source: TestedDatabase, _ target: TestedDatabase
    ) async throws {
        try await source.withPlace { place in
            let installation = try await install(place)
            let user = try await fill(installation)
            let backup = place.directory.appending(path: "backup")
            let manifest = try await backUp(installation, into: backup)
            #expect(manifest.rows["users"] == 2 && manifest.rows["screenings"] == 1 && manifest.files == 5)
            #expect(manifest.rows.values.allSatisfy { $0 > 0 } || manifest.rows["sessions"] == 0)
            let before = try await everything(in: installation, butAudit: true)
            try await installation.database.close()
            try await target.withPlace { other in
                let database = try DatabaseLocation.open(
                    other.url, dataDirectory: other.directory,
                    auditKey: ServerSecret(file: backup.appending(path: "secret.key")).key(for: "audit"))
                #expect(try await Restore.isEmpty(dataDirectory: other.directory, database: database))
                try await Restore(from: backup).run(into: database, dataDirectory: other.directory)
                try await database.close()
                let restored = try await install(other)
                #expect(try await everything(in: restored, butAudit: true) == before)
                #expect(try await restored.database.read { try $0.user(user.id) } == user)
                // Behind what was there stands that consents are asked again.
                #expect(try await restored.database.verifyAudit().firstBreak == nil)
                let audit = try await restored.database.read { try $0.auditRecords(after: 0, limit: 10) }
                #expect(audit.count > 1 && audit.dropFirst().allSatisfy { $0.entry.action == .consent(.lapse) })
                let keys = try await restored.archive.keys(under: "")
                #expect(keys.count == 6 && keys.contains("identity") && !keys.contains { $0.contains("orphan") })
                let found = try await restored.database.read {
                    try $0.cases(
                        of: user.id, matching: CaseFilter(search: "scr", label: .proB), after: nil, limit: 5)
                }
                #expect(found.count == 1 && found[0].findings.count == 1)
                try await restored.database.read { transaction throws in
                    let near = CandidateQuery(circle: GeoCircle(centre: .bengaluru, kilometres: 5), language: "kn")
                    #expect(try transaction.candidates(near).map(\.rating.stars) == [4])
                    // Towns come from their file again.
                    #expect(try transaction.countPlaces() == 0 && transaction.places(matching: "b", limit: 1).isEmpty)
                }
                #expect(try await !Restore.isEmpty(dataDirectory: other.directory, database: restored.database))
                try await restored.database.close()
            }
        }
    }

    @Test func `after a restore no link opens anything, and the log tells of each that ended`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let installation = try await install(place)
            let user = try await fill(installation)
            let smearCase = SmearCase.sample(of: user.id, title: "linked")
            let end = Date() + 864_000
            let report = ReportLink(
                caseID: smearCase.id, digest: SecretToken().digest, createdAt: moment(1), expiresAt: end)
            let ended = ReportLink(
                caseID: smearCase.id, digest: SecretToken().digest, createdAt: moment(1), expiresAt: moment(2))
            let watch = WatchLink(
                ownerID: user.id, digest: SecretToken().digest, createdAt: moment(1), expiresAt: end)
            try await installation.database.write { transaction in
                try transaction.insert(smearCase)
                try transaction.insert(report)
                try transaction.insert(ended)
                try transaction.insert(watch)
            }
            let backup = place.directory.appending(path: "backup")
            _ = try await backUp(installation, into: backup)
            try await installation.database.read { transaction throws in
                #expect(try transaction.openReportLinks(now: Date()).map(\.id) == [report.id])
                #expect(try transaction.openWatchLinks(now: Date()).map(\.id) == [watch.id])
            }
            try await installation.database.close()
            try await TestedDatabase.sqlite.withPlace { other in
                let database = try DatabaseLocation.open(
                    other.url, dataDirectory: other.directory,
                    auditKey: ServerSecret(file: backup.appending(path: "secret.key")).key(for: "audit"))
                try await Restore(from: backup).run(into: database, dataDirectory: other.directory)
                try await database.read { transaction throws in
                    #expect(try transaction.reportLink(digest: report.digest)?.revokedAt != nil)
                    #expect(try transaction.reportLink(digest: ended.digest)?.revokedAt == nil)
                    #expect(try transaction.watchLink(digest: watch.digest)?.revokedAt != nil)
                }
                let entries = try await database.read { try $0.auditRecords(after: 0, limit: 99).map(\.entry) }
                let told = entries.filter { $0.action == .smearCase(.unlink) || $0.action == .live(.unlink) }
                #expect(told.map(\.object) == [smearCase.id.text, user.id.text])
                #expect(told.map(\.detail) == ["link=\(report.id)", "link=\(watch.id)"])
                #expect(told.allSatisfy { $0.actor == .system })
                #expect(try await database.verifyAudit().firstBreak == nil)
                try await database.close()
            }
        }
    }

    /// Every row of every table, written out.
    /// - Parameter butAudit: Leaves the audit log out, to which a restore adds.
    private func everything(in installation: Installation, butAudit: Bool = false) async throws -> [String] {
        try await installation.database.reading { connection in
            try [
                "users", "api_tokens", "cases", "case_words", "case_marks", "images", "screenings", "screening_shares",
                "readings",
                "screening_facts", "doctors", "doctor_candidates", "doctor_documents", "appointments", "reviews",
                "review_reports", "installed_models", "model_activations", "audit_log", "audit_head", "stored_objects",
                "smear_cells", "cell_changes", "cell_confirmations",
                "case_readings", "shared_cases", "persons", "person_identifiers", "notices", "sites",
                "site_qualifications", "site_controls", "site_watch", "site_waiting_cases", "site_events",
                "change_plans", "audit_base", "retention_announcements", "retention_watch", "privacy_records",
                "lab_requests", "subscriptions", "case_news",
            ].filter { !butAudit || !$0.hasPrefix("audit_") }.flatMap { table in
                try connection.rows("SELECT * FROM \(table)", []).map { "\($0)" }.sorted()
            }
        }
    }

    /// What is made anew after a restore, or holds for one server alone.
    private static let madeAnew: Set = [
        "schema_migrations", "readiness", "settings", "login_attempts", "kept_forms", "case_words", "case_marks",
        "doctor_candidates", "places", "place_names", "place_positions", "place_ranks", "place_endings",
        "place_editions", "postcodes", "postcode_editions",
    ]

    @Test func `every table is in a backup, with every column, but for what is made anew`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let installation = try await install(place)
            _ = try await fill(installation)
            let backup = place.directory.appending(path: "backup")
            let manifest = try await backUp(installation, into: backup)
            let rows = try await installation.database.reading { connection in
                try connection.rows(
                    """
                    SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c \
                    WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_'
                    """, [])
            }
            var columns: [String: Int] = [:]
            for row in rows {
                guard case .text(let table) = row[0] else { continue }
                columns[table, default: 0] += 1
            }
            #expect(Set(columns.keys) == Set(manifest.rows.keys).union(Self.madeAnew))
            let filled = manifest.rows.filter { $0.value > 0 }.keys
            #expect(filled.count > 30)
            for table in filled {
                let lines = try Data(contentsOf: backup.appending(path: "database/\(table).jsonl"))
                let line = try #require(lines.split(separator: UInt8(ascii: "\n")).first)
                let values = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [Any])
                #expect(values.count == columns[table], "\(table)")
            }
            try await installation.database.close()
        }
    }

    @Test(
        arguments: [
            ("an altered row", { @Sendable (backup: URL) in try append(" ", to: backup, "database/users.jsonl") }),
            ("a lost file", { backup in try remove(backup, "database/images.jsonl") }),
            ("a lost key", { backup in try remove(backup, "secret.key") }),
            ("a file too many", { backup in try append("x", to: backup, "archive/images/x.png") }),
            ("no checksums", { backup in try remove(backup, "SHA256SUMS") }),
        ] as [(String, @Sendable (URL) throws -> Void)])
    func `a damaged backup is refused before anything is touched`(
        _ name: String, _ damage: @escaping @Sendable (URL) throws -> Void
    ) async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let installation = try await install(place)
            _ = try await fill(installation)
            let backup = place.directory.appending(path: "backup")
            _ = try await backUp(installation, into: backup)
            _ = try Restore(from: backup)
            try damage(backup)
            let error = #expect(throws: ClinicError.self) { try Restore(from: backup) }
            #expect(error?.code == .corrupt)
            let again = await #expect(throws: ClinicError.self) { try await backUp(installation, into: backup) }
            #expect(again?.code == .invalid)
            try await installation.database.close()
        }
    }

    private static func append(_ text: String, to backup: URL, _ name: String) throws {
        let file = backup.appending(path: name)
        let present = FileManager.default.contents(atPath: file.path) ?? Data()
        try (present + Data(text.utf8)).write(to: file)
    }

    private static func remove(_ backup: URL, _ name: String) throws {
        try FileManager.default.removeItem(at: backup.appending(path: name))
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a backup says what is missing and what was altered, saves all else, and comes back`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let installation = try await install(place)
            _ = try await fill(installation)
            let archive = installation.archive
            let image = try #require(try await archive.keys(under: "images/").first { !$0.contains("orphan") })
            let picture = try #require(try await archive.keys(under: "screenings/").first)
            let model = try #require(
                try await installation.database.read { try $0.installedModels().first.map { "models/\($0.id)/" } })
            try await archive.store([3, 2, 1], at: image)
            try await archive.remove(picture)
            try await archive.remove("doctors/1.jpg")
            try await archive.remove(model)
            try await installation.database.write { transaction in
                try transaction.record([StoredObject(key: model, sha256: nil, byteCount: nil)])
            }
            let backup = place.directory.appending(path: "backup")
            let manifest = try await backUp(installation, into: backup)
            #expect(manifest.missing == ["doctors/1.jpg", model, picture].sorted())
            #expect(manifest.changed == [image] && !manifest.isWhole && manifest.files == 2)
            let restore = try Restore(from: backup)
            #expect(restore.manifest == manifest)
            // One that the backup lacks and that was found again meanwhile is not removed.
            try await archive.store([4, 5], at: picture)
            try await restore.run(into: installation.database, dataDirectory: place.directory)
            #expect(
                try await Set(archive.keys(under: "")) == ["doctors/paper.pdf", "identity", image, picture])
            #expect(try await archive.bytes(at: image) == [3, 2, 1])
            #expect(try await installation.database.read { try $0.countUsers(role: nil) } == 2)
            try await installation.database.close()
        }
    }

    /// Deletes the account of the case, a paper, and another person's case and image, and gives what they are.
    private func erase(_ installation: Installation) async throws -> [Erasure] {
        let now = moment(50)
        let erasures = try await installation.database.write { transaction -> [Erasure] in
            let user = try #require(try transaction.user(email: "a@x.org"))
            let doctor = try #require(
                try transaction.user(email: "b@x.org").flatMap { try transaction.doctor(of: $0.id) })
            let paper = try #require(try transaction.documents(of: doctor.id).first)
            let spare = SmearCase.sample(of: try #require(doctor.userID), title: "spare")
            try transaction.insert(spare)
            let image = try transaction.add(.sample(in: spare.id)).0
            let erasures = [
                Erasure(.image, image.id.text, at: now), Erasure(.smearCase, spare.id.text, at: now),
                Erasure(.document, paper.id.text, at: now), Erasure(.account, user.id.text, at: now),
            ]
            for erasure in erasures {
                let keys = try erasure.carryOut(by: .system, in: transaction)
                #expect(keys != nil, "\(erasure)")
            }
            return erasures
        }
        for key in ["doctors/paper.pdf", "images/", "screenings/"] { try await installation.archive.remove(key) }
        try await installation.database.eraseTraces()
        return erasures
    }

    private func checkErased(_ installation: Installation, _ erasures: [Erasure]) async throws {
        let (database, archive) = (installation.database, installation.archive)
        try await database.read { transaction throws in
            #expect(try transaction.user(email: "a@x.org") == nil)
            #expect(try transaction.user(email: "b@x.org") != nil)
            let doctor = try #require(
                try transaction.user(email: "b@x.org").flatMap { try transaction.doctor(of: $0.id) })
            #expect(try transaction.documents(of: doctor.id) == [])
            #expect(try Set(transaction.erasures()) == Set(erasures))
            #expect(try transaction.storedObject("doctors/paper.pdf") == nil)
        }
        let keys = try await archive.keys(under: "")
        #expect(keys.allSatisfy { !$0.hasPrefix("images/") && !$0.hasPrefix("screenings/") && !$0.contains("paper") })
        #expect(keys.contains("doctors/1.jpg"))
        #expect(try await database.verifyAudit().firstBreak == nil)
        #expect(try ErasureList(dataDirectory: installation.directory).read() == Set(erasures))
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what was deleted after a backup does not come back with it, into the same place or by a newer backup`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let installation = try await install(place)
            _ = try await fill(installation)
            let backups = place.directory.appending(path: "backups")
            let old = backups.appending(path: "old")
            try FileManager.default.createDirectory(at: backups, withIntermediateDirectories: true)
            _ = try await backUp(installation, into: old)
            let erasures = try await erase(installation)
            try await checkErased(installation, erasures)
            let isHere = try await Restore(from: old).run(into: installation.database, dataDirectory: place.directory)
            #expect(isHere == 2)  // the paper and the account; case and image were made after the backup
            try await checkErased(installation, erasures)
            // Another machine, which knows of it by the newer backup beside the old one alone.
            _ = try await backUp(installation, into: backups.appending(path: "new"))
            try await installation.database.close()
            try await kind.withPlace { other in
                let database = try DatabaseLocation.open(
                    other.url, dataDirectory: other.directory,
                    auditKey: ServerSecret(file: old.appending(path: "secret.key")).key(for: "audit"))
                #expect(try await Restore(from: old).run(into: database, dataDirectory: other.directory) == 2)
                try await database.close()
                let restored = try await install(other)
                try await checkErased(restored, erasures)
                try await restored.database.close()
            }
            // The same, known to nobody: then it is back.
            try await kind.withPlace { other in
                let alone = other.directory.appending(path: "alone/old")
                try FileManager.default.createDirectory(
                    at: alone.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.copyItem(at: old, to: alone)
                let database = try other.open()
                #expect(try await Restore(from: alone).run(into: database, dataDirectory: other.directory) == 0)
                #expect(try await database.read { try $0.user(email: "a@x.org") } != nil)
                try await database.close()
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a backup made while images come and go holds every file that its rows name`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let installation = try await install(place)
            let user = try await fill(installation)
            let busy = SmearCase.sample(of: user.id, title: "busy")
            try await installation.database.write { try $0.insert(busy) }
            let progress = Mutex((came: 0, went: 0))
            let traffic = Task {
                var last: CaseImage?
                while !Task.isCancelled {
                    let image = CaseImage.sample(in: busy.id)
                    try await installation.archive.store([7], at: image.archiveKey)
                    let gone = last
                    try await installation.database.write { transaction in
                        try transaction.add(image)
                        if let gone { try transaction.deleteImage(gone.id) }
                    }
                    if let gone { try await installation.archive.remove(gone.archiveKey) }
                    progress.withLock { $0 = ($0.came + 1, $0.went + (gone == nil ? 0 : 1)) }
                    // Half of the images stay.
                    last = last == nil ? image : nil
                }
            }
            defer { traffic.cancel() }
            var overlapping = 0
            // Until images came and went during three of them; each must be whole in any case.
            let deadline = ContinuousClock.now + .seconds(180)
            for index in 0... {
                guard overlapping < 3, ContinuousClock.now < deadline else { break }
                let backup = place.directory.appending(path: "backup-\(index)")
                let before = progress.withLock { $0 }
                let manifest = try await backUp(installation, into: backup)
                let after = progress.withLock { $0 }
                if after.came > before.came + 1 && after.went > before.went { overlapping += 1 }
                _ = try Restore(from: backup)
                let lines = try String(contentsOf: backup.appending(path: "database/images.jsonl"), encoding: .utf8)
                let archive = try DirectoryArchive(directory: backup.appending(path: "archive"))
                let keys = Set(try await archive.keys(under: "images/"))
                #expect(keys.count == lines.split(separator: "\n").count)
                #expect(keys.allSatisfy { lines.contains("\"\($0)\"") })
                #expect(manifest.rows["images"] == keys.count)
            }
            traffic.cancel()
            try await traffic.value
            #expect(overlapping == 3)
            try await installation.database.close()
        }
    }
}

extension ClinicTransaction {
    /// Stores something in every table that came with periods.
    fileprivate func addRetention(of smearCase: CaseID, _ owner: UserID) throws {
        let notice = Notice(to: owner, .caseEnding, caseID: smearCase, createdAt: moment(9))
        try post(notice)
        let object = UnusedObject(id: smearCase.text, userID: owner, usedAt: moment(8))
        try insert(
            RetentionAnnouncement(
                .smearCase, object, noticeID: notice.id, announcedAt: moment(9), dueAt: moment(99)))
        try store(RetentionWatch(lastAt: moment(9), steadySince: moment(8)))
        try insert(PrivacyRecord(.breach, knownAt: moment(1), note: "“Laptop”", recordedAt: moment(2)))
    }

    /// Stores something in every table that came with doctors.
    fileprivate func addPractice(of clinician: User, patient: User, screening: ScreeningID) throws {
        let doctor = Doctor.sample(user: clinician.id)
        try insert(doctor)
        try insert(
            DoctorDocument(
                doctorID: doctor.id, name: "paper.pdf", contentType: "application/pdf", byteCount: 1,
                archiveKey: "doctors/paper.pdf", createdAt: moment(1)))
        let visit = try add(.sample(with: doctor.id, by: patient.id, at: 0, state: .completed))
        _ = try add(.sample(with: doctor.id, by: patient.id, at: 0, state: .cancelled))
        let review = Review.sample(of: visit, stars: 4)
        try insert(review)
        try insert(ReviewReport(reviewID: review.id, reporterID: clinician.id, reason: "x", createdAt: moment(6)))
        try refreshRating(of: doctor.id)
        try insert(Reading.sample(of: screening, by: clinician.id, signed: 7))
        let model = InstalledModel(
            name: "small", version: "2", checksum: String(repeating: "b", count: 64), metricsJSON: "{}",
            installedAt: moment(8), installedBy: clinician.id)
        try insert(model)
        _ = try activate(model.id, by: clinician.id, reason: "better", at: moment(9))
        _ = try activate(nil, by: nil, reason: "", at: moment(10))
        try insert([
            Place(
                id: 1, name: "Bengaluru", countryCode: "IN", latitude: 12.97, longitude: 77.59, population: 8_443_675,
                timeZone: "Asia/Kolkata")
        ])
        try insert(placeNames: [PlaceName(placeID: 1, name: "Bangalore"), PlaceName(placeID: 1, name: "ಬೆಂಗಳೂರು")])
    }
}
