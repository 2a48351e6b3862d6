import Clinic
import Foundation

/// How much one person may store and have waiting, and how much may wait in all.
public struct IntakeQuota: Sendable, Equatable {
    /// Bytes of stored images of one person.
    public var storageBytes: Int
    /// Images of one person within 24 hours.
    public var imagesPerDay: Int
    /// Images that wait for their screening.
    public var waiting: QueueLimits
    /// What to tell those who come when the queue is full, in seconds.
    public var retryAfterSeconds: Int

    /// - Parameters:
    ///   - storageBytes: Bytes of stored images of one person.
    ///   - imagesPerDay: Images of one person within 24 hours.
    ///   - waiting: Images that wait for their screening.
    ///   - retryAfterSeconds: What to tell those who come when the queue is full.
    public init(
        storageBytes: Int = 5_000_000_000, imagesPerDay: Int = 1000, waiting: QueueLimits = QueueLimits(),
        retryAfterSeconds: Int = 10
    ) {
        (self.storageBytes, self.imagesPerDay) = (storageBytes, imagesPerDay)
        (self.waiting, self.retryAfterSeconds) = (waiting, retryAfterSeconds)
    }

    /// Checks whether a person may add one more image.
    ///
    /// - Parameters:
    ///   - bytes: Bytes of that image; 0 when they are not known yet.
    ///   - owner: Whose case it is for.
    ///   - transaction: The transaction that will store it, so that two uploads at once count each other.
    ///   - now: The time.
    /// - Throws: `CaseworkError.queueFull`, `ClinicError.quotaExceeded`, and what the database throws.
    func check(adding bytes: Int, for owner: UserID, in transaction: any CaseRows & ScreeningRows, now: Date) throws {
        let pending = try transaction.countPendingScreenings(of: owner)
        guard waiting.room(beside: pending, of: try transaction.countPendingScreenings()) > 0 else {
            throw CaseworkError(.queueFull, "errors.images.queueFull", retryAfterSeconds: retryAfterSeconds)
        }
        let usage = try transaction.usage(of: owner, since: now.addingTimeInterval(-86_400))
        guard usage.bytes + bytes <= storageBytes else {
            throw ClinicError(
                .quotaExceeded, "errors.images.storage",
                ["used": Self.megabytes(usage.bytes), "allowed": Self.megabytes(storageBytes)])
        }
        guard usage.imagesSince < imagesPerDay else {
            throw ClinicError(.quotaExceeded, "errors.images.perDay", ["count": usage.imagesSince])
        }
        guard pending < waiting.ofOne else {
            throw ClinicError(.quotaExceeded, "errors.images.pending", ["count": pending])
        }
    }

    private static func megabytes(_ bytes: Int) -> String { "\((bytes + 500_000) / 1_000_000) MB" }
}
