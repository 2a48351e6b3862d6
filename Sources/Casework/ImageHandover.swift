import Clinic
import Imaging
import Screening
import Synchronization

/// Hands stored images with their pixels from the intake to the workers of the same process, so that an image is decoded
/// once on its way into a case. What finds no room, or is screened elsewhere, is read from the archive again.
public final class ImageHandover: Sendable {
    private struct State {
        var files: [ImageID: ScreenedFile] = [:]
        /// Oldest first.
        var order: [ImageID] = []
        var bytes = 0
    }

    private let maximumBytes: Int
    private let state = Mutex(State())

    /// - Parameter maximumBytes: Of pixels and files; the oldest make room for the newest.
    public init(maximumBytes: Int = 64 << 20) {
        self.maximumBytes = maximumBytes
    }

    func keep(_ file: ScreenedFile, of id: ImageID) {
        state.withLock { state in
            state.files[id] = file
            state.order.append(id)
            state.bytes += Self.size(file)
            while state.bytes > maximumBytes, !state.order.isEmpty { _ = Self.take(state.order.removeFirst(), &state) }
        }
    }

    /// The image, which is not kept any longer; nil where it is not here.
    func take(_ id: ImageID) -> ScreenedFile? {
        state.withLock { state in
            state.order.removeAll { $0 == id }
            return Self.take(id, &state)
        }
    }

    private static func take(_ id: ImageID, _ state: inout State) -> ScreenedFile? {
        guard let file = state.files.removeValue(forKey: id) else { return nil }
        state.bytes -= size(file)
        return file
    }

    private static func size(_ file: ScreenedFile) -> Int {
        file.bytes.count + (file.decoded?.image.pixels.count ?? 0)
    }
}
