import Findings
import Foundation

/// Control fields, and what they show.
extension Sites {
    /// What is known of a control field beside its answer.
    public struct ControlLabel: Sendable, Equatable {
        public let person: String
        public let label: SmearClass
        public let knownBy: ControlField.Method

        /// - Throws: `ClinicError.invalid` with field `person`, `label` or `knownBy`.
        public init(person: String, label: SmearClass?, knownBy: ControlField.Method?) throws {
            self.person = try ControlField.person(person)
            guard let label else { throw ClinicError(.invalid, "errors.sites.label", field: "label") }
            guard let knownBy else { throw ClinicError(.invalid, "errors.sites.knownBy", field: "knownBy") }
            guard knownBy != .followUp || !label.isMalignant else {
                throw ClinicError(.invalid, "errors.sites.followUp", field: "knownBy")
            }
            (self.label, self.knownBy) = (label, knownBy)
        }
    }

    /// A file that was screened.
    public struct ScreenedControl: Sendable, Equatable {
        /// SHA-256 of the file, 64 lower-case hexadecimal digits.
        public let sha256: String
        public let answer: ControlAnswer

        public init(sha256: String, answer: ControlAnswer) { (self.sha256, self.answer) = (sha256, answer) }

        public init(_ outcome: ScreeningOutcome) {
            self.init(sha256: outcome.image.sha256, answer: ControlAnswer(outcome))
        }
    }

    /// What became of control fields that were sent.
    public struct Added: Sendable, Equatable {
        public let added: Int
        /// Files that this model had answered for the site already.
        public let known: Int

        public init(added: Int, known: Int) { (self.added, self.known) = (added, known) }
    }

    /// Keeps the answers to control fields of one person.
    ///
    /// - Throws: `ClinicError.notFound`; `.invalid` with field `person` where that person has another label already.
    public func add(
        _ screened: [ScreenedControl], of label: ControlLabel, to id: SiteID, by actor: AuditEntry.Actor
    ) async throws -> Added {
        let now = clock()
        return try await database.write { transaction in
            _ = try Self.held(id, in: transaction)
            var added = 0
            for control in screened {
                added += try Self.insert(control, of: label, .qualification, to: id, now: now, in: transaction) ? 1 : 0
            }
            if added > 0 {
                try transaction.append(
                    SiteEvent(.controls, of: id, at: now, by: actor.userID, facts: ["fields": "\(added)"]))
            }
            try transaction.append(
                AuditEntry(
                    .site(.control), by: actor, object: id.text,
                    detail: "added=\(added) label=\(label.label) known-by=\(label.knownBy.rawValue)", at: now))
            return Added(added: added, known: screened.count - added)
        }
    }

    /// - Returns: False for a file that the model has answered for the site already.
    private static func insert(
        _ control: ScreenedControl, of label: ControlLabel, _ purpose: ControlField.Purpose, to id: SiteID, now: Date,
        in transaction: any SiteRows
    ) throws -> Bool {
        let present = try transaction.controls(of: id, answeredBy: control.answer.model)
        guard present.allSatisfy({ $0.person != label.person || $0.label.isMalignant == label.label.isMalignant })
        else { throw ClinicError(.invalid, "errors.sites.otherLabel", ["person": label.person], field: "person") }
        guard !present.contains(where: { $0.sha256 == control.sha256 }) else { return false }
        try transaction.insert(
            ControlField(
                siteID: id, person: label.person, label: label.label, knownBy: label.knownBy, purpose: purpose,
                sha256: control.sha256, answer: control.answer, createdAt: now))
        return true
    }

