import Clinic
import Foundation
import ScreeningReports
import Wording

extension CaseReport {
    /// The report of a case in the language of who asks for it.
    init(_ contents: CaseContents, cells: CellGallery, words maker: ReportMaker) {
        self.init()
        let text = maker.text
        let words = CaseWords(conclusion: contents.conclusion, text: text)
        let numbers = Dictionary(contents.entries.map { ($0.screening.id, $0.image.number) }, uniquingKeysWith: { $1 })
        title =
            contents.smearCase.title.isEmpty
            ? "\(text("report.caseNumber")) \(contents.smearCase.id)" : contents.smearCase.title
        kind = text("report.caseTitle")
        facts = [
            "\(text("report.caseNumber")) \(contents.smearCase.id)",
            "\(text("cases.updated")) \(ReportMaker.moment(contents.smearCase.updatedAt))",
        ]
        if contents.otherImages > 0 { facts.append(text.counted("readings.scope.more", contents.otherImages)) }
        person = PersonView(contents.subject, text: text).facts.map { ($0.name, $0.value) }
        source = text(words.isLed ? "readings.doctorSays" : "cases.verdictEyebrow")
        (headline, advice, network) = (words.headline, words.advice, words.network)
        let verdict = VerdictWords(verdict: contents.conclusion.network, text: text)
        counts = words.counts + [words.rule] + [verdict.stated].compactMap { $0 }
        counts += verdict.repeated(among: contents.entries.map(\.image))
        self.cells = CellCountView.sentences(cells, text: text)
        readingsTitle = text("readings.wholeTitle")
        readings = contents.readings.map { signed in
            let view = CaseReadingView(signed, numbers: numbers, text: text)
            let reader = view.qualifications.map { "\(view.reader), \($0)" } ?? view.reader
            return Reading(
                headline: view.label,
                signature: "\(reader)  ·  \(text("report.signed")) \(ReportMaker.moment(signed.signedAt))",
                lines: [view.comment].compactMap { $0 } + view.lines)
        }
        imagesTitle = text("cases.imagesTitle")
        images = contents.entries.map { entry in
            let card = CaseCard(entry, pace: nil, text: text)
            let line = [card.headline + ".", card.line, card.microscope].compactMap { $0 }
            return (card.title, line.joined(separator: " "))
        }
        moreImages = text("report.moreImages")
        notDiagnosis = text("site.notDiagnosis")
        footer = maker.footer
        created = contents.smearCase.updatedAt
    }
}
