import Findings
import Foundation

/// Cases and their images.
public protocol CaseRows {
    func insert(_ smearCase: SmearCase) throws
    func smearCase(_ id: CaseID) throws -> SmearCase?
    /// Changes title, note, whose it is and `updatedAt`, which never goes back, and what the search finds. The case is held from
    /// here on, and handed over as it stands then: what others stored before stays.
    ///
    /// - Throws: `ClinicError.notFound`.
    func update(_ id: CaseID, _ change: (inout SmearCase) -> Void) throws
    /// Notes that somebody opened the case: it is in use, and nobody has to be told any more that it goes.
    func noteUse(of smearCase: CaseID, at: Date) throws
    /// Deletes the case with its images, screenings and shares (the rows; the caller removes the files).
    func deleteCase(_ id: CaseID) throws
    /// Newest first.
    func cases(of owner: UserID, matching: CaseFilter, after: CaseCursor?, limit: Int) throws -> [CaseSummary]
    func countCases(of owner: UserID) throws -> Int
    func summary(of id: CaseID) throws -> CaseSummary?
    /// Those of a person in care, the oldest first.
    func cases(ofDependent id: DependentID, limit: Int) throws -> [SmearCase]
    func countCases(ofDependent id: DependentID) throws -> Int

    /// Stores an image with its screening, queued, in one go; the number is given here.
    ///
    /// - Returns: The image and screening as stored; when the case already has an image with this `uploadKey`, that one.
    func insert(_ image: CaseImage, screening: ScreeningRecord) throws -> (CaseImage, ScreeningRecord)
    func image(_ id: ImageID) throws -> CaseImage?
    func image(uploadKey: String, in smearCase: CaseID) throws -> CaseImage?
    /// In the order of their numbers.
    func images(of smearCase: CaseID) throws -> [CaseImage]
    /// Deletes an image and its screening.
    func deleteImage(_ id: ImageID) throws
    /// Every `archiveKey` of a person's images.
    func archiveKeys(of owner: UserID) throws -> [String]
    /// Whether an image has this key, for the sweep after a crash.
    func hasImage(archiveKey: String) throws -> Bool
    /// Images and bytes a person has stored, and images since a date, for quotas.
    func usage(of owner: UserID, since: Date) throws -> (images: Int, bytes: Int, imagesSince: Int)
}

/// Screenings, and the queue that they are.
public protocol ScreeningRows {
    func screening(_ id: ScreeningID) throws -> ScreeningRecord?
    func screening(of image: ImageID) throws -> ScreeningRecord?
    /// In the order of the images' numbers.
    func screenings(of smearCase: CaseID) throws -> [ScreeningRecord]
    /// Takes the next screening for a worker: one whose worker let its lease run out, else the next of the queue or of
    /// those that were put off. Of two workers at once, one gets it.
    ///
    /// The queue goes by turns between persons, whichever of their API tokens sent an image: one of each in a turn, in a
    /// turn the oldest first.
    func claimScreening(worker: String, now: Date, leaseUntil: Date) throws -> ScreeningRecord?
    /// Gives a worker more time with a screening that it still has.
    ///
    /// - Returns: Whether it still has it.
    func renewLease(_ id: ScreeningID, worker: String, until: Date) throws -> Bool
    /// Stores the outcome if this worker still has the screening, and moves the case's `updatedAt`.
    ///
    /// - Returns: Whether it was stored; false when another worker took over.
    func complete(
        _ id: ScreeningID, worker: String, outcome: ScreeningOutcome, analyticsJSON: String, at: Date
    ) throws -> Bool
    /// As `complete`, for a screening that gets no answer.
    func fail(_ id: ScreeningID, worker: String, failure: Message, at: Date) throws -> Bool
    /// Puts a failed screening back, last in its owner's queue, with no attempts counted; moves the case's `updatedAt`.
    ///
    /// - Returns: Whether it had failed.
    func requeueFailed(_ id: ScreeningID, at: Date) throws -> Bool
    /// Those that failed, the oldest first, of a case or of all.
    func failedScreenings(of smearCase: CaseID?, limit: Int) throws -> [ScreeningID]
    /// Postpones a screening that this worker holds: no worker takes it before then, and others go first.
    ///
    /// - Parameter countsAttempt: False gives the attempt back.
    func postponeScreening(_ id: ScreeningID, worker: String, until: Date, countsAttempt: Bool) throws
    /// Puts everything that this worker has back into the queue, on a graceful stop.
    func releaseScreenings(worker: String) throws
    /// Screenings that are queued or running.
    func countPendingScreenings() throws -> Int
    func countPendingScreenings(of owner: UserID) throws -> Int
    /// Screenings that come before this one in the queue.
    func queuePosition(_ id: ScreeningID) throws -> Int
}
