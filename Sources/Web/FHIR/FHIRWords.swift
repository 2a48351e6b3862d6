import Clinic
import Findings
import Foundation
import ScreeningReports
import Wording

extension CaseExchange.Words {
    /// A case in the words of pages, in the language of who asks.
    ///
    /// - Parameter site: Who makes reports here.
    init(_ dossier: CaseDossier, site: String, text: TextCatalogue) {
        self.init()
        let conclusion = dossier.contents.conclusion
        let (words, readings) = (CaseWords(conclusion: conclusion, text: text), ReadingWords(text: text))
        language = text.language
        title = text("report.caseTitle")
        self.site = site
        (headline, advice) = (words.headline, words.advice)
        network = CaseWords.headline(conclusion.network, text: text)
        besides = words.network ?? ""
        lines = words.counts + [words.rule]
        notDiagnosis = text("site.notDiagnosis")
        unknownReader = text("readings.unknownReader")
        for entry in dossier.contents.entries {
            guard let outcome = entry.screening.outcome else { continue }
            let said = ResultWords(outcome, standing: entry.standing, text: text)
            answers[entry.screening.id] = (said.headline, said.reasons)
        }
        reading = { readings.label($0) }
        label = { readings.label($0) }
        finding = { readings.name($0) }
        cell = { CellWords(text: text).name($0) }
        smearClass = { text("classes.\($0).name") }
    }
}