    /// Works out what the control fields show of a model, and qualifies the site where they reach its limits; otherwise the
    /// site stays what it is. Both are written down with their figures.
    ///
    /// - Throws: `ClinicError.notFound`, `.invalid` with field `controls` where no control field was answered by the model.
    public func qualify(
        _ id: SiteID, for model: ScreeningOutcome.Model, by actor: AuditEntry.Actor
    ) async throws -> SiteQualification {
        let now = clock()
        return try await database.write { transaction in
            var site = try Self.held(id, in: transaction)
            let fields = try site.counted(transaction.controls(of: id, answeredBy: model))
            let figures = QualificationFigures(fields, limits: site.limits)
            guard figures.shares.contains(where: { $0 != nil }) else {
                throw ClinicError(
                    .invalid, "errors.sites.noControls", ["model": "\(model.name) \(model.version)"],
                    field: "controls")
            }
            let qualification = SiteQualification(
                siteID: id, at: now, model: model, figures: figures, userID: actor.userID)
            try transaction.insert(qualification)
            if qualification.isPassed {
                (site.state, site.suspension, site.updatedAt) = (.qualified, nil, now)
                (site.qualificationID, site.checkedAt) = (qualification.id, now)
                try transaction.endWaiting(ofSite: id)
                try transaction.update(site)
                try SiteWatching.tellAdministrators(.siteQualified, of: id, now: now, in: transaction)
            }
            try transaction.append(
                SiteEvent(
                    qualification.isPassed ? .qualified : .refused, of: id, at: now, by: actor.userID,
                    facts: ["model": "\(model.name) \(model.version)"]))
            try transaction.append(
                AuditEntry(
                    qualification.isPassed ? .site(.qualify) : .site(.refuse), by: actor, object: id.text,
                    detail: "model=\(model.name) \(model.version) fields=\(fields.count)", at: now))
            return qualification
        }
    }

    /// What a repeated control slide has shown.
    public enum CheckResult: String, Sendable, CaseIterable {
        /// More than half of its fields were read rightly: what came before is good.
        case good
        /// Neither.
        case open
        /// Half of its fields or more were read as the other kind, or looked strange: the site is suspended.
        case bad
    }

    /// Takes new photographs of a control slide of a qualified site.
    ///
    /// - Parameter screened: At least one, of files that were never sent before.
    /// - Throws: As `add`; `ClinicError.invalid` with field `site` for a site that is not qualified or a model that it is not
    ///   qualified for, with field `image` for known files.
    public func check(
        _ screened: [ScreenedControl], of label: ControlLabel, at id: SiteID, by actor: AuditEntry.Actor
    ) async throws -> CheckResult {
        let now = clock()
        return try await database.write { transaction in
            var site = try Self.held(id, in: transaction)
            let qualification = try site.qualificationID.flatMap { try transaction.qualification($0) }
            guard site.state == .qualified, let qualification,
                screened.allSatisfy({ $0.answer.model == qualification.model })
            else { throw ClinicError(.invalid, "errors.sites.notQualified", field: "site") }
            var fields: [ControlField] = []
            for control in screened {
                guard try Self.insert(control, of: label, .check, to: id, now: now, in: transaction) else {
                    throw ClinicError(.invalid, "errors.sites.sameFile", field: "image")
                }
                fields.append(
                    ControlField(
                        siteID: id, person: label.person, label: label.label, knownBy: label.knownBy, purpose: .check,
                        sha256: control.sha256, answer: control.answer, createdAt: now))
            }
            let result = Self.result(of: fields)
            try transaction.append(
                AuditEntry(
                    .site(.check), by: actor, object: id.text, detail: "result=\(result) fields=\(fields.count)",
                    at: now))
            switch result {
            case .good:
                (site.checkedAt, site.updatedAt) = (now, now)
                try transaction.update(site)
                try transaction.append(
                    SiteEvent(.check, of: id, at: now, by: actor.userID, facts: ["fields": "\(fields.count)"]))
            case .open: break
            case .bad: try SiteWatching.suspend(site, .init(cause: .control, at: now), by: actor, in: transaction)
            }
            return result
        }
    }

    private static func result(of fields: [ControlField]) -> CheckResult {
        let bad = fields.count { $0.isWrong || !$0.answer.isFamiliar }
        if 2 * bad >= fields.count { return .bad }
        return 2 * fields.count(where: \.isRight) > fields.count ? .good : .open
    }
}
