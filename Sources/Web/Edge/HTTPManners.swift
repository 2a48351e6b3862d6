import NIOCore
import NIOHTTP1

/// What the rest of the server does not see of a request's version and host, settled before it does:
///
/// - HTTP/1.0 is answered as such, without parts of chunks, and the connection ends with the answer (RFC 9112, 6.1 and 9.3).
/// - A request without a `Host`, with several, or with one that is none, has none behind this (RFC 9112, 3.2), and is
///   refused by `HostMiddleware`. In HTTP/1.0 nobody has to name one: it is empty then.
/// - `Connection: close` is written so whatever else the field says, in whatever case.
final class HTTPManners: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Of each request that is not answered yet, the oldest first: whether it is HTTP/1.0.
    private var unanswered: [Bool] = []

    /// Puts one into a pipeline, right behind the reader of HTTP.
    static func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandler(HTTPManners(), position: .after(decoder))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        let isOld = (head.version.major, head.version.minor) < (1, 1)
        let hosts = head.headers["Host"]
        if hosts.count != 1 || !hosts.allSatisfy(Self.isHost) { head.headers.remove(name: "Host") }
        if isOld {
            if hosts.isEmpty { head.headers.add(name: "Host", value: "") }
            head.headers.remove(name: "Expect")
        }
        if isOld || head.headers[canonicalForm: "Connection"].contains(where: { $0.lowercased() == "close" }) {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        }
        unanswered.append(isOld)
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where unanswered.first == true:
            head.version = .http1_0
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            return context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where !unanswered.isEmpty: unanswered.removeFirst()
        default: break
        }
        context.write(data, promise: promise)
    }

    /// Whether bytes may be those of a host with or without a port (RFC 3986, 3.2.2), or nothing.
    private static func isHost(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._~!$&'()*+,;=%[]:".utf8.contains(byte)
            }
        }
    }
}
