import Foundation
import Testing

@Suite struct LeakedPasswordTests {
    /// The list that `Scripts/bootstrap.sh` makes, as the program itself finds it.
    @Test(arguments: [("ncc1701d", false), ("4815162342", false), ("fktrcfylh", false), ("three quiet herons", true)])
    func `an account is not made with a password of a breach`(_ password: String, _ isTaken: Bool) async throws {
        try await Place.lend { place in
            let deps = ProcessInfo.processInfo.environment["LEUKOSCOPE_DEPS"].map { URL(fileURLWithPath: $0) }
            let list =
                deps ?? Place.fixtures.deletingLastPathComponent().deletingLastPathComponent().appending(path: ".deps")
            let words = try String(contentsOf: list.appending(path: "passwords/common.txt"), encoding: .utf8)
                .split(separator: "\n").map(String.init)
            #expect(words.count >= 3000 && words.contains(password) != isTaken)
            let made = try await Program.leukoscope.run(
                ["users", "create", "--email", "a@example.org", "--role", "patient"], in: place.folder,
                input: password + "\n")
            #expect(made.code == (isTaken ? 0 : 64), "\(password): \(made.errors)")
            #expect(!made.errors.contains("no list of leaked passwords"))
        }
    }
}
