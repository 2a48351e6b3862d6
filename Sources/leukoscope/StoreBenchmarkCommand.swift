import ArgumentParser
import Clinic
import Findings
import Formats
import Foundation
import Store

/// `leukoscope store-benchmark`: times what the pages ask of a filled database; for `Benchmarks/store.py`.
struct StoreBenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store-benchmark", abstract: "Times the database's queries and prints JSON.", shouldDisplay: false)

    @OptionGroup var data: DataOptions

    @Option(help: "E-mail address of an account with many cases.")
    var heavy: String

    @Option(help: "How often each query is timed.")
    var rounds = 300

    func run() async throws {
        try await data.withInstallation(.asItIs) { opened in
            var measured: [String: [String: Double]] = [:]
            for (name, body) in try await questions(opened.database) + directoryQuestions(opened.database) {
                measured[name] = try await time(body)
            }
            print(try JSONFormat.file.text(measured))
        }
    }

    /// What is asked, by name; each takes the number of its round.
    private func questions(_ database: any MaintainedDatabase) async throws -> [(String, Question)] {
        let heavy = self.heavy
        guard let owner = try await database.read({ try $0.user(email: heavy)?.id }) else {
            throw ClinicError(.notFound, "errors.commands.nobody", ["email": heavy])
        }
        let deep = try await cursor(at: 10_000, of: owner, in: database)
        func list(_ filter: CaseFilter, after: CaseCursor? = nil) -> Question {
            { _ in _ = try await database.read { try $0.cases(of: owner, matching: filter, after: after, limit: 20) } }
        }
        return [
            ("history, first page", list(CaseFilter())), ("history, deep page", list(CaseFilter(), after: deep)),
            ("search, common word", list(CaseFilter(search: "smear"))),
            ("search, rare word", list(CaseFilter(search: "rare7"))),
            ("search, two words", list(CaseFilter(search: "smear mon"))),
            ("search, no match", list(CaseFilter(search: "nothing"))),
            ("filter, common decision", list(CaseFilter(decision: .report))),
            ("filter, rare decision", list(CaseFilter(decision: .rejected))),
            ("filter, class", list(CaseFilter(label: .proB), after: deep)),
            ("filter and search", list(CaseFilter(search: "mon", decision: .uncertain))),
            (
                "usage for quotas",
                { _ in
                    _ = try await database.read {
                        try $0.usage(of: owner, since: Date(timeIntervalSince1970: 1_750_000_000))
                    }
                }
            ),
            ("queue count", { _ in _ = try await database.read { try $0.countPendingScreenings() } }),
            (
                "claim",
                { round in
                    _ = try await database.write {
                        try $0.claimScreening(
                            worker: "benchmark-\(round)", now: Date(), leaseUntil: Date().addingTimeInterval(60))
                    }
                }
            ),
            (
                "audit append",
                { round in
                    try await database.write {
                        try $0.append(AuditEntry(.caseRead(.page), by: .user(owner), object: "\(round)", at: Date()))
                    }
                }
            ),
            (
                "accounts by name",
                { _ in
                    _ = try await database.read { try $0.users(search: "person 77", role: nil, limit: 20, offset: 0) }
                }
            ),
        ]
    }

    private func cursor(
        at depth: Int, of owner: UserID, in database: any MaintainedDatabase
    ) async throws -> CaseCursor? {
        var cursor: CaseCursor?
        for _ in 0..<(depth / 500) {
            let after = cursor
            let page = try await database.read {
                try $0.cases(of: owner, matching: CaseFilter(), after: after, limit: 500)
            }
            guard let last = page.last?.smearCase else { break }
            cursor = CaseCursor(updatedAt: last.updatedAt, id: last.id)
        }
        return cursor
    }

    /// Milliseconds, as quantiles over the rounds; a few rounds before warm the caches.
    private func time(_ body: Question) async throws -> [String: Double] {
        for round in 0..<10 { try await body(-1 - round) }
        var milliseconds: [Double] = []
        for round in 0..<rounds {
            let start = ContinuousClock.now
            try await body(round)
            let spent = start.duration(to: .now).components
            milliseconds.append(Double(spent.seconds) * 1000 + Double(spent.attoseconds) / 1e15)
        }
        milliseconds.sort()
        func quantile(_ share: Double) -> Double {
            milliseconds[min(milliseconds.count - 1, Int(share * Double(milliseconds.count)))]
        }
        return ["p50": quantile(0.5), "p99": quantile(0.99), "max": milliseconds.last ?? 0]
    }
}
