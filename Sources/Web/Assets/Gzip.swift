import Foundation

/// Compresses static files once, when the server starts.
enum Gzip {
    /// `gzip` is an essential package of Debian (Policy 3.8), so it is on every machine the server runs on.
    private static let program = URL(filePath: "/usr/bin/gzip")

    /// Compresses a file's content.
    ///
    /// - Parameter content: The bytes to compress.
    /// - Returns: The compressed bytes (RFC 1952), or nil where no `gzip` is installed or they are no fewer.
    /// - Throws: `WebError.resource` when the program fails.
    static func compress(_ content: Data) async throws -> Data? {
        guard FileManager.default.isExecutableFile(atPath: program.path) else { return nil }
        return try await withCheckedThrowingContinuation { continuation in
            // Waiting for another process blocks; keep it off the cooperative pool.
            DispatchQueue.global().async {
                continuation.resume(with: Result { try run(content) })
            }
        }
    }

    private static func run(_ content: Data) throws -> Data? {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        process.executableURL = program
        process.arguments = ["-9", "-n", "-c"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // A pipe holds 64 kB: write from another thread while this one reads.
        let written = DispatchSemaphore(value: 0)
        let writer = WriteResult()
        DispatchQueue.global().async {
            writer.finish(Result { try input.fileHandleForWriting.write(contentsOf: content) })
            writer.close(input.fileHandleForWriting)
            written.signal()
        }
        let compressed = try output.fileHandleForReading.readToEnd() ?? Data()
        written.wait()
        process.waitUntilExit()
        try writer.check()
        guard process.terminationStatus == 0 else {
            throw WebError(.resource, "gzip ended with status \(process.terminationStatus).")
        }
        return compressed.count < content.count ? compressed : nil
    }

    /// Carries the outcome of the writing thread. `@unchecked Sendable`: the semaphore orders the write before the read.
    private final class WriteResult: @unchecked Sendable {
        private var error: (any Error)?

        func finish(_ result: Result<Void, any Error>) {
            if case .failure(let failure) = result { error = failure }
        }

        func close(_ handle: FileHandle) {
            do { try handle.close() } catch { self.error = self.error ?? error }
        }

        func check() throws {
            if let error { throw error }
        }
    }
}
