import Foundation
import Glibc
import Imaging
import Slides
import Testing

@Suite struct SlideWorkerTests {
    private func shell(_ script: String) -> SlideWorker.Command {
        SlideWorker.Command(executable: URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script])
    }

    private func refusal(_ command: SlideWorker.Command, patience: Duration = .seconds(300)) -> SlideError? {
        do {
            _ = try SlideWorker(path: "x.svs", command: command, patience: patience)
            return nil
        } catch { return error }
    }

    /// Asks the service over a pair of sockets, as a worker does, and gives the lines and bytes that it answers.
    private func answers(to requests: [String]) throws -> Data {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (own, other) = (ends[0], ends[1])
        let thread = Thread {
            SlideService.serve(input: other, output: other)
            close(other)
        }
        thread.start()
        let handle = FileHandle(fileDescriptor: own, closeOnDealloc: true)
        try handle.write(contentsOf: Data(requests.map { $0 + "\n" }.joined().utf8))
        shutdown(own, Int32(SHUT_WR))
        return try handle.readToEnd() ?? Data()
    }

    @Test func `a worker that crashes is an error, and says the signal`() {
        #expect(refusal(shell("read line; kill -SEGV $$"))?.code == .workerEnded)
        #expect(refusal(shell("read line; kill -SEGV $$"))?.message.contains("signal 11") == true)
    }

    @Test func `a worker that ends, is late or talks nonsense is an error`() {
        #expect(refusal(shell("exit 3"))?.code == .workerEnded)
        #expect(refusal(shell("sleep 20"), patience: .milliseconds(200))?.message.contains("too long") == true)
        #expect(refusal(shell("read line; echo no"))?.message.contains("not understood") == true)
        let missing = SlideWorker.Command(executable: URL(fileURLWithPath: "/no/program"), arguments: [])
        #expect(refusal(missing)?.message.contains("cannot be started") == true)
    }

    @Test func `a worker is told no password of the server's`() {
        setenv("LEUKOSCOPE_PASSWORD_OF_TEST", "secret", 1)
        let script = #"""
            read line
            printf '{"failed":{"code":"unreadable","message":"%s.%s"}}\n' "${LEUKOSCOPE_PASSWORD_OF_TEST:-none}" "${PATH:+path}"
            """#
        #expect(refusal(shell(script))?.message == "none.path")
    }

    @Test func `opens, reads a part and tells what it cannot`() async throws {
        try await DrawnSlide.lend { slide in
            let data = try answers(to: [
                #"{"tile":{"column":0,"row":0,"zoom":0}}"#, #"{"open":{"path":"\#(slide.path)"}}"#, "nonsense",
                #"{"read":{"_0":{"x":800,"y":100,"width":40,"height":30},"downsample":1}}"#,
            ])
            let lines = data.split(separator: 10, maxSplits: 4, omittingEmptySubsequences: false)
            try #require(lines.count == 5)
            let texts = lines.prefix(4).map { String(decoding: $0, as: UTF8.self) }
            #expect(texts[0].contains("no slide is open"))
            #expect(texts[1].contains(#""format":"generic-tiff""#))
            #expect(texts[2].contains("not understood"))
            #expect(texts[3] == #"{"picture":{"height":30,"width":40}}"#)
            #expect(try Array(lines[4]) == DrawnSlide.drawn.get().cut(columns: 800..<840, rows: 100..<130).pixels)
        }
    }
}
