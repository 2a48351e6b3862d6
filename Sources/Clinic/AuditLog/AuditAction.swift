import Findings

/// Everything that the audit log tells: what was done, and what was shown to whom.
///
/// A row holds an action as a text (`name`, the area before the point), and, where it says what was shown, as the whole
/// `detail`. Both stay as they are for ever: the log's hashes are made of them.
public enum AuditAction: Hashable, Sendable {
    case user(UserAct), token(TokenAct)
    case smearCase(CaseAct), caseRead(CaseView)
    case image(ImageAct), slide(SlideAct)
    case screening(ScreeningAct), screeningRead(ScreeningView), screeningPicture(PictureKind)
    case reading(ReadingAct), readingList(Answer)
    case cell(CellAct), cellRead(Answer)
    case appointment(AppointmentAct), doctor(DoctorAct), document(DocumentAct), review(ReviewAct)
    case person(PersonAct), consent(ConsentAct), live(LiveAct)
    case site(SiteAct), model(ModelAct), archive(ArchiveAct), audit(AuditAct), privacy(PrivacyAct), api(APIAct)
    case subscription(SubscriptionAct)
    /// One of another version of this program.
    case unknown(String)

    public enum UserAct: String, Sendable, CaseIterable {
        case register, login, loginFailed = "login-failed", logout, update, role, disable, enable, reset, read, export
        case delete
        /// Somebody who is logged in could not show once more who they are.
        case confirmFailed = "confirm-failed"
    }
    public enum TokenAct: String, Sendable, CaseIterable { case create, revoke, refuse }
    public enum CaseAct: String, Sendable, CaseIterable {
        case create, update, delete, list, print, pdf, share, unshare, link, unlink
        /// Somebody without an account opened the report by a link.
        case openLink = "open-link"
        /// Staff said where the images were made.
        case site
    }
    public enum ImageAct: String, Sendable, CaseIterable { case add, delete }
    public enum SlideAct: String, Sendable, CaseIterable {
        /// Its first part was announced; all of it was there; it was taken out of the operator's folder.
        case add, complete, register
        /// Somebody was shown it, with the answers to its fields.
        case read
        case again, done, failed, delete
        /// Parts were to come, and none came for too long.
        case expire
    }
    public enum ScreeningAct: String, Sendable, CaseIterable { case done, failed, again, share, unshare, list }
    public enum ReadingAct: String, Sendable, CaseIterable {
        case draft, sign, statistics, export
        /// A reader hid the network's answers until they have signed, or had them shown again.
        case hide, show
    }
    public enum CellAct: String, Sendable, CaseIterable { case correct, undo, confirm, statistics }
    public enum AppointmentAct: String, Sendable, CaseIterable {
        case request, read, confirm, move, video, cancel, complete, missed
    }
    public enum DoctorAct: String, Sendable, CaseIterable {
        case register, update, approve, refuse, retire, imported = "import"
    }
    public enum DocumentAct: String, Sendable, CaseIterable { case add, read, delete }
    public enum ReviewAct: String, Sendable, CaseIterable { case write, edit, answer, report, publish, remove }
    /// Of people in somebody's care.
    public enum PersonAct: String, Sendable, CaseIterable { case create, update, delete }
    public enum ConsentAct: String, Sendable, CaseIterable { case give, decline, withdraw, lapse }
    public enum SiteAct: String, Sendable, CaseIterable {
        case create, update, read, control, check, qualify, refuse, suspend, plan
    }
    public enum LiveAct: String, Sendable, CaseIterable {
        /// A link to a live microscope was made, taken back, or somebody without an account began to watch by it.
        case link, unlink, openLink = "open-link"
    }
    public enum ModelAct: String, Sendable, CaseIterable { case install, activate, remove }
    public enum ArchiveAct: String, Sendable, CaseIterable {
        case adopt, refuse, quarantine, giveBack = "return", expire
    }
    public enum AuditAct: String, Sendable, CaseIterable { case read, export }
    public enum PrivacyAct: String, Sendable, CaseIterable {
        /// Somebody was told that a case or account goes, or that it stays.
        case announce, withdraw
        /// Old entries of this log, or old backups, were removed.
        case cut, expire
        /// Of the record of breaches and requests.
        case record, settle, export
    }
    /// Who is told of news of cases.
    public enum SubscriptionAct: String, Sendable, CaseIterable { case create, delete }
    public enum APIAct: String, Sendable, CaseIterable { case predict }

    /// As what a case was shown; the text is the row's detail.
    public enum CaseView: String, Sendable, CaseIterable {
        case page = "", status, events, compare, fhir
        case reading = "reading answer=shown", blindReading = "reading answer=hidden"
    }
    /// As what an answer was shown; the text is the row's detail.
    public enum ScreeningView: String, Sendable, CaseIterable {
        case page = "", pdf, fhir, reading = "reading answer=shown", blindReading = "reading answer=hidden"
    }
    /// Whether the network's answers stood in a list; the text is the row's detail.
    public enum Answer: String, Sendable, CaseIterable {
        case shown = "reading answer=shown", hidden = "reading answer=hidden"
    }

