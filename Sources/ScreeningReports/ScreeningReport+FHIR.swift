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
    /// conclusion under the doctor's name. Whose sample it is stands in a contained Patient, for those who may see the case, where
    /// anything is known. One image is examined here, which no LOINC or SNOMED CT code says exactly, so it is told as text;
    /// `CaseExchange` tells a whole case in codes.
    ///
    /// - Returns: JSON, `application/fhir+json`.
    /// - Throws: `EncodingError`.
    public func fhirR4() throws -> Data { try JSONFormat.line.data(diagnosticReport) }

    private var diagnosticReport: FHIR.DiagnosticReport {
        FHIR.DiagnosticReport(
            id: nil, language: words.language, text: narrative,
            contained: [.init(device), .init(observation)] + readings.enumerated().flatMap(contained)
                + (patient.map { [.init($0)] } ?? []),
            identifier: [.init(system: address.map { "\($0)/screenings" }, value: screeningID.text)]
                + (smearCase.map { [.init(system: address.map { "\($0)/cases" }, value: $0.id.text)] } ?? []),
            status: status, category: [.init(coding: [FHIR.Codes.haematology])],
            code: .init(text: "Screening of a blood smear photograph for B-cell acute lymphoblastic leukaemia"),
            subject: patient.map { .init(reference: "#\($0.id)") }, issued: instant,
            resultsInterpreter: readings.isEmpty
                ? nil : readings.indices.map { .init(reference: "#\(Self.reader($0))") },
            result: [.init(reference: "#classification")]
                + readings.indices.map { .init(reference: "#\(Self.reading($0))") },
            conclusion: conclusion, conclusionCode: conclusionCodes,
            presentedForm: address.map {
                [
                    .init(
                        contentType: "application/pdf", url: "\($0)/api/v1/screenings/\(screeningID)/report.pdf",
                        title: words.labels.title)
                ]
            })
    }

    private var patient: FHIR.Patient? {
        subject.flatMap { $0.isKnown ? FHIR.Patient(id: "patient", $0) : nil }
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

    /// The findings of the readings that count, each once.
    private var conclusionCodes: [FHIR.CodeableConcept]? {
        let named = Dictionary(
            counting.flatMap(\.findings).map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        let found = SmearFinding.ordered(named.keys)
        return found.isEmpty ? nil : found.map { .init($0, name: named[$0] ?? $0.rawValue) }
    }

    private static func reader(_ index: Int) -> String { "reader-\(index + 1)" }
    private static func reading(_ index: Int) -> String { "reading-\(index + 1)" }

    private func contained(_ index: Int, _ reading: DoctorsReading) -> [FHIR.AnyResource] {
        [
            .init(
                FHIR.Practitioner(
                    id: Self.reader(index), name: reading.reader, qualifications: reading.qualifications)),
            .init(observation(of: reading, index)),
        ]
    }

    private func observation(of reading: DoctorsReading, _ index: Int) -> FHIR.Observation {
        let comment = reading.comment.isEmpty ? [] : [FHIR.Annotation(text: reading.comment)]
        return FHIR.Observation(
            id: Self.reading(index),
            identifier: [.init(system: address.map { "\($0)/readings" }, value: reading.id.text)], status: "final",
            code: .init(text: "Class of the cells in a blood smear photograph, read by a physician"),
            issued: FHIR.instant(reading.signedAt), performer: [.init(reference: "#\(Self.reader(index))")],
            valueCodeableConcept: reading.label == .unreadable
                ? nil
                : .init(
                    coding: address.map {
                        [.init(system: "\($0)/classes", code: reading.label.word, display: reading.headline)]
                    }, text: reading.headline),
            dataAbsentReason: reading.label == .unreadable ? FHIR.Codes.absent(reading.headline) : nil,
            note: comment + [.init(text: reading.agreement)],
            method: .init(text: "Reading of the photograph by a physician"),
            component: reading.findings.isEmpty ? nil : reading.findings.map { .init($0.code, name: $0.name) })
    }

    private var device: FHIR.Device { FHIR.Device(id: "model", result.model) }

    private var observation: FHIR.Observation {
        FHIR.Observation(
            id: "classification", status: "preliminary", category: [FHIR.Codes.laboratory],
            code: .init(text: "Class of the cells in a blood smear photograph"), issued: instant,
            valueCodeableConcept: value, dataAbsentReason: isRejected ? FHIR.Codes.absent(words.decision) : nil,
            note: words.reasons.isEmpty ? nil : words.reasons.map { .init(text: $0) },
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

    private var instant: String { FHIR.instant(finishedAt) }

    private var narrative: FHIR.Narrative {
        let signed = readings.map { reading in
            "\(words.labels.doctorsReading): \(reading.headline) (\(reading.signature), "
                + "\(FHIR.instant(reading.signedAt))). \(reading.agreement) \(reading.comment)"
        }
        return FHIR.Narrative(
            [words.headline, words.subline, words.decision] + words.reasons + signed + [words.notDiagnosis],
            language: words.language)
    }
}

extension FHIR.Device {
    init(id: String, _ model: ScreeningOutcome.Model) {
        self.init(
            id: id, deviceName: [.init(name: "Leukoscope \(model.name)")], version: [.init(value: model.version)])
    }
}
