import Clinic
import Foundation
import Imaging
import Offloading
import Slides
import Synchronization

/// Gives the tiles of slides to viewers: through few processes that read, and a store of tiles that is bounded in bytes.
public final class SlideDesk: Sendable {
    /// What it may take.
    public struct Limits: Sendable, Equatable {
        /// Processes that have a slide open.
        public var workers = 2
        /// Bytes of tiles that are kept.
        public var bytes = 64 << 20
        /// Tiles that may wait to be read.
        public var waiting = 96
        /// How long an answer of a process may take.
        public var patience = Duration.seconds(30)
        /// An idle process ends after this time.
        public var idle = Duration.seconds(120)

        public init() {}
    }

    private struct Key: Hashable {
        let slide: SlideID
        let zoom, column, row: Int
    }

    private struct State {
        var tiles: [Key: (bytes: [UInt8], used: UInt64)] = [:]
        var bytes = 0
        var workers: [SlideID: (worker: SlideWorker, used: UInt64, at: ContinuousClock.Instant)] = [:]
        var count: UInt64 = 0
    }

    private let folder: SlideFolder
    private let command: SlideWorker.Command
    private let limits: Limits
    private let gate: Gate
    private let state = Mutex(State())

    public init(folder: SlideFolder, command: SlideWorker.Command = .own, limits: Limits = Limits()) {
        (self.folder, self.command, self.limits) = (folder, command, limits)
        gate = Gate(capacity: limits.workers, maximumWaiting: limits.waiting)
    }

    /// A tile of a slide whose size is known, as a JPEG file.
    ///
    /// - Parameters:
    ///   - zoom: As in `SlideTiles`.
    ///   - viewer: Who asks, for turns.
    /// - Throws: `ClinicError.notFound` for a tile that it does not have, `.busy` where too many wait, `.invalid` where it
    ///   cannot be read, or the file cannot be reached now.
    public func tile(of slide: CaseSlide, zoom: Int, column: Int, row: Int, for viewer: String) async throws -> [UInt8]
    {
        guard let tiles = SlideTiles(slide), tiles.rectangle(zoom: zoom, column: column, row: row) != nil else {
            throw ClinicError(.notFound, "errors.nothingHere")
        }
        let key = Key(slide: slide.id, zoom: zoom, column: column, row: row)
        if let known = kept(key) { return known }
        do {
            return try await gate.run(for: viewer) { [self] in
                // Somebody may have asked for it meanwhile.
                if let known = kept(key) { return known }
                let bytes = try await Offloading.process.wait { try self.read(key, of: slide) }
                keep(bytes, key)
                return bytes
            }
        } catch is Gate.Full {
            throw ClinicError(.busy, "errors.slides.tilesBusy")
        } catch is SlideAway {
            throw ClinicError(.invalid, "errors.slides.away")
        } catch is SlideError {
            guard try await Offloading.process.wait({ [folder] in folder.standing(of: slide) }) != .here else {
                throw ClinicError(.invalid, "errors.slides.tile")
            }
            // Its process has a file open that came off with the disk.
            drop(slide.id)
            throw ClinicError(.invalid, "errors.slides.away")
        }
    }

    /// Ends idle processes.
    public func endIdle(now: ContinuousClock.Instant = .now) {
        let ended = state.withLock { state in
            let idle = state.workers.filter { $0.value.at.duration(to: now) > limits.idle }
            for id in idle.keys { state.workers[id] = nil }
            return idle
        }
        // They end here, outside of the lock.
        _ = consume ended
    }

    /// Lets go of a slide that was deleted.
    public func forget(_ id: SlideID) {
        let ended = state.withLock { state in
            for key in state.tiles.keys where key.slide == id {
                state.bytes -= state.tiles.removeValue(forKey: key)?.bytes.count ?? 0
            }
            return state.workers.removeValue(forKey: id)
        }
        _ = consume ended
    }

    /// Bytes of tiles and processes that are held, for tests and figures.
    public var load: (bytes: Int, workers: Int) { state.withLock { ($0.bytes, $0.workers.count) } }

    private func kept(_ key: Key) -> [UInt8]? {
        state.withLock { state in
            state.count += 1
            state.tiles[key]?.used = state.count
            return state.tiles[key]?.bytes
        }
    }

    private func keep(_ bytes: [UInt8], _ key: Key) {
        guard bytes.count <= limits.bytes / 8 else { return }
        state.withLock { state in
            state.count += 1
            if let old = state.tiles.updateValue((bytes, state.count), forKey: key) { state.bytes -= old.bytes.count }
            state.bytes += bytes.count
            guard state.bytes > limits.bytes else { return }
            // A quarter at once, the least recently used first.
            for (key, tile) in state.tiles.sorted(by: { $0.value.used < $1.value.used }) {
                guard state.bytes > limits.bytes / 4 * 3 else { break }
                state.tiles[key] = nil
                state.bytes -= tile.bytes.count
            }
        }
    }

    private func read(_ key: Key, of slide: CaseSlide) throws -> [UInt8] {
        do { return try read(key, with: worker(of: slide)) } catch let error as SlideError where Self.isSpent(error) {
            drop(slide.id)
        }
        // A new one tells whether this part of the slide is at fault.
        do { return try read(key, with: worker(of: slide)) } catch let error as SlideError where Self.isSpent(error) {
            drop(slide.id)
            throw error
        }
    }

    /// Whether a process is of no more use: it came to its end, or to a damaged part, after which OpenSlide reads no other.
    private static func isSpent(_ error: SlideError) -> Bool {
        error.code == .workerEnded || error.code == .damaged
    }

    private func read(_ key: Key, with worker: SlideWorker) throws -> [UInt8] {
        try ImageEncoder.jpeg(worker.tile(zoom: key.zoom, column: key.column, row: key.row), quality: 82)
    }

    private func drop(_ id: SlideID) {
        let ended = state.withLock { $0.workers.removeValue(forKey: id) }
        _ = consume ended
    }

    private func worker(of slide: CaseSlide) throws -> SlideWorker {
        let known = state.withLock { state -> SlideWorker? in
            state.count += 1
            guard let entry = state.workers[slide.id] else { return nil }
            state.workers[slide.id] = (entry.worker, state.count, .now)
            return entry.worker
        }
        if let known { return known }
        let opened = try SlideWorker(path: folder.path(of: slide), command: command, patience: limits.patience)
        let ended = state.withLock { state in
            state.count += 1
            var ended = [state.workers.updateValue((opened, state.count, .now), forKey: slide.id)]
            while state.workers.count > limits.workers,
                let oldest = state.workers.min(by: { $0.value.used < $1.value.used })?.key
            {
                ended.append(state.workers.removeValue(forKey: oldest))
            }
            return ended
        }
        _ = consume ended
        return opened
    }
}

extension CaseSlide {
    /// The last zoom of its tiles, as in `SlideTiles`; nil while its size is not known.
    public var lastZoom: Int? { SlideTiles(self)?.lastZoom }
}

extension SlideTiles {
    /// Nil for a slide whose size is not known yet.
    init?(_ slide: CaseSlide) {
        guard let width = slide.width, let height = slide.height, width > 0, height > 0 else { return nil }
        self.init(
            SlideShape(
                format: slide.format ?? "", levels: [.init(width: width, height: height, downsample: 1)],
                micrometresPerPixel: slide.micrometresPerPixel))
    }
}
