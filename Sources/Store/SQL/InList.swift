import Clinic

/// The values of an `IN (…)`, the last one repeated up to a power of two, so that few different statements are prepared.
struct InList {
    /// The marks with their brackets.
    let sql: String
    let values: [SQLValue]

    /// - Parameter values: Not empty.
    init(_ values: [SQLValue]) {
        var width = 1
        while width < values.count { width *= 2 }
        self.values = values + Array(repeating: values.last ?? .null, count: width - values.count)
        sql = "(" + Array(repeating: "?", count: width).joined(separator: ", ") + ")"
    }

    init<Thing>(_ identifiers: [Identifier<Thing>]) {
        self.init(identifiers.map { .text($0.text) })
    }

    init<Value: RawRepresentable>(_ values: some Sequence<Value>) where Value.RawValue == String {
        self.init(values.map { .text($0.rawValue) }.sorted { "\($0)" < "\($1)" })
    }
}

extension Array {
    /// Its parts of at most so many elements, in order.
    func parts(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
