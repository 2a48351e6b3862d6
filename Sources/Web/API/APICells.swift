import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Cells and their count for programs.
struct APICells: Sendable {
    let services: SiteServices
    let text: TextCatalogue

    private static let bodyBytes = 262_144

    @Sendable func list(_ request: Request, _ context: WebContext) async throws -> Response {
        try APIAnswer.json(APICellList(try await gallery(request, context)))
    }

    @Sendable func count(_ request: Request, _ context: WebContext) async throws -> Response {
        try APIAnswer.json(APIDifferential(try await gallery(request, context), text: text))
    }

    @Sendable func csv(_ request: Request, _ context: WebContext) async throws -> Response {
        CellAnswer.csv(try await gallery(request, context), text: text)
    }

    /// Moves cells, takes the last act back, or confirms the count.
    @Sendable func change(_ request: Request, _ context: WebContext) async throws -> Response {
        let (scope, principal) = (try scope(request, context), try context.requiredPrincipal)
        let cells = services.cells
        try await cells.requireReader(principal, of: scope)
        let body = try await JSONBody(request, upTo: Self.bodyBytes)
        let gallery: CellGallery
        switch try body.text("action") {
        case "move":
            let names = try body.texts("cells")
            let keys = names.compactMap { CellKey($0) }
            guard let type = CellType(rawValue: try body.text("to")), keys.count == names.count else {
                throw ClinicError(.invalid, "errors.cells.type", field: "to")
            }
            gallery = try await cells.move(keys, to: type, in: scope, by: principal).gallery
        case "undo": gallery = try await cells.undo(in: scope, by: principal)
        case "confirm": gallery = try await cells.confirm(scope, digest: try body.text("digest"), by: principal)
        default: throw ClinicError(.invalid, "errors.cells.action", field: "action")
        }
        return try APIAnswer.json(APICellList(gallery))
    }

    private func gallery(_ request: Request, _ context: WebContext) async throws -> CellGallery {
        try await services.cells.gallery(of: scope(request, context), for: context.requiredPrincipal).shown
    }

    private func scope(_ request: Request, _ context: WebContext) throws -> CellGallery.Scope {
        let named = FormFields(query: request).all("screening")
        let chosen = named.compactMap { ScreeningID($0) }
        guard chosen.count == named.count else { throw WebError.nothingHere }
        return .smearCase(try context.caseID(), chosen: Set(chosen))
    }
}

/// The cells of images as the API tells them.
struct APICellList: Encodable, Sendable {
    struct Cell: Encodable, Sendable {
        let key: String
        let screening: ScreeningID
        let number: Int
        let x, y, width, height: Double
        /// The network's; a reader's stands beside it.
        let networkType: CellType
        /// Nil where readers say the same.
        let readerType: CellType?
        let type: CellType
        let typeProbability, blastEvidence, nucleusArea, confidence: Double
    }

    struct Change: Encodable, Sendable {
        let act: CellActID
        let screening: ScreeningID
        let cell: String?
        let reader: UserID
        let at: Date
        let networkType, from, to: CellType
        let undoes: CellActID?
    }

    /// Of what is listed, to be sent with a confirmation; nil in a copy of somebody's data.
    let digest: String?
    let isPreliminary: Bool?
    let cells: [Cell]
    let changes: [Change]

    init(_ gallery: CellGallery) {
        self.init(gallery.cells, gallery.changes, digest: gallery.digest, isPreliminary: gallery.isPreliminary)
    }

    init(_ cells: [SmearCell], _ changes: [CellChange], digest: String? = nil, isPreliminary: Bool? = nil) {
        (self.digest, self.isPreliminary) = (digest, isPreliminary)
        self.cells = cells.map { cell in
            let (network, box) = (cell.network, cell.network.box)
            return Cell(
                key: cell.key.text, screening: cell.screeningID, number: network.number, x: box.x, y: box.y,
                width: box.width, height: box.height, networkType: network.type, readerType: cell.readerType,
                type: cell.type, typeProbability: network.typeProbability, blastEvidence: network.blastEvidence,
                nucleusArea: network.nucleusArea, confidence: network.confidence)
        }
        self.changes = changes.map { change in
            Change(
                act: change.act, screening: change.screeningID,
                cell: change.number.map { CellKey(change.screeningID, $0).text }, reader: change.userID, at: change.at,
                networkType: change.networkType, from: change.from, to: change.to, undoes: change.undoes)
        }
    }
}

/// A differential count as the API tells it.
struct APIDifferential: Encodable, Sendable {
    struct Share: Encodable, Sendable {
        let count: Int
        /// In hundredths; nil where no white cell was counted.
        let percent: Double?
        let low95: Double?
        let high95: Double?

        init(_ share: CountedShare) {
            func hundredths(_ share: Double) -> Double { (share * 1000).rounded() / 10 }
            let (isCounted, interval) = (share.total > 0, share.interval)
            count = Int(share.count)
            percent = isCounted ? hundredths(share.share) : nil
            low95 = isCounted ? hundredths(interval.lowerBound) : nil
            high95 = isCounted ? hundredths(interval.upperBound) : nil
        }
    }

    struct Line: Encodable, Sendable {
        let type: CellType
        let now: Share
        let network: Share
    }

    struct Outside: Encodable, Sendable {
        let type: CellType
        let now: Int
        let network: Int
    }

    struct Confirmation: Encodable, Sendable {
        let screening: ScreeningID
        let reader: UserID
        let at: Date
    }

    struct Device: Encodable, Sendable {
        let name: String
        let version: String
    }

    /// A code that names no manual method.
    struct Code: Encodable, Sendable {
        let system = "http://loinc.org"
        let code = "26446-5"
        let display = "Blasts/100 leukocytes in Blood"
    }

    let status: String
    let code = Code()
    let blasts: Share
    let counted: Int
    let wanted = DifferentialCount.wanted
    let missing: Int
    let changed: Int
    let lines: [Line]
    let outside: [Outside]
    let images: [ScreeningID]
    let pendingImages: Int
    let imagesWithoutCells: Int
    let confirmations: [Confirmation]
    let devices: [Device]
    let digest: String
    let notes: [String]

    init(_ gallery: CellGallery, text: TextCatalogue) {
        let count = gallery.count
        status = gallery.isPreliminary ? "preliminary" : "confirmed"
        blasts = Share(count.blasts)
        (counted, missing, changed) = (count.counted, count.missing, count.changed)
        lines = count.lines.map { Line(type: $0.type, now: Share($0.now), network: Share($0.network)) }
        outside = DifferentialCount.outside.map {
            Outside(type: $0, now: count.now.counts[$0, default: 0], network: count.network.counts[$0, default: 0])
        }
        images = gallery.entries.map(\.screening.id)
        (pendingImages, imagesWithoutCells) = (gallery.pending, gallery.withoutCells)
        confirmations = gallery.confirmations.map {
            Confirmation(screening: $0.screeningID, reader: $0.userID, at: $0.at)
        }
        devices = gallery.models.map { Device(name: $0.name, version: $0.version) }
        digest = gallery.digest
        notes = [text("cells.countingError"), text("cells.notValidated")]
    }
}
