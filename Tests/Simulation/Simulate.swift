import Foundation
import Imaging
import Logging
import Store

/// Simulates queue, leases, clocks, disk, archive and database over the real use cases, one seed after the other.
///
///     leukoscope-simulate [--first N] [--seeds N] [--fault NAME] [--trace]
///
/// Ends with 1 at the first seed that breaks a rule, and tells which; the same seed breaks it again.
@main
enum Simulate {
    static func main() throws {
        SeededExecutors.install()
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        let options = try Options(CommandLine.arguments.dropFirst())
        let bench = try Bench()
        let began = ContinuousClock.now
        var found: (seed: UInt64, reason: String)?
        var done = 0
        for seed in options.first..<options.first + options.seeds {
            done += 1
            if done.isMultiple(of: 1000), options.seeds > 10_000 { print("\(done) seeds") }
            if let reason = try bench.simulate(seed, options) {
                found = (seed, reason)
                break
            }
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        if let found {
            print("seed \(found.seed): \(found.reason) (after \(done) seeds)")
            exit(1)
        }
        print("\(done) seeds kept every rule, in \(seconds.formatted(.number.precision(.fractionLength(1)))) s")
    }

    struct Options {
        struct Wrong: Error { let argument: String }

        var first: UInt64 = 0
        var seeds: UInt64 = 1000
        var fault: PlantedFault?
        var isTracing = false

        init(_ arguments: ArraySlice<String>) throws {
            var rest = arguments
            while let argument = rest.popFirst() {
                switch argument {
                case "--trace": isTracing = true
                case "--first": first = try Self.number(rest.popFirst())
                case "--seeds": seeds = try Self.number(rest.popFirst())
                case "--fault":
                    fault = rest.popFirst().flatMap(PlantedFault.init)
                    if fault == nil { throw Wrong(argument: argument) }
                default: throw Wrong(argument: argument)
                }
            }
        }

        private static func number(_ text: String?) throws -> UInt64 {
            guard let number = text.flatMap({ UInt64($0) }) else { throw Wrong(argument: text ?? "") }
            return number
        }
    }
}

/// What seeds share: a database that is emptied between them, and drawn images.
private struct Bench {
    private struct NeverEnded: Error {}

    private let database: MemoryDatabase
    private let disk = SimulatedDisk()
    private let drawings: [[UInt8]]

    init() throws {
        database = try MemoryDatabase()
        drawings = try (0..<8).map { seed in
            try ImageEncoder.png(DrawnSmear.draw(class: seed % 4, seed: UInt64(seed), side: 32))
        }
        let world = World(seed: 0, fault: nil, database: database, disk: disk, isTracing: false)
        let migrated = Migrated()
        Task.detached { [database] in
            do {
                try await SimulatedDatabase(node: SimulatedNode("nobody", in: world), base: database).migrate()
                migrated.result = .success(())
            } catch { migrated.result = .failure(error) }
        }
        guard SeededExecutor.shared.run(until: { migrated.result != nil }), let result = migrated.result else {
            throw NeverEnded()
        }
        try result.get()
        try database.keepAsTemplate()
    }

    /// - Returns: What was not true; nil when all was.
    func simulate(_ seed: UInt64, _ options: Simulate.Options) throws -> String? {
        try database.reset()
        let world = World(
            seed: seed, fault: options.fault, database: database, disk: disk, isTracing: options.isTracing)
        let reason = Scenario(world, drawings: drawings).run()
        for line in world.trace { print(line) }
        return reason
    }

    /// Read and written on one thread.
    private final class Migrated: @unchecked Sendable {
        var result: Result<Void, any Error>?
    }
}
