import Clinic
import Foundation
import Logging
import Wording

/// What goes on beside the pages: reminders and short messages go out, and entries whose next free slot has passed are looked at again.
///
/// Any number of servers may run it on one database.
public struct AppointmentService: Sendable {
    private let booking: Booking
    private let letters: AppointmentLetters
    private let messages: AppointmentMessages
    private let logger: Logger

    /// How often it looks.
    private static let interval = Duration.seconds(60)
    /// After so many letters that were not taken, the mail server is left alone until the next round.
    private static let failuresInARow = 5

    /// - Parameters:
    ///   - services: Database, mail, clock.
    ///   - configuration: Language, and the address for links.
    ///   - logger: Where to log.
    /// - Throws: `WebError.resource` when the texts cannot be read.
    public init(services: SiteServices, configuration: WebConfiguration, logger: Logger) throws {
        booking = services.booking
        self.logger = logger
        letters = AppointmentLetters(
            booking: booking, mail: services.mail, publicURL: configuration.publicURL,
            texts: try TextLibrary(in: configuration.texts, site: configuration.language), logger: logger)
        messages = AppointmentMessages(
            messages: services.visitMessages, gateway: services.messages, publicURL: configuration.publicURL,
            texts: letters.texts, logger: logger)
    }

    /// Works until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await repeating { await refresh() } }
            group.addTask { await repeating { await remind() } }
            group.addTask { await repeating { await deliver() } }
        }
    }

    private func repeating(_ work: () async -> Void) async {
        while !Task.isCancelled {
            await work()
            do { try await Task.sleep(for: Self.interval) } catch { return }
        }
    }

    /// Works out anew the next free slots that have passed. A failure is logged, and tried again in the next round.
    public func refresh() async {
        do {
            try await booking.refreshPassedSlots()
        } catch {
            log("free slots could not be worked out", error)
        }
    }

    /// Hands the short messages that are due to the gateway, where one is configured.
    public func deliver() async { await messages.deliver() }

    /// Sends the reminders that are due. What could not be sent is logged, and tried again in the next round.
    public func remind() async {
        guard letters.mail != nil || messages.gateway != nil else { return }
        do {
            var failures = 0
            // In no order, so that a few addresses that the mail server refuses never stand before all others.
            for appointment in try await booking.appointmentsToRemind().shuffled() where !Task.isCancelled {
                failures = try await remind(appointment) ? 0 : failures + 1
                guard failures < Self.failuresInARow else { return }
            }
        } catch {
            log("reminders could not be sent", error)
        }
    }

    /// Sends one reminder, unless another server does.
    ///
    /// - Returns: False when the mail server did not take it.
    private func remind(_ appointment: Appointment) async throws -> Bool {
        guard try await booking.claimReminder(appointment.id) else { return true }
        do {
            try await letters.send(.reminder, to: .patient, on: appointment)
            return true
        } catch {
            log("reminder not sent", error)
            // In a task of its own: a server that stops must still give it back.
            try await Task.detached { [booking] in try await booking.releaseReminder(appointment) }.value
            return false
        }
    }

    private func log(_ message: Logger.Message, _ error: any Error) {
        if !(error is CancellationError) { logger.warning(message, metadata: ["error": "\(error)"]) }
    }
}
