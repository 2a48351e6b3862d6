import Clinic
import Foundation
import Wording

/// How the facts of a doctor's page are written.
struct ProfileWords: Sendable {
    let text: TextCatalogue
    private let locale: Locale

    init(_ text: TextCatalogue) {
        self.text = text
        locale = text.locale
    }

    /// Names of languages, such as “English, Hindi and Tamil”.
    func languages(_ codes: [String]) -> String {
        let names = LanguageNames(language: text.locale.identifier)
        return codes.map(names.name).formatted(.list(type: .and).locale(locale))
    }

    /// Such as “17 years, since 2009”.
    func years(since year: Int, now: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let years = max(0, calendar.component(.year, from: now) - year)
        let values = ["year": String(year)]
        return years == 0 ? text("profile.years.none", values) : text.counted("profile.years", years, values)
    }

    /// Such as “₹800 a visit”.
    func fee(_ fee: Fee?) -> String {
        guard let fee else { return text("profile.feeUnknown") }
        let amount = (Decimal(fee.hundredths) / 100).formatted(
            .currency(code: fee.currency).locale(locale).precision(.fractionLength(fee.hundredths % 100 == 0 ? 0 : 2)))
        return text("profile.feeOf", ["amount": amount])
    }

    /// The days of the week, Monday first, with their times.
    func hours(_ hours: OpeningHours) -> [ProfilePage.Hours] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.locale = locale
        let names = calendar.weekdaySymbols
        return (1...7).map { weekday in
            let spans = hours.weekly.filter { $0.weekday == weekday }.sorted { $0.start < $1.start }
                .map { "\(Self.clock($0.start))–\(Self.clock($0.end))" }
            return .init(
                // Foundation's week begins on Sunday.
                day: names[weekday % 7], times: spans.isEmpty ? text("profile.closed") : spans.joined(separator: ", "))
        }
    }

    private static func clock(_ minutes: Int) -> String {
        String(format: "%02d:%02d", minutes / 60, minutes % 60)
    }

    /// How to reach the doctor.
    func contacts(of doctor: Doctor) -> [ProfilePage.Contact] {
        var contacts: [ProfilePage.Contact] = []
        if !doctor.phone.isEmpty {
            let digits = doctor.phone.filter { $0.isASCII && ($0.isNumber || $0 == "+") }
            contacts.append(
                .init(label: text("profile.phone"), address: "tel:\(digits)", shown: doctor.phone, isWeb: false))
        }
        if !doctor.email.isEmpty {
            contacts.append(
                .init(
                    label: text("profile.email"), address: MailtoAddress.of(doctor.email), shown: doctor.email,
                    isWeb: false))
        }
        if !doctor.website.isEmpty {
            let shown = doctor.website.dropFirst("https://".count).trimmingCharacters(in: ["/"])
            contacts.append(
                .init(label: text("profile.website"), address: doctor.website, shown: shown, isWeb: true))
        }
        return contacts
    }
}
