import Clinic
import Findings
import Foundation

/// A case for other systems, as resources of HL7 FHIR R4 (4.0.1).
///
/// What a network says and what a person says are never one resource: the network's observations stay `preliminary` and name it as
/// device, a reader's are `final` and name them as performer, and a Provenance of each tells who made which. The report is
/// `preliminary` until a reader has confirmed it.
public struct CaseExchange: Sendable {
    /// What is said in words, in one language.
    public struct Words: Sendable {
        /// RFC 5646.
        public var language = "en"
        /// Of which kind of document the report is.
        public var title = ""
        /// Who makes reports here.
        public var site = ""
        /// What the case comes to, and what to do.
        public var headline = ""
        public var advice = ""
        /// What the network alone says of all images.
        public var network = ""
        /// The same in a sentence, where a reader's word leads; empty otherwise.
        public var besides = ""
        /// How many images said what.
        public var lines: [String] = []
        public var notDiagnosis = ""
        /// Of a reader whose name is not known.
        public var unknownReader = ""
        /// What the network says of an image, and why; empty for one without an answer.
        public var answers: [ScreeningID: (headline: String, reasons: [String])] = [:]
        /// A signed reading of the whole case.
        public var reading: @Sendable (CaseReading) -> String = { $0.label.word }
        /// A signed reading of an image.
        public var label: @Sendable (Reading) -> String = { $0.label.word }
        public var finding: @Sendable (SmearFinding) -> String = { $0.rawValue }
        public var cell: @Sendable (CellType) -> String = { $0.rawValue }
        public var smearClass: @Sendable (SmearClass) -> String = { $0.rawValue }

        public init() {}
    }

    let dossier: CaseDossier
    let words: Words
    /// Where the site is reached, without a slash at the end.
    let address: String
    let usesSNOMED: Bool

    /// - Parameters:
    ///   - dossier: The case, for somebody who may see it.
    ///   - words: What is said in words.
    ///   - address: Where the site is reached, without a slash at the end: for the namespaces of its own identifiers, and for links.
    ///   - usesSNOMED: Whether codes of SNOMED CT may be used here.
    public init(_ dossier: CaseDossier, words: Words, address: String, usesSNOMED: Bool) {
        (self.dossier, self.words, self.address, self.usesSNOMED) = (dossier, words, address, usesSNOMED)
    }

    /// All resources of the case, always in the same order.
    public var resources: [FHIRResource] {
        let documents = CaseDocuments(exchange: self)
        return [patient, specimen] + requests + [documents.report] + observations + documents.references
            + CaseProvenance(exchange: self).all
    }

    /// Those of one type.
    public func resources(_ type: FHIRResourceType) -> [FHIRResource] { resources.filter { $0.type == type } }

    var contents: CaseContents { dossier.contents }
    var smearCase: SmearCase { contents.smearCase }
    var facts: Person.Facts { contents.person?.facts ?? Person.Facts() }
    var meta: FHIR.Meta { .init(lastUpdated: FHIR.instant(dossier.updatedAt)) }
    var subject: FHIR.Reference { .init(reference: "Patient/\(id())") }
    var sample: FHIR.Reference { .init(reference: "Specimen/\(id())") }
    /// Images with an answer.
    var answered: [CaseContents.Entry] { contents.entries.filter { $0.screening.outcome != nil } }
    /// The models that gave the answers, each once.
    var models: [ScreeningOutcome.Model] {
        answered.compactMap(\.screening.outcome?.model).reduce(into: []) { models, model in
            if !models.contains(model) { models.append(model) }
        }
    }
    private var observations: [FHIRResource] { CaseObservations(exchange: self).all }

    func id(_ part: String? = nil) -> String { FHIRID.text(smearCase.id, part) }

    func image(_ number: Int) -> FHIR.Reference { .init(reference: "DocumentReference/\(id("image-\(number)"))") }

