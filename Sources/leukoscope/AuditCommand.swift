import ArgumentParser
import Clinic
import Foundation
import Store

/// `leukoscope audit`: the log of who did and read what.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check the log of who did and read what: verify, anchor.",
        subcommands: [Verify.self, Anchor.self])

    /// `leukoscope audit anchor`
    struct Anchor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "anchor", abstract: "Write down outside the database how long the audit log is.",
            discussion: """
                Adds a line to a file: the number of entries, the last one's code, the moment, and a seal made with the \
                key in secret.key. Keep the file where whoever may change the database may not, best where lines can only \
                be added. `audit verify --anchor` proves later that the log was not set back. It may run beside the \
                server, which does the same every hour with --audit-anchor.

                EXAMPLE
                  leukoscope audit anchor --file /mnt/elsewhere/leukoscope.anchors

                EXIT CODES
                  0   the file holds the log as it is
                  64  wrong usage
                  65  the log was tampered with, or the file is not this log's
                  69  the database or the file cannot be reached
                  70  an error inside the program
                """)

        @OptionGroup var data: DataOptions

        @Option(help: ArgumentHelp("The file to add to; it is made where it is not there.", valueName: "file"))
        var file: String

        func run() async throws {
            try await data.withInstallation { opened in
                let anchor = try await opened.database.anchorAudit(in: URL(fileURLWithPath: file))
                print("\(file) holds the audit log up to entry \(anchor.sequence).")
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Prove that no entry of the audit log was altered, added or removed.",
            discussion: """
                Every entry carries a code over itself and the entry before it, made with the key in secret.key. This \
                walks the whole chain and names the first entry that is wrong. It changes nothing and may run beside \
                the server.

                Keep the printed number and code somewhere else. With --expect they prove later that the log was not \
                set back as a whole to an earlier state, for example by an old copy of the database:
                  leukoscope audit verify --expect 1042:9f3c…
                A file of anchors, kept by `audit anchor` or `serve --audit-anchor`, does the same for every line of it:
                  leukoscope audit verify --anchor /mnt/elsewhere/leukoscope.anchors

                EXIT CODES
                  0   every entry is as it was written
                  64  wrong usage
                  65  the log was tampered with, or the key is not the one it was written with
                  69  the database cannot be reached
                  70  an error inside the program
                """)

        @OptionGroup var data: DataOptions

        @Option(
            help: ArgumentHelp("An entry that must be there, as this command printed it.", valueName: "number:code"))
        var expect: String?

        @Option(help: ArgumentHelp("A file of anchors that the log must hold.", valueName: "file"))
        var anchor: String?

        func validate() throws {
            if let expect, Self.expectation(expect) == nil {
                throw ValidationError(
                    "--expect takes the number and code that this command printed, such as 1042:9f3c…")
            }
        }

        func run() async throws {
            let opened = try await data.open(.asItIs)
            let result: AuditVerification
            do {
                result = try await opened.database.verifyAudit(
                    against: anchor.map { URL(fileURLWithPath: $0) })
                if let missing = try await missingExpectation(in: opened.database) {
                    throw ProgramExit.stop(missing, ProgramExit.badData)
                }
                try await opened.database.close()
            } catch {
                throw DataOptions.exit(for: error)
            }
            if let found = result.firstBreak {
                throw ProgramExit.stop(
                    "the audit log is broken at entry \(found.sequence): \(found.reason)", ProgramExit.badData)
            }
            print("The audit log holds: \(result.entries) entries. \(result.entries):\(result.hash)")
        }

        private func missingExpectation(in database: any MaintainedDatabase) async throws -> String? {
            guard let expect, let (sequence, hash) = Self.expectation(expect), sequence > 0 else { return nil }
            let records = try await database.read { try $0.auditRecords(after: sequence - 1, limit: 1) }
            guard let record = records.first, record.sequence == sequence, record.hash == hash else {
                return "the audit log does not hold the expected entry \(sequence): it was set back or replaced"
            }
            return nil
        }

        private static func expectation(_ text: String) -> (Int64, String)? {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0 else { return nil }
            return (sequence, String(parts[1]))
        }
    }
}

extension AuditProof {
    /// What the walk along the log found.
    init(_ verification: AuditVerification) {
        self.init(
            entries: verification.entries, brokenAt: verification.firstBreak?.sequence,
            reason: verification.firstBreak?.reason ?? "")
    }
}
