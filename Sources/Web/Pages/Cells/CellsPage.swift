import Clinic
import Findings
import Formats
import Foundation
import Wording

/// The gallery of cells of an image, of some images or of a case, with the count that they make.
struct CellsPage: Sendable {
    /// One crop. `sheet` is a picture with many; `x` and `y` say where this one lies in it.
    struct Tile: Sendable {
        let key: String
        let label: String
        let sheet: String
        let sheetWidth: Int
        let sheetHeight: Int
        let x: Int
        let y: Int
        let side: Int
        /// Empty while types are hidden.
        let type: String
        let embedding: String
        let isChanged: Bool
        let isShown: Bool
        /// The page with this cell marked in its image.
        let place: String
        /// For the script: the box as `x y width height` and the picture.
        let box: String
        let picture: String
        let pictureWidth: Int
        let pictureHeight: Int
    }

    struct Group: Sendable {
        let key: String
        let name: String
        let letter: String
        let count: String
        let isEmpty: Bool
        let isApart: Bool
        let tiles: [Tile]
    }

    /// Where the chosen cell lies.
    struct Place: Sendable {
        let title: String
        let picture: String
        let width: Int
        let height: Int
        let x: String
        let y: String
        let boxWidth: String
        let boxHeight: String
        let full: String
    }

    struct Change: Sendable {
        let time: PageTime
        let reader: String
        let what: String
    }

    struct ImageChoice: Sendable {
        let id: String
        let name: String
        let isChosen: Bool
    }

    let frame: PageFrame
    let crumbs: [PageLink]
    let title: String
    let lead: String
    let notice: String?
    let alert: String?
    let isHidden: Bool
    let hasCells: Bool
    /// Nil while types are hidden.
    let count: CellCountView?
    let groups: [Group]
    let shownOnly: String?
    let place: Place?
    let canCorrect: Bool
    let canUndo: Bool
    let canConfirm: Bool
    let changes: [Change]
    let images: [ImageChoice]
    let action: String
    let back: String
    let digest: String
    let csv: String
    let chosen: [String]
    /// What the script says, as a JSON object.
    let words: String
    /// Where answers are hidden or shown.
    let readAddress: String?

    /// The most crops of one page; the count knows all.
    static let maximumShown = 1200

    /// - Parameters:
    ///   - gallery: What may be seen.
    ///   - scope: What was asked for.
    ///   - shown: The cell whose place is shown.
    init(
        _ gallery: CellGallery, of scope: CellGallery.Scope, showing shown: CellKey?, notice: String? = nil,
        alert: String? = nil, site: Site, context: WebContext
    ) {
        let text = site.text
        let address = CellAddress(scope, in: gallery)
        let isClinician = context.principal?.role == .clinician
        title = text(address.isOfImage ? "cells.titleImage" : "cells.titleCase")
        frame = PageFrame(
            site: site, title: title, place: gallery.smearCase == nil ? .readings : .cases, context: context)
        crumbs = Self.crumbs(gallery, scope, text)
        (self.notice, self.alert) = (notice, alert)
        isHidden = gallery.isHidden
        hasCells = !gallery.cells.isEmpty
        lead = text(isHidden ? "cells.leadHidden" : "cells.lead")
        count = isHidden || !hasCells ? nil : CellCountView(gallery, text: text)
        let tiles = Tiles(gallery, address: address, shown: shown, text: text)
        groups = tiles.groups
        shownOnly =
            gallery.cells.count > Self.maximumShown
            ? text(
                "cells.shownOnly",
                ["shown": String(Self.maximumShown), "count": String(gallery.cells.count)]) : nil
        place = shown.flatMap { Self.place(of: $0, in: gallery, text: text) }
        canCorrect = gallery.canCorrect && !isHidden && hasCells
        canUndo = canCorrect && gallery.undoable != nil
        canConfirm = canCorrect && gallery.isPreliminary && gallery.pending == 0 && gallery.withoutCells == 0
        let words = CellWords(text: text)
        changes =
            isHidden
            ? []
            : gallery.changes.reversed().map { change in
                let values = ["from": words.name(change.from), "to": words.name(change.to)]
                return Change(
                    time: PageTime(change.at),
                    reader: gallery.names[change.userID] ?? text("readings.unknownReader"),
                    what: text(change.undoes == nil ? "cells.moved" : "cells.movedBack", values))
            }
        images =
            address.isOfImage
            ? []
            : gallery.available.map { id, number in
                ImageChoice(
                    id: id.text, name: text("cells.image", ["number": String(number)]),
                    isChosen: gallery.entries.contains { $0.screening.id == id })
            }
        action = address.form
        back = address.page
        digest = gallery.digest
        csv = address.csv
        chosen = address.chosen
        self.words = CellScript.words(text)
        readAddress =
            isClinician && address.isOfImage
            ? gallery.entries.first.map { "/readings/\($0.screening.id)" } : nil
    }

