import Foundation
import Synchronization

/// A port of loopback that nothing listens at, below those that the system gives to connections: one of these would have it
/// until it is taken.
public enum FreePort {
    /// The system has no port left.
    public struct None: Error {}

    private static let given = Mutex<Set<UInt16>>([])

    public static func find() throws -> Int {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 26_000..<32_768)
            if isFree(port), given.withLock({ $0.insert(port).inserted }) { return Int(port) }
        }
        throw None()
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
