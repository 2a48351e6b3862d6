/// The resources, each with what is used of it.
extension FHIR {
    /// A resource inside another one, or on its own.
    struct AnyResource: Encodable, Sendable {
        let content: any Encodable & Sendable

        init(_ content: any Encodable & Sendable) { self.content = content }

        func encode(to encoder: any Encoder) throws { try content.encode(to: encoder) }
    }

    struct Device: Encodable, Sendable {
        struct Name: Encodable, Sendable {
            let name: String
            let type = "model-name"
        }

        struct Version: Encodable, Sendable {
            let value: String
        }

        let resourceType = "Device"
        let id: String
        let deviceName: [Name]
        let version: [Version]
    }

    struct HumanName: Encodable, Sendable {
        let text: String
    }

    struct Practitioner: Encodable, Sendable {
        struct Qualification: Encodable, Sendable {
            let code: CodeableConcept
        }

        let resourceType = "Practitioner"
        let id: String
        let name: [HumanName]
        var qualification: [Qualification]?

        /// - Parameter qualifications: Such as “MD”; empty where not known.
        init(id: String, name: String, qualifications: String) {
            (self.id, self.name) = (id, [HumanName(text: name)])
            qualification = qualifications.isEmpty ? nil : [.init(code: .init(text: qualifications))]
        }
    }

    struct Organization: Encodable, Sendable {
        let resourceType = "Organization"
        let id: String
        let name: String
    }

    struct Patient: Encodable, Sendable {
        let resourceType = "Patient"
        let id: String
        var meta: Meta?
        var identifier: [Identifier]?
        var name: [HumanName]?
        var gender: String?
        /// A year, or a year with a month.
        var birthDate: String?
    }

    struct Specimen: Encodable, Sendable {
        let resourceType = "Specimen"
        let id: String
        let meta: Meta
        var accessionIdentifier: Identifier?
        let status = "available"
        let type: CodeableConcept
        let subject: Reference
        let receivedTime: String
        var request: [Reference]?
    }

    struct ServiceRequest: Encodable, Sendable {
        let resourceType = "ServiceRequest"
        let id: String
        let meta: Meta
        let identifier: [Identifier]
        let status: String
        let intent = "order"
        let category = [CodeableConcept(text: "Laboratory")]
        let code: CodeableConcept
        let subject: Reference
        var authoredOn: String?
        var requester: Reference?
        let specimen: [Reference]
        let supportingInfo: [Reference]
    }

    struct Observation: Encodable, Sendable {
        let resourceType = "Observation"
        let id: String
        var meta: Meta?
        var contained: [AnyResource]?
        var identifier: [Identifier]?
        let status: String
        var category: [CodeableConcept]?
        let code: CodeableConcept
        var subject: Reference?
        var effectiveDateTime: String?
        var issued: String?
        var performer: [Reference]?
        var valueQuantity: Quantity?
        var valueCodeableConcept: CodeableConcept?
        var dataAbsentReason: CodeableConcept?
        var note: [Annotation]?
        var method: CodeableConcept?
        var specimen: Reference?
        var device: Reference?
        var hasMember: [Reference]?
        var derivedFrom: [Reference]?
        var component: [Component]?
    }

    struct DiagnosticReport: Encodable, Sendable {
        let resourceType = "DiagnosticReport"
        let id: String?
        var meta: Meta?
        let language: String
        let text: Narrative
        var contained: [AnyResource]?
        let identifier: [Identifier]
        var basedOn: [Reference]?
        let status: String
        let category: [CodeableConcept]
        let code: CodeableConcept
        var subject: Reference?
        var effectiveDateTime: String?
        let issued: String
        var performer: [Reference]?
        var resultsInterpreter: [Reference]?
        var specimen: [Reference]?
        var result: [Reference]?
        let conclusion: String
        var conclusionCode: [CodeableConcept]?
        var presentedForm: [Attachment]?
    }

    struct DocumentReference: Encodable, Sendable {
        struct Content: Encodable, Sendable {
            let attachment: Attachment
        }

        struct Context: Encodable, Sendable {
            let related: [Reference]
        }

        let resourceType = "DocumentReference"
        let id: String
        let meta: Meta
        let status = "current"
        var docStatus: String?
        let type: CodeableConcept
        let subject: Reference
        let date: String
        let content: [Content]
        let context: Context
    }

    struct Provenance: Encodable, Sendable {
        struct Agent: Encodable, Sendable {
            let type: CodeableConcept
            let who: Reference
        }

        struct Entity: Encodable, Sendable {
            let role = "source"
            let what: Reference
        }

        let resourceType = "Provenance"
        let id: String
        let meta: Meta
        let contained: [AnyResource]
        let target: [Reference]
        let occurredDateTime: String
        let recorded: String
        let agent: [Agent]
        var entity: [Entity]?
    }
}
