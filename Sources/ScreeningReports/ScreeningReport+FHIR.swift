import Clinic
import Findings
import Formats
import Foundation

extension ScreeningReport {
    /// The report for other systems: a DiagnosticReport of HL7 FHIR R4 (4.0.1), base resources without a profile.
    ///
    /// `preliminary`, as a screening aid is no diagnosis, and `final` once doctors signed and agree, with one contained Observation (the class, or why there is none,
    /// and a component for each probability) and the model as a contained Device. Each reading that a doctor signed is a
    /// further Observation, `final`, with the doctor as contained Practitioner and performer, and its words stand in the
    /// conclusion under the doctor's name. No subject or specimen: the server knows none, and the receiver attaches its
    /// own. What is examined has no LOINC or SNOMED CT code that says exactly this, so it is told as text.
    ///
    /// - Returns: JSON, `application/fhir+json`.
    /// - Throws: `EncodingError`.
    public func fhirR4() throws -> Data { try JSONFormat.line.data(diagnosticReport) }

    private var diagnosticReport: FHIR.DiagnosticReport {
        FHIR.DiagnosticReport(
            language: words.language, text: .init(div: narrative), status: status,
            contained: [.device(device), .observation(observation)] + readings.enumerated().flatMap(contained),
            identifier: [.init(system: address.map { "\($0)/screenings" }, value: screeningID.text)]
                + (smearCase.map { [.init(system: address.map { "\($0)/cases" }, value: $0.id.text)] } ?? []),
            // HL7 v2 table 0074, diagnostic service sections: haematology.
            category: [
                .init(coding: [
                    .init(
                        system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "HM", display: "Hematology")
                ])
            ],
            code: .init(text: "Screening of a blood smear photograph for B-cell acute lymphoblastic leukaemia"),
            issued: instant,
            resultsInterpreter: readings.isEmpty
                ? nil : readings.indices.map { .init(reference: "#\(Self.reader($0))") },
            result: [.init(reference: "#classification")]
                + readings.indices.map { .init(reference: "#\(Self.reading($0))") },
            conclusion: conclusion,
            presentedForm: address.map {
                [
                    .init(
                        contentType: "application/pdf", url: "\($0)/api/v1/screenings/\(screeningID)/report.pdf",
                        title: words.labels.title)
                ]
            })
    }

    /// The network alone, and doctors who disagree, leave the report open.
    private var status: String {
        Set(counting.map(\.label)).count == 1 ? "final" : "preliminary"
    }

    /// The readings that no later one settled.
    private var counting: [DoctorsReading] { readings.filter { !$0.isSettled } }

    private var conclusion: String {
        let signed = readings.map { reading in
            "\(words.labels.doctorsReading) (\(reading.signature)): \(reading.headline)."
        }
        return (["\(words.headline). \(words.subline)."] + signed + [words.notDiagnosis]).joined(separator: " ")
    }

    private static func reader(_ index: Int) -> String { "reader-\(index + 1)" }
    private static func reading(_ index: Int) -> String { "reading-\(index + 1)" }

    private func contained(_ index: Int, _ reading: DoctorsReading) -> [FHIR.Contained] {
        let practitioner = FHIR.Practitioner(
            id: Self.reader(index), name: [.init(text: reading.reader)],
            qualification: reading.qualifications.isEmpty
                ? nil : [.init(code: .init(text: reading.qualifications))])
        return [.practitioner(practitioner), .reading(observation(of: reading, index))]
    }

    private func observation(of reading: DoctorsReading, _ index: Int) -> FHIR.SignedObservation {
        let comment = reading.comment.isEmpty ? [] : [FHIR.Annotation(text: reading.comment)]
        return FHIR.SignedObservation(
            id: Self.reading(index),
            identifier: [.init(system: address.map { "\($0)/readings" }, value: reading.id.text)],
            code: .init(text: "Class of the cells in a blood smear photograph, read by a physician"),
            issued: reading.signedAt.formatted(.iso8601),
            performer: [.init(reference: "#\(Self.reader(index))")],
            valueCodeableConcept: reading.label == .unreadable
                ? nil
                : .init(
                    coding: address.map {
                        [.init(system: "\($0)/classes", code: reading.label.word, display: reading.headline)]
                    }, text: reading.headline),
            dataAbsentReason: reading.label == .unreadable
                ? .init(
                    coding: [
                        .init(
                            system: "http://terminology.hl7.org/CodeSystem/data-absent-reason", code: "unknown",
                            display: "Unknown")
                    ], text: reading.headline) : nil,
            note: comment + [.init(text: reading.agreement)],
            method: .init(text: "Reading of the photograph by a physician"))
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
            note: words.reasons.map { .init(text: $0) },
            method: .init(text: "Convolutional neural network with calibrated confidence and conformal prediction set"),
            device: .init(reference: "#model"),
            component: isRejected
                ? nil
                : words.bars.map { .init(code: .init(text: $0.name), valueQuantity: .init(value: $0.share)) })
    }

    /// A class only where one is reported; where several remain possible, the words alone.
    private var value: FHIR.CodeableConcept? {
        let said = words.network ?? (words.headline, words.subline)
        return switch result.decision {
        case .report:
            .init(
                coding: address.map {
                    [.init(system: "\($0)/classes", code: result.label.rawValue, display: said.headline)]
                },
                text: said.headline)
        case .uncertain: .init(text: "\(said.headline): \(said.subline)")
        case .rejected: nil
        }
    }

    /// FHIR's `instant`: to the second or finer, with a zone.
    private var instant: String { finishedAt.formatted(.iso8601) }

    /// The report in words, as XHTML (FHIR R4, Narrative).
    private var narrative: String {
        let signed = readings.map { reading in
            "\(words.labels.doctorsReading): \(reading.headline) (\(reading.signature), "
                + "\(reading.signedAt.formatted(.iso8601))). \(reading.agreement) \(reading.comment)"
        }
        let lines = [words.headline, words.subline, words.decision] + words.reasons + signed + [words.notDiagnosis]
        let language = Self.escaped(words.language)
        return "<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"\(language)\" xml:lang=\"\(language)\">"
            + lines.map { "<p>\(Self.escaped($0))</p>" }.joined()
            + "</div>"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
