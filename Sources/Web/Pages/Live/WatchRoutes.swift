import Clinic
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Wording

/// Watching a live microscope together: links for its owner, and what whoever has one sees and says.
///
/// The secret is in the address, as that of a link to a report: it is in no log, no cache and no `Referer`. Events go out by
/// server-sent events, words come in by forms, and all of it stays in this process.
struct WatchRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let cookies: SiteCookies
    let rooms: LiveRooms
    /// Openings of one address, so that nobody tries secrets.
    let limiter: RateLimiter
    /// Looks at frames of one address, many a second.
    let frames: RateLimiter
    /// Words of one address, so that nobody floods a room.
    let words: RateLimiter
    /// Where people reach the site; nil where nobody has named it.
    let address: URL?
    /// Address of the script.
    let script: String

    /// How long the line may be silent, and how often it is looked whether the link still holds.
    private static let heartbeat = Duration.seconds(5)
    /// After this the browser has to come again, and to be let in again.
    private static let longest = Duration.seconds(600)

    private var links: WatchLinks { WatchLinks(database: services.database, clock: services.clock) }

    /// What the owner's page is told of a new link.
    private struct Made: Encodable {
        let id: WatchLinkID
        let address: String
        let end: String
    }

    /// What the owner's page is told of a link that is open. Its address is nowhere any more.
    private struct Listed: Encodable {
        let id: WatchLinkID
        /// When it was made and ends, and how often it was opened.
        let line: String
        /// What the button is called that ends it.
        let label: String

        init(_ link: WatchLink, _ text: TextCatalogue) {
            let made = PageTime(link.createdAt).words
            id = link.id
            line = text(
                "watch.listed",
                [
                    "made": made, "end": PageTime(link.expiresAt).words,
                    "openings": text.counted("links.openings", link.openings),
                ])
            label = text("watch.revokeOf", ["time": made])
        }
    }

    private struct Done: Encodable {}

    var routes: [Route] { ownerRoutes + watcherRoutes }

    private var ownerRoutes: [Route] {
        [
            Route(.get, "/live/talk", .user) { _, context in
                let owner = try context.requiredPrincipal.userID
                // Without a link nobody can come: there is nothing to wait for.
                return try stream(to: rooms.enter(owner, by: nil)) { try await links.areOpen(of: owner) }
            },
            Route(.post, "/live/talk", .user, limiter: words) { _, context in
                try rooms.say(context.form["text"] ?? "", from: nil, in: context.requiredPrincipal.userID)
                return try APIAnswer.json(Done())
            },
            // Whatever page or device made them: the owner can always see which are open, and end them.
            Route(.get, "/live/links", .user) { _, context in
                let open = try await links.open(of: context.requiredPrincipal)
                return try APIAnswer.json(open.map { Listed($0, pages.site.text) })
            },
            Route(.post, "/live/links/revoke", .user) { _, context in
                let owner = try context.requiredPrincipal
                for id in try await links.revokeAll(by: owner) { rooms.end(id, of: owner.userID) }
                return try APIAnswer.json(Done())
            },
            Route(.post, "/live/links", .user, limiter: limiter) { request, context in
                let typed = context.form.trimmed("hours")
                let (link, secret) = try await links.make(
                    hours: typed.isEmpty ? WatchLinks.defaultHours : Int(typed) ?? 0, by: context.requiredPrincipal)
                let origin =
                    address?.absoluteString.trimmingCharacters(in: ["/"])
                    // Without a public address only this machine reaches the site, by the name that it used.
                    ?? "http://\(request.head.authority ?? "localhost")"
                return try APIAnswer.json(
                    Made(id: link.id, address: "\(origin)/watch/\(secret.text)", end: PageTime(link.expiresAt).words),
                    status: .created)
            },
            Route(.post, "/live/links/:link/revoke", .user) { _, context in
                let (id, owner): (WatchLinkID, Principal) = (
                    try context.identifier("link"), try context.requiredPrincipal
                )
                try await links.revoke(id, by: owner)
                rooms.end(id, of: owner.userID)
                return try APIAnswer.json(Done())
            },
        ]
    }

    private var watcherRoutes: [Route] {
        [
            // Messengers look at a link before anybody opens it: this page tells nothing, and is not counted.
            Route(.get, "/watch/:token", .anyone, limiter: limiter) { _, context in
                let secret = try Self.secret(context)
                let page = WatchPage(
                    secret, end: try await links.link(of: secret).expiresAt, script: script, site: pages.site,
                    context: context)
                var response = try pages.response(page, template: "watch")
                cookies.greet(context, in: &response)
                return Self.hidden(response)
            },
            Route(.get, "/watch/:token/events", .anyone, limiter: limiter) { _, context in
                let secret = try Self.secret(context)
                let link = try await links.watch(secret)
                return Self.hidden(
                    try stream(to: rooms.enter(link.ownerID, by: link.id)) {
                        // A database that is away for a moment is no link that has ended.
                        do { return try await links.link(of: secret).id == link.id } catch let error as ClinicError
                            where error.code == .notFound
                        {
                            return false
                        }
                    })
            },
            Route(.get, "/watch/:token/frame", .anyone, limiter: frames) { _, context in
                let link = try await links.link(of: Self.secret(context))
                guard let frame = rooms.frame(of: link.ownerID) else { throw WebError.nothingHere }
                return Self.hidden(APIAnswer.file(frame, contentType: "image/jpeg"))
            },
            Route(.post, "/watch/:token/talk", .anyone, limiter: words) { _, context in
                let link = try await links.link(of: Self.secret(context))
                try rooms.say(context.form["text"] ?? "", from: context.form["name"] ?? "", in: link.ownerID)
                return Self.hidden(try APIAnswer.json(Done()))
            },
        ]
    }

    /// Server-sent events (WHATWG HTML, section 9.2) of a room, until somebody leaves or the link ends.
    private func stream(
        to place: LiveRooms.Place, while holds: @escaping @Sendable () async throws -> Bool
    ) throws -> Response {
        let leaving = OpenStreams.Place { [rooms] in rooms.leave(place) }
        let body = ResponseBody { writer in
            defer { leaving.close() }
            let start = ContinuousClock.now
            var text = "retry: 2000\n\n" + (try Self.text(.watchers(place.watchers)))
            text += try Self.text(.microscope(isOpen: place.isOpen))
            for message in place.messages { text += try Self.text(.message(message)) }
            try await writer.write(ByteBuffer(string: text))
            var hasEnded = try await !holds()
            for await event in Self.merged(place.events).cancelOnGracefulShutdown() {
                if hasEnded { break }
                guard let event else {
                    guard try await holds() else {
                        hasEnded = true
                        break
                    }
                    guard start.duration(to: .now) < Self.longest else { break }
                    try await writer.write(ByteBuffer(string: ": still here\n\n"))
                    continue
                }
                if case .end = event {
                    hasEnded = true
                    break
                }
                try await writer.write(ByteBuffer(string: Self.text(event)))
            }
            if hasEnded { try await writer.write(ByteBuffer(string: Self.text(.end))) }
            try await writer.finish(nil)
        }
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // nginx keeps answers back to fill its buffers unless it is told not to.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// The events of a room, and nil every few seconds.
    private static func merged(_ events: AsyncStream<LiveRooms.Event>) -> AsyncStream<LiveRooms.Event?> {
        let (stream, continuation) = AsyncStream<LiveRooms.Event?>.makeStream(bufferingPolicy: .bufferingNewest(100))
        let ticking = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: heartbeat)
                continuation.yield(nil)
            }
        }
        let passing = Task {
            for await event in events { continuation.yield(event) }
            continuation.finish()
        }
        continuation.onTermination = { _ in
            ticking.cancel()
            passing.cancel()
        }
        return stream
    }

    private static func text(_ event: LiveRooms.Event) throws -> String {
        switch event {
        case .frame(let number, let hint): "event: frame\ndata: {\"number\":\(number),\"hint\":\(hint)}\n\n"
        case .message(let message): "event: message\ndata: \(try JSONFormat.line.text(message))\n\n"
        case .watchers(let count): "event: watchers\ndata: {\"count\":\(count)}\n\n"
        case .microscope(let isOpen): "event: microscope\ndata: {\"isOpen\":\(isOpen)}\n\n"
        case .end: "event: end\ndata: {}\n\n"
        }
    }

    private static func secret(_ context: WebContext) throws -> SecretToken {
        guard let secret = context.parameters.get("token").flatMap({ SecretToken($0) }) else {
            throw WebError(.notFound, "errors.watch.ended")
        }
        return secret
    }

    /// No search engine keeps the answer.
    private static func hidden(_ response: Response) -> Response {
        var response = response
        if let name = HTTPField.Name("X-Robots-Tag") { response.headers[name] = "noindex, nofollow, noarchive" }
        return response
    }
}
