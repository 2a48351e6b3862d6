import Casework
import Clinic
import Foundation
import Logging
import Mail
import Screening
import Store
import Web
import Wording

/// What `serve` puts together: the services of the site, and what works beside them.
struct ServerParts: Sendable {
    let services: SiteServices
    private let worker: ScreeningWorker
    private let database: any MaintainedDatabase
    /// Where it is written down every hour how long the audit log is.
    private let anchors: URL?
    private let logger: Logger

    init(
        data: Installation, models: ModelShelf, modelFolder: URL, demonstration: Screener?, mail: (any MailSender)?,
        anchors: URL?, logger: Logger
    ) {
        let changes = CaseChanges()
        let handover = ImageHandover()
        let worker = ScreeningWorker(
            database: data.database, archive: data.archive, models: models, handover: handover,
            onEvent: { event in
                changes.observe(event)
                if case .interrupted(_, let error) = event {
                    logger.warning("screening interrupted", metadata: ["error": "\(error)"])
                }
            })
        let intake = ImageIntake(
            database: data.database, archive: data.archive, handover: handover,
            onQueued: { id in
                worker.wake()
                changes.publish(id)
            })
        let store = ModelStore(
            database: data.database, archive: data.archive, shipped: models.active.package, directory: modelFolder)
        services = SiteServices(
            database: data.database, archive: data.archive, models: ModelSwitch(shelf: models, store: store),
            demonstration: demonstration,
            accounts: Accounts(database: data.database, key: data.secret.key(for: "accounts")), intake: intake,
            changes: changes, mail: mail,
            key: { data.secret.key(for: $0) }, proveAudit: { AuditProof(try await data.database.verifyAudit()) })
        self.worker = worker
        database = data.database
        (self.anchors, self.logger) = (anchors, logger)
    }

    /// Screens what is queued, looks after appointments, and clears away what has ended, until the task is cancelled.
    func run(_ appointments: AppointmentService) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            group.addTask { await appointments.run() }
            group.addTask { await followModels() }
            group.addTask { await sweepArchive() }
            group.addTask { await sweepCredentials() }
            group.addTask { await anchorAudit() }
            group.addTask { await loadPlaces() }
        }
    }

    /// Loads the model that was activated before; where that fails, the shipped one goes on, and everybody is told.
    func loadActiveModel() async throws {
        try await services.models.follow()
        guard let problem = services.models.status.problem else { return }
        ProgramExit.say(
            "leukoscope: the activated model cannot be used, the shipped one answers: \(try ProgramExit.english.get()(problem))"
        )
    }

    private func followModels() async {
        await services.models.run { problem in
            logger.error("the activated model cannot be used", metadata: ["reason": "\(problem)"])
        }
    }

    /// Loads the towns of a file that was not loaded yet, and then postcodes of another file than before, beside everything
    /// else; after a stop in the middle the next start begins again.
    private func loadPlaces() async {
        if PlaceFileLocation.isUnwanted { return }
        do {
            let loading = PlaceLoading(database: services.database)
            guard let url = PlaceFileLocation.find() else {
                // Towns that were loaded before are enough.
                if try await services.database.read({ try $0.countPlaces() }) == 0 {
                    ProgramExit.say("leukoscope: warning: \(PlaceFileLocation.missing)")
                }
                return
            }
            let file = try PlaceFile(url)
            if try await loading.isNeeded(for: file) { try await loading.load(file, now: Date()) }
            guard let postcodes = try PlaceFileLocation.postcodes(beside: url).map(PostcodeFile.init) else { return }
            let postcodeLoading = PostcodeLoading(database: services.database)
            if try await postcodeLoading.isNeeded(for: postcodes) {
                try await postcodeLoading.load(postcodes, now: Date())
            }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("places could not be loaded", metadata: ["reason": "\(error)"])
        }
    }

    /// Files that a crash left without a row.
    private func sweepArchive() async {
        let sweeper = Sweeper(database: services.database, archive: services.archive, logger: logger)
        await repeating(every: .seconds(86_400), "files could not be swept") { try await sweeper.sweep() }
    }

    /// Sessions and links that have ended, and what deletions left in the database's log.
    private func sweepCredentials() async {
        await repeating(every: .seconds(3600), "sessions could not be swept") {
            try await services.accounts.sweep()
            try await services.database.eraseTraces()
        }
    }

    /// How long the audit log is, outside the database.
    private func anchorAudit() async {
        guard let anchors else { return }
        await repeating(every: .seconds(3600), "the audit log could not be anchored") {
            do { try await database.anchorAudit(in: anchors) } catch let error as ClinicError
                where error.code == .corrupt
            {
                logger.error("the audit log was tampered with", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Does something again and again until the task is cancelled, a minute later where it failed.
    private func repeating(every pause: Duration, _ failure: String, _ body: () async throws -> Void) async {
        while !Task.isCancelled {
            var pause = pause
            do { try await body() } catch is CancellationError { return } catch {
                logger.warning("\(failure)", metadata: ["error": "\(error)"])
                pause = .seconds(60)
            }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }
}
