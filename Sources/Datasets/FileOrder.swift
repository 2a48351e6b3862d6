/// Order of file names in which numbers count as numbers, so that `7` stands before `10`.
///
/// Files of one sample usually carry neighbouring numbers; blocks of this order are the best guess at samples that
/// a set without patient ids allows.
enum FileOrder {
    static func precedes(_ first: String, _ second: String) -> Bool {
        let left = parts(of: first), right = parts(of: second)
        for (one, other) in zip(left, right) where one != other {
            if let number = one.number, let otherNumber = other.number, number != otherNumber {
                return number < otherNumber
            }
            return one.text < other.text
        }
        return left.count == right.count ? first < second : left.count < right.count
    }

    private struct Part: Equatable {
        var text: String
        var number: Int?
    }

    /// Runs of digits and runs of anything else, in turn.
    private static func parts(of name: String) -> [Part] {
        var parts: [Part] = []
        var isDigits = false
        for character in name {
            let digit = character.isASCII && character.isNumber
            if parts.isEmpty || digit != isDigits {
                parts.append(Part(text: ""))
                isDigits = digit
            }
            parts[parts.count - 1].text.append(character)
        }
        return parts.map { Part(text: $0.text, number: Int($0.text)) }
    }
}
