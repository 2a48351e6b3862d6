import Clinic
import Foundation
import Wording

/// Says of a doctor what a card shows.
struct DoctorWords: Sendable {
    private let doctor: Doctor
    private let now: Date
    private let text: TextCatalogue

    init(_ doctor: Doctor, now: Date, text: TextCatalogue) {
        (self.doctor, self.now, self.text) = (doctor, now, text)
    }

    /// What somebody of a specialty is called, such as “Haematologist”.
    func specialist(_ specialty: Specialty) -> String { text("ranking.specialists.\(specialty.rawValue)") }

    /// The mean of the stars to one decimal; nil for too few reviews.
    var stars: String? { Reviews.shownRating(doctor.rating).map { String(format: "%.1f", $0.stars) } }

    /// From how many visits the stars are, or that there are too few.
    var reviews: String {
        guard let shown = Reviews.shownRating(doctor.rating) else {
            return text("ranking.card.unrated", ["count": String(Reviews.minimumForRating)])
        }
        return text("ranking.card.visits", ["count": String(shown.count)])
    }

    /// The next free slot, such as “free tomorrow 10:30”, in the clinic's time; nil without one that is still to come.
    var free: String? {
        guard let slot = doctor.nextFreeAt, slot >= now else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: doctor.clinic.timeZone) ?? .gmt
        let parts = calendar.dateComponents([.hour, .minute], from: slot)
        let time = String(format: "%02d:%02d", parts.hour ?? 0, parts.minute ?? 0)
        let days = calendar.dateComponents(
            [.day], from: calendar.startOfDay(for: now), to: calendar.startOfDay(for: slot)
        ).day
        switch days {
        case 0: return text("ranking.card.freeToday", ["time": time])
        case 1: return text("ranking.card.freeTomorrow", ["time": time])
        default: return text("ranking.card.freeOn", ["day": day(of: slot, calendar.timeZone), "time": time])
        }
    }

    /// Why the doctor is recommended, the weightiest first: distance, specialty, rating or years, next free slot, and
    /// where they were asked for, language and children.
    func reason(_ ranked: RankedDoctor, isForChild: Bool) -> String {
        var parts = [Self.distance(ranked.kilometres, text: text), specialist(ranked.specialty).lowercased()]
        if let stars {
            parts.append(text("ranking.card.rating", ["stars": stars, "visits": reviews]))
        } else if let years {
            parts.append(text.counted("ranking.card.years", years))
        }
        // That the language of these pages is spoken goes without saying.
        if let language = ranked.language, language != text.language,
            let name = Self.languageName(language, text: text)
        {
            parts.append(text("ranking.card.speaks", ["language": name]))
        }
        if isForChild, doctor.seesChildren { parts.append(text("ranking.card.children")) }
        if let free { parts.append(free) }
        return parts.joined(separator: " · ")
    }

    /// Years in practice; nil for a year in the future.
    private var years: Int? {
        let year = Calendar(identifier: .gregorian).component(.year, from: now)
        return doctor.practiceSince < year ? year - doctor.practiceSince : nil
    }

    private func day(of slot: Date, _ timeZone: TimeZone) -> String {
        var style = Date.FormatStyle(locale: text.locale, timeZone: timeZone)
            .weekday(.abbreviated).day().month(.abbreviated)
        style.calendar = Calendar(identifier: .gregorian)
        return slot.formatted(style)
    }

    /// A distance for people: tenths of a kilometre up to 10, then whole ones.
    static func distance(_ kilometres: Double, text: TextCatalogue) -> String {
        let shown =
            kilometres < 9.95 ? String(format: "%.1f", max(0.1, kilometres)) : String(format: "%.0f", kilometres)
        return text("ranking.card.kilometres", ["count": shown])
    }

    /// A language's name in the language of the pages; nil for a code that is none.
    static func languageName(_ code: String, text: TextCatalogue) -> String? {
        text.locale.localizedString(forLanguageCode: code)
    }
}
