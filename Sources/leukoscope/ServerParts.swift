import Casework
import Clinic
import Foundation
import Logging
import Mail
import Screening
import Web

/// What `serve` puts together: the services of the site, and what works beside them.
struct ServerParts: Sendable {
    let services: SiteServices
    private let worker: ScreeningWorker
    private let logger: Logger

    init(
        data: OpenedData, release: Screener, demonstration: Screener?, mail: (any MailSender)?, logger: Logger
    ) {
        let changes = CaseChanges()
        let worker = ScreeningWorker(
            database: data.database, archive: data.archive, screener: release,
            onEvent: { event in
                changes.observe(event)
                if case .interrupted(_, let error) = event {
                    logger.warning("screening interrupted", metadata: ["error": "\(error)"])
                }
            })
        let intake = ImageIntake(
            database: data.database, archive: data.archive,
            onQueued: { id in
                worker.wake()
                changes.publish(id)
            })
        services = SiteServices(
            database: data.database, archive: data.archive, release: release, demonstration: demonstration,
            accounts: Accounts(database: data.database, key: data.secret.key(for: "accounts")), intake: intake,
            changes: changes, mail: mail,
            key: { data.secret.key(for: $0) })
        self.worker = worker
        self.logger = logger
    }

    /// Screens what is queued, and clears away what has ended, until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            group.addTask { await sweep() }
        }
    }

    /// Every hour: sessions and links that have ended; once: files that a crash left without a row.
    private func sweep() async {
        do {
            try await Sweeper(database: services.database, archive: services.archive).sweep()
        } catch is CancellationError {
            return
        } catch {
            logger.warning("files could not be swept", metadata: ["error": "\(error)"])
        }
        while !Task.isCancelled {
            do {
                try await services.accounts.sweep()
                try await Task.sleep(for: .seconds(3600))
            } catch is CancellationError {
                return
            } catch {
                logger.warning("sessions could not be swept", metadata: ["error": "\(error)"])
                do { try await Task.sleep(for: .seconds(60)) } catch { return }
            }
        }
    }
}
