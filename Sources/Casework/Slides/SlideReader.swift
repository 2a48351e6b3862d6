import Clinic
import Foundation
import Imaging
import Logging
import Offloading
import Slides
import Synchronization

/// Reads the slides that wait, one at a time: searches a slide in a process of its own, makes images of its best fields, and ends when
/// these say enough.
///
/// Any number of readers, also on other nodes, may share the queue: a slide belongs to the one that took it up as long as that
/// renews its lease. What is done is in the rows, so after a restart the next reader goes on with the next field.
public final class SlideReader: Sendable {
    /// How a reader goes about the queue.
    public struct Settings: Sendable {
        public var lease = Duration.seconds(60)
        public var pollInterval = Duration.seconds(2)
        /// How often a slide is taken up before it is given up; a crash of the server counts.
        public var maximumAttempts = 3
        /// Fields that may wait for their answers at the same time.
        public var ahead = 4
        /// How often to look for answers that nobody announced.
        public var look = Duration.milliseconds(500)
        /// After this it is looked again for a file that could not be reached, and for a database or archive that was away.
        public var absence = Duration.seconds(60)

        public init() {}
    }

    private struct LeaseLost: Error {}

    private let slides: @Sendable () -> CaseSlides
    private let database: any ClinicDatabase
    private let folder: SlideFolder
    private let intake: ImageIntake
    private let changes: CaseChanges
    private let command: SlideWorker.Command
    private let settings: Settings
    private let workerID: String
    private let clock: @Sendable () -> Date
    private let logger: Logger
    private let wakes = Mutex<AsyncStream<Void>.Continuation?>(nil)

