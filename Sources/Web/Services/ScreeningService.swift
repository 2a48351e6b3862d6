import Casework
import Clinic
import Findings
import Hummingbird
import Imaging
import Screening

/// From an upload to an answer: reads the image, waits for its turn, screens, counts.
struct ScreeningService: Sendable {
    let models: ModelShelf
    let demonstration: Screener?
    let queue: ScreeningQueue
    let metrics: WebMetrics
    let limits: UploadLimits

    /// The answer for programs.
    ///
    /// - Parameters:
    ///   - context: Who asks.
    ///   - optics: What is known of the microscope.
    /// - Throws: `WebError` for a bad request or a full queue, `ImagingError` for a bad image.
    func screen(
        _ request: Request, context: WebContext, at optics: SiteOptics? = nil
    ) async throws -> ScreeningOutcome {
        var file = try await ImageUpload(headers: request.headers, body: request.body, limits: limits).file
        file.site = optics?.siteScale
        return try await counted(for: context) { [file] in
            try await models.lend { try await $0.screen(file) }
        } result: {
            $0
        }
    }

    /// An answer with the pictures that show how it came about.
    typealias Explained = (result: ScreeningOutcome, pictures: ScreeningPictures)

    /// The answer for people, with its pictures.
    ///
    /// - Throws: As `screen`, and `WebError.forged` when the form is not of the page of the person who is logged in.
    func explain(_ request: Request, context: WebContext) async throws -> Explained {
        let upload = try await ImageUpload(headers: request.headers, body: request.body, limits: limits)
        if context.principal != nil { try context.checkForgery(upload.csrf, in: request) }
        return try await counted(for: context) {
            try await models.lend { try await $0.pictures(upload.file, for: .showing) }
        } result: {
            $0.result
        }
    }

    /// The demonstration model's answer to a drawn example.
    ///
    /// - Throws: `WebError.notFound` without a demonstration model.
    func explain(_ example: DrawnExample, context: WebContext) async throws -> Explained {
        guard let demonstration else { throw WebError(.notFound, "errors.screenings.noDemonstration") }
        return try await counted(for: context) {
            try await demonstration.pictures(example.jpeg, for: .showing)
        } result: {
            $0.result
        }
    }

    /// The answer to a control field.
    ///
    /// - Throws: As `screen`.
    func control(_ bytes: [UInt8], context: WebContext, at optics: SiteOptics) async throws -> ScreeningOutcome {
        let file = ScreenedFile(bytes, site: optics.siteScale)
        return try await counted(for: context) {
            try await models.lend { try await $0.screen(file) }
        } result: {
            $0
        }
    }

    private func counted<Answer: Sendable>(
        for context: WebContext, _ operation: @Sendable () async throws -> Answer, result: (Answer) -> ScreeningOutcome
    ) async throws -> Answer {
        let started = ContinuousClock.now
        let (answer, outcome) = try await ScreeningSpans.screening {
            let answer = try await queue.run(for: context.comer, operation)
            let outcome = result(answer)
            ScreeningSpans.read(outcome)
            return (answer, outcome)
        }
        metrics.countScreening(
            decision: outcome.decision, inference: .milliseconds(outcome.timings.inferenceMs),
            total: started.duration(to: .now))
        return answer
    }
}

extension WebContext {
    /// Whom the queue counts as one: the person, by whatever token, or else the network.
    fileprivate var comer: String { principal?.userID.text ?? NetworkPrefix.text(remoteAddress) }
}

extension ImageUpload {
    /// What is screened.
    fileprivate var file: ScreenedFile { ScreenedFile(bytes, redCellPixels: redCellPixels) }
}
