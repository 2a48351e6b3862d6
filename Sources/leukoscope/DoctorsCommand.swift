import ArgumentParser
import Clinic
import Formats
import Foundation
import Store
import Wording

/// `leukoscope doctors`: the directory of doctors, from the server's own machine.
struct DoctorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctors", abstract: "Takes lists of doctors into the directory.",
        subcommands: [Import.self, Sample.self, Assign.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Takes a list of doctors (CSV) into the directory.",
            discussion: """
                The file is CSV (RFC 4180) in UTF-8 or UTF-16, with “,”, “;” or a tab between the fields; its first line names \
                the columns, in any order (`leukoscope doctors sample > list.csv` writes one to begin with):

                \(DirectoryColumn.allCases.map { "  \($0.rawValue)\($0.isOptional ? " (may be missing)" : "")\n      \($0.explanation)" }.joined(separator: "\n"))

                Council and registration number name an entry: a line with known ones changes that entry, unless a doctor \
                looks after it. New entries wait for an administrator; --verified says that they were verified already.

                Each line is reported on standard output: its number, the registration number, and added, updated, unchanged \
                or refused with the column and the reason, separated by tabs. A line that is refused stops no other; the \
                exit code is 65 then.
                """)

        @Argument(help: ArgumentHelp("The list.", valueName: "file.csv"))
        var file: String
        @Flag(help: "The doctors of the list are verified already: show them at once.")
        var verified = false
        @Flag(help: "Only say what would be done.")
        var dryRun = false
        @Flag(help: "Report only the lines that were refused.")
        var quiet = false
        @Flag(help: "Report as JSON Lines.")
        var json = false
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            guard let handle = FileHandle(forReadingAtPath: file) else {
                throw ProgramExit.stop("\(file) cannot be read.", ProgramExit.badData)
            }
            defer { try? handle.close() }
            let opened = try await data.open()
            let summary: DirectoryImport.Summary
            do {
                let work = DirectoryImport(
                    database: opened.database, settings: .init(isVerified: verified, isDryRun: dryRun), by: .system)
                summary = try await work.run(FileChunks(handle: handle)) { row in
                    if !quiet || row.outcome == .refused { print(try line(row)) }
                }
                try await opened.database.close()
            } catch let error as ClinicError where error.code == .invalid {
                throw ProgramExit.stop("\(file): \(ProgramExit.words(error))", ProgramExit.badData)
            } catch {
                throw DataOptions.exit(for: error)
            }
            let counts = DirectoryRow.Outcome.allCases.map { "\(summary[$0]) \($0.rawValue)" }.joined(separator: ", ")
            ProgramExit.say("\(dryRun ? "would be: " : "")\(counts)")
            if summary[.refused] > 0 { throw ProgramExit.badData }
        }

        private struct Line: Encodable {
            let line: Int
            let registrationNumber: String
            let outcome: DirectoryRow.Outcome
            let problems: [[String: String]]
        }

        private func line(_ row: DirectoryRow) throws -> String {
            let english = try ProgramExit.english.get()
            let problems = row.problems.map {
                ["column": $0.column, "reason": english($0.reason)].compactMapValues(\.self)
            }
            if json {
                return try JSONFormat.line.text(
                    Line(
                        line: row.line, registrationNumber: row.registrationNumber, outcome: row.outcome,
                        problems: problems))
            }
            let number = String(
                String.UnicodeScalarView(
                    row.registrationNumber.unicodeScalars.filter { $0.properties.generalCategory != .control }))
            return
                ([String(row.line), number, row.outcome.rawValue]
                + problems.map { [$0["column"], $0["reason"]].compactMap(\.self).joined(separator: ": ") }).joined(
                    separator: "\t")
        }
    }

    struct Sample: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a list to begin with: every column, and two fictional doctors.",
            discussion: "leukoscope doctors sample > list.csv")

        func run() { print(DirectorySample.csv, terminator: "") }
    }

    struct Assign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hands an imported entry over to a doctor's account.",
            discussion: "The doctor then looks after it; an entry that is verified makes the account a clinician's.")

        @OptionGroup var address: UsersCommand.Address
        @Option(help: ArgumentHelp("The medical council of the entry.", valueName: "name"))
        var council: String
        @Option(help: ArgumentHelp("The registration number of the entry.", valueName: "number"))
        var number: String
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withAccounts { _, database in
                let user = try await address.find(in: database)
                let (council, number) = (council, number)
                guard
                    let doctor = try await database.read({
                        try $0.doctor(council: council, registrationNumber: number)
                    })
                else {
                    throw ClinicError(.notFound, "errors.commands.noEntry", ["number": number, "council": council])
                }
                let assigned = try await Directory(database: database).assign(doctor.id, to: user.id, by: .system)
                print("\(assigned.name) (\(assigned.status.rawValue)) is now looked after by \(user.email).")
            }
        }
    }
}

/// The bytes of a file, a quarter of a megabyte at a time.
private struct FileChunks: AsyncSequence {
    let handle: FileHandle

    struct AsyncIterator: AsyncIteratorProtocol {
        let handle: FileHandle

        mutating func next() async throws -> [UInt8]? {
            guard let data = try handle.read(upToCount: 1 << 18), !data.isEmpty else { return nil }
            return Array(data)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(handle: handle) }
}
