import Foundation

/// What holds a review for moderation before anybody sees it. The rules read the text only; that a person writes too
/// much, or that a doctor is written about too much, is counted by `Reviews`.
///
/// A review is about a visit. Contact data and addresses of other sites do not belong there: they advertise, or they give
/// somebody away. Holding is no judgement: an administrator publishes what is harmless. So the rules would rather hold
/// one text too many, but ordinary sentences with dates, prices and abbreviations must pass.
public enum ReviewHold: String, Sendable, CaseIterable {
    /// An address of a site: `https://…`, `www.…`, `example.com`, also “example dot com”, “example [.] com”.
    case link
    /// An e-mail address, also “name (at) example dot org”.
    case email
    /// Seven digits or more after a plus, nine or more without, however they are spaced; also written as words.
    case phone
    /// At least 20 letters that have capitals, more than 70 % of them capitals.
    case shouting
    /// The same character six times in a row, or the same word five times.
    case repetition
    /// More than `Reviews.Limits.perPersonAndDay` of one person within a day.
    case flood
    /// More than `Reviews.Limits.perDoctorAndHour` of one doctor within an hour.
    case burst
    /// Several people reported it.
    case reports

    /// The first rule that a text breaks; nil for a text that can be shown at once.
    public static func reason(for text: String) -> ReviewHold? {
        let plain = folded(text)
        if hasEmail(plain) { return .email }
        if hasLink(plain) { return .link }
        if hasPhone(plain) { return .phone }
        if isShouting(text) { return .shouting }
        return hasRepetition(plain) ? .repetition : nil
    }

    /// Lower case, compatibility forms (full-width and circled letters) as plain ones, without invisible characters
    /// that would break a word, digits of all scripts as 0 to 9.
    static func folded(_ text: String) -> String {
        var folded = ""
        for scalar in text.precomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
            // U+00AD and the like are of category Cf: seen by nobody.
            if scalar.properties.generalCategory == .format { continue }
            if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
                folded += String(Int(value))
            } else if "。．・•".unicodeScalars.contains(scalar) {
                folded += "."
            } else {
                folded.unicodeScalars.append(scalar)
            }
        }
        return folded
    }

    // MARK: Links and e-mail addresses

    /// Ends of addresses that mean an address wherever they stand after a point.
    private static let plainEndings =
        "com|net|org|info|biz|edu|gov|mil|app|dev|xyz|online|site|shop|store|club|top|click|link|live|page|blog|health|clinic|doctor|"
        + "care|uk|de|fr|es|nl|pl|ru|ua|cn|jp|kr|br|mx|au|nz|za|ng|ke|pk|bd|lk|np|ae|sa|ir|tr|gr|cz|hu|ro|bg|rs|hr|dk|fi|"
        + "eu|asia|io|ai|cc|ly|gl|gd|tv|ws|la|ms|cf|ga|gq|ml|tk"
    /// Ends that are English words or common after a forgotten space; they mean an address only with a path.
    private static let wordEndings = "in|me|is|it|so|to|am|be|at|no|us|my|co|id|by|as|do"

    private static func hasLink(_ text: String) -> Bool {
        if text.contains(/h(?:tt|xx)ps?\s*:?\s*\/\/|(?:^|[^a-z0-9])www\s*(?:\.|\bdot\b)/) { return true }
        if matches("[a-z0-9-]{2,63}\\.(?:\(plainEndings))(?![a-z0-9])", in: text) { return true }
        if matches("[a-z0-9-]{2,63}\\.(?:\(wordEndings))(?:\\.[a-z]{2})?/", in: text) { return true }
        // “example dot com”, “example (.) com”, “example . com”.
        let spelled = "\\s*[\\[({<]\\s*(?:dot|punkt|\\.)\\s*[\\])}>]\\s*|\\s+dot\\s+|\\s+\\.\\s*"
        return matches("[a-z0-9-]{2,63}(?:\(spelled))(?:com|net|org|info|biz|online|shop|xyz)(?![a-z0-9])", in: text)
    }

    private static func hasEmail(_ text: String) -> Bool {
        let dot = "(?:\\.|\\s*[\\[({<]?\\s*dot\\s*[\\])}>]?\\s*)"
        let at = "(?:@|\\s*[\\[({<]\\s*(?:at|@)\\s*[\\])}>]\\s*)"
        if matches("[a-z0-9._%+-]{1,64}\(at)[a-z0-9-]{1,63}\(dot)[a-z]{2,24}", in: text) { return true }
        return matches(
            "[a-z0-9._%+-]{1,64}\\s+at\\s+[a-z0-9-]{1,63}\\s+dot\\s+[a-z]{2,24}",
            in: text)
    }

    // MARK: Telephone numbers

    private static func hasPhone(_ text: String) -> Bool {
        // Dates and times are no numbers to call.
        let dates = /(?:19|20)\d\d[-.\/]\d{1,2}[-.\/]\d{1,2}|\d{1,2}[-.\/]\d{1,2}[-.\/](?:19|20)?\d\d|\d{1,2}:\d\d/
        let rest = text.replacing(dates, with: " | ")
        if rest.contains(/(?:\+|\b00)[ ().\/-]*\d(?:[ ().\/-]{0,3}\d){6,}/) { return true }
        if rest.contains(/\d(?:[ ().\/_-]{0,3}\d){8,}/) { return true }
        return rest.contains(
            /(?:\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)\b[\s,.-]{0,3}){7,}/)
    }

    // MARK: Manner

    private static func isShouting(_ text: String) -> Bool {
        let cased = text.unicodeScalars.filter { $0.properties.isUppercase || $0.properties.isLowercase }
        return cased.count >= 20 && cased.filter(\.properties.isUppercase).count * 10 > cased.count * 7
    }

    private static func hasRepetition(_ text: String) -> Bool {
        var (last, run): (Character?, Int) = (nil, 0)
        for character in text where !character.isWhitespace {
            run = character == last ? run + 1 : 1
            if run == 6 { return true }
            last = character
        }
        let words = text.split { !$0.isLetter && !$0.isNumber }
        return words.indices.dropFirst(4).contains { end in words[(end - 4)...end].allSatisfy { $0 == words[end] } }
    }

    private static func matches(_ pattern: String, in text: String) -> Bool {
        text.range(of: pattern, options: .regularExpression) != nil
    }
}
