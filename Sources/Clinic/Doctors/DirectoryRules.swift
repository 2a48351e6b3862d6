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
        try HiddenLetters.refuse(in: line, field: field)
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
        // Not every system lists UTC among its zones.
        let isKnown =
            identifier == "UTC" || timeZones.contains(identifier)
            || identifier.utf8.count <= 40 && identifier.contains("/") && TimeZone(identifier: identifier) != nil
        guard isKnown, identifier.contains("/") || identifier == "UTC" else {
            throw ClinicError(.invalid, "errors.directory.timeZone", field: "timeZone")
        }
        return identifier
    }

    /// What a visit costs; nil where nothing is told.
    ///
    /// - Parameters:
    ///   - text: Digits with at most two behind a point or comma.
    ///   - currency: ISO 4217.
    static func fee(_ text: String, currency: String) throws -> Fee? {
        let typed = text.trimmingCharacters(in: .whitespaces)
        let code = currency.trimmingCharacters(in: .whitespaces).uppercased()
        guard !typed.isEmpty else { return nil }
        guard let match = typed.wholeMatch(of: /(\d{1,8})(?:[.,](\d{1,2}))?/), let whole = Int64(match.1) else {
            throw ClinicError(.invalid, "errors.directory.fee", field: "fee")
        }
        let behind = match.2.map { $0.count == 1 ? "\($0)0" : String($0) } ?? "0"
        let hundredths = whole * 100 + (Int64(behind) ?? 0)
        guard hundredths <= maximumFee else {
            throw ClinicError(.invalid, "errors.directory.feeTooHigh", ["maximum": Int(maximumFee / 100)], field: "fee")
        }
        guard currencies.contains(code) else {
            throw ClinicError(.invalid, "errors.directory.currency", field: "currency")
        }
        return Fee(hundredths: hundredths, currency: code)
    }

    /// Digits with an optional `+`, spaces, brackets and hyphens: 5 to 15 digits (ITU-T E.164); empty stays so.
    static func phone(_ text: String) throws -> String {
        let phone = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !phone.isEmpty else { return "" }
        let digits = phone.utf8.count { (0x30...0x39).contains($0) }
        guard phone.utf8.count <= 40, (5...15).contains(digits),
            phone.wholeMatch(of: /\+?[0-9 ()\/.\-]+(?:ext\.? ?[0-9]+)?/) != nil
        else { throw ClinicError(.invalid, "errors.directory.phone", field: "phone") }
        return phone
    }

    static func email(_ text: String) throws -> String {
        text.trimmingCharacters(in: .whitespaces).isEmpty ? "" : try AccountRules.email(text)
    }

    /// An address of the web with TLS and a name; empty stays so. No user name and no other scheme passes, so that a link
    /// made of it leads where it says.
    static func website(_ text: String) throws -> String {
        let typed = text.trimmingCharacters(in: .whitespaces)
        guard !typed.isEmpty else { return "" }
        let wrong = ClinicError(.invalid, "errors.directory.website", field: "website")
        guard typed.utf8.count <= 300, typed.lowercased().hasPrefix("https://"),
            typed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Array("\"<>\\^`{|}".utf8).contains($0) }),
            let url = URL(string: typed), let host = url.host(), host.contains("."), url.user == nil,
            url.password == nil
        else { throw wrong }
        return typed
    }
}
