import Foundation
import ProcessFixtures
import Testing

@Suite(.timeLimit(.minutes(15))) struct StartedProgramTests {
    @Test func `however many programs are waited for, the threads of the pool stay free`() async throws {
        let count = 4 * ProcessInfo.processInfo.activeProcessorCount
        let programs = try (0..<count).map { _ in try StartedProgram(["cat"]) }
        let lines = try await withThrowingTaskGroup(of: String?.self) { group in
            for program in programs { group.addTask { try await program.line() } }
            // The last to begin: had the others taken all threads, it would never.
            group.addTask {
                for (number, program) in programs.enumerated() { try program.write("\(number)\n".utf8) }
                return nil
            }
            return try await group.reduce(into: Set<String>()) { lines, line in if let line { lines.insert(line) } }
        }
        #expect(lines == Set((0..<count).map(String.init)))
    }

    @Test func `gives code and output, and what is given goes both ways at once`() async throws {
        let given = Data(repeating: 0x41, count: 1 << 20)
        let whole = try await StartedProgram.run(["cat"], given: given)
        #expect(whole.code == 0 && whole.output == given)
        let failed = try await StartedProgram.run(
            ["sh", "-c", "pwd; echo bad >&2; exit 3"], in: URL(filePath: "/"), withErrors: true)
        #expect(failed.code == 3 && failed.output == Data("/\nbad\n".utf8))
        let killed = try await StartedProgram.run(["sh", "-c", "kill -9 $$"], given: given)
        #expect(killed.code == 128 + SIGKILL)
        #expect(throws: StartedProgram.Failure.self) { _ = try StartedProgram(["/no/program"]) }
    }

    @Test func `an end is seen though others were started meanwhile and still run`() async throws {
        var kept: [StartedProgram] = []
        for _ in 0..<20 {
            let brief = try StartedProgram(["cat"])
            kept.append(try StartedProgram(["cat"]))
            try brief.write("a".utf8)
            brief.endInput()
            await #expect(throws: StartedProgram.Failure.self) { try await brief.line() }
        }
        #expect(kept.count == 20)
    }

    @Test func `what is open here is not open there`() async throws {
        let pipe = Pipe()
        let kept = try StartedProgram(["cat"])
        try pipe.fileHandleForWriting.close()
        let reading = pipe.fileHandleForReading
        // Would wait for the program's end if that had the other end too.
        #expect(try await onOwnThread { try reading.readToEnd() ?? Data() } == Data())
        try kept.write("a\n".utf8)
        #expect(try await kept.line() == "a")
    }
}
