import ArgumentParser
import Clinic
import Formats
import Foundation
import Store

/// `leukoscope privacy`: the record of breaches and of requests, and the age of backups.
struct PrivacyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy",
        abstract:
            "Keep the record of breaches and requests, and remove old backups: record, settle, list, export, expire.",
        subcommands: [Record.self, Settle.self, List.self, Export.self, Expire.self])

    struct Record: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write down a breach, or what somebody asked for about their own data.",
            discussion: """
                A breach is due after 72 hours, a request for access, correction or erasure after 30 days. The server's log \
                tells every hour which are overdue. Write no more of people into the note than is needed.

                EXAMPLE
                  leukoscope privacy record --kind breach --known-at 2026-11-30T08:15:00Z --note "Laptop of the lab stolen"
                """)

        @Option(help: "breach, access, correction or erasure.")
        var kind: PrivacyRecord.Kind
        @Option(
            help: ArgumentHelp(
                "When it became known or was asked for, such as 2026-11-30T08:15:00Z; by default now.",
                valueName: "moment"))
        var knownAt: String?
        @Option(help: "What happened, or who asked for what.")
        var note: String
        @OptionGroup(title: "Data") var data: DataOptions

        private func moment() throws -> Date? {
            guard let knownAt else { return nil }
            guard let date = try? Date(knownAt, strategy: .iso8601) else {
                throw ValidationError("--known-at takes a moment such as 2026-11-30T08:15:00Z, not “\(knownAt)”.")
            }
            return date
        }

        func validate() throws { _ = try moment() }

        func run() async throws {
            let moment = try moment()
            try await data.withRegister { register in
                let record = try await register.record(kind, knownAt: moment, note: note)
                print("\(record.id)\tdue \(record.dueAt.formatted(.iso8601))")
            }
        }
    }

    struct Settle: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write down what was done, and that it is settled.")

        @Argument(help: "The record's identifier, from “privacy list”.")
        var identifier: String
        @Option(help: "What was done, and who was told.")
        var note: String
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            guard let id = PrivacyRecordID(identifier) else {
                throw ValidationError("“\(identifier)” is no identifier of a record.")
            }
            try await data.withRegister { try await $0.settle(id, settlement: note) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "List the record: identifier, state, kind, when it became known, when it is due and the note, by tabs.",
            discussion: "The state is open, overdue or settled.")

        @Flag(help: "Only what is not settled.")
        var open = false
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withRegister { register in
                let now = Date()
                for record in try await register.records(onlyOpen: open) {
                    let fields = record.fields(at: now)
                    print(
                        fields.prefix(6).map { $0.escaping(["\t": " ", "\n": " ", "\r": " "]) }.joined(separator: "\t"))
                }
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the whole record as CSV (RFC 4180), in UTF-8, to standard output.",
            discussion: "leukoscope privacy export >record.csv")

        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withRegister { register in
                let now = Date()
                let rows = try await register.records(onlyOpen: false, forExport: true)
                    .map { $0.fields(at: now).map(CSV.plain) }
                print(CSV.table([PrivacyRecord.columns] + rows), terminator: "")
            }
        }
    }

    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove backups of this installation that are older than a period.",
            discussion: """
                Looks at every directory in a folder. One goes when it is a backup of this very installation (its mark is the \
                database's), is older than the period by its own manifest, and a younger one is whole. Everything else stays. \
                Without --remove nothing goes and it only tells what would.

                EXAMPLE
                  leukoscope privacy expire --in /srv/backup --older-than 90 --remove
                """)

        @Option(name: .customLong("in"), help: ArgumentHelp("The folder of the backups.", valueName: "dir"))
        var folder: String
        @Option(help: ArgumentHelp("Days, at least \(BackupRetention.leastDays).", valueName: "days"))
        var olderThan: Int
        @Flag(help: "Remove them.")
        var remove = false
        @OptionGroup(title: "Data") var data: DataOptions

        func validate() throws {
            guard olderThan >= BackupRetention.leastDays else {
                throw ValidationError("--older-than must be at least \(BackupRetention.leastDays).")
            }
        }

        func run() async throws {
            try await data.withInstallation { opened in
                let retention = BackupRetention(
                    installation: opened, folder: URL(fileURLWithPath: folder, isDirectory: true), days: olderThan)
                let old = try await retention.expired(at: Date())
                if remove { try await retention.remove(old, at: Date()) }
                for backup in old { print("\(remove ? "removed" : "old")\t\(backup.path)") }
            }
        }
    }
}

extension PrivacyRecord.Kind: ExpressibleByArgument {}

extension DataOptions {
    fileprivate func withRegister(_ body: (PrivacyRegister) async throws -> Void) async throws {
        try await withInstallation { opened in
            try await body(PrivacyRegister(database: opened.database))
        }
    }
}
