import Foundation
import Glibc

/// Lines and counted bytes over a file descriptor that it does not close.
struct LineChannel {
    /// Why a line did not come.
    enum End: Error {
        case closed
        case late
        case tooLong
    }

    /// The longest line; a survey of thousands of fields has far less.
    static let longestLine = 4 << 20

    private let descriptor: Int32
    private let isSocket: Bool
    private var waiting: [UInt8] = []

    /// - Parameter isSocket: Whether a write to a closed end must be an error instead of a signal.
    init(_ descriptor: Int32, isSocket: Bool) { (self.descriptor, self.isSocket) = (descriptor, isSocket) }

    func write(_ bytes: some Collection<UInt8>) throws {
        let all = Array(bytes)
        var start = 0
        while start < all.count {
            let count = all.withUnsafeBytes { buffer -> Int in
                let part = UnsafeRawBufferPointer(rebasing: buffer[start...])
                guard let address = part.baseAddress else { return 0 }
                return isSocket
                    ? send(descriptor, address, part.count, Int32(MSG_NOSIGNAL))
                    : Glibc.write(descriptor, address, part.count)
            }
            if count > 0 { start += count } else if errno != EINTR { throw End.closed }
        }
    }

    /// The next line without its end.
    /// - Parameter end: When to stop waiting; nil for never.
    mutating func line(until end: ContinuousClock.Instant? = nil) throws -> [UInt8] {
        var searched = 0
        while true {
            if let place = waiting[searched...].firstIndex(of: 10) {
                let line = Array(waiting[..<place])
                waiting.removeFirst(place + 1)
                return line
            }
            searched = waiting.count
            guard searched < Self.longestLine else { throw End.tooLong }
            try fill(until: end, atMost: 1 << 16)
        }
    }

    /// So many bytes.
    mutating func bytes(_ count: Int, until end: ContinuousClock.Instant? = nil) throws -> [UInt8] {
        waiting.reserveCapacity(count)
        while waiting.count < count { try fill(until: end, atMost: min(1 << 20, count - waiting.count)) }
        if waiting.count == count {
            defer { waiting = [] }
            return waiting
        }
        let bytes = Array(waiting[..<count])
        waiting.removeFirst(count)
        return bytes
    }

    private mutating func fill(until end: ContinuousClock.Instant?, atMost: Int) throws {
        if let end {
            let left = (end - .now) / .milliseconds(1)
            guard left > 0 else { throw End.late }
            var asked = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // Late is found out at the next call, which an interruption leads to as well.
            guard poll(&asked, 1, Int32(min(left.rounded(.up), 1e6))) > 0 else { return }
        }
        let old = waiting.count
        waiting.append(contentsOf: repeatElement(0, count: atMost))
        let count = waiting.withUnsafeMutableBytes { [descriptor] buffer in
            read(descriptor, buffer.baseAddress.map { $0 + old }, atMost)
        }
        let reason = errno
        waiting.removeLast(atMost - max(0, count))
        if count == 0 || (count < 0 && reason != EINTR) { throw End.closed }
    }
}
