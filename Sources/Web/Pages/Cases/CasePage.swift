import Casework
import Clinic
import Formats
import Foundation
import Imaging
import Wording

/// A case: what its images come to, each of them, and room for more.
struct CasePage: Sendable {
    let frame: PageFrame
    let title: String
    let note: String?
    let address: String
    /// May change, delete and add; readers may not.
    let isOwner: Bool
    let created: PageTime
    let updated: PageTime
    let kind: String
    let isUrgent: Bool
    /// Whether the headline is a doctor's signed reading of the whole case.
    let isLed: Bool
    let headline: String
    /// What the network alone says, where a doctor's reading leads.
    let network: String?
    /// What doctors signed of the whole case.
    let readings: [CaseReadingView]
    let person: PersonView
    /// Whom the owner may say that the case is of; nil where there is nobody to choose, or a doctor has signed.
    let subjects: SubjectChoice?
    let personForm: PersonForm
    /// Where the owner shares the case whole.
    let shareAddress: String
    let advice: String
    let rule: String
    let fields: String?
    /// How often the rule is right.
    let stated: String?
    /// Which images show the same field.
    let repeated: [String]
    let counts: [String]
    let cards: [CaseCard]
    let isPending: Bool
    let progress: String
    /// Changes whenever what the page shows changes.
    let version: String
    /// What the button says that has every image screened again whose screening failed; nil where none did.
    let again: String?
    /// Files of the last form that could not be used.
    let refused: String?
    let upload: UploadForm
    /// Doctors for the owner, once the images say something.
    let doctors: DoctorsSection?
    /// Where staff says which microscope it was; nil for everybody else.
    let siteForm: SiteChoiceForm?
    /// Links to the report, for the owner.
    let links: ReportLinksView?
    /// The whole slides of the case, and where the owner adds one; nil where there is nothing of that.
    let slides: SlideForm?

    /// - Parameters:
    ///   - contents: The case.
    ///   - pace: Seconds that a screening takes; nil where that is not known.
    ///   - refused: Files of the last form that could not be used.
    ///   - doctors: Doctors for the owner, once the images say something.
    ///   - personForm: The form of the person as it was sent and not accepted.
    ///   - links: Links to the report; nil for whoever may make none.
    ///   - slides: The whole slides of the case.
    ///   - dependents: The people in the owner's care.
    ///   - sites: The microscopes to choose from; nil for whoever may not.
    ///   - site: What all pages share.
    ///   - context: Who asks.
    init(
        _ contents: CaseContents, pace: Double?, refused: Int = 0, doctors: DoctorsSection? = nil,
        personForm: PersonForm? = nil, links: ReportLinksView? = nil, slides: SlideForm? = nil,
        dependents: [Dependent] = [], sites: Sites.Choice? = nil, site: Site, context: WebContext
    ) {
        (self.doctors, self.links, self.slides) = (doctors, links, slides)
        let text = site.text
        let smearCase = contents.smearCase
        let (verdict, conclusion) = (contents.verdict, contents.conclusion)
        let words = CaseWords(conclusion: conclusion, text: text)
        frame = PageFrame(site: site, title: smearCase.title, place: .cases, context: context)
        title = smearCase.title
        note = smearCase.note.isEmpty ? nil : smearCase.note
        address = "/cases/\(smearCase.id)"
        siteForm = sites.map {
            SiteChoiceForm($0, of: "/cases/\(smearCase.id)", back: "/cases/\(smearCase.id)", text: text)
        }
        isOwner = context.principal?.userID == smearCase.ownerID
        created = PageTime(smearCase.createdAt)
        updated = PageTime(smearCase.updatedAt)
        kind = conclusion.kind.rawValue
        isUrgent = conclusion.kind == .urgent
        (isLed, headline, network) = (words.isLed, words.headline, words.network)
        let numbers = Dictionary(
            contents.entries.map { ($0.screening.id, $0.image.number) }, uniquingKeysWith: { $1 })
        readings = contents.readings.map { CaseReadingView($0, numbers: numbers, text: text) }
        person = PersonView(contents.subject, text: text)
        self.personForm =
            personForm
            ?? PersonForm(contents.person?.facts, isInCare: contents.subject.dependent != nil, text: text)
        subjects =
            contents.isSigned
            ? nil : SubjectChoice(dependents, chosen: contents.subject.dependent?.id, text: text)
        shareAddress = "/sharing?case=\(smearCase.id)"
        advice = words.advice
        rule = words.rule
        fields = [.empty, .waiting].contains(conclusion.kind) ? nil : words.fields
        let verdictWords = VerdictWords(verdict: verdict, text: text)
        stated = words.isLed ? nil : verdictWords.stated
        repeated = verdictWords.repeated(among: contents.entries.map(\.image))
        counts = words.counts
        let told = Set(contents.readings.map(\.reading.words))
        cards = contents.entries.map { CaseCard($0, pace: pace, told: told, text: text) }
        isPending = verdict.pendingCount > 0
        progress = words.counted(
            "cases.progress", contents.entries.count, ["done": String(contents.entries.count - verdict.pendingCount)])
        version = CaseStatus(contents, pace: nil).version
        again = verdict.failedCount > 0 ? words.counted("cases.againAll", verdict.failedCount) : nil
        self.refused = refused > 0 ? words.counted("cases.refused", refused) : nil
        upload = UploadForm(for: smearCase.id, text: text, csrf: frame.csrf)
    }
}

