import Formats
import Foundation
import Glibc
import Imaging

/// The process that reads slides: answers requests over its standard input and output until that ends.
public enum SlideService {
    /// What the process may use.
    public struct Bounds: Sendable, Equatable {
        /// Address space in bytes, with that of the program and its libraries.
        public var addressSpace: UInt = 6 << 30
        /// Processor time in seconds.
        public var processorSeconds: UInt = 3600

        public init() {}
    }

    /// Bounds this process for good: more memory is refused to it, and past its time the system ends it. It keeps no core
    /// file either, since that would hold pictures.
    /// - Throws: `SlideError` `workerEnded` when the system refuses.
    public static func bound(to bounds: Bounds = Bounds()) throws(SlideError) {
        let limits: [(UInt32, UInt, String)] = [
            (RLIMIT_AS.rawValue, bounds.addressSpace, "address space"),
            (RLIMIT_CPU.rawValue, bounds.processorSeconds, "processor time"),
            (RLIMIT_CORE.rawValue, 0, "core files"),
        ]
        for (resource, most, name) in limits {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(resource), &limit) == 0 else { continue }
            limit.rlim_cur = min(limit.rlim_max, most)
            limit.rlim_max = limit.rlim_cur
            guard setrlimit(__rlimit_resource_t(resource), &limit) == 0 else {
                throw SlideError(.workerEnded, "the \(name) of the process that reads slides cannot be bounded")
            }
        }
    }

    /// Answers until the other side closes.
    /// - Parameters:
    ///   - input: A file descriptor that requests come from.
    ///   - output: One that answers go to.
    ///   - limits: What a slide may ask for.
    public static func serve(input: Int32 = 0, output: Int32 = 1, limits: SlideLimits = SlideLimits()) {
        var (requests, answers) = (LineChannel(input, isSocket: false), LineChannel(output, isSocket: false))
        var slide: SlideFile?
        do {
            while true { try answer(requests.line(), slide: &slide, to: &answers, limits: limits) }
        } catch {
            // The other side is gone: there is nobody left to tell.
        }
    }

    private static func answer(
        _ line: [UInt8], slide: inout SlideFile?, to answers: inout LineChannel, limits: SlideLimits
    ) throws {
        let reply: SlideReply
        var picture: [UInt8] = []
        do {
            (reply, picture) = try self.reply(to: line, slide: &slide, limits: limits)
        } catch let error as SlideError {
            reply = .failed(code: error.code, message: error.message)
        } catch {
            reply = .failed(code: .notThere, message: "the request is not understood: \(error)")
        }
        try answers.write(JSONFormat.line.data(reply) + [10])
        if !picture.isEmpty { try answers.write(picture) }
    }

    private static func reply(
        to line: [UInt8], slide: inout SlideFile?, limits: SlideLimits
    ) throws -> (SlideReply, picture: [UInt8]) {
        let request = try JSONFormat.decode(SlideRequest.self, from: Data(line))
        if case .open(let path) = request {
            slide = nil
            let opened = try SlideFile(path: path, limits: limits)
            slide = opened
            return (.opened(opened.shape), [])
        }
        guard let slide else { throw SlideError(.notThere, "no slide is open; `open` comes first") }
        switch request {
        case .open: throw SlideError(.notThere, "a slide is open")
        case .survey(let fields, let scale):
            let scale = try slide.micrometresPerPixel(given: scale)
            let survey = try slide.survey(micrometresPerPixel: scale)
            let parts = survey.counts.map { ($0.key.rawValue, $0.value) }
            return (
                .surveyed(
                    SurveyedSlide(
                        micrometresPerPixel: scale, fieldSide: survey.side,
                        parts: Dictionary(uniqueKeysWithValues: parts), fields: survey.best(fields))), []
            )
        case .read(let place, let downsample):
            let image = try slide.read(place, downsample: downsample)
            return (.picture(width: image.width, height: image.height), image.pixels)
        case .tile(let zoom, let column, let row):
            let image = try slide.tile(zoom: zoom, column: column, row: row)
            return (.picture(width: image.width, height: image.height), image.pixels)
        }
    }
}
