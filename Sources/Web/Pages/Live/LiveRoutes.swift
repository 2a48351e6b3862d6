import Casework
import Clinic
import Formats
import Hummingbird
import Imaging
import NIOCore
import Screening

/// The live microscope: its page, and what answers its frames.
struct LiveRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let sessions: LiveSessions
    /// Who watches.
    let rooms: LiveRooms
    /// Address of the page's script.
    let script: String
    /// Address of the script by which somebody else watches.
    let watchScript: String

    /// What a new view is told.
    private struct Opened: Encodable {
        let session: String
    }

    /// What a script is told of a field that was taken.
    private struct Taken: Encodable {
        let fields: Int
    }

    var routes: [Route] {
        [
            Route(.get, "/live", .user) { _, context in
                let dependents = try await services.care.dependents(of: context.requiredPrincipal.userID)
                return try pages.response(
                    LivePage(
                        script: script, watchScript: watchScript, dependents: dependents, site: pages.site,
                        context: context),
                    template: "live")
            },
            Route(.post, "/live", .user) { _, context in
                let user = try context.requiredPrincipal.userID
                let dependent = try SubjectChoice.dependent(context.form["for"])
                try await services.consents.require(of: user, for: dependent)
                let key = try sessions.open(for: user, of: dependent)
                return try APIAnswer.json(Opened(session: key), status: .created)
            },
            // The frame is the whole body, so that the token against forged requests is in the header.
            Route(.post, "/live/frames", .user) { request, context in try await hint(request, context) },
            Route(.post, "/live/taken", .user) { _, context in
                let (form, user) = (context.form, try context.requiredPrincipal.userID)
                let (number, key) = (Int(form["frame"] ?? "") ?? 0, form["session"] ?? "")
                let fields =
                    try form["failed"] == nil
                    ? sessions.take(frame: number, key, of: user) : sessions.giveBack(frame: number, key, of: user)
                return try APIAnswer.json(Taken(fields: fields))
            },
        ]
    }

    private func hint(_ request: Request, _ context: WebContext) async throws -> Response {
        let user = try context.requiredPrincipal.userID
        guard try HeaderParameters(parsing: request.headers[.contentType] ?? "").value == "image/jpeg" else {
            throw WebError(.unsupportedType, "errors.live.type")
        }
        let query = request.uri.queryParameters
        let (key, width) = (query.get("session") ?? "", query.get("width").flatMap { Int($0) } ?? 0)
        let turn = try sessions.begin(key, of: user)
        do {
            // A consent that is withdrawn ends a view that is open.
            try await services.consents.require(of: user, for: turn.dependent)
            let largest = Screener.liveLimits.maximumBytes
            let reader = BodyReader(
                maximumBytes: largest,
                tooLarge: WebError(.tooLarge, "errors.live.tooLarge", ["kilobytes": largest / 1000]))
            let bytes = Array(try await reader.bytes(request).readableBytesView)
            guard bytes.starts(with: [0xFF, 0xD8]) else { throw WebError(.unsupportedType, "errors.live.type") }
            let frame = try await sessions.look(for: user) {
                try await services.models.shelf.lend {
                    try await $0.look(atFrame: bytes, cameraWidth: width, known: turn.known)
                }
            }
            let fields = sessions.end(turn, frame.likeness, key, of: user)
            let hint = LiveHint(frame, number: turn.number, fields: fields)
            if rooms.isWatched(user) { rooms.show(bytes, hint: try JSONFormat.line.text(hint), of: user) }
            return try APIAnswer.json(hint)
        } catch {
            sessions.end(turn, nil, key, of: user)
            throw error
        }
    }
}

/// What a script is told of a frame.
struct LiveHint: Encodable {
    let number: Int
    let isUsable: Bool
    /// Why it is not, of `LiveFrame.Fault`.
    let faults: [String]
    /// From 1 on the frame is sharp.
    let focus: Double?
    let redCellPixels: Double?
    let redCellsAcross: Double?
    /// Of `LiveFrame.ScaleAdvice`.
    let scale: String
    /// The number, from 1, of the field that was taken already.
    let sameAs: Int?
    let isStill: Bool
    /// How many fields were taken.
    let fields: Int

    init(_ frame: LiveFrame, number: Int, fields: Int) {
        (self.number, self.fields) = (number, fields)
        isUsable = frame.faults.isEmpty
        faults = frame.faults.map(\.rawValue)
        (focus, redCellPixels, redCellsAcross) = (frame.focus, frame.redCellPixels, frame.redCellsAcross)
        scale = frame.scaleAdvice.rawValue
        sameAs = frame.knownField.map { $0 + 1 }
        isStill = frame.isStill
    }
}
