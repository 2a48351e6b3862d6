import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

extension ClinicTransaction {
    /// A microscope with everything that is kept of one.
    @discardableResult
    func addSite(of smearCase: CaseID? = nil, name: String = "Stand 2") throws -> (SmearSite, SiteQualification) {
        var site = SmearSite.sample(name)
        try insert(site)
        let control = ControlField.sample(of: site.id)
        try insert(control)
        let qualification = SiteQualification(
            siteID: site.id, at: moment(20), model: control.answer.model,
            figures: QualificationFigures([control], limits: site.limits), userID: nil)
        try insert(qualification)
        (site.state, site.qualificationID, site.checkedAt) = (.qualified, qualification.id, moment(20))
        try update(site)
        try append(SiteEvent(.qualified, of: site.id, at: moment(20), by: nil, facts: ["model": "small 1.0"]))
        try insert(
            ChangePlan(
                modifications: "m", changeProtocol: "p", impact: "i",
                revision: (changePlan()?.revision ?? 0) + 1, at: moment(21), userID: nil))
        guard let smearCase else { return (site, qualification) }
        try setSite(site.id, ofCase: smearCase)
        try append(.sample(of: qualification.id, smearCase, sequence: 1))
        // Under another qualification, so that it is not known yet.
        try waitForWatch(smearCase, at: site.id, under: QualificationID(), since: moment(32))
        return (site, qualification)
    }
}

extension SmearSite {
    static func sample(_ name: String = "Stand 2") -> SmearSite {
        SmearSite(
            optics: SiteOptics(
                name: name, objective: "100× oil", camera: "Axiocam", stain: "Leishman", micrometresPerPixel: 0.0645),
            limits: SiteLimits(sensitivity: 0.95), createdAt: moment(1), updatedAt: moment(2))
    }
}

extension ControlField {
    static func sample(of site: SiteID, sha256: String = String(repeating: "a", count: 64)) -> ControlField {
        ControlField(
            siteID: site, person: "P17", label: .preB, knownBy: .cytogenetics, sha256: sha256,
            answer: ControlAnswer(.sample(.report, .preB, novelty: 0.25)), createdAt: moment(10))
    }
}

extension WatchEntry {
    static func sample(of qualification: QualificationID, _ smearCase: CaseID?, sequence: Int) -> WatchEntry {
        var watch = SiteWatch(controls: [])
        let fields = [WatchedField(isMalignant: true, novelty: 0.1, evidence: 1 / 3)]
        let step = WatchedCase(fields).map { watch.add($0, coins: (0.25, 0.75)) }
        return WatchEntry(
            qualificationID: qualification, sequence: sequence, caseID: smearCase, fields: fields,
            step: step ?? .init(noveltyP: 1, evidenceP: 1, noveltyWealth: 0, evidenceWealth: 0, alarm: nil),
            novelty: watch.novelty, evidence: watch.evidence, at: moment(Double(30 + sequence)))
    }
}

