import CCurl
import NativeCalls
import Offloading
import Synchronization

/// A request as HTTP carries it.
package struct WireRequest: Sendable, Equatable {
    /// From the server's address on, beginning with a slash.
    package var path: String
    /// Lines of the head.
    package var fields: [String]
    /// What is posted; nil for a GET.
    package var body: [UInt8]?
}

/// What came back.
package struct WireAnswer: Sendable {
    let status: Int
    /// By their names in lower case; of those that come twice, in a trailer too, the last.
    let fields: [String: String]
    let body: [UInt8]
    /// Whether the connection had to be opened for it.
    let isNew: Bool

    /// - Parameters:
    ///   - status: Of HTTP.
    ///   - fields: By their names in lower case.
    ///   - body: What came after the head.
    ///   - isNew: Whether the connection had to be opened for it.
    package init(status: Int, fields: [String: String], body: [UInt8], isNew: Bool = false) {
        (self.status, self.fields, self.body, self.isNew) = (status, fields, body, isNew)
    }
}

/// One connection to a server, kept open between requests.
final class HTTPConnection: Sendable {
    /// Freed with the last reference; the lock lends it to one thread at a time.
    private struct Handle: ~Copyable {
        let pointer: OpaquePointer

        init(_ server: RemoteServer) throws {
            var made: OpaquePointer?
            try Native.call {
                cc_connection_make(
                    server.allowed, server.isNamedOnly ? 1 : 0, server.transport == .grpc ? 1 : 0, &made, $0)
            } orThrow: { _, reason in
                RemoteInferenceError(.unreachable, "no connection to \(server.address) can be made: \(reason)")
            }
            guard let made else {
                throw RemoteInferenceError(.unreachable, "no connection to \(server.address) can be made")
            }
            pointer = made
        }

        deinit { cc_connection_free(pointer) }
    }

    private let server: RemoteServer
    private let threads: BlockingThreads
    private let handle: Mutex<Handle>
    /// Where the handle's connection is, for `stop`, which must not wait for the lock.
    private let address: UInt

    /// - Parameters:
    ///   - server: Nothing is sent yet.
    ///   - threads: Where a request waits for its answer.
    init(_ server: RemoteServer, threads: BlockingThreads) throws {
        (self.server, self.threads) = (server, threads)
        let handle = try Handle(server)
        address = UInt(bitPattern: handle.pointer)
        self.handle = Mutex(handle)
    }

    /// Ends what is under way, within a moment, and lets nothing begin any more: it all fails as `exchange` does.
    func stop() { OpaquePointer(bitPattern: address).map(cc_connection_stop) }

    /// Sends a request and waits for its answer, whatever its status.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - maximumAnswer: Bytes of the answer's body.
    ///   - timeout: For the whole of it.
    /// - Throws: `RemoteInferenceError.unreachable`.
    func exchange(_ request: WireRequest, maximumAnswer: Int, timeout: Duration) async throws -> WireAnswer {
        try await threads.run { [self] in try transmit(request, maximumAnswer, timeout) }
    }

    private func transmit(_ request: WireRequest, _ maximumAnswer: Int, _ timeout: Duration) throws -> WireAnswer {
        let milliseconds = max(1, Int(timeout / .milliseconds(1)))
        var fields = request.fields + ["Expect:", "User-Agent: Leukoscope"]
        if let token = server.token { fields.append("Authorization: Bearer \(token)") }
        let lines = fields.joined(separator: "\n")
        return try handle.withLock { handle in
            var answer = CCConnectionAnswer()
            try Native.call { error in
                guard let body = request.body else {
                    return cc_connection_exchange(
                        handle.pointer, server.base + request.path, lines, nil, 0, maximumAnswer, milliseconds, &answer,
                        error)
                }
                return body.withUnsafeBufferPointer {
                    cc_connection_exchange(
                        handle.pointer, server.base + request.path, lines, $0.baseAddress, $0.count, maximumAnswer,
                        milliseconds, &answer, error)
                }
            } orThrow: { _, reason in
                RemoteInferenceError(.unreachable, "the inference server \(server.address) failed: \(reason)")
            }
            return WireAnswer(
                status: answer.status, fields: Self.fields(of: answer),
                body: answer.body.map { Array(UnsafeBufferPointer(start: $0, count: answer.bodyLength)) } ?? [],
                isNew: answer.isNew != 0)
        }
    }

    private static func fields(of answer: CCConnectionAnswer) -> [String: String] {
        guard let start = answer.fields else { return [:] }
        let bytes = UnsafeBufferPointer(start: start, count: answer.fieldsLength).map { UInt8(bitPattern: $0) }
        var fields: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        return fields
    }
}
