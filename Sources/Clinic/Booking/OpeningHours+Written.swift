import Foundation

extension OpeningHours {
    private static let weekdays = ["mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7]

    /// Reads hours as lists write them: `Mon-Fri 09:00-17:00; Sat 09:00-12:00`, `Mon,Wed 09:00-12:00,14:00-18:00`.
    ///
    /// - Parameter text: Days in English, three letters or whole; times of 24 hours; empty: no hours.
    /// - Throws: `ClinicError.invalid` with field `openingHours`; whether spans overlap, `check` tells.
    public static func weekly(written text: String) throws -> [Weekly] {
        var weekly: [Weekly] = []
        for part in text.split(separator: ";") {
            let part = part.trimmingCharacters(in: .whitespaces)
            if part.isEmpty { continue }
            guard let firstTime = part.firstIndex(where: \.isNumber) else { throw wrong(part) }
            let days = try days(part[..<firstTime], of: part)
            for span in part[firstTime...].split(separator: ",") {
                let ends = span.split { "-–".contains($0) }
                guard ends.count == 2, let start = minutes(ends[0]), let end = minutes(ends[1]), start < end else {
                    throw wrong(part)
                }
                weekly += days.map { Weekly(weekday: $0, start: start, end: end) }
            }
        }
        return weekly.sorted { ($0.weekday, $0.start) < ($1.weekday, $1.start) }
    }

    private static func days(_ text: Substring, of part: String) throws -> [Int] {
        var days: [Int] = []
        for range in text.split(separator: ",") {
            let ends = range.split { "-–".contains($0) }.map { $0.trimmingCharacters(in: .whitespaces) }
            let numbers = ends.compactMap { name in
                name.count >= 3 && name.allSatisfy(\.isLetter) ? weekdays[String(name.prefix(3)).lowercased()] : nil
            }
            guard numbers.count == ends.count, let first = numbers.first, let last = numbers.last, numbers.count <= 2
            else { throw wrong(part) }
            // Fri-Mon goes over the week's end.
            days += first <= last ? Array(first...last) : Array(first...7) + Array(1...last)
        }
        guard !days.isEmpty else { throw wrong(part) }
        return days
    }

    private static func minutes(_ text: Substring) -> Int? {
        guard let match = text.trimmingCharacters(in: .whitespaces).wholeMatch(of: /(\d{1,2})[:.](\d{2})/),
            let hour = Int(match.1), let minute = Int(match.2), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }

    private static func wrong(_ part: String) -> ClinicError {
        ClinicError(.invalid, "errors.hours.written", ["typed": "\(part.prefix(60))"], field: "openingHours")
    }
}
