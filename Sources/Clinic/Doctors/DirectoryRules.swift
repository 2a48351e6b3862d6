import Foundation

/// What the fields of an entry must look like. Each throws `ClinicError.invalid` with the field, named as the property
/// of `DoctorEntry`.
enum DirectoryRules {
    /// Languages of ISO 639-1.
    static let languages: Set<String> = Set(
        Locale.LanguageCode.isoLanguageCodes.map(\.identifier).filter { $0.utf8.count == 2 })
    /// Currencies of ISO 4217.
    static let currencies: Set<String> = Set(Locale.Currency.isoCurrencies.map { $0.identifier.uppercased() })
    /// Identifiers of time zones that this machine knows.
    static let timeZones: Set<String> = Set(TimeZone.knownTimeZoneIdentifiers)
    /// The largest fee, in hundredths: ten million.
    static let maximumFee: Int64 = 1_000_000_000

    /// One line of text, trimmed, runs of white space as one space.
    static func line(
        _ text: String, _ field: String, _ range: ClosedRange<Int>, missing: StaticString
    ) throws -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let count = line.unicodeScalars.count
        guard count >= range.lowerBound else { throw ClinicError(.invalid, missing, field: field) }
        guard count <= range.upperBound else {
            throw ClinicError(
                .invalid, "errors.texts.tooMany", ["maximum": range.upperBound, "count": count],
                field: field)
        }
        guard line.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw ClinicError(.invalid, "errors.texts.characters", field: field)
        }
        return line
    }

    /// Several lines of text, at most 2000 characters.
    static func about(_ text: String) throws -> String {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let kept = lines.unicodeScalars.filter { $0 == "\n" || $0.properties.generalCategory != .control }
        let about = String(String.UnicodeScalarView(kept)).trimmingCharacters(in: .whitespacesAndNewlines)
        guard about.unicodeScalars.count <= 2000 else {
            throw ClinicError(
                .invalid, "errors.texts.tooMany", ["maximum": 2000, "count": about.unicodeScalars.count],
                field: "about")
        }
        return about
    }

    /// Letters, digits and `- / . space`, so that one number is not written in two ways.
    static func registrationNumber(_ text: String) throws -> String {
        let number = try line(text, "registrationNumber", 1...60, missing: "errors.directory.missing.number")
        let isPlain = number.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "-/. ".unicodeScalars.contains(scalar)
        }
        guard isPlain else {
            throw ClinicError(.invalid, "errors.directory.numberCharacters", field: "registrationNumber")
        }
        return number
    }

    static func specialties(_ specialties: [Specialty]) throws -> [Specialty] {
        var seen: Set<Specialty> = []
        let kept = specialties.filter { seen.insert($0).inserted }
        guard !kept.isEmpty else { throw ClinicError(.invalid, "errors.directory.specialties", field: "specialties") }
        return kept
    }

    static func languages(_ codes: [String]) throws -> [String] {
        var seen: Set<String> = []
        let kept = codes.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            .filter { !$0.isEmpty && seen.insert($0).inserted }
        guard (1...20).contains(kept.count) else {
            throw ClinicError(
                .invalid, kept.isEmpty ? "errors.directory.noLanguage" : "errors.directory.languages",
                field: "languages")
        }
        if let unknown = kept.first(where: { !languages.contains($0) }) {
            throw ClinicError(
                .invalid, "errors.directory.language", ["typed": "\(unknown.prefix(20))"], field: "languages")
        }
        return kept
    }

    /// A year not before 1940 and not after this one.
    static func practiceSince(_ text: String, now: Date) throws -> Int {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let latest = calendar.component(.year, from: now)
        let typed = text.trimmingCharacters(in: .whitespaces)
        guard typed.utf8.count == 4, let year = Int(typed), (1940...latest).contains(year) else {
            throw ClinicError(.invalid, "errors.directory.since", ["latest": latest], field: "practiceSince")
        }
        return year
    }

    static func country(_ text: String) throws -> String {
        let code = text.trimmingCharacters(in: .whitespaces).uppercased()
        guard CountryNames.english.contains(code) else {
            throw ClinicError(.invalid, "errors.directory.country", field: "countryCode")
        }
        return code
    }

    static func position(_ position: GeoPosition?) throws -> GeoPosition {
        guard let position else { throw ClinicError(.invalid, "errors.directory.position", field: "position") }
        guard (-90...90).contains(position.latitude), (-180...180).contains(position.longitude) else {
            throw ClinicError(.invalid, "errors.directory.degrees", field: "position")
        }
        return position
    }

    static func timeZone(_ text: String) throws -> String {
        let identifier = text.trimmingCharacters(in: .whitespaces)
        // Older names, such as Asia/Calcutta, are known without being listed; offsets such as GMT+5 know no summer time.
        let isKnown =
            timeZones.contains(identifier)
            || identifier.utf8.count <= 40 && identifier.contains("/") && TimeZone(identifier: identifier) != nil
        guard isKnown, identifier.contains("/") || identifier == "UTC" else {
            throw ClinicError(.invalid, "errors.directory.timeZone", field: "timeZone")
        }
        return identifier
    }
}