@Suite struct SiteRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `a microscope, its qualifications, control fields and changes come back as they were stored`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (site, qualification) = try await database.write { try $0.addSite() }
            var suspended = site
            (suspended.state, suspended.updatedAt) = (.suspended, moment(40))
            (suspended.suspension, suspended.controlsSince) = (.init(cause: .novelty, at: moment(40)), moment(40))
            let changed = suspended
            try await database.write { transaction in
                try transaction.update(changed)
                try transaction.insert(.sample("A first one"))
                try transaction.append(SiteEvent(.plan, of: nil, at: moment(41), by: UserID(), facts: [:]))
            }
            try await database.read { (transaction: any ClinicTransaction) throws in
                #expect(try transaction.site(site.id) == changed && transaction.site(SiteID()) == nil)
                #expect(try transaction.sites().map(\.name) == ["A first one", "Stand 2"])
                #expect(try transaction.qualification(qualification.id) == qualification)
                #expect(try transaction.qualifications(of: site.id, limit: 9) == [qualification])
                let model = ScreeningOutcome.Model(name: "small", version: "1.0")
                let controls = try transaction.controls(of: site.id, answeredBy: model)
                #expect(controls.map(\.answer) == [ControlField.sample(of: site.id).answer])
                #expect(controls.map(\.person) == ["P17"] && controls.map(\.knownBy) == [.cytogenetics])
                let other = ScreeningOutcome.Model(name: "small", version: "1.1")
                #expect(try transaction.controls(of: site.id, answeredBy: other).isEmpty)
                #expect(try transaction.siteEvents(of: site.id, limit: 9).map(\.facts) == [["model": "small 1.0"]])
                #expect(try transaction.siteEvents(of: nil, limit: 9).map(\.kind) == [.plan, .qualified])
                #expect(try transaction.changePlan()?.revision == 1)
            }
            let again = ControlField.sample(of: site.id)
            await #expect { try await database.write { try $0.insert(again) } } throws: {
                ($0 as? ClinicError)?.field == "image"
            }
            await #expect { try await database.write { try $0.insert(SmearSite.sample("Stand 2")) } } throws: {
                ($0 as? ClinicError)?.field == "name"
            }
            await #expect(throws: ClinicError.self) {
                try await database.write { try $0.update(SmearSite.sample("Nobody's")) }
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the watch keeps its cases in order, and forgets which they were once they are deleted`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let owner = User.sample()
            let (one, two) = (SmearCase.sample(of: owner.id), SmearCase.sample(of: owner.id, title: "Two"))
            let (site, qualification) = try await database.write { transaction in
                try transaction.insert(owner)
                for smearCase in [one, two] { try transaction.insert(smearCase) }
                return try transaction.addSite()
            }
            let entries = [
                WatchEntry.sample(of: qualification.id, one.id, sequence: 1),
                WatchEntry.sample(of: qualification.id, two.id, sequence: 2),
            ]
            try await database.write { transaction in
                for smearCase in [one.id, two.id] {
                    try transaction.waitForWatch(smearCase, at: site.id, under: qualification.id, since: moment(31))
                }
                try transaction.waitForWatch(one.id, at: site.id, under: qualification.id, since: moment(32))
                #expect(try transaction.waitingCases(of: site.id).map(\.smearCase) == [two.id, one.id])
                #expect(try transaction.sitesWithWaitingCases() == [site.id])
                for entry in entries { try transaction.append(entry) }
                try transaction.endWaiting(of: two.id)
                // The watch has it already.
                try transaction.waitForWatch(two.id, at: site.id, under: qualification.id, since: moment(33))
                #expect(try transaction.waitingCases(of: site.id).map(\.smearCase) == [one.id])
                #expect(try transaction.watchEntries(of: qualification.id) == entries)
                #expect(try transaction.lastWatchEntry(of: qualification.id) == entries[1])
                try transaction.deleteCase(one.id)
                #expect(try transaction.sitesWithWaitingCases().isEmpty)
                let left = try transaction.watchEntries(of: qualification.id)
                #expect(left.map(\.caseID) == [nil, two.id] && left.map(\.fields) == entries.map(\.fields))
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `answers are marked from a moment on, once, with all whom they concern`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (owner, reader) = (User.sample(), User.sample("b@x.org", role: .clinician))
            let smearCase = SmearCase.sample(of: owner.id)
            let (site, screenings) = try await database.write { transaction in
                try transaction.insert(owner)
                try transaction.insert(reader)
                try transaction.insert(smearCase)
                let (site, qualification) = try transaction.addSite()
                try transaction.setSite(site.id, ofCase: smearCase.id)
                #expect(try transaction.site(ofCase: smearCase.id) == site.id)
                let screenings = try (0..<3).map { number -> ScreeningID in
                    let image = CaseImage.sample(in: smearCase.id, at: moment(Double(number)))
                    let waiting = ScreeningRecord(
                        imageID: image.id, caseID: smearCase.id, createdAt: image.createdAt,
                        origin: ScreeningOrigin(siteID: site.id))
                    let id = try transaction.insert(image, screening: waiting).1.id
                    guard number < 2 else { return id }
                    let at = moment(Double(50 + 10 * number))
                    _ = try transaction.claimScreening(worker: "w", now: at, leaseUntil: at + 60)
                    #expect(
                        try transaction.complete(id, worker: "w", outcome: .sample(), analyticsJSON: "[]", at: at))
                    let origin = ScreeningOrigin(siteID: site.id, qualificationID: qualification.id)
                    try transaction.setOrigin(origin, of: id)
                    #expect(try transaction.screening(id)?.origin == origin)
                    return id
                }
                try transaction.share(screenings[1], with: reader.id, allowsTraining: false, at: moment(61))
                return (site, screenings)
            }
            try await database.write { (transaction: any ClinicTransaction) throws in
                let summary = try #require(try transaction.summary(of: smearCase.id))
                #expect(summary.fields.map(\.isBacked) == [true, true])
                #expect(try transaction.doubtAnswers(of: site.id, since: moment(60), at: moment(70)) == 1)
                #expect(try transaction.doubtAnswers(of: site.id, since: moment(60), at: moment(71)) == 0)
                let people = try transaction.peopleOfAnswersDoubted(at: moment(70), of: site.id)
                #expect(Set(people.map(\.user)) == [owner.id, reader.id] && people.count == 2)
                #expect(people.allSatisfy { $0.smearCase == smearCase.id })
                #expect(try transaction.countDoubtedAnswers(of: site.id) == 1)
                let doubted = try transaction.doubtedAnswers(of: site.id, limit: 9)
                #expect(doubted.map(\.screeningID) == [screenings[1]] && doubted[0].answeredAt == moment(60))
                let after = try #require(try transaction.summary(of: smearCase.id))
                #expect(after.fields.map(\.isBacked) == [true, false])
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `rows of the ninth schema get the columns of the tenth, however often the step is begun`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let database = try place.open()
            try await database.migrate()
            let owner = User.sample()
            let smearCase = SmearCase.sample(of: owner.id)
            let token = APIToken(
                digest: SecretToken().digest, userID: owner.id, label: "scanner", scopes: [.read],
                createdAt: moment(1), expiresAt: moment(90))
            try await database.write { transaction in
                try transaction.insert(owner)
                try transaction.insert(token)
                try transaction.addScreened(smearCase, .sample(), at: moment(5))
            }
            let tables = [
                "site_watch", "site_waiting_cases", "site_controls", "site_qualifications", "site_events",
                "change_plans", "sites",
            ]
            try await database.migrating { connection in
                for table in tables { try connection.run("DROP TABLE \(table)", []) }
                // SQLite takes no column away that an index holds.
                switch connection.dialect {
                case .sqlite:
                    for index in ["screenings_site", "screenings_doubted"] {
                        try connection.run("DROP INDEX \(index)", [])
                    }
                case .mariadb:
                    for index in ["screenings_site", "screenings_doubted"] {
                        try connection.run("ALTER TABLE screenings DROP INDEX \(index)", [])
                    }
                }
                for column in ["site_id", "qualification_id", "doubted_at"] {
                    try connection.run("ALTER TABLE screenings DROP COLUMN \(column)", [])
                }
                // The others are left, as after a crash in the middle.
                try connection.run("DELETE FROM schema_migrations WHERE number >= 10", [])
            }
            try await database.migrate()
            try await database.read { (transaction: any ClinicTransaction) throws in
                let screening = try #require(try transaction.screenings(of: smearCase.id).first)
                #expect(screening.origin == .unknown && screening.outcome != nil)
                #expect(try transaction.apiTokens(of: owner.id) == [token])
                #expect(try transaction.sites().isEmpty)
            }
            try await database.close()
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a token keeps the microscope that it is bound to, and nobody is told twice of a suspension`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let owner = User.sample()
            let smearCase = SmearCase.sample(of: owner.id)
            try await database.write { (transaction: any ClinicTransaction) throws in
                try transaction.insert(owner)
                try transaction.insert(smearCase)
                let site = try transaction.addSite().0.id
                let token = APIToken(
                    digest: SecretToken().digest, userID: owner.id, label: "scanner", scopes: [.write],
                    createdAt: moment(1), expiresAt: moment(90), siteID: site)
                try transaction.insert(token)
                #expect(try transaction.apiToken(digest: token.digest) == token)
                for second in 1...2 {
                    let at = moment(Double(second))
                    try transaction.post(
                        Notice(to: owner.id, .answersDoubted, caseID: smearCase.id, siteID: site, createdAt: at))
                    try transaction.post(Notice(to: owner.id, .siteSuspended, siteID: site, createdAt: at))
                }
                let notices = try transaction.unseenNotices(of: owner.id, limit: 9)
                #expect(notices.count == 2 && notices.allSatisfy { $0.siteID == site && $0.createdAt == moment(2) })
                #expect(notices.allSatisfy { $0.letter == .due && $0.kind.isDismissible })
            }
        }
    }
}
