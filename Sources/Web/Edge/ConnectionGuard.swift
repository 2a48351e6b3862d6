import HTTPTypes
import Logging
import NIOCore
import NIOHTTPTypes

/// Keeps one connection within its limits: how many an address has, how slowly a body may come, how many bytes may lie
/// about unanswered. Says `100 Continue` to those who wait for it before they send a body (RFC 9110, 10.1.1).
///
/// Only the time counts in which the server waits for the sender; while the server itself makes a request wait for its turn,
/// nothing is asked of anybody.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A body that is still coming.
    private struct Body {
        var bytes = 0
        /// How long it was waited for, up to the last part.
        var waited = TimeAmount.zero
    }

    private let ledger: ConnectionLedger
    private let logger: Logger
    private var address: String?
    private var body: Body?
    /// The bytes of the requests that are not answered yet, the oldest first; empty while the body of one that is answered
    /// already still comes.
    private var unanswered: [Int] = []
    private var waitingSince: NIODeadline?
    private var check: Scheduled<Void>?
    private var isRefused = false

    init(_ ledger: ConnectionLedger, logger: Logger) {
        self.ledger = ledger
        self.logger = logger
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        do { try HTTPManners.add(to: context.pipeline.syncOperations) } catch {
            logger.error("connection refused", metadata: ["reason": "\(error)"])
            isRefused = true
            return context.close(promise: nil)
        }
        if context.channel.isActive { open(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        open(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        close()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { close() }

    private func open(_ context: ChannelHandlerContext) {
        guard address == nil else { return }
        let prefix = NetworkPrefix.text(context.remoteAddress?.ipAddress ?? "unknown")
        guard ledger.open(prefix) else {
            logger.notice("connection refused", metadata: ["reason": "too many of one address"])
            isRefused = true
            context.close(promise: nil)
            return
        }
        address = prefix
    }

    private func close() {
        check?.cancel()
        check = nil
        guard let address else { return }
        ledger.release(unanswered.reduce(0, +), of: address)
        ledger.close(address)
        (self.address, unanswered, body) = (nil, [], nil)
    }

    // MARK: What comes

    func read(context: ChannelHandlerContext) {
        if waitingSince == nil { waitingSince = .now() }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        let waited = waitingSince.map { NIODeadline.now() - $0 } ?? .zero
        waitingSince = nil
        switch unwrapInboundIn(data) {
        case .head(let request):
            body = Body()
            unanswered.append(0)
            if request.headerFields[.expect]?.lowercased() == "100-continue" {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
            if request.headerFields[.contentLength] != "0", request.headerFields.contains(where: Self.promisesBody) {
                watch(context)
            }
        case .body(let part):
            var coming = body ?? Body()
            coming.bytes += part.readableBytes
            coming.waited = coming.waited + waited
            body = coming
            guard let newest = unanswered.indices.last else { break }
            unanswered[newest] += part.readableBytes
            if let address, !ledger.take(part.readableBytes, of: address) {
                return refuse(context, .serviceUnavailable, because: "too many unfinished bytes")
            }
        case .end:
            body = nil
            check?.cancel()
        }
        context.fireChannelRead(data)
    }

    private static func promisesBody(_ field: HTTPField) -> Bool {
        field.name == .contentLength || field.name == .transferEncoding
    }

    /// Looks each second whether the body comes fast enough, until it is there.
    private func watch(_ context: ChannelHandlerContext) {
        check?.cancel()
        check = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { self.lookAtRate(context) }
    }

    private func lookAtRate(_ context: ChannelHandlerContext) {
        guard let body, !isRefused else { return }
        let waited = body.waited + (waitingSince.map { NIODeadline.now() - $0 } ?? .zero)
        let counted = Double(waited.nanoseconds) / 1e9 - ledger.limits.grace / .seconds(1)
        guard counted > 0, Double(body.bytes) < counted * ledger.limits.leastRate else { return watch(context) }
        refuse(context, .requestTimeout, because: "a body that came too slowly")
    }

    /// Answers and lets go of the sender, whatever the server was about to answer.
    private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponse.Status, because reason: String) {
        logger.notice("connection refused", metadata: ["reason": "\(reason)"])
        isRefused = true
        let response = HTTPResponse(status: status, headerFields: [.connection: "close", .retryAfter: "10"])
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    // MARK: What goes

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isRefused else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        if case .end = unwrapOutboundIn(data), !unanswered.isEmpty, let address {
            ledger.release(unanswered.removeFirst(), of: address)
        }
        context.write(data, promise: promise)
    }
}
