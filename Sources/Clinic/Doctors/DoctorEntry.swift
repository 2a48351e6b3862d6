import Foundation

/// What somebody writes into an entry of the directory, before anything of it is checked.
public struct DoctorEntry: Sendable, Equatable {
    public var name = ""
    public var qualifications = ""
    public var registrationNumber = ""
    public var council = ""
    /// The first is the main one.
    public var specialties: [Specialty] = []
    /// ISO 639-1.
    public var languages: [String] = []
    /// A year such as `2009`.
    public var practiceSince = ""
    public var clinicName = ""
    public var street = ""
    public var city = ""
    /// ISO 3166-1, two letters.
    public var countryCode = ""
    /// Nil where nothing was chosen.
    public var position: GeoPosition?
    /// An identifier of the IANA time zone database.
    public var timeZone = ""
    /// An amount such as `800` or `65.50`; empty where it is not told.
    public var fee = ""
    /// ISO 4217; empty without a fee.
    public var currency = ""
    public var phone = ""
    public var email = ""
    /// `https://…`
    public var website = ""
    public var about = ""
    public var seesChildren = false
    /// Nil leaves the hours as they are.
    public var openingHours: OpeningHours?

    public init() {}

    /// What stands in an entry, for changing it.
    public init(_ doctor: Doctor) {
        name = doctor.name
        qualifications = doctor.qualifications
        registrationNumber = doctor.registrationNumber
        council = doctor.council
        specialties = doctor.specialties
        languages = doctor.languages
        practiceSince = String(doctor.practiceSince)
        clinicName = doctor.clinic.name
        street = doctor.clinic.street
        city = doctor.clinic.city
        countryCode = doctor.clinic.countryCode
        position = doctor.clinic.position
        timeZone = doctor.clinic.timeZone
        fee = doctor.fee?.amount ?? ""
        currency = doctor.fee?.currency ?? ""
        phone = doctor.phone
        email = doctor.email
        website = doctor.website
        about = doctor.about
        seesChildren = doctor.seesChildren
    }
}

/// Everything that is wrong with an entry, a field at a time.
public struct DoctorEntryProblems: Error, Sendable, Equatable, CustomStringConvertible {
    /// Never empty; each is `ClinicError.invalid` with the field, named as the properties of `DoctorEntry`.
    public let problems: [ClinicError]

    public init(_ problems: [ClinicError]) { self.problems = problems }

    public var description: String {
        problems.map { "\($0.field ?? "entry"): \($0.message)" }.joined(separator: " ")
    }
}

extension Fee {
    /// The amount as a number with two digits behind the point where they are needed, such as `800` or `65.50`.
    public var amount: String {
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        return rest == 0 ? String(whole) : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
