import Clinic
import Wording

/// Asks once more before a case or an image is deleted.
struct DeletePage: Sendable {
    let frame: PageFrame
    let title: String
    let question: String
    let warning: String
    let action: String
    let back: String

    /// - Parameters:
    ///   - contents: The case.
    ///   - image: The image that is meant; nil for the whole case.
    ///   - site: What all pages share.
    ///   - context: Who asks.
    init(_ contents: CaseContents, image: CaseImage? = nil, site: Site, context: WebContext) {
        let text = site.text
        let words = CaseWords(conclusion: contents.conclusion, text: text)
        title = contents.smearCase.title
        back = "/cases/\(contents.smearCase.id)"
        if let image {
            question = text("cases.delete.image", ["number": String(image.number)])
            warning = text("cases.delete.imageWarning")
            action = "\(back)/images/\(image.id)/delete"
        } else {
            question = text("cases.delete.case", ["title": title])
            warning = words.counted("cases.delete.caseWarning", contents.entries.count)
            action = "\(back)/delete"
        }
        frame = PageFrame(site: site, title: question, place: .cases, context: context)
    }
}
