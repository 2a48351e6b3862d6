import Foundation
import NIOCore

extension WebError {
    /// Says why a server that was built did not run.
    ///
    /// - Parameters:
    ///   - error: What running it threw.
    ///   - configuration: Where it should have listened.
    init(stopping error: any Error, configuration: WebConfiguration) {
        let place = "\(configuration.host):\(configuration.port)"
        let detail =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: "\(place) is taken by another program. Choose another port with --port."
            case EACCES: "\(place) needs more rights. Choose a port over 1023 with --port."
            case EADDRNOTAVAIL: "\(configuration.host) is not an address of this machine."
            default: "\(place) cannot be served: \(error)"
            }
        self.init(.addressUnavailable, fault: detail)
    }
}
