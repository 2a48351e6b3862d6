import Clinic
import Foundation
import Synchronization

/// Who watches a live microscope together, and what they say: in memory alone, gone with the last of them.
final class LiveRooms: Sendable {
    /// People who watch one microscope at the same time.
    static let maximumWatchers = 4
    /// Messages that somebody who comes later is shown.
    static let kept = 50
    /// Characters of a message, and of a name.
    static let longestMessage = 500
    static let longestName = 40

    /// Something that is said.
    struct Message: Sendable, Encodable {
        let number: Int
        /// Who watches, by the name that they gave; nil for whoever looks through the microscope.
        let from: String?
        let text: String
    }

    /// What happens in a room.
    enum Event: Sendable {
        /// A frame, of this number, with what was measured in it, as a JSON object.
        case frame(number: Int, hint: String)
        case message(Message)
        /// How many watch.
        case watchers(Int)
        /// Whether the microscope's own page is open at this node, so that frames can come.
        case microscope(isOpen: Bool)
        /// The link of this one has ended.
        case end
    }

    /// A place in a room; give it back with `leave`.
    struct Place: Sendable {
        let events: AsyncStream<Event>
        /// What was said before.
        let messages: [Message]
        let watchers: Int
        /// Whether the microscope's own page is open at this node.
        let isOpen: Bool
        fileprivate let number: Int
        fileprivate let owner: UserID
    }

    private struct Listener {
        /// The link of somebody who watches; nil for the owner.
        let link: WatchLinkID?
        let continuation: AsyncStream<Event>.Continuation
    }

    private struct Room {
        var listeners: [Int: Listener] = [:]
        var messages: [Message] = []
        var frame: [UInt8]?
        var frames = 0
        var said = 0

        var watchers: Int { listeners.values.count { $0.link != nil } }
        var isOpen: Bool { frame != nil || listeners.values.contains { $0.link == nil } }
    }

    private struct State {
        var rooms: [UserID: Room] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Comes into the room of somebody's microscope.
    ///
    /// - Parameter link: By which somebody watches; nil for the owner.
    /// - Throws: `WebError.overloaded` where as many watch as may.
    func enter(_ owner: UserID, by link: WatchLinkID?) throws -> Place {
        let (stream, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(100))
        let place = try state.withLock { state throws -> Place in
            var room = state.rooms[owner] ?? Room()
            guard link == nil || room.watchers < Self.maximumWatchers else {
                throw WebError(.overloaded, "errors.watch.full", ["count": Self.maximumWatchers], retryAfterSeconds: 60)
            }
            state.count += 1
            room.listeners[state.count] = Listener(link: link, continuation: continuation)
            state.rooms[owner] = room
            return Place(
                events: stream, messages: room.messages, watchers: room.watchers, isOpen: room.isOpen,
                number: state.count, owner: owner)
        }
        tell(owner, .watchers(place.watchers))
        if link == nil { tell(owner, .microscope(isOpen: true)) }
        return place
    }

    func leave(_ place: Place) {
        let left = state.withLock { state -> (watchers: Int, isOpen: Bool)? in
            guard var room = state.rooms[place.owner] else { return nil }
            room.listeners[place.number]?.continuation.finish()
            room.listeners[place.number] = nil
            // Without the microscope's page no frame follows, and the last one shows nothing any more.
            if room.watchers == 0 || !room.listeners.values.contains(where: { $0.link == nil }) { room.frame = nil }
            state.rooms[place.owner] = room.listeners.isEmpty ? nil : room
            return room.listeners.isEmpty ? nil : (watchers: room.watchers, isOpen: room.isOpen)
        }
        guard let left else { return }
        tell(place.owner, .watchers(left.watchers))
        tell(place.owner, .microscope(isOpen: left.isOpen))
    }

    /// Whether anybody watches, so that a frame is of use.
    func isWatched(_ owner: UserID) -> Bool { state.withLock { ($0.rooms[owner]?.watchers ?? 0) > 0 } }

    /// Shows a frame to those who watch; the one before is forgotten.
    func show(_ frame: [UInt8], hint: String, of owner: UserID) {
        let number = state.withLock { state -> Int? in
            guard (state.rooms[owner]?.watchers ?? 0) > 0 else { return nil }
            state.rooms[owner]?.frame = frame
            state.rooms[owner]?.frames += 1
            return state.rooms[owner]?.frames
        }
        if let number { tell(owner, .frame(number: number, hint: hint)) }
    }

    /// The last frame; nil where there is none.
    func frame(of owner: UserID) -> [UInt8]? { state.withLock { $0.rooms[owner]?.frame } }

    /// Says something to all in the room.
    ///
    /// - Parameter name: Of somebody who watches; nil for the owner.
    /// - Throws: `WebError.malformedRequest` for nothing or too much, `.conflict` where nobody is in the room.
    func say(_ text: String, from name: String?, in owner: UserID) throws {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...Self.longestMessage).contains(text.count) else {
            throw WebError(.malformedRequest, "errors.watch.message", ["maximum": Self.longestMessage])
        }
        let name = name.map { String($0.trimmingCharacters(in: .whitespacesAndNewlines).prefix(Self.longestName)) }
        let message = try state.withLock { state throws -> Message in
            guard var room = state.rooms[owner] else { throw WebError(.conflict, "errors.watch.empty") }
            room.said += 1
            let message = Message(number: room.said, from: name, text: text)
            room.messages = room.messages.suffix(Self.kept - 1) + [message]
            state.rooms[owner] = room
            return message
        }
        tell(owner, .message(message))
    }

    /// Sends those away who watch by a link.
    func end(_ link: WatchLinkID, of owner: UserID) {
        let ended = state.withLock { $0.rooms[owner]?.listeners.values.filter { $0.link == link } ?? [] }
        for listener in ended {
            listener.continuation.yield(.end)
            listener.continuation.finish()
        }
    }

    private func tell(_ owner: UserID, _ event: Event) {
        let listeners = state.withLock { $0.rooms[owner].map { Array($0.listeners.values) } ?? [] }
        for listener in listeners { listener.continuation.yield(event) }
    }
}
