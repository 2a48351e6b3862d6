import Clinic
import Wording

/// The notice of what is done with people's data, and the sentences that they agree to, in the reader's language.
struct ConsentWords: Sendable {
    /// What is told, a paragraph each; the first one names who runs the server, or says that nobody is named.
    let notice: [String]
    /// What guardians are told beside it.
    let forGuardians: [String]
    /// Beside the box.
    let agree: String
    /// Beside the box of a guardian.
    let agreeFor: String
    private let language: String

    init(_ text: TextCatalogue, runBy named: Operator?) {
        let runBy =
            named.map { text("consent.runBy", ["name": $0.name, "contact": $0.contact]) }
            ?? text("consent.runByNobody")
        notice = [runBy] + text.list("consent.notice")
        forGuardians = text.list("consent.guardianNotice")
        agree = text("consent.agree")
        agreeFor = text("consent.agreeFor")
        language = text.language
    }

    init(_ site: Site) { self.init(site.text, runBy: site.runBy) }

    /// What somebody agrees to for themselves.
    var own: ConsentText { ConsentText(language: language, words: (notice + [agree]).joined(separator: "\n")) }

    /// What one form of a new account asks.
    func terms(sent: Bool, error: String?) -> FormPage.Terms {
        FormPage.Terms(lines: notice, label: agree, isTicked: sent, error: error)
    }

    /// What a guardian agrees to for a person in care.
    var ofGuardian: ConsentText {
        ConsentText(language: language, words: (notice + forGuardians + [agreeFor]).joined(separator: "\n"))
    }
}

extension ConsentText {
    /// The notice and the sentence that people agree to, in a language of the catalogue.
    ///
    /// - Parameter runBy: Whom the notice names; nil where the installation has named nobody.
    public init(_ text: TextCatalogue, runBy: Operator? = nil) { self = ConsentWords(text, runBy: runBy).own }
}
