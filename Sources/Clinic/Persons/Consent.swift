import Crypto
import Formats
import Foundation

/// The words of a notice in one language, to which somebody agrees.
public struct ConsentText: Sendable, Equatable, Codable {
    /// The tag of the language (RFC 5646).
    public let language: String
    /// The notice and the sentence beside the box, a line each.
    public let words: String

    public init(language: String, words: String) { (self.language, self.words) = (language, words) }

    /// SHA-256 of the words, 64 lower-case hexadecimal digits: which text it was.
    public var digest: String { SHA256.hash(data: Data(words.utf8)).hexadecimal }
}

/// What somebody answered to the notice, for themselves or for a person in their care (GDPR, article 7; India's DPDP Act
/// 2023, sections 5, 6 and 9). Answers are added and never changed; the last one counts.
public struct Consent: Sendable, Equatable {
    public enum Answer: String, Sendable, CaseIterable, Codable {
        case given
        /// Not now: nothing is screened, and nobody is asked again before the next notice.
        case declined
        /// Taken back after it was given.
        case withdrawn
        /// Given in a backup that was put back: nobody knows whether it was withdrawn since, so it is asked again.
        case lapsed
    }

    public let id: ConsentID
    public let userID: UserID
    /// For whom; nil for the owner of the account.
    public let dependentID: DependentID?
    public let answer: Answer
    /// Since which day the notice is in force, such as `2026-12-01`.
    public let notice: String
    public let text: ConsentText
    public let at: Date

    public init(
        id: ConsentID = ConsentID(), of userID: UserID, for dependentID: DependentID? = nil, _ answer: Answer,
        notice: String, text: ConsentText, at: Date
    ) {
        (self.id, self.userID, self.dependentID, self.answer) = (id, userID, dependentID, answer)
        (self.notice, self.text, self.at) = (notice, text, at)
    }

    /// As people and exports name it: the day, and the beginning of the text's fingerprint.
    public var version: String { Self.version(notice, text) }

    public static func version(_ notice: String, _ text: ConsentText) -> String { "\(notice) \(text.digest.prefix(8))" }
}

public typealias ConsentID = Identifier<Consent>

/// The notice that is in force.
///
/// Its words are `consent` in the catalogue. Whoever changes what they mean puts a new day here, and everybody is asked
/// again; a corrected translation needs none.
public struct ConsentNotice: Sendable, Equatable {
    /// Since when, such as `2026-12-01`.
    public let since: String

    public init(since: String) { self.since = since }

    public static let current = ConsentNotice(since: "2026-12-01")
}

/// What people answered, and the texts that they answered to.
public protocol ConsentRows {
    /// Adds an answer, with its text where that is new.
    func append(_ consent: Consent) throws
    /// The last answer for the account, or for a person in care.
    func consent(of user: UserID, for dependent: DependentID?) throws -> Consent?
    /// Of every account and person in care, the last answer where it is one that was given.
    func givenConsents() throws -> [Consent]
    /// All answers of an account, the oldest first.
    func consents(of user: UserID) throws -> [Consent]
}
