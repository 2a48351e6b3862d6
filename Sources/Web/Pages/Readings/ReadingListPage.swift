import Clinic
import Findings
import Foundation
import Wording

/// A clinician's work list.
struct ReadingListPage: Sendable {
    /// One shared screening.
    struct Line: Sendable {
        let address: String
        let thumbnail: String
        let patient: String
        let shared: PageTime
        /// How long it has waited, in words; nil once it is signed.
        let waits: String?
        /// What the network said; nil where that is hidden.
        let answer: String?
        let isUrgent: Bool
        let isSigned: Bool
    }

    /// The lines of one case.
    struct Group: Sendable {
        let patient: String
        /// Where the whole case is read.
        let address: String
        /// What the patient chose to tell: the name of the sample, and facts.
        let title: String?
        let facts: String?
        let lines: [Line]
    }

    /// A choice of lines.
    struct Chip: Sendable {
        let name: String
        let address: String
        let isCurrent: Bool
    }

    let frame: PageFrame
    let notices: [NoticeLine]
    let groups: [Group]
    let chips: [Chip]
    let count: String
    let order: String
    let isBlind: Bool
    /// Nothing was ever shared with this clinician.
    let isNew: Bool
    /// The address of this page, to come back to.
    let address: String

    init(
        _ list: ReadingWorkList, notices: [NoticeLine], isBlind: Bool, now: Date, site: Site, context: WebContext
    ) {
        self.notices = notices
        let text = site.text
        let words = ReadingWords(text: text)
        frame = PageFrame(site: site, title: text("readings.title"), place: .readings, context: context)
        self.isBlind = isBlind
        let query = ReadingAddress.query(list.filter)
        func shown(_ line: SharedScreening) -> Line {
            Line(
                address: "/readings/\(line.screeningID)\(query)",
                thumbnail: PictureKind.thumbnail.address(of: line.screeningID),
                patient: words.patient(line.patientName, isOfDependent: line.isOfDependent),
                shared: PageTime(line.sharedAt),
                waits: line.isSigned ? nil : Self.waits(now.timeIntervalSince(line.sharedAt), text: text),
                answer: isBlind && !line.isSigned ? nil : words.network(line.finding),
                isUrgent: !line.isSigned && !isBlind && line.urgency <= .uncertain, isSigned: line.isSigned)
        }
        groups = list.cases.compactMap { lines in
            lines.first.map { first in
                let told = list.told[first.caseID]
                let facts = PersonView(told?.facts, text: text).facts.map { "\($0.name): \($0.value)" }
                return Group(
                    patient: words.patient(first.patientName, isOfDependent: first.isOfDependent),
                    address: "/readings/cases/\(first.caseID)",
                    title: told.flatMap { $0.title.isEmpty ? nil : $0.title },
                    facts: facts.isEmpty ? nil : facts.joined(separator: " · "), lines: lines.map(shown))
            }
        }
        isNew = list.total == 0
        chips = ReadingWorkList.Filter.allCases.map { filter in
            let count =
                switch filter {
                case .waiting: list.waiting
                case .signed: list.total - list.waiting
                case .all: list.total
                }
            return Chip(
                name: text("readings.filters.\(filter.rawValue)", ["count": String(count)]),
                address: "/readings\(ReadingAddress.query(filter))", isCurrent: filter == list.filter)
        }
        count = text.counted("readings.count", list.waiting)
        order = text(isBlind ? "readings.order.blind" : "readings.order.urgency")
        address = "/readings\(query)"
    }

    /// Whole hours of a day, then whole days.
    private static func waits(_ seconds: TimeInterval, text: TextCatalogue) -> String {
        let hours = max(0, Int(seconds / 3600))
        if hours < 1 { return text("readings.waits.now") }
        let (key, count) = hours < 48 ? ("hours", hours) : ("days", hours / 24)
        return text.counted("readings.waits.\(key)", count)
    }
}

/// Addresses within the work list.
enum ReadingAddress {
    /// The query that keeps the filter; empty for the usual one.
    static func query(_ filter: ReadingWorkList.Filter) -> String {
        filter == .waiting ? "" : "?show=\(filter.rawValue)"
    }
}
