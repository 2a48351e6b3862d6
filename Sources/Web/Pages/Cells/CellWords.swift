import Clinic
import Findings
import Formats
import Foundation
import Wording

/// Types and counts of cells in words.
struct CellWords: Sendable {
    let text: TextCatalogue

    /// The letter of the keyboard that moves cells to a type.
    static let letters: [CellType: String] = [
        .blast: "b", .basophil: "a", .eosinophil: "e", .erythroblast: "r", .immatureGranulocyte: "i",
        .lymphocyte: "l", .monocyte: "m", .neutrophil: "n", .platelet: "p", .smudge: "s", .unsure: "u",
    ]
    /// The order of groups: that of a count, then what is counted beside it; what is not sure stands apart.
    static let order = DifferentialCount.order.filter { $0 != .unsure } + DifferentialCount.outside

    func name(_ type: CellType) -> String { text("cells.types.\(type.rawValue)") }

    /// A share of the white cells in hundredths; a dash of none.
    func percent(_ share: CountedShare) -> String { share.total > 0 ? ResultWords.percent(share.share) : "–" }

    func interval(_ share: CountedShare) -> String {
        let interval = share.interval
        return text(
            "cells.interval",
            ["low": ResultWords.percent(interval.lowerBound), "high": ResultWords.percent(interval.upperBound)])
    }

    /// How many of the white cells, as people are told it.
    func share(_ share: CountedShare) -> String {
        share.total > 0 ? "\(percent(share)) (\(interval(share)))" : percent(share)
    }

    /// How far the count is.
    func progress(_ count: DifferentialCount) -> String {
        let values = [
            "counted": String(count.counted), "wanted": String(DifferentialCount.wanted),
            "missing": String(count.missing),
        ]
        return text(count.missing > 0 ? "cells.progress.more" : "cells.progress.enough", values)
    }

    /// Who stands for a count, or that nobody does.
    func status(_ gallery: CellGallery) -> String {
        let confirmations = gallery.confirmations
        guard let last = confirmations.max(by: { $0.at < $1.at }) else { return text("cells.preliminary") }
        var names: [String] = []
        for confirmation in confirmations {
            let name = gallery.names[confirmation.userID] ?? text("readings.unknownReader")
            if !names.contains(name) { names.append(name) }
        }
        return text("cells.confirmed", ["readers": names.joined(separator: ", "), "day": PageTime(last.at).words])
    }

    /// The models that typed the cells.
    func device(_ gallery: CellGallery) -> String {
        text("cells.device", ["models": gallery.models.map { "\($0.name) \($0.version)" }.joined(separator: ", ")])
    }
}

/// A differential count as a table.
struct CellCountView: Sendable {
    /// A row; the type's key for the script.
    struct Row: Sendable {
        let key: String
        let name: String
        let count: String
        let percent: String
        let interval: String
        let network: String
    }

    let blasts: String
    let rows: [Row]
    let total: String
    let totalNetwork: String
    let outside: [Row]
    let progress: String
    let status: String
    let isPreliminary: Bool
    let device: String
    /// Images whose answers are still to come, or whose cells were not kept, in sentences.
    let gaps: [String]

    init(_ gallery: CellGallery, text: TextCatalogue) {
        let (words, count) = (CellWords(text: text), gallery.count)
        blasts = words.share(count.blasts)
        rows = count.lines.map { line in
            Row(
                key: line.type.rawValue, name: words.name(line.type), count: String(Int(line.now.count)),
                percent: words.percent(line.now), interval: line.now.total > 0 ? words.interval(line.now) : "",
                network: "\(Int(line.network.count)) · \(words.percent(line.network))")
        }
        total = String(count.counted)
        totalNetwork = String(count.network.total)
        outside = DifferentialCount.outside.compactMap { type in
            let (now, network) = (count.now.counts[type, default: 0], count.network.counts[type, default: 0])
            guard now + network > 0 else { return nil }
            return Row(
                key: type.rawValue, name: words.name(type), count: String(now), percent: "", interval: "",
                network: String(network))
        }
        progress = words.progress(count)
        status = words.status(gallery)
        isPreliminary = gallery.isPreliminary
        device = words.device(gallery)
        gaps =
            (gallery.pending > 0 ? [text.counted("cells.pending", gallery.pending)] : [])
            + (gallery.declined > 0 ? [text.counted("cells.declined", gallery.declined)] : [])
            + (gallery.withoutCells > 0 ? [text.counted("cells.notKept", gallery.withoutCells)] : [])
    }

    /// The count in sentences, for a report on paper; none without cells.
    static func sentences(_ gallery: CellGallery, text: TextCatalogue) -> [String] {
        guard !gallery.cells.isEmpty else { return [] }
        let view = CellCountView(gallery, text: text)
        let lines = view.rows.map { "\($0.name) \($0.count) (\($0.percent))" }.joined(separator: ", ")
        return [
            "\(text("cells.blasts")): \(view.blasts). \(view.status).", "\(view.progress) \(lines).",
            "\(text("cells.countingError")) \(text("cells.notValidated")) \(view.device)",
        ]
    }

    /// The count as a file for spreadsheets.
    static func csv(_ gallery: CellGallery, text: TextCatalogue) -> String {
        let (words, count) = (CellWords(text: text), gallery.count)
        func number(_ share: Double) -> String { String(format: "%.1f", share * 100) }
        let status = gallery.isPreliminary ? "preliminary" : "confirmed"
        let models = gallery.models.map { "\($0.name) \($0.version)" }.joined(separator: "; ")
        let head = [
            "type", "name", "counted", "percent", "low95", "high95", "network", "networkPercent", "inDenominator",
            "status", "whiteCells", "images", "device", "note",
        ]
        let note = "\(text("cells.countingError")) \(text("cells.notValidated"))"
        let tail = [
            status, String(count.counted), String(gallery.entries.count), CSV.plain(models), CSV.plain(note),
        ]
        let white = count.lines.map { line -> [String] in
            let (interval, isCounted) = (line.now.interval, line.now.total > 0)
            return [
                line.type.rawValue, words.name(line.type), String(Int(line.now.count)),
                isCounted ? number(line.now.share) : "", isCounted ? number(interval.lowerBound) : "",
                isCounted ? number(interval.upperBound) : "", String(Int(line.network.count)),
                line.network.total > 0 ? number(line.network.share) : "", "yes",
            ] + tail
        }
        let outside = DifferentialCount.outside.map { type in
            [
                type.rawValue, words.name(type), String(count.now.counts[type, default: 0]), "", "", "",
                String(count.network.counts[type, default: 0]), "", "no",
            ] + tail
        }
        return CSV.table([head] + white + outside)
    }
}
