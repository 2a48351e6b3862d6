import Casework
import Clinic
import Findings
import HTTPTypes

extension Problem {
    /// The status of every error of stored things.
    public init(_ error: ClinicError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .notFound: ("errors.titles.notFound", .notFound)
            case .duplicate: ("errors.titles.duplicate", .conflict)
            case .invalid: ("errors.titles.invalid", .unprocessableContent)
            case .forbidden: ("errors.titles.forbidden", .forbidden)
            case .quotaExceeded: ("errors.titles.quotaExceeded", .tooManyRequests)
            case .busy: ("errors.titles.busy", .serviceUnavailable)
            case .databaseUnavailable: ("errors.titles.databaseUnavailable", .serviceUnavailable)
            case .newerSchema, .corrupt, .storage: ("errors.titles.internal", .internalServerError)
            }
        self.init(
            error.code.rawValue.hyphenated, title, status, detail: Self.detail(of: error),
            retryAfterSeconds: status == .serviceUnavailable ? 5 : nil)
    }

    /// What the inside of the server looks like is told to its log, not to whoever asks.
    private static func detail(of error: ClinicError) -> Message {
        switch error.code {
        case .databaseUnavailable: Message("errors.unreachable")
        case .newerSchema, .corrupt, .storage: Message("errors.internal")
        default: error.message
        }
    }

    /// The status of every error of the work on cases.
    public init(_ error: CaseworkError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .queueFull: ("errors.titles.busy", .serviceUnavailable)
            case .invalidUploadKey: ("errors.titles.malformedRequest", .badRequest)
            }
        self.init(
            error.code.rawValue.hyphenated, title, status, detail: error.message,
            retryAfterSeconds: error.retryAfterSeconds)
    }
}
