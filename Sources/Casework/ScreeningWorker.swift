import Clinic
import Findings
import Formats
import Foundation
import Imaging
import Screening
import Synchronization

/// Works off the queue of screenings: claims one, screens it, stores the pictures, then the answer.
///
/// Any number of workers, in this process and on other nodes, may share a queue. A screening belongs to the worker that
/// claimed it as long as that renews its lease, and an answer is stored only by the worker that still has it: no image
/// is answered twice, whatever crashes. The row is written last, so an answer never lacks its pictures; what a crash
/// leaves of them is written over by the next worker under the same names.
public final class ScreeningWorker: Sendable {
    /// Screens a stored image.
    public typealias Reading = @Sendable (ScreenedFile) async throws -> ScreenedImage

    /// Unlike any other worker's, this process's earlier ones included. Each lane adds its number: what a lane still
    /// writes of a screening that it put off or lost must not meet one that another lane has taken up since.
    public let workerID: String
    let database: any ClinicDatabase
    let archive: any ImageArchive
    let reading: Reading
    let handover: ImageHandover?
    let settings: WorkerSettings
    let clock: @Sendable () -> Date
    let onEvent: @Sendable (WorkerEvent) -> Void
    private let wakes = Mutex<[AsyncStream<Void>.Continuation]>([])

    /// - Parameters:
    ///   - database: Holds the queue.
    ///   - archive: Holds images and pictures.
    ///   - workerID: Unlike any other worker's.
    ///   - settings: How to go about the queue.
    ///   - handover: From the intake of this process.
    ///   - clock: The time.
    ///   - onEvent: Told of everything the worker does; must return at once.
    ///   - reading: Screens a stored image.
    public init(
        database: any ClinicDatabase, archive: any ImageArchive, workerID: String = SecretToken().digest,
        settings: WorkerSettings = WorkerSettings(), handover: ImageHandover? = nil,
        clock: @escaping @Sendable () -> Date = { Date() },
        onEvent: @escaping @Sendable (WorkerEvent) -> Void = { _ in }, reading: @escaping Reading
    ) {
        self.database = database
        self.archive = CheckedArchive(archive, in: database)
        self.workerID = String(workerID.prefix(28))
        (self.settings, self.clock, self.onEvent) = (settings, clock, onEvent)
        (self.reading, self.handover) = (reading, handover)
    }

    /// Says that there is work; returns at once.
    public func wake() {
        for lane in wakes.withLock({ $0 }) { lane.yield() }
    }

    /// Works until the task is cancelled; then finishes what is at work, within the grace period, and puts the rest back.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes {
                let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
                wakes.withLock { $0.append(continuation) }
                group.addTask { await self.work(on: stream, as: lane) }
            }
            group.addTask { await self.poll() }
            await group.waitForAll()
        }
        wakes.withLock { $0.removeAll() }
        await release()
    }

    /// Wakes the lanes now and then: the queue may have grown on another node.
    private func poll() async {
        while !Task.isCancelled {
            wake()
            do { try await Task.sleep(for: settings.pollInterval) } catch { return }
        }
    }

    private var lanes: [String] { (0..<settings.lanes).map { "\(workerID)/\($0)" } }

    private func work(on stream: AsyncStream<Void>, as lane: String) async {
        var pause = settings.shortestPause
        for await _ in stream {
            while !Task.isCancelled, let record = await claim(as: lane) {
                if await finish(record) {
                    pause = settings.shortestPause
                } else {
                    // The next image would find the same; a task that was cancelled ends the loop.
                    do { try await Task.sleep(for: pause) } catch { return }
                    pause = min(pause * 2, settings.longestPause)
                }
            }
        }
    }

    private func claim(as lane: String) async -> ScreeningRecord? {
        do {
            return try await database.write { [settings, clock] transaction in
                let now = clock()
                return try transaction.claimScreening(
                    worker: lane, now: now, leaseUntil: now.addingTimeInterval(settings.lease / .seconds(1)))
            }
        } catch {
            // The next poll tries again.
            if !(error is CancellationError) { onEvent(.interrupted(nil, error)) }
            return nil
        }
    }

    /// Screens in a task of its own, so that a graceful stop does not break off what is nearly done.
    private func finish(_ record: ScreeningRecord) async -> Bool {
        let work = Task.detached { await self.screen(record) }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: { [settings] in
            Task {
                try await Task.sleep(for: settings.grace)
                work.cancel()
            }
        }
    }

    /// Puts back what this worker still has, so that nobody waits for its lease to run out.
    private func release() async {
        // This task is cancelled already; the database must not take that as its own.
        await Task.detached { [database, lanes, onEvent] in
            do {
                try await database.write { transaction in
                    for lane in lanes { try transaction.releaseScreenings(worker: lane) }
                }
            } catch {
                onEvent(.interrupted(nil, error))
            }
        }.value
    }

    /// A worker that screens with the model that is active when it takes up an image.
    ///
    /// - Parameters:
    ///   - database: Holds the queue.
    ///   - archive: Holds images and pictures.
    ///   - models: Holds the active model.
    ///   - workerID: Unlike any other worker's.
    ///   - settings: How to go about the queue.
    ///   - handover: From the intake of this process.
    ///   - clock: The time.
    ///   - onEvent: Told of everything the worker does; must return at once.
    public convenience init(
        database: any ClinicDatabase, archive: any ImageArchive, models: ModelShelf,
        workerID: String = SecretToken().digest, settings: WorkerSettings = WorkerSettings(),
        handover: ImageHandover? = nil, clock: @escaping @Sendable () -> Date = { Date() },
        onEvent: @escaping @Sendable (WorkerEvent) -> Void = { _ in }
    ) {
        self.init(
            database: database, archive: archive, workerID: workerID, settings: settings, handover: handover,
            clock: clock, onEvent: onEvent
        ) { file in
            let (result, pictures) = try await models.lend { try await $0.pictures(file) }
            return try ScreenedImage(result, pictures: pictures)
        }
    }
}

extension NetworkCell {
    init(_ cell: ScreenedCell) {
        self.init(
            number: cell.number,
            box: CellBox(
                x: cell.box.left, y: cell.box.top, width: cell.box.right - cell.box.left,
                height: cell.box.bottom - cell.box.top),
            type: cell.type, typeProbability: cell.typeProbability, blastEvidence: cell.blastEvidence,
            nucleusArea: cell.nucleusArea, confidence: cell.confidence, embedding: cell.embedding)
    }
}

extension ScreenedImage {
    /// - Throws: `EncodingError`, for a number that is none.
    init(_ outcome: ScreeningOutcome, pictures: ScreeningPictures) throws {
        self.init(
            outcome: outcome, analyticsJSON: try JSONFormat.line.text(pictures.analytics),
            pictures: pictures.files, cells: pictures.cells.map(NetworkCell.init), likeness: pictures.likeness)
    }
}