    private static func crumbs(
        _ gallery: CellGallery, _ scope: CellGallery.Scope, _ text: TextCatalogue
    ) -> [PageLink] {
        var links: [PageLink] = []
        if let smearCase = gallery.smearCase {
            links.append(PageLink(name: smearCase.title, address: "/cases/\(smearCase.id)", isOn: false))
        } else {
            links.append(PageLink(name: text("readings.title"), address: "/readings", isOn: false))
        }
        if case .image(let id) = scope {
            let number = gallery.entries.first.map { String($0.image.number) } ?? ""
            links.append(
                PageLink(
                    name: text("cells.image", ["number": number]),
                    address: gallery.smearCase == nil ? "/readings/\(id)" : "/screenings/\(id)", isOn: false))
        }
        return links
    }

    private static func place(of key: CellKey, in gallery: CellGallery, text: TextCatalogue) -> Place? {
        guard let entry = gallery.entries.first(where: { $0.screening.id == key.screeningID }),
            let cell = entry.cells.first(where: { $0.key == key })
        else { return nil }
        let box = cell.network.box
        func number(_ value: Double) -> String { String(format: "%.1f", value) }
        return Place(
            title: text(
                "cells.placeOf", ["number": String(key.number), "image": String(entry.image.number)]),
            picture: PictureKind.display.address(of: key.screeningID), width: entry.image.width,
            height: entry.image.height, x: number(box.x), y: number(box.y), boxWidth: number(box.width),
            boxHeight: number(box.height), full: PictureKind.original.address(of: key.screeningID))
    }
}

/// Makes the groups of crops.
private struct Tiles {
    let groups: [CellsPage.Group]

    init(_ gallery: CellGallery, address: CellAddress, shown: CellKey?, text: TextCatalogue) {
        let words = CellWords(text: text)
        let isHidden = gallery.isHidden
        var sorted: [(cell: SmearCell, tile: CellsPage.Tile)] = []
        for entry in gallery.entries {
            for cell in entry.cells where sorted.count < CellsPage.maximumShown {
                sorted.append(
                    (cell, Self.tile(cell, entry, address, isHidden: isHidden, shown: shown, words: words)))
            }
        }
        if isHidden {
            // As the finder found them: neither order nor group tells a type.
            groups = [
                CellsPage.Group(
                    key: "", name: text("cells.allCells"), letter: "", count: String(sorted.count), isEmpty: false,
                    isApart: false, tiles: sorted.map(\.tile))
            ]
            return
        }
        // What a reader moved comes after what is typical of the type by the network.
        sorted.sort { first, second in
            let (a, b) = (first.cell, second.cell)
            if (a.readerType == nil) != (b.readerType == nil) { return a.readerType == nil }
            if a.network.typeProbability != b.network.typeProbability {
                return a.network.typeProbability > b.network.typeProbability
            }
            return (a.screeningID.text, a.network.number) < (b.screeningID.text, b.network.number)
        }
        let byType = Dictionary(grouping: sorted) { $0.cell.type }
        groups = (CellWords.order + [.unsure]).map { type in
            let tiles = byType[type]?.map(\.tile) ?? []
            return CellsPage.Group(
                key: type.rawValue, name: words.name(type), letter: CellWords.letters[type] ?? "",
                count: String(tiles.count), isEmpty: tiles.isEmpty, isApart: type == .unsure, tiles: tiles)
        }
    }

    private static func tile(
        _ cell: SmearCell, _ entry: CellGallery.Entry, _ address: CellAddress, isHidden: Bool, shown: CellKey?,
        words: CellWords
    ) -> CellsPage.Tile {
        let place = CellSheet.place(of: cell.network.number)
        let size = CellSheet.size(of: place.sheet, cells: entry.cells.count)
        let box = cell.network.box
        var values = ["number": String(cell.network.number), "image": String(entry.image.number)]
        var label = "cells.tile.hidden"
        if !isHidden {
            values["type"] = words.name(cell.type)
            values["percent"] = ResultWords.percent(cell.network.typeProbability)
            values["network"] = words.name(cell.network.type)
            label = cell.readerType == nil ? "cells.tile.network" : "cells.tile.reader"
        }
        return CellsPage.Tile(
            key: cell.key.text, label: words.text(label, values),
            sheet: PictureKind.cellSheet(place.sheet).address(of: cell.screeningID), sheetWidth: size.width,
            sheetHeight: size.height, x: place.x, y: place.y, side: CellSheet.tileSide,
            type: isHidden ? "" : cell.type.rawValue, embedding: isHidden ? "" : cell.network.embedding.text,
            isChanged: !isHidden && cell.readerType != nil, isShown: cell.key == shown,
            place: address.showing(cell.key),
            box: [box.x, box.y, box.width, box.height].map { String(format: "%.1f", $0) }.joined(separator: " "),
            picture: PictureKind.display.address(of: cell.screeningID), pictureWidth: entry.image.width,
            pictureHeight: entry.image.height)
    }
}

/// The words of the gallery's script.
enum CellScript {
    static func words(_ text: TextCatalogue) -> String {
        let keys = ["chosen", "moved", "undone", "failed", "alike", "place"]
        let pairs = keys.map { ($0, text("cells.script.\($0)")) }
        do {
            return try JSONFormat.line.text(Dictionary(uniqueKeysWithValues: pairs))
        } catch {
            // A dictionary of strings always encodes; without its words the script stays quiet.
            return "{}"
        }
    }
}
