import Foundation

/// The name of a stored thing: 128 random bits, so that nobody guesses another's (OWASP ASVS 5.0, chapter 8).
///
/// Written as 22 characters of base64url (RFC 4648, section 5). `Thing` keeps the kinds apart at compile time.
public struct Identifier<Thing>: Sendable, Hashable, Codable, CustomStringConvertible {
    /// 22 characters out of `A–Z a–z 0–9 - _`.
    public let text: String

    /// A new one, from the system's generator. It does not begin with a hyphen, which command lines take for an option.
    public init() {
        var text = SecretToken.randomText(bytes: 16)
        while text.hasPrefix("-") { text = SecretToken.randomText(bytes: 16) }
        self.text = text
    }

    /// Takes the text of an identifier.
    ///
    /// - Parameter text: 22 characters of base64url; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 22, text.utf8.allSatisfy(SecretToken.isBase64URL) else { return nil }
        self.text = text
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no identifier")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var description: String { text }
}

/// The keys of a dictionary that becomes a JSON object.
extension Identifier: CodingKeyRepresentable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public var codingKey: any CodingKey { Key(stringValue: text) }

    public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

public typealias UserID = Identifier<User>
public typealias CaseID = Identifier<SmearCase>
public typealias ImageID = Identifier<CaseImage>
public typealias ScreeningID = Identifier<ScreeningRecord>
public typealias AppointmentID = Identifier<Appointment>
public typealias APITokenID = Identifier<APIToken>
public typealias SiteID = Identifier<SmearSite>
public typealias QualificationID = Identifier<SiteQualification>
public typealias ControlID = Identifier<ControlField>
