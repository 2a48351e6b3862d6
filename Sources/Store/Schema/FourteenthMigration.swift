import Clinic

extension Migration {
    /// What the running server tells the commands of its machine, such as its address; each start writes it anew.
    static let fourteenth = Migration(
        number: 14,
        tables: [TableDefinition("settings", ["name {name} NOT NULL PRIMARY KEY", "value {text} NOT NULL"])],
        statements: [])
}