    /// How far the report is.
    ///
    /// `registered` without an answer, `partial` while images wait, `preliminary` until a reader has confirmed it, also where readers
    /// disagree or images came later; then `final`, and `corrected` where a reading replaced an earlier one.
    var status: String {
        let conclusion = contents.conclusion
        if !answered.isEmpty && contents.pendingCount == 0 && !conclusion.isDisputed
            && (conclusion.leading.map { _ in conclusion.newImages == 0 } ?? isReadImageByImage)
        {
            let isCorrected =
                contents.readings.contains { !$0.earlier.isEmpty || $0.reading.isSettled }
                || contents.entries.contains { $0.readings.contains { !$0.earlier.isEmpty || $0.reading.isSettled } }
            return isCorrected ? "corrected" : "final"
        }
        if answered.isEmpty { return "registered" }
        return contents.pendingCount > 0 ? "partial" : "preliminary"
    }

    /// Whether readers signed every image, and say the same of each. One without an answer is none that anybody read.
    private var isReadImageByImage: Bool {
        answered.count == contents.entries.count
            && answered.allSatisfy { Set($0.readings.map(\.reading).counting.map(\.label)).count == 1 }
    }
}

/// Who, what, and what was asked for.
extension CaseExchange {
    private var patient: FHIRResource {
        var patient = FHIR.Patient(id: id(), contents.subject)
        patient.meta = meta
        return FHIRResource(.patient, patient.id, of: dossier, patient)
    }

    private var specimen: FHIRResource {
        FHIRResource(
            .specimen, id(), of: dossier, status: "available",
            FHIR.Specimen(
                id: id(), meta: meta, accessionIdentifier: facts.sample.map { FHIR.Identifier($0) },
                type: .init(
                    coding: [
                        // HL7 v2 table 0487, specimen types.
                        .init(
                            system: "http://terminology.hl7.org/CodeSystem/v2-0487", code: "BLD",
                            display: "Whole blood")
                    ], text: "Stained smear of blood"), subject: subject,
                receivedTime: FHIR.instant(smearCase.createdAt),
                request: requestReferences.isEmpty ? nil : requestReferences))
    }

    var requestReferences: [FHIR.Reference] {
        dossier.requests.map { .init(reference: "ServiceRequest/\(requestID($0))") }
    }

    private func requestID(_ request: LabRequest) -> String { id(FHIRID.plain(request.id.text)) }

    private var requests: [FHIRResource] {
        dossier.requests.map { request in
            let status = ["final", "corrected"].contains(self.status) ? "completed" : "active"
            return FHIRResource(
                .serviceRequest, requestID(request), of: dossier, status: status, date: request.createdAt,
                number: request.identifier,
                FHIR.ServiceRequest(
                    id: requestID(request), meta: meta, identifier: [FHIR.Identifier(request.identifier)],
                    status: status, code: .init(text: request.title), subject: subject,
                    authoredOn: request.authoredOn.isEmpty ? nil : request.authoredOn,
                    requester: request.requester.isEmpty ? nil : .init(display: request.requester),
                    specimen: [sample],
                    supportingInfo: [.init(reference: "DiagnosticReport/\(id())")]))
        }
    }
}

extension FHIR.Identifier {
    init(_ identifier: PersonIdentifier) {
        self.init(system: identifier.namespace.isEmpty ? nil : identifier.namespace, value: identifier.value)
    }
}

extension FHIR.Patient {
    init(id: String, _ subject: CaseSubject) {
        let facts = subject.person?.facts ?? Person.Facts()
        let gender =
            switch facts.sex {
            case .female: "female"
            case .male: "male"
            case .other: "other"
            case nil: "unknown"
            }
        self.init(
            id: id,
            identifier: facts.identifiers.isEmpty ? nil : facts.identifiers.map { FHIR.Identifier($0) },
            name: subject.name.map { [FHIR.HumanName(text: $0)] }, gender: gender, birthDate: subject.birthDate)
    }
}
