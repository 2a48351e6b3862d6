import Casework
import Clinic
import Findings
import Foundation
import ScreeningReports
import Wording

/// Makes the report of a screening in the language of who asks for it.
struct ReportMaker: Sendable {
    let text: TextCatalogue
    /// Where the site is reached; nil where only this machine reaches it.
    let address: URL?

    /// - Parameter cells: The cells of the image, where the report counts them.
    /// - Throws: `WebError.conflict` until the screening has an answer.
    func report(_ found: ReadableScreening, cells: CellGallery? = nil) throws -> ScreeningReport {
        let (result, finishedAt) = try found.finished
        var words = words(result, found.readings, found.standing)
        words.language = text.language
        words.cells = cells.map { CellCountView.sentences($0, text: text) } ?? []
        return ScreeningReport(
            smearCase: found.smearCase, image: found.image, screeningID: found.screening.id, finishedAt: finishedAt,
            result: result, readings: readings(found.readings),
            person: PersonView(found.subject, text: text).facts.map { ($0.name, $0.value) }, subject: found.subject,
            words: words,
            address: address)
    }

    /// The report as a file of one page.
    ///
    /// - Throws: `WebError.conflict` until the screening has an answer; what archive and drawing throw.
    func pdf(
        of found: ReadableScreening, cells: CellGallery?, in archive: any ImageArchive
    ) async throws -> [UInt8] {
        let report = try report(found, cells: cells)
        let picture = try await archive.picture(.display, of: found)
        var heatMap: [UInt8]?
        if try found.finished.result.decision != .rejected { heatMap = try await archive.picture(.overlay, of: found) }
        return try await report.pdf(picture: picture, heatMap: heatMap)
    }

    /// What a case comes to, as a file of one page, with a small picture of each image that is listed.
    ///
    /// - Parameter cells: Those of the case.
    /// - Throws: What archive and drawing throw.
    func pdf(
        of contents: CaseContents, cells: CellGallery, in archive: any ImageArchive
    ) async throws -> [UInt8] {
        var report = CaseReport(contents, cells: cells, words: self)
        for entry in contents.entries.prefix(CaseReport.maximumImages) where entry.screening.finding != nil {
            let key = ArchiveKey.picture(.thumbnail, of: entry.screening.id)
            report.pictures.append((String(entry.image.number), try await archive.bytes(at: key)))
        }
        return try await report.pdf()
    }

    private func readings(_ signed: [SignedReading]) -> [ScreeningReport.DoctorsReading] {
        signed.map { signed in
            let view = ReadingView(signed, text: text)
            return ScreeningReport.DoctorsReading(
                id: signed.reading.id, reader: view.reader, qualifications: signed.qualifications,
                signedAt: signed.signedAt, label: signed.reading.label,
                findings: signed.reading.findings.map { ($0, ReadingWords(text: text).name($0)) },
                headline: view.label, comment: signed.reading.comment, agreement: view.agreement,
                isSettled: signed.reading.isSettled)
        }
    }

    private func words(
        _ result: ScreeningOutcome, _ readings: [SignedReading], _ standing: SiteStanding
    ) -> ScreeningReport.Words {
        let words = ResultWords(result, readings: readings, standing: standing, text: text)
        let bars = result.probabilities.ranked.map {
            ScreeningReport.Bar(name: text("classes.\($0).name"), percent: ResultWords.percent($1), share: $1)
        }
        let network = ResultWords(result, standing: standing, text: text)
        return ScreeningReport.Words(
            headline: words.headline, subline: words.subline, network: (network.headline, network.subline),
            decision: "\(text("result.decisions.\(result.decision.rawValue)")) \(words.microscope)",
            reasons: words.reasons + (words.fields.map { [$0] } ?? []), bars: result.decision == .rejected ? [] : bars,
            meaning: words.meaning,
            next: words.next,
            notDiagnosis: text("site.notDiagnosis"), footer: footer,
            labels: ScreeningReport.Labels { text("report.\($0)") }, moment: Self.moment)
    }

    /// What only a physician can do, and whether the wording has yet to be checked.
    var footer: String { [text("site.footer"), text.unchecked].compactMap { $0 }.joined(separator: " ") }

    /// Minutes in UTC, which a page of paper must name, as it does not know its reader's zone.
    static let moment: @Sendable (Date) -> String = { date in
        date.formatted(
            Date.VerbatimFormatStyle(
                format: """
                    \(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \
                    \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits) UTC
                    """, timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
    }
}
