/// A patient's telephone number for one visit, and who may use it; nobody whom the patient did not name.
public struct PatientPhone: Sendable, Equatable, Codable {
    /// Digits, and a leading `+` where the code of the country stands first (ITU-T E.164).
    public let number: String
    /// Whether the doctor sees it.
    public let isForDoctor: Bool
    /// Whether short messages on the visit go there.
    public let isForMessages: Bool

    /// Digits of a number: the shortest of a town's net, the longest of E.164.
    public static let digits = 6...15

    /// A stored number.
    public init(number: String, isForDoctor: Bool, isForMessages: Bool) {
        (self.number, self.isForDoctor, self.isForMessages) = (number, isForDoctor, isForMessages)
    }

    /// Reads a number as people write it, in the digits of any script, with spaces, brackets, points or hyphens.
    ///
    /// - Parameters:
    ///   - typed: The number; empty for none.
    ///   - isForDoctor: Whether the doctor may see it.
    ///   - isForMessages: Whether messages may go there; then it begins with `+`.
    /// - Returns: Nil where no number was given.
    /// - Throws: `ClinicError.invalid` with field `phone`, also for a number that nobody may use and a use without one.
    public static func read(_ typed: String, isForDoctor: Bool, isForMessages: Bool) throws -> PatientPhone? {
        let hasUse = isForDoctor || isForMessages
        let kept = typed.filter { !$0.isWhitespace && !"()-./\u{2010}\u{2011}\u{2013}".contains($0) }
        if kept.isEmpty {
            guard !hasUse else { throw ClinicError(.invalid, "errors.booking.phoneMissing", field: "phone") }
            return nil
        }
        var number = kept.hasPrefix("+") ? "+" : ""
        for letter in kept.dropFirst(number.count) {
            guard let digit = letter.wholeNumberValue, (0...9).contains(digit) else { throw wrong }
            number += String(digit)
        }
        guard digits.contains(number.count - (number.hasPrefix("+") ? 1 : 0)) else { throw wrong }
        guard hasUse else { throw ClinicError(.invalid, "errors.booking.phoneUnused", field: "phone") }
        guard !isForMessages || number.hasPrefix("+") else {
            throw ClinicError(.invalid, "errors.booking.phoneCountry", field: "phone")
        }
        return PatientPhone(number: number, isForDoctor: isForDoctor, isForMessages: isForMessages)
    }

    private static var wrong: ClinicError { ClinicError(.invalid, "errors.booking.phoneNumber", field: "phone") }
}
