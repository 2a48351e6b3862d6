import Foundation
import Glibc

/// A file descriptor of this process alone, closed with the last reference and by nobody else.
final class Descriptor: Sendable {
    let number: Int32

    private init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// Two connected ends. To write to a socket that nobody reads is an error, where a pipe's signal would end this process.
    static func pair() throws -> (ours: Descriptor, theirs: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw StartedProgram.Failure(errno: errno, "no input and output can be made")
        }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    /// Waits for some bytes; none at the end.
    func read() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(number, &bytes, bytes.count)
            if count >= 0 { return Array(bytes.prefix(count)) }
            guard errno == EINTR else { throw StartedProgram.Failure(errno: errno, "the output cannot be read") }
        }
    }

    func readToEnd() throws -> Data {
        var data = Data()
        while true {
            let more = try read()
            if more.isEmpty { return data }
            data.append(contentsOf: more)
        }
    }

    func write(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw StartedProgram.Failure(errno: errno, "the input cannot be written")
            }
        }
    }
}
