import Clinic
import Findings
import Foundation

/// The observations of a case: what the network saw, what readers say, the differential count, and the blood count and age that came
/// with the sample.
struct CaseObservations {
    let exchange: CaseExchange

    private var contents: CaseContents { exchange.contents }
    private var words: CaseExchange.Words { exchange.words }
    private var cells: CellGallery { exchange.dossier.cells }
    private var made: String { FHIR.instant(exchange.smearCase.createdAt) }

    var all: [FHIRResource] {
        (exchange.answered.isEmpty ? [] : [network]) + images + readings + differential + measured
    }

    /// What the report leads with; the parts of the count are members of its panel.
    var results: [FHIR.Reference] {
        let members = Set(memberIDs)
        return all.filter { !members.contains($0.id) }.map { .init(reference: "Observation/\($0.id)") }
    }

    private func resource(_ observation: FHIR.Observation, at date: Date) -> FHIRResource {
        FHIRResource(
            .observation, observation.id, of: exchange.dossier, status: observation.status, date: date, observation)
    }

    /// One of this case, with all that every one has.
    private func observation(
        _ part: String, _ status: String, _ code: FHIR.CodeableConcept, issued: Date, _ text: String? = nil
    ) -> FHIR.Observation {
        var code = code
        code.text = text
        return FHIR.Observation(
            id: exchange.id(part), meta: exchange.meta, status: status, category: [FHIR.Codes.laboratory], code: code,
            subject: exchange.subject, effectiveDateTime: made, issued: FHIR.instant(issued),
            specimen: exchange.sample)
    }
}

/// What the network saw.
extension CaseObservations {
    /// Of all images together.
    private var network: FHIRResource {
        let last = exchange.answered.compactMap(\.screening.finishedAt).max() ?? exchange.smearCase.updatedAt
        var observation = observation("network", "preliminary", LOINC.interpretation, issued: last)
        observation.contained = exchange.models.suffix(1).map { .init(FHIR.Device(id: "model", $0)) }
        observation.valueCodeableConcept = .init(text: words.network)
        observation.note = (words.lines + [words.notDiagnosis]).map { .init(text: $0) }
        observation.method = Self.byNetwork
        observation.device = .init(reference: "#model")
        observation.derivedFrom = exchange.answered.map {
            .init(reference: "Observation/\(exchange.id("network-\($0.image.number)"))")
        }
        return resource(observation, at: exchange.smearCase.createdAt)
    }

    private static let byNetwork = FHIR.CodeableConcept(
        text: "Convolutional neural network with calibrated confidence and conformal prediction set")

    private var images: [FHIRResource] {
        exchange.answered.compactMap { entry in
            guard let outcome = entry.screening.outcome else { return nil }
            return network(entry, outcome)
        }
    }

    private func network(_ entry: CaseContents.Entry, _ outcome: ScreeningOutcome) -> FHIRResource {
        let said = words.answers[entry.screening.id]
        let issued = entry.screening.finishedAt ?? entry.image.createdAt
        var observation = observation(
            "network-\(entry.image.number)", "preliminary", .init(), issued: issued,
            "Class of the cells in a blood smear photograph")
        observation.contained = [.init(FHIR.Device(id: "model", outcome.model))]
        observation.identifier = [
            .init(system: "\(exchange.address)/screenings", value: entry.screening.id.text)
        ]
        switch outcome.decision {
        case .report: observation.valueCodeableConcept = classConcept(outcome.label.rawValue, said?.headline)
        case .uncertain: observation.valueCodeableConcept = .init(text: said?.headline ?? outcome.decision.rawValue)
        case .rejected:
            observation.dataAbsentReason = FHIR.Codes.absent(said?.headline ?? outcome.decision.rawValue)
        }
        observation.note = said.flatMap { $0.reasons.isEmpty ? nil : $0.reasons.map { .init(text: $0) } }
        observation.method = Self.byNetwork
        observation.device = .init(reference: "#model")
        observation.derivedFrom = [exchange.image(entry.image.number)]
        if outcome.decision != .rejected {
            observation.component = outcome.probabilities.ranked.map {
                .init(
                    code: classConcept("\($0)", words.smearClass($0)),
                    valueQuantity: .init(value: ($1 * 10_000).rounded() / 10_000))
            }
        }
        return resource(observation, at: entry.image.createdAt)
    }

    private func classConcept(_ word: String, _ name: String?) -> FHIR.CodeableConcept {
        .init(
            coding: [.init(system: "\(exchange.address)/classes", code: word, display: name)], text: name ?? word)
    }
}

/// What readers say.
extension CaseObservations {
    private var readings: [FHIRResource] {
        contents.readings.map(reading)
            + contents.entries.flatMap { entry in entry.readings.map { reading($0, of: entry) } }
    }

    private func reading(_ signed: SignedCaseReading) -> FHIRResource {
        let reading = signed.reading
        let numbers = contents.entries.filter { reading.images[$0.screening.id] != nil }.map(\.image.number)
        var observation = self.reading(
            reading.id.text, LOINC.interpretation, nil, signed.readerName, signed.qualifications, signed.signedAt,
            isCorrected: !signed.earlier.isEmpty)
        said(
            reading.label, words.reading(reading), reading.findings, comment: reading.comment,
            isSettled: reading.isSettled, in: &observation)
        observation.identifier = [.init(system: "\(exchange.address)/case-readings", value: reading.id.text)]
        if !numbers.isEmpty { observation.derivedFrom = numbers.map(exchange.image) }
        return resource(observation, at: signed.signedAt)
    }

