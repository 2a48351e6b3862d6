import Findings
import Foundation

/// Which passwords are accepted: long enough, and not among those that everybody tries first.
///
/// No rules on kinds of characters (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.5); nothing is trimmed or left out
/// before hashing (6.2.8), which takes the letters composed (`PasswordHasher.composed`).
public enum PasswordRules {
    /// Unicode code points.
    public static let minimumLength = 8
    /// Unicode code points.
    public static let maximumLength = 128

    /// Unicode code points of a password as it is hashed.
    static func length(_ password: String) -> Int { PasswordHasher.composed(password).unicodeScalars.count }

    /// - Parameters:
    ///   - password: As typed.
    ///   - email: The account's address; the part before the `@` is no password.
    ///   - name: The person's name; its words are no password.
    ///   - leaked: Passwords that nobody may choose.
    ///   - field: The field that holds the password.
    /// - Throws: `ClinicError.invalid` with the field.
    public static func check(
        _ password: String, email: String, name: String, not leaked: LeakedPasswords = LeakedPasswords(),
        field: String = "password"
    ) throws {
        let length = length(password)
        func refuse(_ key: StaticString, _ facts: [String: any FactConvertible] = [:]) throws {
            throw ClinicError(.invalid, key, facts, field: field)
        }
        if length < minimumLength { try refuse("errors.accounts.passwordTooShort", ["minimum": minimumLength]) }
        if length > maximumLength { try refuse("errors.accounts.passwordTooLong", ["maximum": maximumLength]) }
        if isCommon(password) || leaked.contains(password) { try refuse("errors.accounts.passwordCommon") }
        if isPersonal(password, email: email, name: name) { try refuse("errors.accounts.passwordPersonal") }
    }

    /// A common word dressed up (`P@ssw0rd2024!`), a run (`abcdefgh`, `qwertyuiop`, `87654321`) or a repetition.
    static func isCommon(_ password: String) -> Bool {
        let lower = password.lowercased()
        if Set(lower).count <= 2 || isRun(lower) || isRepetition(lower) { return true }
        return cores(of: lower).contains { core in
            core.isEmpty || CommonPasswords.words.contains(core)
                || isRepetition(core) && CommonPasswords.words.contains(firstPart(core))
                || CommonPasswords.isPair(core)
        }
    }

    private static func isPersonal(_ password: String, email: String, name: String) -> Bool {
        let lower = password.lowercased()
        var own: [String] = [email, String(email.prefix { $0 != "@" }), name]
        own += name.split(separator: " ").map { String($0) }
        let words = Set(own.map { word in word.lowercased().filter(\.isLetter) }.filter { $0.count >= 3 })
        let letters = cores(of: lower).map { core in core.filter(\.isLetter) }
        return lower == email || letters.contains { words.contains($0) }
    }

    /// What is left without digits and signs at the ends, and that with look-alikes put back into letters.
    private static func cores(of lower: String) -> [String] {
        let lookAlikes: [Character: Character] = [
            "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i",
            "|": "l",
        ]
        let plain = trimmed(lower)
        return [
            lower, plain, plain.filter(\.isLetter), trimmed(String(lower.map { lookAlikes[$0] ?? $0 })),
            String(plain.map { lookAlikes[$0] ?? $0 }), String(plain.map { $0 == "1" ? "l" : lookAlikes[$0] ?? $0 }),
        ]
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { !$0.isLetter }.reversed().drop { !$0.isLetter }.reversed())
    }

    /// Pairs of characters that follow each other on a keyboard or in the alphabet, up or down.
    private static let neighbours: Set<String> = {
        let rows = [
            "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop",
            "azertyuiop",
        ]
        return rows.reduce(into: []) { pairs, row in
            for (first, second) in zip(row, row.dropFirst()) {
                pairs.formUnion(["\(first)\(second)", "\(second)\(first)"])
            }
        }
    }()

    /// Whether nearly every character is a neighbour of the one before.
    private static func isRun(_ text: String) -> Bool {
        let breaks = zip(text, text.dropFirst()).count { first, second in !neighbours.contains("\(first)\(second)") }
        return breaks <= text.count / 6
    }

    /// Whether a short part is said again and again.
    private static func isRepetition(_ text: String) -> Bool {
        guard text.count >= 2 else { return false }
        let part = firstPart(text)
        return part.count < text.count
    }

    /// The shortest part that makes the whole when repeated.
    private static func firstPart(_ text: String) -> String {
        let characters = Array(text)
        for length in 1...max(1, characters.count / 2) where characters.count.isMultiple(of: length) {
            if (length..<characters.count).allSatisfy({ characters[$0] == characters[$0 % length] }) {
                return String(characters[..<length])
            }
        }
        return text
    }
}
