/// A link among others, such as a filter or a place of the administration.
struct PageLink: Sendable {
    let name: String
    let address: String
    /// Whether the page is what it leads to.
    let isOn: Bool
}

/// A value with its name: a fact, a figure, or a field that a form carries unseen.
struct NamedValue: Sendable {
    let name: String
    let value: String
}

/// One of the things to choose from in a form.
struct FormOption: Sendable {
    /// What the form sends.
    let value: String
    let name: String
    let isChosen: Bool
}

/// One row of a table.
struct TableRow: Sendable {
    /// The heading of the row.
    let name: String
    let cells: [String]
}
