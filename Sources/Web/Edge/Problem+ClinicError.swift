import Casework
import Clinic
import HTTPTypes

extension Problem {
    /// The status of every error of stored things.
    public init(_ error: ClinicError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .notFound: ("Not found", .notFound)
            case .duplicate: ("Already there", .conflict)
            case .invalid: ("Not accepted", .unprocessableContent)
            case .forbidden: ("Not allowed", .forbidden)
            case .quotaExceeded: ("Used up", .tooManyRequests)
            case .busy: ("Busy", .serviceUnavailable)
            case .databaseUnavailable: ("Database not reachable", .serviceUnavailable)
            case .newerSchema, .corrupt, .storage: ("Internal error", .internalServerError)
            }
        self.init(
            error.code.rawValue.hyphenated, title, status, detail: Self.detail(of: error, status: status),
            retryAfterSeconds: status == .serviceUnavailable ? 5 : nil)
    }

    /// What the inside of the server looks like is told to its log, not to whoever asks.
    private static func detail(of error: ClinicError, status: HTTPResponse.Status) -> String {
        switch error.code {
        case .databaseUnavailable: "The database cannot be reached right now. Please try again in a moment."
        case .newerSchema, .corrupt, .storage: "Something went wrong on the server. Please try again."
        default: error.message
        }
    }

    /// The status of every error of the work on cases.
    public init(_ error: CaseworkError) {
        let (title, status): (String, HTTPResponse.Status) =
            switch error.code {
            case .queueFull: ("Busy", .serviceUnavailable)
            case .invalidUploadKey: ("Malformed request", .badRequest)
            }
        self.init(
            error.code.rawValue.hyphenated, title, status, detail: error.message,
            retryAfterSeconds: error.retryAfterSeconds)
    }
}
