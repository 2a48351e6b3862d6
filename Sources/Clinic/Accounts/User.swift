import Foundation

/// What a person may do.
public enum Role: String, Sendable, Codable, CaseIterable {
    case patient, clinician, administrator
}

/// Somebody with an account.
public struct User: Sendable, Equatable, Codable {
    public let id: UserID
    /// Lower case, unique.
    public var email: String
    public var name: String
    public var role: Role
    /// An encoded Argon2id hash (PHC string format).
    public var passwordHash: String
    /// Where the person is; nil until told.
    public var place: UserPlace?
    /// The key of a second factor (RFC 6238), base32; nil without one.
    public var totpSecret: String?
    public var isDisabled: Bool
    public let createdAt: Date
    /// The tag of the language that the person chose, such as `ta` (RFC 5646); nil until they choose.
    public var language: String?

    public init(
        id: UserID = UserID(), email: String, name: String, role: Role, passwordHash: String, place: UserPlace? = nil,
        totpSecret: String? = nil, isDisabled: Bool = false, createdAt: Date, language: String? = nil
    ) {
        (self.id, self.email, self.name, self.role, self.passwordHash) = (id, email, name, role, passwordHash)
        (self.place, self.totpSecret, self.isDisabled, self.createdAt) = (place, totpSecret, isDisabled, createdAt)
        self.language = language
    }
}

/// The place in a person's profile.
public struct UserPlace: Sendable, Equatable, Codable {
    /// As the person wrote or chose it.
    public var name: String
    /// Degrees, −90 to 90.
    public var latitude: Double
    /// Degrees, −180 to 180.
    public var longitude: Double

    public init(name: String, latitude: Double, longitude: Double) {
        (self.name, self.latitude, self.longitude) = (name, latitude, longitude)
    }
}

/// A city or town that people choose from.
public struct Place: Sendable, Equatable, Codable {
    /// Its number in GeoNames.
    public let id: Int64
    public let name: String
    /// ISO 3166-1, two letters.
    public let countryCode: String
    public let latitude: Double
    public let longitude: Double
    public let population: Int64
    /// An identifier of the IANA time zone database, such as `Asia/Kolkata`; empty where not known.
    public let timeZone: String

    public init(
        id: Int64, name: String, countryCode: String, latitude: Double, longitude: Double, population: Int64,
        timeZone: String = ""
    ) {
        (self.id, self.name, self.countryCode, self.latitude) = (id, name, countryCode, latitude)
        (self.longitude, self.population, self.timeZone) = (longitude, population, timeZone)
    }
}

/// Another name of a place: in another language, an old or a local one.
public struct PlaceName: Sendable, Equatable {
    public let placeID: Int64
    public let name: String

    public init(placeID: Int64, name: String) {
        self.placeID = placeID
        self.name = name
    }
}
