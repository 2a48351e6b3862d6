import Clinic
import Foundation
import Wording

/// A doctor in a list, by the template `doctor-card`: who, why this one, how rated, when free, and the way to book.
///
/// What may be nil has a name that no page has: for a nil a template looks further up.
struct DoctorCard: Sendable {
    let id: String
    /// The pin on the map beside; nil where there is no map.
    let pin: String?
    let address: String
    let name: String
    let initials: String
    /// Nil without a portrait.
    let portrait: String?
    /// What the doctor is, by the main specialty, such as “Haematologist”.
    let specialty: String
    let qualifications: String
    /// Clinic and city.
    let place: String
    /// Why the doctor is recommended; nil in a plain list.
    let whyHere: String?
    /// `4.8`; nil for too few reviews.
    let starsShown: String?
    /// What goes with the stars, or why there are none.
    let reviews: String
    /// The next free slot in the clinic's time; nil without one.
    let nextFree: String?
    /// Where to book; nil where it cannot be done here.
    let bookAddress: String?
    let isDemonstration: Bool
    /// The clinic on OpenStreetMap.
    let mapAddress: String

    /// - Parameters:
    ///   - doctor: The entry.
    ///   - ranked: Its place in a recommendation; nil in a plain list.
    ///   - number: The pin on the map beside.
    ///   - isForChild: Whether the recommendation is for a child.
    ///   - now: The time.
    ///   - text: The words.
    init(
        _ doctor: Doctor, ranked: RankedDoctor? = nil, number: Int? = nil, isForChild: Bool = false, now: Date,
        text: TextCatalogue
    ) {
        let words = DoctorWords(doctor, now: now, text: text)
        id = doctor.id.text
        pin = number.map(String.init)
        address = "/doctors/\(doctor.id)"
        name = doctor.name
        initials = Self.initials(doctor.name)
        portrait = doctor.photoKey == nil ? nil : "/doctors/\(doctor.id)/photo"
        specialty = doctor.specialties.first.map(words.specialist) ?? ""
        qualifications = doctor.qualifications
        place = [doctor.clinic.name, doctor.clinic.city].filter { !$0.isEmpty }.joined(separator: ", ")
        whyHere = ranked.map { words.reason($0, isForChild: isForChild) }
        starsShown = words.stars
        reviews = words.reviews
        nextFree = words.free
        bookAddress = doctor.userID == nil || words.free == nil ? nil : "/doctors/\(doctor.id)/book"
        isDemonstration = doctor.isDemonstration
        mapAddress = StreetMap.address(of: doctor.clinic.position)
    }

    /// The first letters of the first and the last name, titles left out.
    private static func initials(_ name: String) -> String {
        let names = name.split(whereSeparator: \.isWhitespace).filter {
            !$0.hasSuffix(".") && $0.first?.isLetter == true
        }
        let ends = names.count > 1 ? [names.first, names.last] : [names.first]
        return ends.compactMap { $0?.first.map(String.init) }.joined().uppercased()
    }
}

/// Links to OpenStreetMap.
enum StreetMap {
    /// The map with a mark at a place (OpenStreetMap wiki, “Browsing”: `mlat`, `mlon`, `#map=zoom/lat/lon`).
    static func address(of position: GeoPosition, zoom: Int = 16) -> String {
        // Five decimals are about a metre.
        let (latitude, longitude) = (degrees(position.latitude), degrees(position.longitude))
        return "https://www.openstreetmap.org/?mlat=\(latitude)&mlon=\(longitude)#map=\(zoom)/\(latitude)/\(longitude)"
    }

    private static func degrees(_ value: Double) -> String { String(format: "%.5f", value) }
}