    private func reading(_ signed: SignedReading, of entry: CaseContents.Entry) -> FHIRResource {
        let reading = signed.reading
        var observation = self.reading(
            reading.id.text, .init(), "Class of the cells in a blood smear photograph, read by a physician",
            signed.readerName, signed.qualifications, signed.signedAt, isCorrected: !signed.earlier.isEmpty)
        said(
            reading.label, words.label(reading), reading.findings, comment: reading.comment,
            isSettled: reading.isSettled, in: &observation)
        observation.identifier = [.init(system: "\(exchange.address)/readings", value: reading.id.text)]
        observation.derivedFrom = [exchange.image(entry.image.number)]
        return resource(observation, at: signed.signedAt)
    }

    private func reading(
        _ id: String, _ code: FHIR.CodeableConcept, _ text: String?, _ reader: String, _ qualifications: String,
        _ signedAt: Date, isCorrected: Bool
    ) -> FHIR.Observation {
        var observation = observation(
            "reading-\(FHIRID.plain(id))", isCorrected ? "corrected" : "final", code, issued: signedAt, text)
        let name = reader.isEmpty ? words.unknownReader : reader
        observation.contained = [
            .init(FHIR.Practitioner(id: "reader", name: name, qualifications: qualifications))
        ]
        observation.performer = [.init(reference: "#reader")]
        observation.method = .init(text: "Reading of the photographs by a physician")
        return observation
    }

    private func said(
        _ label: ReaderLabel, _ name: String, _ findings: [SmearFinding], comment: String, isSettled: Bool,
        in observation: inout FHIR.Observation
    ) {
        observation.component = findings.isEmpty ? nil : findings.map { .init($0, name: words.finding($0)) }
        if label == .unreadable {
            observation.dataAbsentReason = FHIR.Codes.absent(name)
        } else {
            observation.valueCodeableConcept = classConcept(label.word, name)
        }
        let notes = [comment, isSettled ? "A later reading of the case settled this one." : ""]
            .filter { !$0.isEmpty }
        if !notes.isEmpty { observation.note = notes.map { .init(text: $0) } }
    }
}

/// The differential count.
extension CaseObservations {
    private var lines: [DifferentialCount.Line] {
        let count = cells.count
        return count.counted > 0 ? count.lines : []
    }

    private var memberIDs: [String] { lines.map { exchange.id("cells-\($0.type.rawValue)") } }

    /// All observations of the count.
    var countIDs: [String] { lines.isEmpty ? [] : [exchange.id("cells")] + memberIDs }

    private var differential: [FHIRResource] {
        guard !lines.isEmpty else { return [] }
        let confirmations = cells.confirmations
        let last =
            confirmations.map(\.at).max() ?? exchange.answered.compactMap(\.screening.finishedAt).max()
            ?? exchange.smearCase.updatedAt
        let status = confirmations.isEmpty ? "preliminary" : "final"
        var panel = observation("cells", status, LOINC.differential, issued: last)
        panel.hasMember = memberIDs.map { .init(reference: "Observation/\($0)") }
        panel.note = [.init(text: "White cells counted: \(cells.count.counted)")]
        counted(&panel)
        let parts = lines.map { line -> FHIRResource in
            var part = observation(
                "cells-\(line.type.rawValue)", status, LOINC.share(of: line.type) ?? .init(), issued: last,
                words.cell(line.type))
            part.valueQuantity = .percent((line.now.share * 1000).rounded() / 10)
            counted(&part)
            return resource(part, at: exchange.smearCase.createdAt)
        }
        return [resource(panel, at: exchange.smearCase.createdAt)] + parts
    }

    /// Who counted, and who stands for it.
    private func counted(_ observation: inout FHIR.Observation) {
        let models = cells.models
        let readers = cells.confirmations.map { cells.names[$0.userID] ?? words.unknownReader }
        let names = readers.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let contained =
            models.suffix(1).map { FHIR.AnyResource(FHIR.Device(id: "model", $0)) }
            + names.enumerated().map {
                .init(FHIR.Practitioner(id: "reader-\($0 + 1)", name: $1, qualifications: ""))
            }
        observation.contained = contained.isEmpty ? nil : contained
        if !models.isEmpty { observation.device = .init(reference: "#model") }
        if !names.isEmpty { observation.performer = names.indices.map { .init(reference: "#reader-\($0 + 1)") } }
        observation.method = .init(
            text: names.isEmpty
                ? "Cells found and typed by a neural network in photographs"
                : "Cells found and typed by a neural network in photographs, confirmed by a physician")
    }
}

/// What came with the sample.
extension CaseObservations {
    private var measured: [FHIRResource] {
        let counts = exchange.facts.counts
        func volume(_ value: Double?) -> FHIR.Quantity? {
            value.map { .init(value: $0, unit: "10*9/L", code: "10*9/L") }
        }
        return [
            measure("age", LOINC.age, exchange.facts.ageYears.map { .init(value: Double($0), unit: "a", code: "a") }),
            measure(
                "haemoglobin", LOINC.haemoglobin,
                counts.haemoglobin.map { .init(value: $0, unit: "g/dL", code: "g/dL") }),
            measure("white-cells", LOINC.whiteCells, volume(counts.whiteCells)),
            measure("platelets", LOINC.platelets, volume(counts.platelets)),
            measure("blasts-by-hand", LOINC.blastsByHand, counts.blastPercentage.map(FHIR.Quantity.percent)),
        ].compactMap { $0 }
    }

    private func measure(
        _ part: String, _ code: FHIR.CodeableConcept, _ value: FHIR.Quantity?
    ) -> FHIRResource? {
        guard let value else { return nil }
        var observation = observation(
            part, "final", code, issued: contents.person?.updatedAt ?? exchange.smearCase.createdAt)
        observation.valueQuantity = value
        observation.method = .init(text: "Stated by whoever sent the sample")
        return resource(observation, at: exchange.smearCase.createdAt)
    }
}
