import Foundation

/// What the running server tells the commands of its machine.
public protocol SettingRows {
    /// - Parameter name: ASCII, such as `public-url`.
    func setting(_ name: String) throws -> String?
    func set(_ name: String, to value: String) throws
}

/// Where people reach the site: the server writes it down when it is ready, and commands that print links read it.
public struct PublicAddress: Sendable {
    private static let name = "public-url"

    private let database: any ClinicDatabase

    public init(database: any ClinicDatabase) { self.database = database }

    /// Notes the address of the server that is ready.
    ///
    /// - Parameter url: Such as `https://smears.example.org`.
    public func keep(_ url: String) async throws {
        let address = Self.plain(url)
        try await database.write { transaction in
            guard try transaction.setting(Self.name) != address else { return }
            try transaction.set(Self.name, to: address)
        }
    }

    /// The address that the last server had, without a slash at its end; nil where none ever ran.
    public func last() async throws -> String? { try await database.read { try $0.setting(Self.name) } }

    /// Without a slash at its end.
    public static func plain(_ url: String) -> String { url.trimmingCharacters(in: ["/"]) }
}
