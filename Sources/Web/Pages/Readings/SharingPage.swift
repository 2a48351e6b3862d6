import Clinic
import Findings
import Foundation
import Wording

/// What a patient shares with whom, and since when.
struct SharingPage: Sendable {
    /// Everything that one doctor sees.
    struct Group: Sendable {
        let reader: String
        let name: String
        /// The doctor's page in the directory; nil when it was taken out.
        let profile: String?
        /// Where more is shared; nil when that is not possible.
        let shareAddress: String?
        let items: [Item]
        let cases: [Whole]
        let count: String
    }

    /// A case that is shared whole.
    struct Whole: Sendable {
        let id: String
        let title: String
        let address: String
        let shared: PageTime
        /// What more the doctor is told, and whether new images are shared.
        let lines: [String]
    }

    /// One shared screening.
    struct Item: Sendable {
        let screening: String
        let page: String
        let thumbnail: String
        let headline: String
        let image: String
        let shared: PageTime
        let allowsTraining: Bool
    }

    /// A doctor with whom something may be shared.
    struct Reader: Sendable {
        let name: String
        let clinic: String
        let address: String
    }

    let frame: PageFrame
    let notice: String?
    let groups: [Group]
    let doctors: [Reader]
    /// Whether one screening waits for a doctor to be chosen.
    let isChoosingDoctor: Bool

    /// - Parameters:
    ///   - shared: What is shared.
    ///   - doctors: With whom something may be shared.
    ///   - query: What to choose for a doctor, such as `&screening=…`; empty for nothing.
    ///   - notice: What was just done.
    init(
        _ shared: [SharedWithReader], doctors: [Doctor], query: String, notice: String?, site: Site,
        context: WebContext
    ) {
        let text = site.text
        frame = PageFrame(site: site, title: text("readings.sharing.title"), place: .account, context: context)
        self.notice = notice
        let open = Set(doctors.map(\.id))
        groups = shared.map { Self.group($0, open: open, text: text) }
        self.doctors = doctors.map { doctor in
            Reader(
                name: doctor.name, clinic: "\(doctor.clinic.name), \(doctor.clinic.city)",
                address: "/sharing?doctor=\(doctor.id)\(query)")
        }
        isChoosingDoctor = !query.isEmpty
    }

    private static func group(_ shared: SharedWithReader, open: Set<DoctorID>, text: TextCatalogue) -> Group {
        let words = ReadingWords(text: text)
        let items = shared.items.map { item in
            Item(
                screening: item.screening.id.text, page: "/screenings/\(item.screening.id)",
                thumbnail: PictureKind.thumbnail.address(of: item.screening.id),
                headline: words.network(item.screening.finding),
                image: PageTime(item.image.createdAt).day, shared: PageTime(item.share.sharedAt),
                allowsTraining: item.share.allowsTraining)
        }
        let cases = shared.cases.map { whole in
            Whole(
                id: whole.share.caseID.text, title: whole.title, address: "/cases/\(whole.share.caseID)",
                shared: PageTime(whole.share.sharedAt),
                lines: SharedCase.Detail.allCases.filter(whole.share.told.contains).map {
                    text("readings.sharing.told.\($0.rawValue)")
                } + (whole.share.includesNew ? [text("readings.sharing.includesNew")] : []))
        }
        let doctor = shared.doctor
        return Group(
            reader: shared.readerID.text,
            name: shared.readerName.isEmpty ? text("readings.unknownReader") : shared.readerName,
            profile: doctor.flatMap { $0.status == .verified ? "/doctors/\($0.id)" : nil },
            shareAddress: doctor.flatMap { open.contains($0.id) ? "/sharing?doctor=\($0.id)" : nil }, items: items,
            cases: cases,
            count: text.counted("readings.sharing.count", items.count))
    }
}

/// Choosing screenings for a doctor.
struct SharingChoicePage: Sendable {
    /// One finished screening.
    struct Item: Sendable {
        let screening: String
        let thumbnail: String
        let headline: String
        let caseTitle: String
        let image: String
        let taken: PageTime
        let isChosen: Bool
        /// When it was shared with this doctor; nil while it is not.
        let shared: PageTime?
    }

    let frame: PageFrame
    let alert: String?
    let doctorID: String
    let doctorName: String
    let lead: String
    let items: [Item]
    /// Something is there that is not shared yet.
    let canShare: Bool
    let allowsTraining: Bool
    /// The one case that is asked for, to be shared whole; nil where several are shown.
    let whole: Whole?
    /// The cases that may be shared whole, where several are shown.
    let cases: [PageLink]

    struct Whole: Sendable {
        let caseID: String
        let title: String
        /// When it was shared with this doctor; nil while it is not.
        let shared: PageTime?
        let includesNew: Bool
        let options: [FormOption]
    }

    /// - Parameters:
    ///   - choice: What there is.
    ///   - chosen: Screenings that are ticked.
    ///   - isOfOneCase: Whether one case is asked for.
    ///   - error: Why the form was not accepted.
    init(
        _ choice: SharingChoice, chosen: Set<ScreeningID>, isOfOneCase: Bool, allowsTraining: Bool = false,
        error: ClinicError? = nil,
        site: Site, context: WebContext
    ) {
        let text = site.text
        let words = ReadingWords(text: text)
        frame = PageFrame(site: site, title: text("readings.sharing.chooseTitle"), place: .account, context: context)
        alert = error.map { text($0) }
        doctorID = choice.doctor.id.text
        doctorName = choice.doctor.name
        lead = text("readings.sharing.chooseLead", ["doctor": choice.doctor.name])
        items = choice.items.map { item in
            Item(
                screening: item.screening.id.text,
                thumbnail: PictureKind.thumbnail.address(of: item.screening.id),
                headline: words.network(item.screening.finding),
                caseTitle: item.caseTitle,
                image: text("cases.imageTitle", ["number": String(item.image.number)]),
                taken: PageTime(item.image.createdAt), isChosen: chosen.contains(item.screening.id),
                shared: item.share.map { PageTime($0.sharedAt) })
        }
        canShare = items.contains { $0.shared == nil }
        whole = isOfOneCase ? choice.cases.first.map { Whole($0, text: text) } : nil
        cases =
            isOfOneCase
            ? []
            : choice.cases.map {
                PageLink(
                    name: $0.smearCase.title, address: "/sharing?doctor=\(choice.doctor.id)&case=\($0.smearCase.id)",
                    isOn: $0.share != nil)
            }
        self.allowsTraining = allowsTraining
    }
}

extension SharingChoicePage.Whole {
    init(_ whole: SharingChoice.Whole, text: TextCatalogue) {
        (caseID, title) = (whole.smearCase.id.text, whole.smearCase.title)
        shared = whole.share.map { PageTime($0.sharedAt) }
        includesNew = whole.share?.includesNew ?? true
        let isInCare = whole.smearCase.dependentID != nil
        options = SharedCase.Detail.allCases.filter { $0 != .name || isInCare }.map {
            FormOption(
                value: $0.rawValue, name: text("readings.sharing.told.\($0.rawValue)"),
                isChosen: whole.share?.told.contains($0) ?? ![.identifiers, .name].contains($0))
        }
    }
}
