import Clinic
import Foundation

/// What the search for doctors is asked for beside the place, and its addresses. A value that makes no sense is left out.
struct DoctorSearch: Sendable, Equatable {
    var need = RecommendationRequest.Need.none
    var isChild = false
    var specialty: Specialty?
    /// ISO 639-1, lower case.
    var language: String?
    /// Free within so many days.
    var freeDays: Int?
    /// Kilometres; nil lets the search widen until it finds enough.
    var radius: Int?
    /// Doctors on the pages before.
    var offset = 0

    /// Doctors on a page.
    static let size = 12
    /// Choices of the form.
    static let radii = [10, 25, 50, 100, 250, 500, 1000]
    static let days = [1, 3, 7, 14, 30]
    private static let greatestOffset = 600

    init(need: RecommendationRequest.Need = .none, isChild: Bool = false) {
        self.need = need
        self.isChild = isChild
    }

    init(_ form: FormFields) {
        need = RecommendationRequest.Need(rawValue: form.trimmed("need")) ?? .none
        isChild = form.trimmed("child") == "1"
        specialty = Specialty(rawValue: form.trimmed("specialty"))
        let code = form.trimmed("language").lowercased()
        language =
            code.count == 2 && code.utf8.allSatisfy((UInt8(ascii: "a")...UInt8(ascii: "z")).contains) ? code : nil
        freeDays = Int(form.trimmed("free")).flatMap { Self.days.contains($0) ? $0 : nil }
        radius = Int(form.trimmed("radius")).flatMap { Self.radii.contains($0) ? $0 : nil }
        offset = Int(form.trimmed("from")).map { max(0, min($0, Self.greatestOffset)) } ?? 0
    }

    /// Whether more than the place and the need was asked for.
    var isFiltered: Bool { specialty != nil || language != nil || freeDays != nil || radius != nil }

    /// - Parameter languages: Those that the person reads, in the order of preference.
    func request(from origin: GeoPosition, languages: [String], now: Date) -> RecommendationRequest {
        RecommendationRequest(
            origin: origin, need: need, isChild: isChild, languages: language.map { [$0] } ?? languages,
            specialty: specialty, language: language,
            freeBefore: freeDays.map { now.addingTimeInterval(Double($0) * 86_400) }, radius: radius.map(Double.init),
            now: now)
    }

    /// The address of the search, at a place.
    func address(at place: ChosenPlace?) -> String {
        var items: [(String, String)] = []
        if let place {
            items.append(("place", place.name))
            if let id = place.placeID {
                items.append(("place_id", String(id)))
            } else {
                items.append(("lat", PlaceField.degrees(place.position.latitude)))
                items.append(("lon", PlaceField.degrees(place.position.longitude)))
            }
        }
        if need != .none { items.append(("need", need.rawValue)) }
        if isChild { items.append(("child", "1")) }
        if let specialty { items.append(("specialty", specialty.rawValue)) }
        if let language { items.append(("language", language)) }
        if let freeDays { items.append(("free", String(freeDays))) }
        if let radius { items.append(("radius", String(radius))) }
        if offset > 0 { items.append(("from", String(offset))) }
        return items.isEmpty
            ? "/doctors" : "/doctors?" + items.map { "\($0.0)=\($0.1.asQueryValue)" }.joined(separator: "&")
    }

    /// The same search without its filters.
    var unfiltered: DoctorSearch { DoctorSearch(need: need, isChild: isChild) }

    /// The page before.
    var previous: DoctorSearch {
        var search = self
        search.offset = max(0, offset - Self.size)
        return search
    }

    /// The next page of this search.
    var next: DoctorSearch {
        var search = self
        search.offset = offset + Self.size
        return search
    }
}

/// The languages that a browser says its person reads (RFC 9110, 12.5.4), best first, as ISO 639-1 codes.
enum PreferredLanguages {
    static func parse(_ header: String?) -> [String] {
        let weighted = (header ?? "").split(separator: ",").prefix(20).compactMap(range)
        var codes: [String] = []
        for (code, _) in weighted.sorted(by: { $0.1 > $1.1 }) where !codes.contains(code) { codes.append(code) }
        return codes
    }

    /// The language ranges that it names (`en-IN`), best first, without what is refused (`q=0`).
    static func ranges(_ header: String?) -> [String] {
        (header ?? "").split(separator: ",").prefix(20).map { text in
            (text.split(separator: ";").first?.trimmingCharacters(in: .whitespaces) ?? "", weight(text))
        }.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }.map(\.0)
    }

    /// The countries that it names with them (`en-IN`), best first, as ISO 3166-1 codes.
    static func regions(_ header: String?) -> [String] {
        let weighted = (header ?? "").split(separator: ",").prefix(20).compactMap { text -> (String, Double)? in
            // RFC 5646, 2.2.4: two letters behind the language and the script.
            let tag = text.split(separator: ";").first?.trimmingCharacters(in: .whitespaces) ?? ""
            let region = tag.uppercased().split(separator: "-").dropFirst().first { part in
                part.utf8.count == 2 && part.utf8.allSatisfy((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains)
            }
            return region.map { (String($0), weight(text)) }
        }
        var regions: [String] = []
        for (region, weight) in weighted.sorted(by: { $0.1 > $1.1 }) where weight > 0 && !regions.contains(region) {
            regions.append(region)
        }
        return regions
    }

    private static func weight(_ text: Substring) -> Double {
        text.split(separator: ";").dropFirst().map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            .first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
    }

    /// A code with its weight; nil for `*`, for what is refused (`q=0`), and for a code of three letters.
    private static func range(_ text: Substring) -> (String, Double)? {
        let parts = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        guard let code = parts.first?.split(separator: "-").first, code.utf8.count == 2, code.allSatisfy(\.isLetter)
        else { return nil }
        let weight = weight(text)
        return weight > 0 ? (String(code), weight) : nil
    }
}
