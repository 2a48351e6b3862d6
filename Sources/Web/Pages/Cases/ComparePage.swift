import Clinic
import Findings
import Foundation
import Wording

/// Two cases side by side, with their differences in words.
struct ComparePage: Sendable {
    struct Side: Sendable {
        let title: String
        let address: String
        let time: PageTime
        let kind: String
        let headline: String
        let counts: [String]
        let confidence: String
        let images: String
        let pictures: [Picture]
    }

    /// An image at a scale that is the same for both cases: `width` is hundredths of the column.
    struct Picture: Sendable {
        let address: String
        let page: String
        let alt: String
        let caption: String
        let pixelWidth: Int
        let pixelHeight: Int
        /// One of the style sheet's widths, tenths of the column.
        let scale: Int
    }

    let frame: PageFrame
    let sides: [Side]
    let differences: [String]

    /// Images shown of each case.
    private static let shown = 4

    init(_ first: CaseContents, _ second: CaseContents, site: Site, context: WebContext) {
        let text = site.text
        frame = PageFrame(site: site, title: text("cases.compare.title"), place: .cases, context: context)
        // The older one first: a comparison is read as before and after.
        let ordered = [first, second].sorted { $0.smearCase.createdAt < $1.smearCase.createdAt }
        let widest = ordered.flatMap(Self.done).map(\.image.width).max() ?? 1
        sides = ordered.map { Self.side($0, widest: widest, text: text) }
        differences = Self.differences(ordered[0], ordered[1], text: text)
    }

    private static func done(_ contents: CaseContents) -> [CaseContents.Entry] {
        Array(contents.entries.filter { $0.screening.state == .done }.prefix(shown))
    }

    private static func side(_ contents: CaseContents, widest: Int, text: TextCatalogue) -> Side {
        let words = CaseWords(conclusion: contents.conclusion, text: text)
        return Side(
            title: contents.smearCase.title, address: "/cases/\(contents.smearCase.id)",
            time: PageTime(contents.smearCase.createdAt), kind: contents.conclusion.kind.rawValue,
            headline: words.headline, counts: words.counts,
            confidence: confidence(contents).map { ResultWords.percent($0) } ?? text("cases.compare.noConfidence"),
            images: words.counted("cases.imageCount", contents.entries.count),
            pictures: done(contents).compactMap { picture($0, widest: widest, text: text) })
    }

    private static func picture(_ entry: CaseContents.Entry, widest: Int, text: TextCatalogue) -> Picture? {
        let card = CaseCard(entry, pace: nil, text: text)
        guard let page = card.page else { return nil }
        return Picture(
            address: PictureKind.display.address(of: entry.screening.id), page: page, alt: card.thumbnailAlt,
            caption: "\(card.headline) · \(card.line)", pixelWidth: entry.image.width,
            pixelHeight: entry.image.height,
            scale: max(1, min(10, Int((10 * Double(entry.image.width) / Double(max(1, widest))).rounded()))))
    }

    /// The mean confidence of the images that report the leading class of the case.
    private static func confidence(_ contents: CaseContents) -> Double? {
        let leading = contents.verdict.malignant.first?.label ?? .benign
        let values = contents.entries.compactMap { entry in
            entry.screening.finding.flatMap { $0.reported == leading ? $0.confidence : nil }
        }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    private static func differences(_ a: CaseContents, _ b: CaseContents, text: TextCatalogue) -> [String] {
        let (before, after) = (
            CaseWords(conclusion: a.conclusion, text: text), CaseWords(conclusion: b.conclusion, text: text)
        )
        var lines = [
            before.headline == after.headline
                ? text("cases.compare.sameVerdict", ["verdict": after.headline])
                : text("cases.compare.otherVerdict", ["before": before.headline, "after": after.headline])
        ]
        if let first = confidence(a), let second = confidence(b), before.headline == after.headline {
            let points = Int((100 * (second - first)).rounded())
            let key = points == 0 ? "sameConfidence" : points > 0 ? "moreConfidence" : "lessConfidence"
            lines.append(
                text(
                    "cases.compare.\(key)",
                    [
                        "before": ResultWords.percent(first), "after": ResultWords.percent(second),
                        "points": String(abs(points)),
                    ]))
        }
        lines.append(
            text(
                "cases.compare.images",
                [
                    "before": before.counted("cases.imageCount", a.entries.count),
                    "after": after.counted("cases.imageCount", b.entries.count),
                ]))
        let days = Int((b.smearCase.createdAt.timeIntervalSince(a.smearCase.createdAt) / 86_400).rounded())
        lines.append(
            days == 0 ? text("cases.compare.sameDay") : after.counted("cases.compare.days", days))
        if min(a.verdict.usableCount, b.verdict.usableCount) < CaseVerdict.wantedFields {
            lines.append(text("cases.compare.fewFields", ["wanted": String(CaseVerdict.wantedFields)]))
        }
        return lines
    }
}