/// The form that takes images, for a case that is there or for a new one.
struct UploadForm: Sendable {
    let action: String
    let csrf: String
    /// Whether the form makes a new case, and asks for its name.
    let isNew: Bool
    /// The case; for a new one an identifier made for it, so that sending the form twice makes one case.
    let caseID: String
    /// What the script says, as a JSON object.
    let words: String
    /// Whom a new case may be of; nil where there is nobody to choose.
    let subjects: SubjectChoice?

    /// - Parameter dependents: The people in the reader's care, for a new case.
    init(for id: CaseID? = nil, dependents: [Dependent] = [], text: TextCatalogue, csrf: String) {
        subjects = id == nil ? SubjectChoice(dependents, text: text) : nil
        action = id.map { "/cases/\($0)/images" } ?? "/cases"
        isNew = id == nil
        caseID = (id ?? CaseID()).text
        self.csrf = csrf
        do {
            words = try JSONFormat.line.text(UploadWords(text))
        } catch {
            // Strings and numbers always encode; without its words the script stays quiet.
            words = "{}"
        }
    }
}

/// What the script of the form says, and what it refuses before it sends.
struct UploadWords: Encodable {
    let progress: [String: String]
    /// Why a file is not sent, with `{width}` and the like left open.
    let refusals: [String: String]
    /// By kind of file.
    let foreign: [String: String]
    /// Bytes of a file, pixels of an image, and the least side in pixels.
    let limits: [String: Int]

    private static let progressKeys = [
        "waiting", "shrinking", "sending", "sent", "known", "retrying", "offline", "refused", "unreachable",
        "cancelled", "cancel", "remove", "again", "summary", "none", "leave", "opening",
    ]
    private static let refusalKeys = ["empty", "format", "tooManyBytes", "tooManyPixels", "tooSmall"]

    init(_ text: TextCatalogue, limits: ImageLimits = .default) {
        progress = Dictionary(uniqueKeysWithValues: Self.progressKeys.map { ($0, text("cases.upload.\($0)")) })
        refusals = Dictionary(uniqueKeysWithValues: Self.refusalKeys.map { ($0, text("errors.images.\($0)")) })
        foreign = Dictionary(uniqueKeysWithValues: ForeignFormat.allCases.map { ($0.rawValue, text($0.told)) })
        self.limits = [
            "bytes": limits.maximumBytes, "pixels": limits.maximumPixels, "side": limits.minimumSide,
        ]
    }
}
