import Findings
import Foundation

/// Microscopes, what was shown of them, and which images were made with them.
public protocol SiteRows: SiteWatchRows {
    /// - Throws: `ClinicError.duplicate` with field `name`.
    func insert(_ site: SmearSite) throws
    func site(_ id: SiteID) throws -> SmearSite?
    /// As `site`; nobody else changes it, or stores an answer of it, before the commit.
    func holdSite(_ id: SiteID) throws -> SmearSite?
    /// In the order of their names.
    func sites() throws -> [SmearSite]
    /// - Throws: `ClinicError.duplicate` with field `name`, `.notFound`.
    func update(_ site: SmearSite) throws

    func insert(_ qualification: SiteQualification) throws
    func qualification(_ id: QualificationID) throws -> SiteQualification?
    /// Passed or not, newest first.
    func qualifications(of site: SiteID, limit: Int) throws -> [SiteQualification]

    /// - Throws: `ClinicError.duplicate` with field `image`, where the model has answered this file of the site already.
    func insert(_ control: ControlField) throws
    /// In the order in which they came.
    func controls(of site: SiteID, answeredBy model: ScreeningOutcome.Model) throws -> [ControlField]

    func append(_ event: SiteEvent) throws
    /// Newest first; of all sites where none is named.
    func siteEvents(of site: SiteID?, limit: Int) throws -> [SiteEvent]
    func insert(_ plan: ChangePlan) throws
    /// The newest revision.
    func changePlan() throws -> ChangePlan?

    /// Where the images of a case were made that staff adds later.
    func site(ofCase smearCase: CaseID) throws -> SiteID?
    func setSite(_ site: SiteID?, ofCase smearCase: CaseID) throws
    func setOrigin(_ origin: ScreeningOrigin, of screening: ScreeningID) throws
}

/// What the watch keeps, and what a suspension marks.
public protocol SiteWatchRows {
    /// Notes that an answer of a case came, for the watch to take the case later; a case that it has taken is not noted.
    func waitForWatch(_ smearCase: CaseID, at site: SiteID, under qualification: QualificationID, since: Date) throws
    /// Cases that wait for the watch, with the moment of their last answer, the oldest first.
    func waitingCases(of site: SiteID) throws -> [(smearCase: CaseID, answeredAt: Date)]
    func endWaiting(of smearCase: CaseID) throws
    func endWaiting(ofSite site: SiteID) throws
    /// Sites that have cases waiting.
    func sitesWithWaitingCases() throws -> [SiteID]

    func append(_ entry: WatchEntry) throws
    /// In their order.
    func watchEntries(of qualification: QualificationID) throws -> [WatchEntry]
    func lastWatchEntry(of qualification: QualificationID) throws -> WatchEntry?

    /// Marks all answers of a site since a moment that are not marked yet.
    ///
    /// - Returns: How many.
    func doubtAnswers(of site: SiteID, since: Date, at: Date) throws -> Int
    /// Whom answers concern that were marked at this moment: of each case the owner, and everybody with whom one of these
    /// images is shared.
    func peopleOfAnswersDoubted(at: Date, of site: SiteID) throws -> [(smearCase: CaseID, user: UserID)]
    /// Answers that were marked, newest first.
    func doubtedAnswers(of site: SiteID, limit: Int) throws -> [DoubtedAnswer]
    func countDoubtedAnswers(of site: SiteID) throws -> Int
}

/// A case that the watch took.
public struct WatchEntry: Sendable, Equatable {
    public let qualificationID: QualificationID
    /// 1, 2, 3 …
    public let sequence: Int
    /// Nil once the case is deleted: what its fields came to stays, without anything that leads to it.
    public let caseID: CaseID?
    public let fields: [WatchedField]
    public let step: SiteWatch.Step
    public let novelty: BettingMartingale
    public let evidence: BettingMartingale
    public let at: Date

    public init(
        qualificationID: QualificationID, sequence: Int, caseID: CaseID?, fields: [WatchedField],
        step: SiteWatch.Step, novelty: BettingMartingale, evidence: BettingMartingale, at: Date
    ) {
        (self.qualificationID, self.sequence, self.caseID) = (qualificationID, sequence, caseID)
        (self.fields, self.step, self.at) = (fields, step, at)
        (self.novelty, self.evidence) = (novelty, evidence)
    }
}

/// An answer that was marked anew.
public struct DoubtedAnswer: Sendable, Equatable {
    public let screeningID: ScreeningID
    public let caseID: CaseID
    public let answeredAt: Date
    public let doubtedAt: Date

    public init(screeningID: ScreeningID, caseID: CaseID, answeredAt: Date, doubtedAt: Date) {
        (self.screeningID, self.caseID) = (screeningID, caseID)
        (self.answeredAt, self.doubtedAt) = (answeredAt, doubtedAt)
    }
}
