import Formats
import Foundation

/// The types of HL7 FHIR R4 (4.0.1) that screenings and cases need, with FHIR's own names of elements. What is nil or not named is
/// left out.
enum FHIR {
    struct Coding: Encodable, Sendable {
        let system: String
        let code: String
        var display: String?
    }

    struct CodeableConcept: Encodable, Sendable {
        var coding: [Coding]?
        var text: String?
    }

    struct Identifier: Encodable, Sendable {
        var type: CodeableConcept?
        var system: String?
        let value: String
    }

    struct Reference: Encodable, Sendable {
        var reference: String?
        var display: String?
    }

    /// A number in a unit of UCUM.
    struct Quantity: Encodable, Sendable {
        let value: Double
        /// As people write it; nil where there is no unit.
        var unit: String?
        let system = "http://unitsofmeasure.org"
        var code = "1"

        static func percent(_ value: Double) -> Quantity { Quantity(value: value, unit: "%", code: "%") }
    }

    struct Annotation: Encodable, Sendable {
        let text: String
    }

    struct Component: Encodable, Sendable {
        let code: CodeableConcept
        var valueQuantity: Quantity?
        var valueCodeableConcept: CodeableConcept?
    }

    struct Attachment: Encodable, Sendable {
        let contentType: String
        var language: String?
        let url: String
        let title: String
        var creation: String?
    }

    struct Narrative: Encodable, Sendable {
        let status = "generated"
        let div: String

        /// Lines of words as XHTML (FHIR R4, Narrative).
        init(_ lines: [String], language: String) {
            let language = language.escapedForMarkup
            div =
                "<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"\(language)\" xml:lang=\"\(language)\">"
                + lines.filter { !$0.isEmpty }.map { "<p>\($0.escapedForMarkup)</p>" }.joined() + "</div>"
        }
    }

    struct Meta: Encodable, Sendable {
        let lastUpdated: String
    }

    /// FHIR's `instant` and `dateTime`: to the second, in UTC.
    static func instant(_ date: Date) -> String { date.formatted(.iso8601) }

    /// Codes that more than one resource has.
    enum Codes {
        /// HL7 v2 table 0074, diagnostic service sections.
        static let haematology = Coding(
            system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "HM", display: "Hematology")
        static let laboratory = CodeableConcept(coding: [
            Coding(
                system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory",
                display: "Laboratory")
        ])

        /// Why there is no value.
        static func absent(_ words: String) -> CodeableConcept {
            CodeableConcept(
                coding: [
                    Coding(
                        system: "http://terminology.hl7.org/CodeSystem/data-absent-reason", code: "unknown",
                        display: "Unknown")
                ], text: words)
        }
    }
}