    /// Whether whoever did it was shown an answer of the network, or could tell one from what was shown.
    public var reveals: Bool {
        switch self {
        case .caseRead(let view): view != .blindReading
        case .smearCase(.list), .smearCase(.print), .smearCase(.pdf), .smearCase(.openLink): true
        case .screeningRead(let view): view != .blindReading
        case .screeningPicture(let kind): kind.reveals
        case .slide(.read): true
        case .screening(.list), .reading(.statistics), .reading(.export), .readingList(.shown): true
        case .cell, .cellRead(.shown): true
        case .user(.export), .audit: true
        case .unknown(let name): ["case", "screening", "reading", "cell", "slide"].contains(Self.area(of: name))
        case .user, .token, .smearCase, .image, .slide, .screening, .reading, .readingList, .cellRead, .appointment,
            .doctor, .document, .review, .person, .consent, .live, .site, .model, .archive, .privacy, .api,
            .subscription:
            false
        }
    }

    /// Whether a reader hid the network's answers by it, or was shown them; nil where it says nothing of that.
    var hidesAnswers: Bool? {
        switch self {
        case .reading(.hide), .readingList(.hidden): true
        case .reading(.show), .readingList(.shown): false
        default: nil
        }
    }

    /// The text of the row, such as `case.read`.
    public var name: String {
        switch self {
        case .user(let act): "user.\(act.rawValue)"
        case .token(let act): "token.\(act.rawValue)"
        case .smearCase(let act): "case.\(act.rawValue)"
        case .caseRead: "case.read"
        case .image(let act): "image.\(act.rawValue)"
        case .slide(let act): "slide.\(act.rawValue)"
        case .screening(let act): "screening.\(act.rawValue)"
        case .screeningRead: "screening.read"
        case .screeningPicture: "screening.picture"
        case .reading(let act): "reading.\(act.rawValue)"
        case .readingList: "reading.list"
        case .cell(let act): "cell.\(act.rawValue)"
        case .cellRead: "cell.read"
        case .appointment(let act): "appointment.\(act.rawValue)"
        case .doctor(let act): "doctor.\(act.rawValue)"
        case .document(let act): "document.\(act.rawValue)"
        case .review(let act): "review.\(act.rawValue)"
        case .person(let act): "person.\(act.rawValue)"
        case .consent(let act): "consent.\(act.rawValue)"
        case .live(let act): "live.\(act.rawValue)"
        case .site(let act): "site.\(act.rawValue)"
        case .model(let act): "model.\(act.rawValue)"
        case .archive(let act): "archive.\(act.rawValue)"
        case .audit(let act): "audit.\(act.rawValue)"
        case .privacy(let act): "privacy.\(act.rawValue)"
        case .api(let act): "api.\(act.rawValue)"
        case .subscription(let act): "subscription.\(act.rawValue)"
        case .unknown(let name): name
        }
    }

    /// What the row's detail says of it; nil where the detail is the writer's.
    var detail: String? {
        switch self {
        case .caseRead(let view): view.rawValue
        case .screeningRead(let view): view.rawValue
        case .screeningPicture(let kind): "name=\(kind.name)"
        case .readingList(let answer), .cellRead(let answer): answer.rawValue
        default: nil
        }
    }

    /// - Parameters:
    ///   - name: The text of a row; any is taken, so that a log of another version stays readable.
    ///   - detail: The detail of that row.
    public init(name: String, detail: String = "") {
        let area = Self.area(of: name)
        self = Self.known(area, String(name.dropFirst(area.count + 1)), detail) ?? .unknown(name)
    }

    private static func known(_ area: String, _ act: String, _ detail: String) -> AuditAction? {
        switch (area, act) {
        case ("case", "read"): CaseView(rawValue: detail).map(caseRead)
        case ("screening", "read"): ScreeningView(rawValue: detail).map(screeningRead)
        // The heat map of the API had a detail of its own.
        case ("screening", "picture") where detail == "heatmap": .screeningPicture(.overlay)
        case ("screening", "picture"):
            detail.hasPrefix("name=") ? PictureKind(name: String(detail.dropFirst(5))).map(screeningPicture) : nil
        case ("reading", "list"): Answer(rawValue: detail).map(readingList)
        case ("cell", "read"): Answer(rawValue: detail).map(cellRead)
        case ("cell", _): CellAct(rawValue: act).map(cell)
        case ("user", _): UserAct(rawValue: act).map(user)
        case ("token", _): TokenAct(rawValue: act).map(token)
        case ("case", _): CaseAct(rawValue: act).map(smearCase)
        case ("image", _): ImageAct(rawValue: act).map(image)
        case ("slide", _): SlideAct(rawValue: act).map(slide)
        case ("screening", _): ScreeningAct(rawValue: act).map(screening)
        case ("reading", _): ReadingAct(rawValue: act).map(reading)
        case ("appointment", _): AppointmentAct(rawValue: act).map(appointment)
        case ("doctor", _): DoctorAct(rawValue: act).map(doctor)
        case ("document", _): DocumentAct(rawValue: act).map(document)
        case ("review", _): ReviewAct(rawValue: act).map(review)
        case ("person", _): PersonAct(rawValue: act).map(person)
        case ("consent", _): ConsentAct(rawValue: act).map(consent)
        case ("live", _): LiveAct(rawValue: act).map(live)
        case ("site", _): SiteAct(rawValue: act).map(site)
        case ("model", _): ModelAct(rawValue: act).map(model)
        case ("archive", _): ArchiveAct(rawValue: act).map(archive)
        case ("audit", _): AuditAct(rawValue: act).map(audit)
        case ("privacy", _): PrivacyAct(rawValue: act).map(privacy)
        case ("api", _): APIAct(rawValue: act).map(api)
        case ("subscription", _): SubscriptionAct(rawValue: act).map(subscription)
        default: nil
        }
    }

    /// What stands before the point.
    public static func area(of name: String) -> String { String(name.prefix { $0 != "." }) }
}
