import Clinic
import Findings
import Foundation

/// Who made what of a case: the network, and each reader.
struct CaseProvenance {
    let exchange: CaseExchange

    var all: [FHIRResource] {
        network + exchange.contents.readings.map(reader)
            + exchange.contents.entries.flatMap { entry in entry.readings.map { reader($0, of: entry) } }
            + confirmation
    }

    /// What the network made: a device that works without an author (`assembler`).
    private var network: [FHIRResource] {
        let (models, answered) = (exchange.models, exchange.answered)
        guard !models.isEmpty, let last = answered.compactMap(\.screening.finishedAt).max() else { return [] }
        let cells = CaseObservations(exchange: exchange).countIDs
        let targets =
            [exchange.id("network")] + answered.map { exchange.id("network-\($0.image.number)") } + cells
        return [
            provenance(
                "network", targets, at: last, from: answered.map { exchange.image($0.image.number) },
                by: models.enumerated().map { index, model in
                    (
                        "assembler", "Assembler", .init(FHIR.Device(id: "model-\(index + 1)", model)),
                        "model-\(index + 1)"
                    )
                })
        ]
    }

    private func reader(_ signed: SignedCaseReading) -> FHIRResource {
        let images = exchange.contents.entries.filter { signed.reading.images[$0.screening.id] != nil }
        return reader(
            signed.reading.id.text, signed.readerName, signed.qualifications, signed.signedAt,
            images.map(\.image.number))
    }

    private func reader(_ signed: SignedReading, of entry: CaseContents.Entry) -> FHIRResource {
        reader(
            signed.reading.id.text, signed.readerName, signed.qualifications, signed.signedAt, [entry.image.number])
    }

    private func reader(
        _ id: String, _ name: String, _ qualifications: String, _ at: Date, _ images: [Int]
    ) -> FHIRResource {
        let part = "reading-\(FHIRID.plain(id))"
        let name = name.isEmpty ? exchange.words.unknownReader : name
        return provenance(
            part, [exchange.id(part)], at: at, from: images.map(exchange.image),
            by: [
                (
                    "author", "Author",
                    .init(FHIR.Practitioner(id: "reader", name: name, qualifications: qualifications)), "reader"
                )
            ])
    }

    /// Those who stand for the count of cells that the network made.
    private var confirmation: [FHIRResource] {
        let cells = exchange.dossier.cells
        guard let last = cells.confirmations.map(\.at).max() else { return [] }
        let names = cells.confirmations.map { cells.names[$0.userID] ?? exchange.words.unknownReader }
            .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return [
            provenance(
                "confirmation", CaseObservations(exchange: exchange).countIDs, at: last,
                from: exchange.answered.map { exchange.image($0.image.number) },
                by: names.enumerated().map { index, name in
                    (
                        "verifier", "Verifier",
                        .init(FHIR.Practitioner(id: "reader-\(index + 1)", name: name, qualifications: "")),
                        "reader-\(index + 1)"
                    )
                })
        ]
    }

    private func provenance(
        _ part: String, _ targets: [String], at moment: Date, from sources: [FHIR.Reference],
        by agents: [(code: String, name: String, who: FHIR.AnyResource, id: String)]
    ) -> FHIRResource {
        let provenance = FHIR.Provenance(
            id: exchange.id(part), meta: exchange.meta, contained: agents.map(\.who),
            target: targets.map { .init(reference: "Observation/\($0)") }, occurredDateTime: FHIR.instant(moment),
            recorded: FHIR.instant(moment),
            agent: agents.map { agent in
                .init(
                    type: .init(coding: [
                        .init(
                            system: "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                            code: agent.code, display: agent.name)
                    ]), who: .init(reference: "#\(agent.id)"))
            }, entity: sources.isEmpty ? nil : sources.map { .init(what: $0) })
        return FHIRResource(.provenance, provenance.id, of: exchange.dossier, date: moment, provenance)
    }
}
