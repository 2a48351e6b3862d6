import ArgumentParser
import Clinic
import Foundation
import Store
import Web
import Wording

/// `leukoscope users`: accounts, from the server's own machine.
struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Makes, lists and locks accounts, and prints links for forgotten passwords.",
        subcommands: [Create.self, ResetLink.self, List.self, Disable.self, Enable.self])

    /// An account by its address.
    struct Address: ParsableArguments {
        @Option(help: ArgumentHelp("The account's e-mail address.", valueName: "address"))
        var email: String

        func find(in database: any ClinicDatabase) async throws -> User {
            guard let user = try await database.read({ try $0.user(typed: email) }) else {
                throw ClinicError(.notFound, "errors.commands.nobody", ["email": email])
            }
            return user
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes an account.",
            discussion: """
                The password is read from standard input, one line, when that is no terminal; otherwise one is made and \
                printed:
                  leukoscope users create --email anna@example.org --role clinician
                  pass show anna | leukoscope users create --email anna@example.org --role patient --name Anna
                Somebody who has not agreed to the notice is asked when they first log in, and until then nothing of theirs is \
                screened. Where they have read it, on paper or here, --agreed says so, in the language in which they read it.
                """)

        @OptionGroup var address: Address
        @Option(help: "patient, clinician or administrator.")
        var role: Role
        @Option(help: "The person's name; by default the part of the address before the @.")
        var name: String?
        @Option(help: ArgumentHelp("They read the notice in this language and agreed.", valueName: "language"))
        var agreed: String?
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            let read = try agreed.map { try TextCatalogue(language: $0) }
            let typed = isatty(STDIN_FILENO) == 0 ? readLine(strippingNewline: true) : nil
            let password = typed.flatMap { $0.isEmpty ? nil : $0 } ?? Self.newPassword()
            try await data.withAccounts { accounts, database in
                let runBy = try await OperatorRecord(database: database).last()
                let consent = read.map { ConsentText($0, runBy: runBy) }
                let user = try await accounts.create(
                    .init(
                        email: address.email, name: name ?? String(address.email.prefix { $0 != "@" }),
                        password: password, consent: consent),
                    role: role)
                print("\(user.email) is now \(role == .administrator ? "an" : "a") \(role.rawValue).")
                if typed?.isEmpty != false { print("Password: \(password)") }
            }
        }

        /// 100 random bits in groups of four.
        private static func newPassword() -> String {
            let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
            var generator = SystemRandomNumberGenerator()
            return (0..<5).map { _ in
                String((0..<4).map { _ in letters[Int.random(in: 0..<32, using: &generator)] })
            }.joined(separator: "-")
        }
    }

    struct ResetLink: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-link", abstract: "Prints a link that sets a new password: once, within 30 minutes.")

        @OptionGroup var address: Address
        @Option(
            help: ArgumentHelp(
                "Where people reach the site; by default the address that the server had when it last started.",
                valueName: "url"))
        var publicUrl: String?
        @Flag(help: "Also turn the second factor off, for a telephone that is lost with its recovery codes.")
        var withoutSecondFactor = false
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withAccounts { accounts, database in
                let user = try await address.find(in: database)
                guard let (_, secret) = try await accounts.offerReset(email: user.email, by: .system) else {
                    throw ClinicError(.forbidden, "errors.commands.disabled")
                }
                let last = try await PublicAddress(database: database).last()
                let known = publicUrl ?? last
                if known == nil {
                    ProgramExit.say(
                        "leukoscope: no server has run with this data yet, so this is the address of one that starts without options; "
                            + "name another with --public-url.")
                }
                let address = PublicAddress.plain(known ?? "http://127.0.0.1:8080")
                if withoutSecondFactor { try await accounts.disableFactor(of: user.id, by: .system) }
                print("\(address)/reset/\(secret.text)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists accounts, newest first: role, state, address and name, separated by tabs.")

        @Option(help: "Only this role.")
        var role: Role?
        @Option(help: "Only addresses or names that begin so.")
        var search = ""
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withAccounts { _, database in
                var offset = 0
                while true {
                    let start = offset
                    let page = try await database.read {
                        try $0.users(search: search, role: role, limit: 500, offset: start)
                    }
                    for user in page {
                        let state = user.isDisabled ? "disabled" : "enabled"
                        print([user.role.rawValue, state, user.email, user.name].joined(separator: "\t"))
                    }
                    guard page.count == 500 else { return }
                    offset += page.count
                }
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Locks an account: its sessions end, its tokens open nothing.")

        @OptionGroup var address: Address
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withAccounts { accounts, database in
                let user = try await address.find(in: database)
                try await accounts.setDisabled(true, of: user.id, by: .system)
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Opens a locked account again.")

        @OptionGroup var address: Address
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withAccounts { accounts, database in
                let user = try await address.find(in: database)
                try await accounts.setDisabled(false, of: user.id, by: .system)
            }
        }
    }
}

extension Role: ExpressibleByArgument {}

extension DataOptions {
    /// Opens the data, does something with the accounts, and closes it.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func withAccounts(_ body: (Accounts, any ClinicDatabase) async throws -> Void) async throws {
        try await withInstallation { opened in
            try await body(
                Accounts(
                    database: opened.database, key: opened.secret.key(for: "accounts"),
                    leaked: try Self.leakedPasswords()), opened.database)
        }
    }
}
