import Clinic
import Findings
import Formats
import Foundation
import Screening

extension ScreeningWorker {
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

extension ScreenedImage {
    /// - Throws: `EncodingError`, for a number that is none.
    init(_ outcome: ScreeningOutcome, pictures: ScreeningPictures) throws {
        self.init(
            outcome: outcome, analyticsJSON: try JSONFormat.line.text(pictures.analytics),
            pictures: pictures.files)
    }
}
