import ArgumentParser
import Clinic
import Foundation

/// `leukoscope tokens`: keys of programs to the API.
struct TokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "Makes, lists and revokes API tokens.",
        subcommands: [Create.self, List.self, Revoke.self])

    /// An account by its address, named as its owner.
    struct Owner: ParsableArguments {
        @Option(
            help: ArgumentHelp("The e-mail address of the account that the program acts for.", valueName: "address"))
        var user: String

        func find(in database: any ClinicDatabase) async throws -> User {
            guard let found = try await database.read({ try $0.user(typed: user) }) else {
                throw ClinicError(.notFound, "errors.commands.nobody", ["email": user])
            }
            return found
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token and prints it, alone, on standard output; it is kept nowhere.",
            discussion: "TOKEN=$(leukoscope tokens create --user lab@example.org --name scanner --scope predict,read)")

        @OptionGroup var owner: Owner
        @Option(help: "What will use the token.")
        var name: String
        @Option(help: "What it opens, separated by commas: predict, read, write.")
        var scope = "predict"
        @Option(
            help: "Days until it ends, from \(APIToken.days.lowerBound) to \(APIToken.days.upperBound).")
        var days = APIToken.defaultDays
        @Option(help: "The microscope that everything it sends was made with, by name or identifier.")
        var site: String?
        @OptionGroup(title: "Data") var data: DataOptions

        func scopes() throws -> Set<APIToken.Scope> {
            Set(
                try scope.split(separator: ",").map { part in
                    guard let scope = APIToken.Scope(rawValue: part.trimmingCharacters(in: .whitespaces)) else {
                        throw ValidationError("“\(part)” is no scope; there are predict, read and write.")
                    }
                    return scope
                })
        }

        func validate() throws {
            _ = try scopes()
            guard APIToken.days.contains(days) else {
                throw ValidationError(
                    "--days must be from \(APIToken.days.lowerBound) to \(APIToken.days.upperBound).")
            }
        }

        func run() async throws {
            let scopes = try scopes()
            try await data.withAccounts { accounts, database in
                let user = try await owner.find(in: database)
                let bound = try await boundSite(in: database)
                let terms = try APIToken.Terms(label: name, scopes: scopes, days: days, site: bound)
                let secret = try await accounts.makeAPIToken(terms, of: user.id)
                print(secret.text)
            }
        }

        private func boundSite(in database: any ClinicDatabase) async throws -> SiteID? {
            guard let site else { return nil }
            return try await Sites(database: database).find(site).id
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists somebody's tokens: identifier, state, scopes, label and end, separated by tabs.",
            discussion: "The state is valid, expired or revoked; the end is a moment such as 2026-03-01T09:30:00Z.")

        @OptionGroup var owner: Owner
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withAccounts { accounts, database in
                for token in try await accounts.apiTokens(of: try await owner.find(in: database).id) {
                    let scopes = token.scopes.map(\.rawValue).sorted().joined(separator: ",")
                    let state =
                        token.revokedAt != nil ? "revoked" : token.isValid(at: Date()) ? "valid" : "expired"
                    let end = token.expiresAt.formatted(.iso8601)
                    print([token.id.text, state, scopes, token.label, end].joined(separator: "\t"))
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revokes a token, from this moment on.")

        @OptionGroup var owner: Owner
        @Argument(help: "The token's identifier, from “tokens list”.")
        var identifier: String
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            guard let id = APITokenID(identifier) else {
                throw ValidationError("“\(identifier)” is no identifier of a token.")
            }
            try await data.withAccounts { accounts, database in
                try await accounts.revokeAPIToken(id, of: try await owner.find(in: database).id, by: .system)
            }
        }
    }
}
