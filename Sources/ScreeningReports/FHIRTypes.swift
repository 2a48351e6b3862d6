/// The few types of HL7 FHIR R4 (4.0.1) that a screening needs, with FHIR's own names of resources and elements.
enum FHIR {
    struct Coding: Encodable {
        let system: String
        let code: String
        var display: String?
    }

    struct CodeableConcept: Encodable {
        var coding: [Coding]?
        var text: String?
    }

    struct Identifier: Encodable {
        var system: String?
        let value: String
    }

    struct Reference: Encodable {
        let reference: String
    }

    /// A number without a unit: UCUM's `1`.
    struct Quantity: Encodable {
        let value: Double
        let system = "http://unitsofmeasure.org"
        let code = "1"
    }

    struct Annotation: Encodable {
        let text: String
    }

    struct Component: Encodable {
        let code: CodeableConcept
        let valueQuantity: Quantity
    }

    struct Attachment: Encodable {
        let contentType: String
        let url: String
        let title: String
    }

    struct Narrative: Encodable {
        let status = "generated"
        let div: String
    }

    struct Device: Encodable {
        struct Name: Encodable {
            let name: String
            let type = "model-name"
        }

        struct Version: Encodable {
            let value: String
        }

        let resourceType = "Device"
        let id: String
        let deviceName: [Name]
        let version: [Version]
    }

    struct Observation: Encodable {
        let resourceType = "Observation"
        let id: String
        let status = "preliminary"
        let category: [CodeableConcept]
        let code: CodeableConcept
        let issued: String
        var valueCodeableConcept: CodeableConcept?
        var dataAbsentReason: CodeableConcept?
        let note: [Annotation]
        let method: CodeableConcept
        let device: Reference
        var component: [Component]?
    }

    struct HumanName: Encodable {
        let text: String
    }

    struct Practitioner: Encodable {
        struct Qualification: Encodable {
            let code: CodeableConcept
        }

        let resourceType = "Practitioner"
        let id: String
        let name: [HumanName]
        var qualification: [Qualification]?
    }

    /// What a person observed and signed: an Observation with a performer in place of a device.
    struct SignedObservation: Encodable {
        let resourceType = "Observation"
        let id: String
        let identifier: [Identifier]
        let status = "final"
        let code: CodeableConcept
        let issued: String
        let performer: [Reference]
        var valueCodeableConcept: CodeableConcept?
        var dataAbsentReason: CodeableConcept?
        let note: [Annotation]
        let method: CodeableConcept
    }

    enum Contained: Encodable {
        case device(Device)
        case observation(Observation)
        case practitioner(Practitioner)
        case reading(SignedObservation)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .device(let device): try device.encode(to: encoder)
            case .observation(let observation): try observation.encode(to: encoder)
            case .practitioner(let practitioner): try practitioner.encode(to: encoder)
            case .reading(let reading): try reading.encode(to: encoder)
            }
        }
    }

    struct DiagnosticReport: Encodable {
        let resourceType = "DiagnosticReport"
        let language: String
        let text: Narrative
        let status: String
        let contained: [Contained]
        let identifier: [Identifier]
        let category: [CodeableConcept]
        let code: CodeableConcept
        let issued: String
        var resultsInterpreter: [Reference]?
        let result: [Reference]
        let conclusion: String
        var presentedForm: [Attachment]?
    }
}
