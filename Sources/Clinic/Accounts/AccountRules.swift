import Foundation

/// What names, addresses and labels must look like.
public enum AccountRules {
    /// An address as it is looked for: trimmed, lower case, composed (Unicode NFC), so that it is the same from any keyboard.
    public static func address(_ typed: String) -> String {
        typed.trimmingCharacters(in: .whitespacesAndNewlines).lowercased().precomposedStringWithCanonicalMapping
    }

    /// An e-mail address in the form in which it is kept: that of `address`.
    ///
    /// Checks the shape only (RFC 5321, 4.5.3.1: at most 64 octets before and 255 after the `@`); whether it exists only
    /// a letter can tell. Control characters and spaces never pass, so that no header can be smuggled in.
    ///
    /// - Throws: `ClinicError.invalid` with field `email`.
    public static func email(_ text: String) throws -> String {
        let email = address(text)
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = email.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && scalar.value != 0x7F && !"<>()[]\\,;:\"".unicodeScalars.contains(scalar)
                && !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && scalar.properties.generalCategory != .format
        }
        guard parts.count == 2, isPlain, (1...64).contains(parts[0].utf8.count),
            (3...190).contains(parts[1].utf8.count),
            parts[1].contains("."), !parts[1].hasPrefix("."), !parts[1].hasSuffix("."), !parts[1].contains("..")
        else { throw ClinicError(.invalid, "errors.accounts.email", field: "email") }
        return email
    }

    /// A person's name, trimmed: 1 to 100 characters, no control characters and none that nobody sees.
    ///
    /// - Throws: `ClinicError.invalid` with field `name`.
    public static func name(_ text: String) throws -> String {
        try line(text, field: "name", key: "errors.accounts.name")
    }

    /// A place as it is kept: a name of 1 to 100 characters, degrees within their ranges.
    ///
    /// - Throws: `ClinicError.invalid` with field `place`, `latitude` or `longitude`.
    public static func place(_ place: UserPlace) throws -> UserPlace {
        var place = place
        place.name = try line(place.name, field: "place", key: "errors.accounts.place")
        guard (-90...90).contains(place.latitude) else {
            throw ClinicError(.invalid, "errors.places.latitude", field: "latitude")
        }
        guard (-180...180).contains(place.longitude) else {
            throw ClinicError(.invalid, "errors.places.longitude", field: "longitude")
        }
        return place
    }

    /// What somebody calls an API token, trimmed: 1 to 100 characters, no control characters.
    ///
    /// - Throws: `ClinicError.invalid` with field `label`.
    public static func label(_ text: String) throws -> String {
        try line(text, field: "label", key: "errors.accounts.label")
    }

    private static func line(_ text: String, field: String, key: StaticString) throws -> String {
        let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...100).contains(line.unicodeScalars.count),
            line.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw ClinicError(.invalid, key, field: field) }
        try HiddenLetters.refuse(in: line, field: field)
        return line
    }
}
