import Casework
import Clinic
import Findings
import Foundation
import Logging
import Mail
import Packaging
import RemoteInference
import Screening
import Store
import Web
import Wording

/// What `serve` puts together: the services of the site, and what works beside them.
struct ServerParts: Sendable {
    let services: SiteServices
    private let worker: ScreeningWorker
    /// Of whole slides; nil where the archive is no folder, which they have to be read from.
    private let reader: SlideReader?
    private let slideFolder: SlideFolder?
    private let database: any MaintainedDatabase
    /// Where it is written down every hour how long the audit log is.
    private let anchors: URL?
    private let retention: RetentionPolicy
    private let logger: Logger

    init(
        data: Installation, models: ModelShelf, inference: RemoteInference?, modelFolder: URL,
        demonstration: Screener?, mail: (any MailSender)?, messages: (any MessageGateway)?,
        subscribers: Subscribers, slides options: SlideOptions.Choice, anchors: URL?, retention: RetentionPolicy,
        logger: Logger
    ) throws {
        let changes = CaseChanges()
        let handover = ImageHandover()
        let worker = ScreeningWorker(
            database: data.database, archive: data.archive, models: models, handover: handover,
            onEvent: { event in
                changes.observe(event)
                switch event {
                case .interrupted(let record, let error):
                    logger.warning(
                        "screening interrupted",
                        metadata: ["image": "\(record?.imageID.text ?? "none")", "error": "\(error)"])
                case .failed(let record, let reason):
                    logger.warning(
                        "screening failed",
                        metadata: [
                            "image": "\(record.imageID)", "screening": "\(record.id)", "reason": "\(reason.key)",
                        ])
                case .began, .finished: break
                }
            })
        let intake = ImageIntake(
            database: data.database, archive: data.archive, handover: handover,
            onQueued: { id in
                worker.wake()
                changes.publish(id)
            })
        let slideFolder = (data.archive as? DirectoryArchive).map { archive in
            SlideFolder(
                archive: archive.directory, registered: options.registered,
                presence: { try archive.verifyPresence() })
        }
        Self.warn(of: options, slideFolder)
        let reader = slideFolder.map { folder in
            SlideReader(
                slides: {
                    CaseSlides(database: data.database, rule: models.active.package.verdict, quota: options.quota)
                },
                database: data.database, folder: folder, intake: intake, changes: changes, logger: logger)
        }
        let wholeSlides = slideFolder.map { folder in
            WholeSlides(
                intake: SlideIntake(
                    slides: CaseSlides(database: data.database, quota: options.quota), folder: folder,
                    onWaiting: { id in
                        reader?.wake()
                        changes.publish(id)
                    }), desk: SlideDesk(folder: folder), quota: options.quota)
        }
        let store = ModelStore(
            database: data.database, archive: data.archive, shipped: models.active.package, directory: modelFolder,
            front: inference)
        var services = SiteServices(
            database: data.database, archive: data.archive, models: ModelSwitch(shelf: models, store: store),
            inference: inference, demonstration: demonstration,
            accounts: Accounts(
                database: data.database, key: data.secret.key(for: "accounts"),
                leaked: try DataOptions.leakedPasswords()),
            intake: intake,
            changes: changes, mail: mail, messages: messages, wholeSlides: wholeSlides,
            key: { data.secret.key(for: $0) }, proveAudit: { AuditProof(try await data.database.verifyAudit()) })
        services.subscribers = subscribers
        self.services = services
        (self.worker, self.reader, self.slideFolder) = (worker, reader, slideFolder)
        database = data.database
        (self.anchors, self.retention, self.logger) = (anchors, retention, logger)
    }

    /// Says what an operator should know of slides that cannot be reached; the site works without them.
    private static func warn(of options: SlideOptions.Choice, _ folder: SlideFolder?) {
        guard let registered = options.registered else { return }
        if folder == nil {
            ProgramExit.say(
                "leukoscope: warning: --slides-folder is left out of use: whole slides need an archive that is a folder."
            )
        } else if !FileManager.default.fileExists(atPath: registered.path) {
            ProgramExit.say(
                "leukoscope: warning: \(registered.path) is not there now; its slides wait until it is. Is its disk mounted?"
            )
        }
    }

    /// Screens what is queued, looks after appointments, and clears away what has ended, until the task is cancelled.
    func run(_ appointments: AppointmentService) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            if let reader { group.addTask { await reader.run() } }
            group.addTask { await lookAfterSlides() }
            group.addTask { await appointments.run() }
            group.addTask { await followModels() }
            group.addTask { await sweepArchive() }
            group.addTask { await sweepCredentials() }
            group.addTask { await anchorAudit() }
            group.addTask { await keepPeriods() }
            group.addTask { await loadPlaces() }
            if let inference = services.inference { group.addTask { await inference.run() } }
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

    /// Ends idle processes every minute, and clears up after slides every hour.
    private func lookAfterSlides() async {
        guard let slideFolder else { return await warnOfSlides() }
        let sweep = SlideSweep(
            database: services.database, archive: services.archive, folder: slideFolder, logger: logger)
        var minutes = 0
        await repeating(every: .seconds(60), "slides could not be looked after") {
            services.wholeSlides?.desk.endIdle()
            defer { minutes += 1 }
            if minutes % 60 == 0 { try await sweep.round() }
        }
    }

    /// Slides that were sent while the archive was a folder are out of reach where it is none.
    private func warnOfSlides() async {
        do {
            let bytes = try await services.database.read { try $0.slideUsage(of: UserID()).all }
            guard bytes > 0 else { return }
            logger.warning(
                "whole slides are out of reach: their files are in the folder that was the archive before",
                metadata: ["bytes": "\(bytes)"])
        } catch {
            logger.warning("slides could not be looked after", metadata: ["error": "\(error)"])
        }
    }

    /// Sessions and links that have ended, and what deletions left in the database's log.
    private func sweepCredentials() async {
        await repeating(every: .seconds(3600), "sessions could not be swept") {
            try await services.accounts.sweep()
            try await WatchLinks(database: services.database, clock: services.clock).sweep()
            try await services.database.eraseTraces()
        }
    }

    /// What was kept for as long as the operator said. Without a period it goes too, to take back what was announced.
    private func keepPeriods() async {
        let sweep = RetentionSweep(
            database: services.database, archive: services.archive, policy: retention, logger: logger)
        await repeating(every: RetentionSweep.interval, "periods could not be kept") { try await sweep.round() }
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
