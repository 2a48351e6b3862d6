import Clinic
import Findings
import Foundation

/// The report of a case, and what can be looked at: its images and the report on paper.
struct CaseDocuments {
    let exchange: CaseExchange

    private var words: CaseExchange.Words { exchange.words }
    private var contents: CaseContents { exchange.contents }

    /// When the report became what it is.
    private var issued: Date {
        let moments =
            exchange.answered.compactMap(\.screening.finishedAt) + contents.readings.map(\.signedAt)
            + contents.entries.flatMap { $0.readings.map(\.signedAt) }
        return moments.max() ?? exchange.smearCase.createdAt
    }

    /// The readers whose readings count, each once.
    private var readers: [(name: String, qualifications: String)] {
        let whole = contents.readings.filter { !$0.reading.isSettled }.map { ($0.readerName, $0.qualifications) }
        let single = contents.entries.flatMap(\.readings).filter { !$0.reading.isSettled }
            .map { ($0.readerName, $0.qualifications) }
        return (whole + single).reduce(into: []) { readers, reader in
            let reader = (reader.0.isEmpty ? words.unknownReader : reader.0, reader.1)
            if !readers.contains(where: { $0 == reader }) { readers.append(reader) }
        }
    }

    var report: FHIRResource {
        let (status, readers, requests) = (exchange.status, readers, exchange.requestReferences)
        let conclusion = [words.headline, words.advice, words.besides, words.notDiagnosis].filter { !$0.isEmpty }
        let results = CaseObservations(exchange: exchange).results
        let report = FHIR.DiagnosticReport(
            id: exchange.id(), meta: exchange.meta, language: words.language,
            text: .init([words.title, words.headline] + words.lines + [words.notDiagnosis], language: words.language),
            contained: [.init(FHIR.Organization(id: "site", name: words.site))]
                + readers.enumerated().map {
                    .init(
                        FHIR.Practitioner(
                            id: "reader-\($0 + 1)", name: $1.name, qualifications: $1.qualifications))
                },
            identifier: [.init(system: "\(exchange.address)/cases", value: exchange.smearCase.id.text)],
            basedOn: requests.isEmpty ? nil : requests, status: status, category: [category],
            code: LOINC.interpretation, subject: exchange.subject,
            effectiveDateTime: FHIR.instant(exchange.smearCase.createdAt), issued: FHIR.instant(issued),
            performer: [.init(reference: "#site")],
            resultsInterpreter: readers.isEmpty ? nil : readers.indices.map { .init(reference: "#reader-\($0 + 1)") },
            specimen: [exchange.sample], result: results.isEmpty ? nil : results,
            conclusion: conclusion.joined(separator: " "), conclusionCode: conclusionCodes)
        return FHIRResource(
            .diagnosticReport, exchange.id(), of: exchange.dossier, status: status,
            date: exchange.smearCase.createdAt, report)
    }

    /// The findings of the reading that leads. Where SNOMED CT is asked for, a conclusion may have no code of another system
    /// (ABDM's DiagnosticReportLab); they stand in the Observation all the same.
    private var conclusionCodes: [FHIR.CodeableConcept]? {
        let findings = contents.conclusion.leading?.findings ?? []
        guard !exchange.usesSNOMED, !findings.isEmpty else { return nil }
        return findings.map { .init($0, name: words.finding($0)) }
    }

    private var category: FHIR.CodeableConcept {
        guard exchange.usesSNOMED else { return .init(coding: [FHIR.Codes.haematology], text: "Haematology") }
        return .init(
            coding: [
                .init(system: "http://snomed.info/sct", code: "708196005", display: "Hematology service")
            ], text: "Haematology")
    }

    /// The images that were screened, and the report on paper.
    var references: [FHIRResource] {
        exchange.answered.map { entry in
            reference(
                "image-\(entry.image.number)", LOINC.photograph, at: entry.image.createdAt,
                .init(
                    contentType: "image/jpeg", url: address("image-\(entry.image.number)"),
                    title: "Image \(entry.image.number)", creation: FHIR.instant(entry.image.createdAt)))
        } + [
            reference(
                "report", LOINC.report, at: issued, docStatus: docStatus,
                .init(
                    contentType: "application/pdf", language: words.language, url: address("report"),
                    title: words.title, creation: FHIR.instant(issued)))
        ]
    }

    /// FHIR's composition-status, which has fewer words than a report.
    private var docStatus: String {
        switch exchange.status {
        case "final": "final"
        case "corrected": "amended"
        default: "preliminary"
        }
    }

    private func address(_ part: String) -> String { "\(exchange.address)/fhir/Binary/\(exchange.id(part))" }

    private func reference(
        _ part: String, _ type: FHIR.CodeableConcept, at date: Date, docStatus: String? = nil,
        _ attachment: FHIR.Attachment
    ) -> FHIRResource {
        let document = FHIR.DocumentReference(
            id: exchange.id(part), meta: exchange.meta, docStatus: docStatus, type: type, subject: exchange.subject,
            date: FHIR.instant(date), content: [.init(attachment: attachment)],
            context: .init(related: [.init(reference: "DiagnosticReport/\(exchange.id())")]))
        return FHIRResource(
            .documentReference, document.id, of: exchange.dossier, status: document.status, date: date, document)
    }
}
