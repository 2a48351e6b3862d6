import Clinic
import Foundation
import ScreeningReports

/// What is read of a resource that another system sends. Names and addresses of people are not: nothing here needs them.
enum IncomingFHIR {
    struct Coding: Decodable {
        let display: String?
        let code: String?
    }

    struct Concept: Decodable {
        let coding: [Coding]?
        let text: String?

        var words: String? { text ?? coding?.compactMap { $0.display ?? $0.code }.first }
    }

    struct Identifier: Decodable {
        let system: String?
        let value: String?

        /// Nil for one without a value.
        var stored: PersonIdentifier? { value.map { PersonIdentifier(namespace: system ?? "", value: $0) } }
    }

    struct Reference: Decodable {
        let reference: String?
        let display: String?
        let identifier: Identifier?
    }

    struct Annotation: Decodable {
        let text: String?
    }

    /// A Patient or a Specimen inside the request.
    struct Contained: Decodable {
        let resourceType: String
        let id: String?
        let identifier: [Identifier]?
        let gender: String?
        let birthDate: String?
        let accessionIdentifier: Identifier?
    }

    /// Whatever it may be.
    struct Anything: Decodable {}

    struct ServiceRequest: Decodable {
        let resourceType: String
        let identifier: [Identifier]?
        let status: String?
        let doNotPerform: Bool?
        let implicitRules: String?
        let modifierExtension: [Anything]?
        let code: Concept?
        let subject: Reference?
        let authoredOn: String?
        let requester: Reference?
        let specimen: [Reference]?
        let note: [Annotation]?
        let contained: [Contained]?
    }

    struct Subscription: Decodable {
        struct Channel: Decodable {
            let type: String?
            let endpoint: String?
            let header: [String]?
        }

        let resourceType: String
        let status: String?
        let criteria: String?
        let channel: Channel?
    }
}

extension Exchange.Asked {
    /// Reads a ServiceRequest.
    ///
    /// - Parameter untitled: The name of a case for a request that does not say what it asks for.
    /// - Throws: `ClinicError.invalid`, which says what is missing or cannot be followed.
    init(_ sent: IncomingFHIR.ServiceRequest, untitled: String) throws {
        guard sent.resourceType == "ServiceRequest" else {
            throw ClinicError(.invalid, "errors.fhir.resourceType", ["type": "ServiceRequest"])
        }
        // What changes the meaning of all others must be understood or refused (FHIR R4, Extensibility).
        for (name, isThere) in [
            ("doNotPerform", sent.doNotPerform == true), ("implicitRules", sent.implicitRules != nil),
            ("modifierExtension", sent.modifierExtension?.isEmpty == false),
        ] where isThere {
            throw ClinicError(.invalid, "errors.fhir.modifier", ["name": name])
        }
        guard sent.status == "active" else { throw ClinicError(.invalid, "errors.fhir.status") }
        guard let identifier = sent.identifier?.compactMap(\.stored).first else {
            throw ClinicError(.invalid, "errors.fhir.number", field: "request")
        }
        let (facts, caseID) = try Self.subject(sent)
        self.init(
            identifier: identifier, title: sent.code?.words ?? untitled,
            note: (sent.note ?? []).compactMap(\.text).joined(separator: "\n"),
            requester: sent.requester?.display ?? "", authoredOn: try Self.moment(sent.authoredOn), facts: facts,
            caseID: caseID)
    }

    /// Whose sample it is, and the case that is meant.
    private static func subject(_ sent: IncomingFHIR.ServiceRequest) throws -> (Person.Facts, CaseID?) {
        func contained(_ reference: String?, _ type: String) -> IncomingFHIR.Contained? {
            guard let reference, reference.hasPrefix("#") else { return nil }
            return sent.contained?.first { $0.resourceType == type && $0.id == String(reference.dropFirst()) }
        }
        var facts = Person.Facts()
        facts.identifiers = sent.subject?.identifier?.stored.map { [$0] } ?? []
        facts.sample =
            sent.specimen?.lazy.compactMap { contained($0.reference, "Specimen") }
            .compactMap { $0.accessionIdentifier?.stored }.first
        if let patient = contained(sent.subject?.reference, "Patient") {
            facts.identifiers += (patient.identifier ?? []).compactMap(\.stored)
                .filter { !facts.identifiers.contains($0) }
            facts.sex = patient.gender.flatMap(Person.Sex.init)
            facts.birthYear = patient.birthDate.flatMap { Int($0.prefix(4)) }
            return (facts, nil)
        }
        if let reference = sent.subject?.reference, let id = reference.split(separator: "/").last,
            reference.contains("Patient/"), let caseID = FHIRID.caseID(String(id))
        {
            return (facts, caseID)
        }
        guard !facts.identifiers.isEmpty else { throw ClinicError(.invalid, "errors.fhir.subject") }
        return (facts, nil)
    }

    /// FHIR's `dateTime`, as it came.
    private static func moment(_ text: String?) throws -> String {
        guard let text else { return "" }
        let form = /\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))?)?)?/
        // Digits of other scripts are digits to the expression, but not to FHIR.
        guard text.utf8.allSatisfy({ $0 < 0x80 }), text.wholeMatch(of: form) != nil else {
            throw ClinicError(.invalid, "errors.fhir.moment")
        }
        return text
    }
}
