import Clinic
import Formats
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

    static let table = SQLTable<Doctor>(
        "doctors",
        """
        id user_id name qualifications registration_number council specialties languages practice_since clinic_name \
        street city country_code latitude longitude time_zone fee_hundredths fee_currency phone email website about \
        sees_children photo_key opening_hours status status_reason is_demonstration stars reviews next_free_at \
        created_at updated_at
        """, value: doctor)

    /// The values of `changing`.
    static func values(_ doctor: Doctor) throws -> [SQLValue] {
        let clinic = doctor.clinic
        let hours = try JSONFormat.line.text(doctor.openingHours)
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

    private static func doctor(_ row: SQLRow) throws -> Doctor {
        let clinic = try ClinicAddress(
            name: row["clinic_name"], street: row["street"], city: row["city"], countryCode: row["country_code"],
            position: GeoPosition(latitude: row["latitude"], longitude: row["longitude"]), timeZone: row["time_zone"])
        return try Doctor(
            id: row["id"], userID: row["user_id"], name: row["name"], qualifications: row["qualifications"],
            registrationNumber: row["registration_number"], council: row["council"],
            specialties: specialties(row["specialties"]), languages: list(row["languages"]),
            practiceSince: row["practice_since"], clinic: clinic,
            fee: fee(row["fee_hundredths"], row["fee_currency"]), phone: row["phone"], email: row["email"],
            website: row["website"], about: row["about"], seesChildren: row["sees_children"],
            photoKey: row["photo_key"], openingHours: hours(row["opening_hours"]), status: row["status"],
            statusReason: row["status_reason"], isDemonstration: row["is_demonstration"],
            rating: RatingSum(stars: row["stars"], count: row["reviews"]), nextFreeAt: row["next_free_at"],
            createdAt: row["created_at"], updatedAt: row["updated_at"])
    }

    /// The parts of a list with commas.
    static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    static func specialties(_ text: String) throws -> [Specialty] {
        try list(text).map { part in
            guard let specialty = Specialty(rawValue: part) else {
                throw ClinicError(.corrupt, fault: "A doctor has a specialty that this program does not know: \(part).")
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
            throw ClinicError(.corrupt, fault: "The opening hours of a doctor cannot be read.")
        }
    }
}
