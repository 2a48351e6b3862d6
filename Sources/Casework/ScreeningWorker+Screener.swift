import Clinic
import Findings
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
    ///   - clock: The time.
    ///   - onEvent: Told of everything the worker does; must return at once.
    public convenience init(
        database: any ClinicDatabase, archive: any ImageArchive, models: ModelShelf,
        workerID: String = SecretToken().digest, settings: WorkerSettings = WorkerSettings(),
        clock: @escaping @Sendable () -> Date = { Date() },
        onEvent: @escaping @Sendable (WorkerEvent) -> Void = { _ in }
    ) {
        self.init(
            database: database, archive: archive, workerID: workerID, settings: settings, clock: clock,
            onEvent: onEvent
        ) { bytes in
            let (result, pictures) = try await models.lend { try await $0.pictures(bytes) }
            return try ScreenedImage(result, pictures: pictures)
        }
    }
}

extension ScreenedImage {
    /// - Throws: `EncodingError`, for a number that is none.
    init(_ outcome: ScreeningOutcome, pictures: ScreeningPictures) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.init(
            outcome: outcome,
            analyticsJSON: String(decoding: try encoder.encode(pictures.analytics), as: UTF8.self),
            pictures: pictures.files)
    }
}
