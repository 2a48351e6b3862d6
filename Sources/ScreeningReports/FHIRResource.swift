import Clinic
import Foundation

/// The types of FHIR that a case is told in.
public enum FHIRResourceType: String, Sendable, CaseIterable, Codable {
    case patient = "Patient"
    case specimen = "Specimen"
    case serviceRequest = "ServiceRequest"
    case diagnosticReport = "DiagnosticReport"
    case observation = "Observation"
    case documentReference = "DocumentReference"
    case provenance = "Provenance"
}

/// A resource of FHIR R4 that is told of a case.
public struct FHIRResource: Encodable, Sendable {
    public let type: FHIRResourceType
    /// Its logical id; begins with that of the case.
    public let id: String
    public let lastUpdated: Date
    /// FHIR's word for how far it is; nil for a type that has none.
    public let status: String?
    /// When what it tells was true; nil for a type without such a moment.
    public let date: Date?
    /// The number of a request; nil for every other type.
    public let number: PersonIdentifier?
    private let content: FHIR.AnyResource

    init(
        _ type: FHIRResourceType, _ id: String, of dossier: CaseDossier, status: String? = nil, date: Date? = nil,
        number: PersonIdentifier? = nil, _ content: any Encodable & Sendable
    ) {
        (self.type, self.id, self.lastUpdated, self.status) = (type, id, dossier.updatedAt, status)
        (self.date, self.number, self.content) = (date, number, .init(content))
    }

    public func encode(to encoder: any Encoder) throws { try content.encode(to: encoder) }
}

/// Logical ids: FHIR knows no underscore (`[A-Za-z0-9\-\.]{1,64}`), identifiers have no full stop.
public enum FHIRID {
    /// The id of something of a case, or of the case itself.
    ///
    /// - Parameter part: What of it; at most 41 of `A–Z a–z 0–9 - .`.
    public static func text(_ id: CaseID, _ part: String? = nil) -> String {
        plain(id.text) + (part.map { "-\($0)" } ?? "")
    }

    /// The case that an id is of.
    ///
    /// - Returns: Nil for what cannot be one.
    public static func caseID(_ text: String) -> CaseID? {
        guard text.utf8.count == 22 || text.dropFirst(22).first == "-" else { return nil }
        return CaseID(String(text.prefix(22)).replacing(".", with: "_"))
    }

    static func plain(_ identifier: String) -> String { identifier.replacing("_", with: ".") }
}
