import Foundation

extension ScreeningReport {
    /// The report for other systems: a DiagnosticReport of HL7 FHIR R4 (4.0.1), base resources without a profile.
    ///
    /// `preliminary`, because no qualified reader has confirmed it, with one contained Observation (the class, or why there
    /// is none, and a component for each probability) and the model as a contained Device. No subject, performer or
    /// specimen: the server knows none, and the receiver attaches its own. What is examined has no LOINC or SNOMED CT
    /// code that says exactly this, so it is told as text.
    ///
    /// - Returns: JSON, `application/fhir+json`.
    /// - Throws: `EncodingError`.
    public func fhirR4() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(diagnosticReport)
    }

    private var diagnosticReport: FHIR.DiagnosticReport {
        FHIR.DiagnosticReport(
            text: .init(div: narrative), contained: [.device(device), .observation(observation)],
            identifier: [
                .init(system: address.map { "\($0)/screenings" }, value: screeningID.text),
                .init(system: address.map { "\($0)/cases" }, value: smearCase.id.text),
            ],
            // HL7 v2 table 0074, diagnostic service sections: haematology.
            category: [
                .init(coding: [
                    .init(
                        system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "HM", display: "Hematology")
                ])
            ],
            code: .init(text: "Screening of a blood smear photograph for B-cell acute lymphoblastic leukaemia"),
            issued: instant, result: [.init(reference: "#classification")],
            conclusion: "\(words.headline). \(words.subline). \(words.notDiagnosis)",
            presentedForm: address.map {
                [
                    .init(
                        contentType: "application/pdf", url: "\($0)/api/v1/screenings/\(screeningID)/report.pdf",
                        title: words.labels.title)
                ]
            })
    }

    private var device: FHIR.Device {
        FHIR.Device(
            id: "model", deviceName: [.init(name: "Leukoscope \(result.model.name)")],
            version: [.init(value: result.model.version)])
    }

    private var observation: FHIR.Observation {
        FHIR.Observation(
            id: "classification",
            category: [
                .init(coding: [
                    .init(
                        system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory",
                        display: "Laboratory")
                ])
            ],
            code: .init(text: "Class of the cells in a blood smear photograph"), issued: instant,
            valueCodeableConcept: value,
            dataAbsentReason: isRejected
                ? .init(
                    coding: [
                        .init(
                            system: "http://terminology.hl7.org/CodeSystem/data-absent-reason", code: "unknown",
                            display: "Unknown")
                    ], text: words.decision) : nil,
            note: result.reasons.map { .init(text: $0) },
            method: .init(text: "Convolutional neural network with calibrated confidence and conformal prediction set"),
            device: .init(reference: "#model"),
            component: isRejected
                ? nil
                : words.bars.map { .init(code: .init(text: $0.name), valueQuantity: .init(value: $0.share)) })
    }

    /// A class only where one is reported; where several remain possible, the words alone.
    private var value: FHIR.CodeableConcept? {
        switch result.decision {
        case .report:
            .init(
                coding: address.map { [.init(system: "\($0)/classes", code: result.label, display: words.headline)] },
                text: words.headline)
        case .uncertain: .init(text: "\(words.headline): \(words.subline)")
        case .rejected: nil
        }
    }

    /// FHIR's `instant`: to the second or finer, with a zone.
    private var instant: String { finishedAt.formatted(.iso8601) }

    /// The report in words, as XHTML (FHIR R4, Narrative).
    private var narrative: String {
        let lines = [words.headline, words.subline, words.decision] + result.reasons + [words.notDiagnosis]
        return "<div xmlns=\"http://www.w3.org/1999/xhtml\">" + lines.map { "<p>\(Self.escaped($0))</p>" }.joined()
            + "</div>"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
