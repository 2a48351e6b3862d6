import Clinic
import Findings
import Foundation
import Wording

/// A shared case before its reader: its images, the network's answers unless they are hidden, and one form.
struct CaseReadingPage: Sendable {
    /// One image, and what the reader says of it where that differs.
    struct Image: Sendable {
        let id: String
        let title: String
        let address: String
        let thumbnail: String
        /// What the network said; nil while hidden.
        let answer: String?
        let options: [FormOption]
    }

    /// One answer to the whole case.
    struct Choice: Sendable {
        let value: String
        let name: String
        let isChosen: Bool
    }

    /// Findings of the list that are about the same.
    struct FindingGroup: Sendable {
        let title: String
        let findings: [Choice]
    }

    let frame: PageFrame
    let notice: String?
    let alert: String?
    let address: String
    let patient: String
    let shared: PageTime
    let facts: [NamedValue]
    let title: String?
    let note: String?
    let scope: [String]
    let isBlind: Bool
    let isHidden: Bool
    let images: [Image]
    let readings: [CaseReadingView]
    /// nil once all is signed, until another revision is wanted.
    let form: Form?
    let reviseAddress: String?
    /// Where a reader says which microscope it was.
    let siteForm: SiteChoiceForm?
    /// Of the case on paper; nil where it is not shared whole, and while answers are hidden, which stand on it.
    let reportAddress: String?

    struct Form: Sendable {
        let choices: [Choice]
        let groups: [FindingGroup]
        /// Whether the list is shown from the beginning.
        let isListOpen: Bool
        let finding: String
        let comment: String
        let revision: String
        let isRevision: Bool
        /// Whether it may be said that this reading settles the others: only who was shown them can say so.
        let canSettle: Bool
        let settles: Bool
        let labelError: String?
        let findingError: String?
        let commentError: String?
        /// The password, and a code, where the session is too old to sign with.
        let confirmation: [FormField]
    }

    /// What the routes found.
    struct Contents: Sendable {
        let desk: CaseReadingDesk
        let isBlind: Bool
        let needsPassword: Bool
        /// The microscopes to choose from.
        var sites: Sites.Choice?
        var isRevising = false
        var notice: String?
        var error: ClinicError?
        /// What was sent and not accepted.
        var sent: SecondReading.CaseEntry?
    }

    init(_ contents: Contents, site: Site, context: WebContext) {
        let (text, desk) = (site.text, contents.desk)
        let words = ReadingWords(text: text)
        frame = PageFrame(site: site, title: text("readings.caseTitle"), place: .readings, context: context)
        notice = contents.notice
        alert = contents.error.map { text($0) }
        address = "/readings/cases/\(desk.caseID)"
        patient = words.patient(desk.patientName, isOfDependent: desk.isOfDependent)
        shared = PageTime(desk.sharedAt)
        facts = PersonView(desk.told?.facts, name: desk.told?.name, text: text).facts
        title = desk.told.flatMap { $0.title.isEmpty ? nil : $0.title }
        note = desk.told.flatMap { $0.note.isEmpty ? nil : $0.note }
        scope =
            [text.counted("readings.scope.images", desk.images.count)]
            + (desk.otherImages > 0 ? [text.counted("readings.scope.more", desk.otherImages)] : [])
            + (desk.newImages > 0 ? [text.counted("cases.readings.newImages", desk.newImages)] : [])
        isBlind = contents.isBlind
        isHidden = contents.isBlind && !desk.isSigned
        let isHidden = isHidden
        let chosen = contents.sent?.images ?? desk.draft?.differing ?? [:]
        images = desk.images.map { image in
            let id = image.id
            return Image(
                id: id.text, title: text("cases.imageTitle", ["number": String(image.desk.image.number)]),
                address: "/readings/\(id)", thumbnail: PictureKind.thumbnail.address(of: id),
                answer: isHidden ? nil : words.network(image.desk.screening.finding),
                options: [FormOption(value: "", name: text("readings.asCase"), isChosen: chosen[id] == nil)]
                    + ReaderLabel.answers.map {
                        FormOption(value: $0.word, name: words.label($0), isChosen: chosen[id] == $0)
                    })
        }
        let numbers = Dictionary(
            desk.images.map { ($0.id, $0.desk.image.number) }, uniquingKeysWith: { $1 })
        readings = desk.signedReadings.map { CaseReadingView($0, numbers: numbers, text: text) }
        let writes = !desk.isSigned || desk.draft != nil || contents.isRevising
        form = writes ? Form(contents, text: text, context: context) : nil
        reviseAddress = writes ? nil : "\(address)?revise=1"
        reportAddress = desk.told == nil || isHidden ? nil : "/cases/\(desk.caseID)/report.pdf"
        siteForm = contents.sites.map { [address] in
            SiteChoiceForm($0, of: "/cases/\(desk.caseID)", back: address, text: text)
        }
    }
}

extension CaseReadingPage.Form {
    init(_ contents: CaseReadingPage.Contents, text: TextCatalogue, context: WebContext) {
        let (desk, sent, error) = (contents.desk, contents.sent, contents.error)
        let words = ReadingWords(text: text)
        let chosen = sent?.label ?? desk.draft?.label
        choices = ReaderLabel.answers.map {
            CaseReadingPage.Choice(value: $0.word, name: words.label($0), isChosen: chosen == $0)
        }
        let ticked = sent?.findings ?? desk.draft?.findings ?? []
        groups = SmearFinding.Group.allCases.map { group in
            CaseReadingPage.FindingGroup(
                title: text("readings.findingGroups.\(group.rawValue)"),
                findings: SmearFinding.allCases.filter { $0.group == group }.map {
                    CaseReadingPage.Choice(
                        value: $0.rawValue, name: words.name($0), isChosen: ticked.contains($0))
                })
        }
        finding = sent?.finding ?? desk.draft?.finding ?? ""
        comment = sent?.comment ?? desk.draft?.comment ?? ""
        revision = String(desk.revision)
        isRevision = desk.revision > 1
        canSettle = desk.signed != nil
        settles = sent?.settles ?? desk.draft?.settles ?? false
        labelError = text(error, at: "label")
        findingError = text(error, at: "finding")
        isListOpen = !ticked.isEmpty || chosen == .otherFinding
        commentError = text(error, at: "comment")
        confirmation =
            contents.needsPassword ? FormField.reauthentication(text, context, part: "sign", error: error) : []
    }
}
