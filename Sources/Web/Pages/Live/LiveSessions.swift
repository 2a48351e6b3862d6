import Clinic
import Imaging
import Offloading
import Screening
import Synchronization

/// Who looks through a microscope live: one view a person, in memory alone.
///
/// Of frames only what finds a field again is held: of the last few, and of those that were taken.
final class LiveSessions: Sendable {
    /// How many people may look at once.
    static let maximumViews = 32
    /// How many fields one view may take.
    static let maximumFields = 40
    /// A view from which nothing came for so long gives its place to another.
    static let patience = Duration.seconds(120)
    /// Frames a second of one view, and how many may come at once.
    static let framesPerSecond = 15
    /// How many of the last frames may still be taken.
    private static let remembered = 8

    /// A frame that was let in; `end` lets in the next one.
    struct Turn: Sendable {
        /// The frame's number, from 1.
        let number: Int
        let known: LiveKnowledge
        /// Whose blood is looked at; nil for that of whoever looks.
        let dependent: DependentID?
    }

    private struct View {
        let key: String
        let dependent: DependentID?
        var heard: ContinuousClock.Instant
        var frames = 0
        var isBusy = false
        var shown: [(number: Int, likeness: FieldLikeness)] = []
        var taken: [(number: Int, likeness: FieldLikeness)] = []
        /// The frame before; nil where it could not be read.
        var before: FieldLikeness?
    }

    /// Frames that are looked at at once, whoever sent them. Each computes two things at a time, so that half of the threads
    /// are left for screenings; a person has one of them, because of a view one frame is under way.
    private let looks = Gate(capacity: Offloading.process.width / 4, maximumWaiting: LiveSessions.maximumViews)
    private let pace: RateLimiter
    private let now: @Sendable () -> ContinuousClock.Instant
    private let views = Mutex<[UserID: View]>([:])

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
        pace = RateLimiter(
            burst: Self.framesPerSecond, perMinute: 60 * Self.framesPerSecond, message: "errors.live.tooFast", now: now)
    }

    /// Begins a view and ends the one that this person had.
    ///
    /// - Parameter dependent: The person in their care whose blood is looked at; nil for their own.
    /// - Returns: The key of the view, which its frames carry.
    /// - Throws: `WebError.overloaded` when too many people look.
    func open(for user: UserID, of dependent: DependentID? = nil) throws -> String {
        let key = SecretToken().text
        let moment = now()
        try views.withLock { views in
            views = views.filter { $0.key == user || $0.value.heard.duration(to: moment) < Self.patience }
            guard views[user] != nil || views.count < Self.maximumViews else {
                throw WebError(.overloaded, "errors.live.full", retryAfterSeconds: 60)
            }
            var view = View(key: key, dependent: dependent, heard: moment)
            view.isBusy = views[user]?.isBusy ?? false  // a frame of the view before may still be looked at
            views[user] = view
        }
        return key
    }

    /// Lets a frame in.
    ///
    /// - Throws: `WebError.conflict` when the view has ended; `WebError.rateLimited` while the frame before it is looked at, and
    ///   when frames come too fast: such a frame is left out, none waits.
    func begin(_ key: String, of user: UserID) throws -> Turn {
        try change(key, of: user) { view in
            guard !view.isBusy, pace.admits(user.text) else {
                throw WebError(.rateLimited, "errors.live.tooFast", retryAfterSeconds: 1)
            }
            view.frames += 1
            view.isBusy = true
            return Turn(
                number: view.frames, known: LiveKnowledge(taken: view.taken.map(\.likeness), before: view.before),
                dependent: view.dependent)
        }
    }

    /// Looks at a frame that was let in and is here whole, when its turn among all people's comes.
    ///
    /// - Throws: `WebError.rateLimited` when too many wait; what the look throws.
    func look<Value: Sendable>(for user: UserID, _ look: @Sendable () async throws -> Value) async throws -> Value {
        do { return try await looks.run(for: user.text, look) } catch is Gate.Full {
            throw WebError(.rateLimited, "errors.live.tooFast", retryAfterSeconds: 1)
        }
    }

    /// Keeps what finds the frame's field again, and lets in the next frame.
    ///
    /// - Parameter likeness: Nil for a frame that could not be read.
    /// - Returns: How many fields were taken.
    @discardableResult
    func end(_ turn: Turn, _ likeness: FieldLikeness?, _ key: String, of user: UserID) -> Int {
        views.withLock { views in
            views[user]?.isBusy = false
            guard views[user]?.key == key else { return 0 }
            views[user]?.before = likeness
            if let likeness { views[user]?.shown.append((turn.number, likeness)) }
            if let count = views[user]?.shown.count, count > Self.remembered { views[user]?.shown.removeFirst() }
            return views[user]?.taken.count ?? 0
        }
    }

    /// Notes that the field of a frame is being taken, before it is stored: it counts as known from here on.
    ///
    /// - Returns: How many fields were taken, this one among them.
    /// - Throws: `WebError.conflict` when the view has ended, the frame is not among the last ones that could be read, or there are as
    ///   many fields as there may be.
    func take(frame number: Int, _ key: String, of user: UserID) throws -> Int {
        try change(key, of: user) { view in
            guard view.taken.count < Self.maximumFields else {
                throw WebError(.conflict, "errors.live.enough", ["maximum": Self.maximumFields])
            }
            guard let index = view.shown.firstIndex(where: { $0.number == number }) else {
                throw WebError(.conflict, "errors.live.gone")
            }
            // A frame is taken once; those before it are of no more use.
            view.taken.append(view.shown[index])
            view.shown.removeSubrange(...index)
            return view.taken.count
        }
    }

    /// Forgets the field of a frame that could not be stored, so that it can be taken again.
    ///
    /// - Returns: How many fields were taken.
    /// - Throws: `WebError.conflict` when the view has ended.
    func giveBack(frame number: Int, _ key: String, of user: UserID) throws -> Int {
        try change(key, of: user) { view in
            view.taken.removeAll { $0.number == number }
            return view.taken.count
        }
    }

    private func change<Value>(_ key: String, of user: UserID, _ body: (inout View) throws -> Value) throws -> Value {
        let moment = now()
        return try views.withLock { views throws -> Value in
            guard var view = views[user], view.key == key else { throw WebError(.conflict, "errors.live.ended") }
            view.heard = moment
            let value = try body(&view)
            views[user] = view
            return value
        }
    }
}
