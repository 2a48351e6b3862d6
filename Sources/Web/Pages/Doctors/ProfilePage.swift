import Clinic
import Foundation
import Wording

/// A doctor's own page: what the directory knows, the next free slots, and what visitors say.
///
/// What may be nil has a name that no other part of the page has: for a nil a template looks further up.
struct ProfilePage: Sendable {
    struct Hours: Sendable {
        let day: String
        let times: String
    }

    struct Contact: Sendable {
        let label: String
        let address: String
        let shown: String
        let isWeb: Bool
    }

    let frame: PageFrame
    let name: String
    let initials: String
    let portraitAddress: String?
    let isDemonstration: Bool
    let specialty: String
    let otherSpecialties: [String]
    let qualifications: String
    let registration: String
    let isVerified: Bool
    let stateTitle: String
    let isOwn: Bool
    let languages: String
    let years: String
    let childrenNote: String?
    let fee: String
    let aboutLines: [String]
    let clinicName: String
    let street: String
    let city: String
    let mapAddress: String
    let hours: [Hours]
    let hasHours: Bool
    let zone: String
    let contacts: [Contact]
    let booking: BookingPanel
    let reviews: ReviewPanel

    init(
        _ doctor: Doctor, booking: BookingPanel, reviews: ReviewPanel, now: Date, site: Site, context: WebContext
    ) {
        let text = site.text
        (self.booking, self.reviews) = (booking, reviews)
        frame = PageFrame(site: site, title: doctor.name, place: .doctors, context: context)
        let card = DoctorCard(doctor, now: now, text: text)
        name = doctor.name
        initials = card.initials
        portraitAddress = card.portrait
        isDemonstration = doctor.isDemonstration
        specialty = card.specialty
        otherSpecialties = doctor.specialties.dropFirst().map { text("practice.specialties.\($0.rawValue)") }
        qualifications = doctor.qualifications
        registration = "\(doctor.registrationNumber), \(doctor.council)"
        isVerified = doctor.status == .verified
        stateTitle = text("practice.status.\(doctor.status.rawValue).title")
        isOwn = doctor.userID != nil && doctor.userID == context.principal?.userID
        let words = ProfileWords(text)
        languages = words.languages(doctor.languages)
        years = words.years(since: doctor.practiceSince, now: now)
        childrenNote = doctor.seesChildren ? text("profile.children") : nil
        fee = words.fee(doctor.fee)
        aboutLines = doctor.about.split(separator: "\n").map(String.init)
        clinicName = doctor.clinic.name
        street = doctor.clinic.street
        city = "\(doctor.clinic.city), \(PlaceWords(text).countries.name(of: doctor.clinic.countryCode))"
        mapAddress = card.mapAddress
        hours = words.hours(doctor.openingHours)
        hasHours = !doctor.openingHours.weekly.isEmpty
        zone = text("profile.zone", ["zone": doctor.clinic.timeZone.replacing("_", with: " ")])
        contacts = words.contacts(of: doctor)
    }
}