    /// - Parameters:
    ///   - slides: The rules, those of the model in use, and rows.
    ///   - database: Where these are.
    ///   - folder: The files.
    ///   - intake: Takes the fields into the case.
    ///   - changes: Tells pages that something changed, and this reader that an answer came.
    ///   - command: The process that reads.
    public init(
        slides: @escaping @Sendable () -> CaseSlides, database: any ClinicDatabase, folder: SlideFolder,
        intake: ImageIntake,
        changes: CaseChanges, command: SlideWorker.Command = .own, settings: Settings = Settings(),
        workerID: String = SecretToken().digest, clock: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "leukoscope.slides")
    ) {
        (self.slides, self.database, self.folder, self.intake) = (slides, database, folder, intake)
        (self.changes, self.command, self.settings) = (changes, command, settings)
        (self.workerID, self.clock, self.logger) = (String(workerID.prefix(32)), clock, logger)
    }

    /// Says that a slide waits; returns at once.
    public func wake() { wakes.withLock { _ = $0?.yield() } }

    /// Reads until the task is cancelled; then puts back what it has.
    public func run() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        wakes.withLock { $0 = continuation }
        let poll = Task { [settings] in
            while !Task.isCancelled {
                continuation.yield()
                try await Task.sleep(for: settings.pollInterval)
            }
        }
        defer { poll.cancel() }
        for await _ in stream {
            while !Task.isCancelled, let slide = await claim() { await read(slide) }
        }
        // This task is cancelled already; the database must not take that as its own.
        await Task.detached { [database, workerID, logger] in
            do { try await database.write { try $0.releaseSlides(worker: workerID) } } catch {
                logger.warning("slides could not be put back", metadata: ["reason": "\(error)"])
            }
        }.value
    }

    private func claim() async -> CaseSlide? {
        let until = clock().addingTimeInterval(settings.lease / .seconds(1))
        do { return try await slides().claim(worker: workerID, leaseUntil: until) } catch {
            if !(error is CancellationError) {
                logger.warning("no slide could be taken up", metadata: ["reason": "\(error)"])
            }
            return nil
        }
    }

    private func read(_ slide: CaseSlide) async {
        guard slide.attempts <= settings.maximumAttempts else { return await giveUp(slide, .server) }
        let renewing = Task { await self.renew(slide) }
        defer { renewing.cancel() }
        changes.publish(slide.caseID)
        do {
            let end = try await complete(slide)
            try await slides().finish(slide, end: end)
            changes.publish(slide.caseID)
        } catch is LeaseLost {
            // Another reader goes on.
        } catch is CancellationError {
            // `run` puts it back.
        } catch let error as SlideAway {
            await putOff(slide, because: error)
        } catch let error as SlideError {
            if await isAway(slide) { return await putOff(slide, because: error) }
            logger.warning("slide not read", metadata: ["slide": "\(slide.id)", "reason": "\(error.message)"])
            await end(slide, after: error)
        } catch let error as ClinicError where error.code == .notFound {
            // Deleted meanwhile.
        } catch let error as ClinicError where error == StoredObject.changed {
            if await isAway(slide) { return await putOff(slide, because: error) }
            await giveUp(slide, .changed)
        } catch let error as ClinicError where [.storage, .databaseUnavailable].contains(error.code) {
            await putOff(slide, because: error)
        } catch let error as ClinicError where error.code == .quotaExceeded {
            await giveUp(slide, .quota)
        } catch let error as ClinicError where error.code == .consentNeeded {
            await giveUp(slide, .consent)
        } catch {
            logger.warning("slide interrupted", metadata: ["slide": "\(slide.id)", "reason": "\(error)"])
            // Its lease ends, and it is taken up once more.
            do { try await Task.sleep(for: settings.pollInterval) } catch { return }
        }
    }

    /// A process that ended may have been the machine's fault: that is tried again.
    private func end(_ slide: CaseSlide, after error: SlideError) async {
        guard error.code == .workerEnded || error.code == .outOfMemory, slide.attempts < settings.maximumAttempts else {
            return await giveUp(slide, CaseSlide.Failure(error.code))
        }
        await putBack(slide, until: nil, isCounted: true)
    }

    /// A file that cannot be reached, as a database or archive that is away, says nothing about a slide: it keeps its attempts, and
    /// is taken up again later.
    private func putOff(_ slide: CaseSlide, because reason: any Error) async {
        logger.warning("slide put off", metadata: ["slide": "\(slide.id)", "reason": "\(reason)"])
        await putBack(slide, until: clock().addingTimeInterval(settings.absence / .seconds(1)), isCounted: false)
        changes.publish(slide.caseID)
    }

    private func putBack(_ slide: CaseSlide, until: Date?, isCounted: Bool) async {
        do { try await slides().putBack(slide, until: until, isCounted: isCounted) } catch {
            logger.warning("slide interrupted", metadata: ["slide": "\(slide.id)", "reason": "\(error)"])
        }
    }

    /// Whether a slide's file cannot be reached, so that whatever went wrong may be because of that.
    private func isAway(_ slide: CaseSlide) async -> Bool {
        do {
            return try await Offloading.process.wait { [folder] in folder.standing(of: slide) } != .here
        } catch {
            return false
        }
    }

    private func giveUp(_ slide: CaseSlide, _ failure: CaseSlide.Failure) async {
        do {
            try await slides().finish(slide, failure: failure)
            changes.publish(slide.caseID)
        } catch {
            logger.warning("slide interrupted", metadata: ["slide": "\(slide.id)", "reason": "\(error)"])
        }
    }

    private func renew(_ slide: CaseSlide) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: settings.lease / 3)
                let until = clock().addingTimeInterval(settings.lease / .seconds(1))
                let isKept = try await database.write { [workerID] in
                    try $0.renewSlide(slide.id, worker: workerID, until: until)
                }
                if !isKept { return }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("lease not renewed", metadata: ["slide": "\(slide.id)", "reason": "\(error)"])
            }
        }
    }

    // MARK: One slide

    private func complete(_ slide: CaseSlide) async throws -> CaseSlide.End {
        guard var progress = try await held(slide) else { throw LeaseLost() }
        try await slides().requireConsent(to: slide.caseID)
        let isNew = progress.fields.isEmpty
        let parts = isNew && slide.source == .upload ? try await slides().parts(of: slide.id) : []
        let worker = try await Offloading.process.wait { [folder, command] in
            if !parts.isEmpty, try !folder.holds(slide, in: parts) { throw StoredObject.changed }
            return try SlideWorker(path: folder.path(of: slide), command: command)
        }
        if isNew {
            try await search(slide, with: worker)
            changes.publish(slide.caseID)
        }
        let heard = changes.changes(of: slide.caseID, atLeastEvery: settings.look)
        var iterator = heard.makeAsyncIterator()
        while true {
            try Task.checkCancellation()
            guard let found = try await held(slide) else { throw LeaseLost() }
            progress = found
            let isUrgent = progress.verdict.kind == .urgent
            if !isUrgent, progress.pendingCount < settings.ahead, let field = progress.next {
                // Taken in as the system's, an image is asked for no consent; and it may be withdrawn meanwhile.
                try await slides().requireConsent(to: slide.caseID)
                try await take(field, of: slide, with: worker)
                changes.publish(slide.caseID)
                continue
            }
            if progress.pendingCount == 0 || isUrgent {
                return isUrgent ? .urgent : progress.fields.count < progress.slide.wanted ? .exhausted : .fields
            }
            _ = await iterator.next()
        }
    }

    /// How far a slide is; nil where this reader no longer has it.
    private func held(_ slide: CaseSlide) async throws -> SlideProgress? {
        guard let progress = try await slides().progress(ofWork: slide.id) else {
            throw ClinicError(.notFound, "errors.nothingHere")
        }
        return progress.slide.state == .reading && progress.slide.workerID == workerID ? progress : nil
    }

    /// Finds the monolayer and chooses fields, as many as may ever be asked for.
    private func search(_ slide: CaseSlide, with worker: SlideWorker) async throws {
        let survey = try await Offloading.process.wait {
            try worker.survey(
                fields: CaseSlides.fieldCounts.upperBound, micrometresPerPixel: slide.micrometresPerPixel)
        }
        guard !survey.fields.isEmpty else {
            throw SlideError(.noMonolayer, "no field of \(slide.id) shows cells in one layer: \(survey.parts)")
        }
        var known = slide
        known.micrometresPerPixel = survey.micrometresPerPixel
        (known.width, known.height, known.format) = (worker.shape.width, worker.shape.height, worker.shape.format)
        let fields = survey.fields.enumerated().map { index, field in
            SlideField(
                slideID: slide.id, number: index + 1, x: field.place.x, y: field.place.y, side: field.place.width,
                micrometresPerPixel: survey.micrometresPerPixel)
        }
        try await slides().store(known, fields: fields)
    }

    /// Makes an image of a field; where too many wait, once there is room.
    private func take(_ field: SlideField, of slide: CaseSlide, with worker: SlideWorker) async throws {
        let bytes = try await Offloading.process.wait {
            let place = SlideRectangle(x: field.x, y: field.y, width: field.side, height: field.side)
            return try ImageEncoder.png(worker.read(place), level: 1)
        }
        // The same key again, after a crash, is the same image, which may have been stored without its field.
        let key = "slide-\(slide.id)-\(field.number)"
        while true {
            do {
                let (image, _) = try await intake.add(
                    bytes, to: slide.caseID, by: .system, uploadKey: key, field: field)
                return try await slides().take(field, as: image.id)
            } catch let error as CaseworkError where error.code == .queueFull {
                try await Task.sleep(for: .seconds(error.retryAfterSeconds ?? 10))
            }
        }
    }
}

extension CaseSlide.Failure {
    init(_ code: SlideError.Code) {
        self =
            switch code {
            case .unreadable: .unreadable
            case .unknownFormat: .format
            case .dicom: .dicom
            case .damaged, .workerEnded, .notThere: .damaged
            case .beyondLimits, .outOfMemory: .limits
            case .noScale: .scale
            case .noMonolayer: .monolayer
            }
    }
}
