import Foundation

/// A doctor's entry in the directory.
public struct Doctor: Sendable, Equatable, Codable {
    /// Where an entry stands. Only `verified` ones are shown to others.
    public enum Status: String, Sendable, Codable, CaseIterable {
        /// Waits for an administrator.
        case pending
        case verified
        /// Turned down, with `statusReason`; may be mended and sent again.
        case refused
        /// Taken out of the directory, by the doctor or an administrator.
        case retired
    }

    public let id: DoctorID
    /// The clinician's account; nil for an imported entry that nobody has claimed. Such an entry cannot be booked here.
    public var userID: UserID?
    public var name: String
    /// Such as “MD, DM (Clinical Haematology)”.
    public var qualifications: String
    /// The number in the register of `council`; together they are unique.
    public var registrationNumber: String
    /// The medical council that keeps the register.
    public var council: String
    /// The first is the main one; never empty.
    public var specialties: [Specialty]
    /// ISO 639-1, lower case.
    public var languages: [String]
    /// The year in which practice began, such as 2009.
    public var practiceSince: Int
    public var clinic: ClinicAddress
    /// What a visit costs; nil where not told.
    public var fee: Fee?
    public var phone: String
    /// For patients; empty where not told.
    public var email: String
    /// `https://…`; empty where not told.
    public var website: String
    /// A few sentences on the doctor's work.
    public var about: String
    public var seesChildren: Bool
    /// Where the portrait is in the image archive; nil without one.
    public var photoKey: String?
    public var openingHours: OpeningHours
    public var status: Status
    /// Why an administrator refused or retired the entry; for the doctor.
    public var statusReason: String
    /// Fictional, and marked so wherever it is shown.
    public var isDemonstration: Bool
    /// Of published reviews.
    public var rating: RatingSum
    /// The next slot that can be booked, as last worked out; nil where there is none within the horizon.
    public var nextFreeAt: Date?
    public let createdAt: Date
    public var updatedAt: Date

    public init(
        id: DoctorID = DoctorID(), userID: UserID? = nil, name: String, qualifications: String,
        registrationNumber: String, council: String, specialties: [Specialty], languages: [String],
        practiceSince: Int, clinic: ClinicAddress, fee: Fee? = nil, phone: String = "", email: String = "",
        website: String = "", about: String = "", seesChildren: Bool = false, photoKey: String? = nil,
        openingHours: OpeningHours = OpeningHours(), status: Status = .pending, statusReason: String = "",
        isDemonstration: Bool = false, rating: RatingSum = RatingSum(), nextFreeAt: Date? = nil, createdAt: Date,
        updatedAt: Date
    ) {
        (self.id, self.userID, self.name) = (id, userID, name)
        (self.qualifications, self.registrationNumber, self.council) = (qualifications, registrationNumber, council)
        (self.specialties, self.languages, self.practiceSince) = (specialties, languages, practiceSince)
        (self.clinic, self.fee, self.phone) = (clinic, fee, phone)
        (self.email, self.website, self.about) = (email, website, about)
        (self.seesChildren, self.photoKey, self.openingHours) = (seesChildren, photoKey, openingHours)
        (self.status, self.statusReason, self.isDemonstration) = (status, statusReason, isDemonstration)
        (self.rating, self.nextFreeAt, self.createdAt) = (rating, nextFreeAt, createdAt)
        self.updatedAt = updatedAt
    }
}

/// What a doctor is trained in.
public enum Specialty: String, Sendable, Codable, CaseIterable {
    case haematoOncology = "haemato-oncology"
    case haematology
    case paediatricHaematoOncology = "paediatric-haemato-oncology"
    case oncology
    case haematopathology
    case paediatrics
    case internalMedicine = "internal-medicine"
    case generalPractice = "general-practice"
}

/// Where a doctor works.
public struct ClinicAddress: Sendable, Equatable, Codable {
    /// The clinic's name.
    public var name: String
    /// Street and number.
    public var street: String
    public var city: String
    /// ISO 3166-1, two capital letters.
    public var countryCode: String
    public var position: GeoPosition
    /// An identifier of the IANA time zone database, such as `Asia/Kolkata`.
    public var timeZone: String

    public init(
        name: String, street: String, city: String, countryCode: String, position: GeoPosition, timeZone: String
    ) {
        (self.name, self.street, self.city) = (name, street, city)
        (self.countryCode, self.position, self.timeZone) = (countryCode, position, timeZone)
    }
}

/// An amount of money.
public struct Fee: Sendable, Equatable, Codable {
    /// Hundredths of the currency's unit.
    public var hundredths: Int64
    /// ISO 4217, three capital letters.
    public var currency: String

    public init(hundredths: Int64, currency: String) {
        self.hundredths = hundredths
        self.currency = currency
    }
}

/// The stars of published reviews, added up.
public struct RatingSum: Sendable, Equatable, Codable {
    public var stars: Int
    public var count: Int

    public init(stars: Int = 0, count: Int = 0) {
        self.stars = stars
        self.count = count
    }
}

/// A paper that shows who a doctor is, for the administrators alone; its bytes are in the `ImageArchive`.
public struct DoctorDocument: Sendable, Equatable {
    public let id: DocumentID
    public let doctorID: DoctorID
    /// As the sender called the file.
    public let name: String
    /// `application/pdf`, `image/jpeg` or `image/png`.
    public let contentType: String
    public let byteCount: Int
    public let archiveKey: String
    public let createdAt: Date

    public init(
        id: DocumentID = DocumentID(), doctorID: DoctorID, name: String, contentType: String, byteCount: Int,
        archiveKey: String, createdAt: Date
    ) {
        (self.id, self.doctorID, self.name, self.contentType) = (id, doctorID, name, contentType)
        (self.byteCount, self.archiveKey, self.createdAt) = (byteCount, archiveKey, createdAt)
    }
}

/// What the ranking needs of a doctor: a small row, read by the thousand.
public struct DoctorCandidate: Sendable, Equatable {
    public let id: DoctorID
    public let position: GeoPosition
    /// The first is the main one.
    public let specialties: [Specialty]
    public let languages: [String]
    public let practiceSince: Int
    public let seesChildren: Bool
    public let rating: RatingSum
    public let nextFreeAt: Date?

    public init(
        id: DoctorID, position: GeoPosition, specialties: [Specialty], languages: [String], practiceSince: Int,
        seesChildren: Bool, rating: RatingSum, nextFreeAt: Date?
    ) {
        (self.id, self.position, self.specialties) = (id, position, specialties)
        (self.languages, self.practiceSince, self.seesChildren) = (languages, practiceSince, seesChildren)
        (self.rating, self.nextFreeAt) = (rating, nextFreeAt)
    }
}

/// Which entries an administrator's list shows.
public struct DoctorFilter: Sendable, Equatable {
    public var status: Doctor.Status?
    /// The beginning of the name, without regard to case and accents.
    public var search: String

    public init(status: Doctor.Status? = nil, search: String = "") {
        self.status = status
        self.search = search
    }
}

public typealias DoctorID = Identifier<Doctor>
public typealias DocumentID = Identifier<DoctorDocument>
