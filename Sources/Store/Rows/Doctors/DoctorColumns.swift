import Clinic
import Foundation

/// How a doctor's entry is written into columns and read out of them.
enum DoctorColumns {
    /// Those that `update` stores.
    static let changing = [
        "user_id", "name", "name_key", "qualifications", "registration_number", "council", "registration_key",
        "council_key", "specialties", "languages", "practice_since", "clinic_name", "street", "city", "country_code",
        "latitude", "longitude", "cell", "time_zone", "fee_hundredths", "fee_currency", "phone", "email", "website",
        "about", "sees_children", "photo_key", "opening_hours", "status", "status_reason", "is_demonstration",
        "updated_at",
    ]

    /// Those that `doctor` reads, in its order.
    static let read = """
        id, user_id, name, qualifications, registration_number, council, specialties, languages, practice_since, \
        clinic_name, street, city, country_code, latitude, longitude, time_zone, fee_hundredths, fee_currency, phone, \
        email, website, about, sees_children, photo_key, opening_hours, status, status_reason, is_demonstration, stars, \
        reviews, next_free_at, created_at, updated_at
        """

    /// The values of `changing`.
    static func values(_ doctor: Doctor) throws -> [SQLValue] {
        let clinic = doctor.clinic
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let hours = String(decoding: try encoder.encode(doctor.openingHours), as: UTF8.self)
        let columns: [any SQLConvertible] = [
            doctor.userID?.text, doctor.name, FoldedText.line(doctor.name), doctor.qualifications,
            doctor.registrationNumber, doctor.council, FoldedText.line(doctor.registrationNumber),
            FoldedText.line(doctor.council), doctor.specialties.map(\.rawValue).joined(separator: ","),
            doctor.languages.joined(separator: ","), doctor.practiceSince, clinic.name, clinic.street, clinic.city,
            clinic.countryCode, clinic.position.latitude, clinic.position.longitude,
            GeoCells.cell(of: clinic.position), clinic.timeZone, doctor.fee?.hundredths, doctor.fee?.currency,
            doctor.phone, doctor.email, doctor.website, doctor.about, doctor.seesChildren, doctor.photoKey, hours,
            doctor.status.rawValue, doctor.statusReason, doctor.isDemonstration, doctor.updatedAt,
        ]
        return columns.map(\.sqlValue)
    }

    static func doctor(_ row: SQLRow) throws -> Doctor {
        var row = row
        let (id, userID): (DoctorID, UserID?) = (try row.identifier(), try row.optionalIdentifier())
        let (name, qualifications) = (try row.text(), try row.text())
        let (number, council) = (try row.text(), try row.text())
        let (specialties, languages) = (try specialties(row.text()), list(try row.text()))
        let since = try row.int()
        let clinic = ClinicAddress(
            name: try row.text(), street: try row.text(), city: try row.text(), countryCode: try row.text(),
            position: GeoPosition(latitude: try row.double(), longitude: try row.double()), timeZone: try row.text())
        let fee = try fee(row.optionalInt64(), row.optionalText())
        return Doctor(
            id: id, userID: userID, name: name, qualifications: qualifications, registrationNumber: number,
            council: council, specialties: specialties, languages: languages, practiceSince: since, clinic: clinic,
            fee: fee, phone: try row.text(), email: try row.text(), website: try row.text(), about: try row.text(),
            seesChildren: try row.bool(), photoKey: try row.optionalText(), openingHours: try hours(row.text()),
            status: try row.raw(), statusReason: try row.text(), isDemonstration: try row.bool(),
            rating: RatingSum(stars: try row.int(), count: try row.int()), nextFreeAt: try row.optionalDate(),
            createdAt: try row.date(), updatedAt: try row.date())
    }

    /// The parts of a list with commas.
    static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    static func specialties(_ text: String) throws -> [Specialty] {
        try list(text).map { part in
            guard let specialty = Specialty(rawValue: part) else {
                throw ClinicError(
                    .corrupt, .fault("A doctor has a specialty that this program does not know: \(part)."))
            }
            return specialty
        }
    }

    /// A bit for each specialty, by its place among all cases. Stored beside the list and worked out with it again at
    /// each restore; a new case goes to the end.
    static func bits(_ specialties: some Sequence<Specialty>) -> Int64 {
        specialties.reduce(0) { bits, specialty in
            bits | (Specialty.allCases.firstIndex(of: specialty).map { 1 << Int64($0) } ?? 0)
        }
    }

    private static func fee(_ hundredths: Int64?, _ currency: String?) -> Fee? {
        guard let hundredths, let currency else { return nil }
        return Fee(hundredths: hundredths, currency: currency)
    }

    private static func hours(_ text: String) throws -> OpeningHours {
        do { return try JSONDecoder().decode(OpeningHours.self, from: Data(text.utf8)) } catch {
            throw ClinicError(.corrupt, .fault("The opening hours of a doctor cannot be read."))
        }
    }
}
