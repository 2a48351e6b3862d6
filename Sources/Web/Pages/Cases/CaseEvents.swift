import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// Server-sent events (WHATWG HTML, section 9.2) about one case, until nothing of it waits any more.
///
/// Changes made here are heard at once; those of another node are found by looking into the database every two seconds.
struct CaseEvents: Sendable {
    let services: SiteServices
    let streams: OpenStreams

    /// How often to look for what another node did.
    static let pollInterval = Duration.seconds(2)
    /// How long the line may be silent; proxies commonly cut a connection after 30 to 60 seconds.
    static let heartbeat = Duration.seconds(10)
    /// After this the browser has to come again, and to be let in again.
    static let longest = Duration.seconds(600)

    /// - Throws: `ClinicError.notFound`, `WebError.rateLimited` when this person has too many streams open.
    func response(for id: CaseID, _ principal: Principal) async throws -> Response {
        let first = try await services.cases.contents(of: id, for: principal, .caseRead(.events))
        let place = try streams.open(for: principal.userID)
        let body = ResponseBody { writer in
            defer { place.close() }
            try await send(first, id, principal, to: &writer)
            try await writer.finish(nil)
        }
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // nginx keeps answers back to fill its buffers unless it is told not to.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func send(
        _ first: CaseContents, _ id: CaseID, _ principal: Principal, to writer: inout any ResponseBodyWriter
    ) async throws {
        let start = ContinuousClock.now
        var lastWrite = start
        var status = CaseStatus(first, pace: services.changes.secondsPerScreening)
        try await writer.write(ByteBuffer(string: "retry: 3000\n\n" + event(status)))
        // Ends with the stream when the server shuts down, so that nobody's open page holds it up.
        let changes = services.changes.changes(of: id, atLeastEvery: Self.pollInterval).cancelOnGracefulShutdown()
        var iterator = changes.makeAsyncIterator()
        while status.pending > 0, start.duration(to: .now) < Self.longest, await iterator.next() != nil {
            guard let contents = try await services.cases.contentsAgain(of: id, for: principal) else {
                return try await writer.write(ByteBuffer(string: "event: gone\ndata: {}\n\n"))
            }
            let next = CaseStatus(contents, pace: services.changes.secondsPerScreening)
            if next.version != status.version {
                try await writer.write(ByteBuffer(string: event(next)))
                lastWrite = .now
            } else if lastWrite.duration(to: .now) >= Self.heartbeat {
                try await writer.write(ByteBuffer(string: ": still here\n\n"))
                lastWrite = .now
            }
            status = next
        }
        if status.pending == 0 { try await writer.write(ByteBuffer(string: "event: end\ndata: {}\n\n")) }
    }

    private func event(_ status: CaseStatus) throws -> String { "event: status\ndata: \(try status.json())\n\n" }
}

/// Counts the streams that each person has open, and allows so many.
final class OpenStreams: Sendable {
    private let maximum: Int
    private let counts = Mutex<[UserID: Int]>([:])

    init(maximumPerPerson maximum: Int) { self.maximum = maximum }

    /// One open stream; give it back with `close`, which may be called twice.
    final class Place: Sendable {
        private let release: @Sendable () -> Void
        private let isOpen = Mutex(true)

        init(release: @escaping @Sendable () -> Void) { self.release = release }

        // A response that is never written, because its sender hung up, gives its place back as well.
        deinit { close() }

        func close() {
            let wasOpen = isOpen.withLock { isOpen in
                defer { isOpen = false }
                return isOpen
            }
            if wasOpen { release() }
        }
    }

    /// - Throws: `WebError.rateLimited` when all are taken; pages then ask from time to time instead.
    func open(for user: UserID) throws -> Place {
        let isFree = counts.withLock { counts in
            guard counts[user, default: 0] < maximum else { return false }
            counts[user, default: 0] += 1
            return true
        }
        guard isFree else { throw WebError(.rateLimited, "errors.cases.followers", retryAfterSeconds: 5) }
        return Place { [weak self] in
            self?.counts.withLock { counts in
                let left = counts[user, default: 1] - 1
                counts[user] = left > 0 ? left : nil
            }
        }
    }
}
