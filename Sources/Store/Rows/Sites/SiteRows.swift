import Clinic
import Findings
import Formats
import Foundation

extension SQLTransaction {
    private static let sites = SQLTable<SmearSite>(SiteTable.name, SiteTable.columns) { row in
        let suspendedAt: Date? = try row["suspended_at"]
        let cause: SmearSite.Suspension.Cause? = try row["suspension"]
        let reason: String = try row["reason"]
        return try SmearSite(
            id: row["id"],
            optics: SiteOptics(
                name: row["name"], objective: row["objective"], camera: row["camera"], stain: row["stain"],
                micrometresPerPixel: row["micrometres_per_pixel"]),
            limits: SiteLimits(
                sensitivity: row["sensitivity"], specificity: row["specificity"], wrongReports: row["wrong_reports"]),
            state: row["state"], qualificationID: row["qualification_id"],
            suspension: suspendedAt.flatMap { at in cause.map { .init(cause: $0, reason: reason, at: at) } },
            checkedAt: row["checked_at"], controlsSince: row["controls_since"], createdAt: row["created_at"],
            updatedAt: row["updated_at"])
    }

    private static func values(_ site: SmearSite) -> [SQLValue] {
        let (optics, limits) = (site.optics, site.limits)
        return [
            site.id.sqlValue, .text(optics.name), .text(optics.objective), .text(optics.camera), .text(optics.stain),
            optics.micrometresPerPixel.sqlValue, .real(limits.sensitivity), .real(limits.specificity),
            .real(limits.wrongReports), .text(site.state.rawValue), site.qualificationID.sqlValue,
            (site.suspension?.at).sqlValue, (site.suspension?.cause).sqlValue, .text(site.suspension?.reason ?? ""),
            site.checkedAt.sqlValue, site.controlsSince.sqlValue, site.createdAt.sqlValue, site.updatedAt.sqlValue,
        ]
    }

    func insert(_ site: SmearSite) throws {
        try refusingDuplicates(of: "name", "errors.sites.taken") {
            try connection.insert([Self.values(site)], into: SiteTable.name, Self.sites.list)
        }
    }

    func site(_ id: SiteID) throws -> SmearSite? { try connection.one(Self.sites, "WHERE id = ?", id.text) }

    func holdSite(_ id: SiteID) throws -> SmearSite? {
        try connection.holdAgainstPeers("site \(id.text)")
        return try connection.one(Self.sites, "WHERE id = ?" + connection.dialect.forUpdate, id.text)
    }

    func sites() throws -> [SmearSite] { try connection.all(Self.sites, "ORDER BY name, id") }

    func update(_ site: SmearSite) throws {
        let assignments = Self.sites.columns.dropFirst().map { "\($0) = ?" }.joined(separator: ", ")
        try refusingDuplicates(of: "name", "errors.sites.taken") {
            let found = try connection.checkedRun(
                "UPDATE \(SiteTable.name) SET \(assignments) WHERE id = ?",
                Array(Self.values(site).dropFirst()) + [site.id.sqlValue])
            guard found == 1 else { throw ClinicError(.notFound, "errors.sites.none", field: "site") }
        }
    }

    // MARK: Qualifications and control fields

    private static let qualifications = SQLTable<SiteQualification>(
        "site_qualifications", "id site_id at model_name model_version figures_json user_id"
    ) { row in
        try SiteQualification(
            id: row["id"], siteID: row["site_id"], at: row["at"],
            model: .init(name: row["model_name"], version: row["model_version"]),
            figures: SiteTable.decoded(row["figures_json"]), userID: row["user_id"])
    }

    func insert(_ qualification: SiteQualification) throws {
        try connection.execute(
            "INSERT INTO site_qualifications (\(Self.qualifications.list)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            qualification.id, qualification.siteID, qualification.at, qualification.model.name,
            qualification.model.version, JSONFormat.line.text(qualification.figures), qualification.userID)
    }

    func qualification(_ id: QualificationID) throws -> SiteQualification? {
        try connection.one(Self.qualifications, "WHERE id = ?", id.text)
    }

    func qualifications(of site: SiteID, limit: Int) throws -> [SiteQualification] {
        try connection.all(Self.qualifications, "WHERE site_id = ? ORDER BY at DESC, id DESC LIMIT ?", site.text, limit)
    }

    private static let controls = SQLTable<ControlField>("site_controls", SiteTable.controlColumns) { row in
        try ControlField(
            id: row["id"], siteID: row["site_id"], person: row["person"], label: row["label"],
            knownBy: row["known_by"], purpose: row["purpose"], sha256: row["sha256"],
            answer: ControlAnswer(
                model: .init(name: row["model_name"], version: row["model_version"]), decision: row["decision"],
                label: row["answer"],
                watched: WatchedField(
                    isMalignant: row["is_malignant"], novelty: row["novelty"], evidence: row["evidence"]),
                isFamiliar: row["is_familiar"], isUsable: row["is_usable"]),
            createdAt: row["created_at"])
    }

    func insert(_ control: ControlField) throws {
        let answer = control.answer
        let present = try connection.number(
            """
            SELECT COUNT(*) FROM site_controls \
            WHERE site_id = ? AND sha256 = ? AND model_name = ? AND model_version = ?
            """, control.siteID, control.sha256, answer.model.name, answer.model.version)
        guard present == 0 else { throw ClinicError(.duplicate, "errors.sites.sameFile", field: "image") }
        try connection.execute(
            "INSERT INTO site_controls (\(Self.controls.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            control.id, control.siteID, control.person, control.label, control.knownBy, control.purpose,
            control.sha256, answer.model.name, answer.model.version, answer.decision, answer.label, answer.isFamiliar,
            answer.isUsable, answer.watched.isMalignant, answer.watched.novelty, answer.watched.evidence,
            control.createdAt)
    }

    func controls(of site: SiteID, answeredBy model: ScreeningOutcome.Model) throws -> [ControlField] {
        try connection.all(
            Self.controls, "WHERE site_id = ? AND model_name = ? AND model_version = ? ORDER BY created_at, id",
            site.text, model.name, model.version)
    }

    // MARK: Changes

    private static let events = SQLTable<SiteEvent>("site_events", "site_id kind at user_id facts_json") { row in
        try SiteEvent(
            row["kind"], of: row["site_id"], at: row["at"], by: row["user_id"],
            facts: SiteTable.decoded(row["facts_json"]))
    }

    func append(_ event: SiteEvent) throws {
        // Whoever comes second waits for the first one's commit, or is told of the taken number and begins again.
        let last = try connection.number(
            "SELECT COALESCE(MAX(sequence), 0) FROM site_events" + connection.dialect.forUpdate)
        try connection.execute(
            "INSERT INTO site_events (sequence, \(Self.events.list)) VALUES (?, ?, ?, ?, ?, ?)", last + 1,
            event.siteID, event.kind, event.at, event.userID, JSONFormat.line.text(event.facts))
    }

    func siteEvents(of site: SiteID?, limit: Int) throws -> [SiteEvent] {
        guard let site else { return try connection.all(Self.events, "ORDER BY sequence DESC LIMIT ?", limit) }
        return try connection.all(
            Self.events, "WHERE site_id = ? ORDER BY sequence DESC LIMIT ?", site.text, limit)
    }

    private static let plans = SQLTable<ChangePlan>(
        "change_plans", "revision modifications change_protocol impact at user_id"
    ) { row in
        try ChangePlan(
            modifications: row["modifications"], changeProtocol: row["change_protocol"], impact: row["impact"],
            revision: row["revision"], at: row["at"], userID: row["user_id"])
    }

    func insert(_ plan: ChangePlan) throws {
        try refusingDuplicates(of: "modifications", "errors.sites.planChanged") {
            try connection.execute(
                "INSERT INTO change_plans (\(Self.plans.list)) VALUES (?, ?, ?, ?, ?, ?)", plan.revision,
                plan.modifications, plan.changeProtocol, plan.impact, plan.at, plan.userID)
        }
    }

    func changePlan() throws -> ChangePlan? { try connection.one(Self.plans, "ORDER BY revision DESC LIMIT 1") }

    // MARK: Origins

    func site(ofCase smearCase: CaseID) throws -> SiteID? {
        let found: SiteID?? = try connection.value("SELECT site_id FROM cases WHERE id = ?", smearCase.text)
        return found ?? nil
    }

    func setSite(_ site: SiteID?, ofCase smearCase: CaseID) throws {
        try connection.execute("UPDATE cases SET site_id = ? WHERE id = ?", site, smearCase)
    }

    func setOrigin(_ origin: ScreeningOrigin, of screening: ScreeningID) throws {
        try connection.execute(
            "UPDATE screenings SET site_id = ?, qualification_id = ?, doubted_at = ? WHERE id = ?", origin.siteID,
            origin.qualificationID, origin.doubtedAt, screening)
    }
}

/// The tables of microscopes.
enum SiteTable {
    static let name = "sites"
    static let columns = """
        id name objective camera stain micrometres_per_pixel sensitivity specificity wrong_reports state \
        qualification_id suspended_at suspension reason checked_at controls_since created_at updated_at
        """
    static let controlColumns = """
        id site_id person label known_by purpose sha256 model_name model_version decision answer is_familiar is_usable \
        is_malignant novelty evidence created_at
        """
    static let watchColumns =
        "qualification_id sequence case_id fields_json novelty_p evidence_p alarm novelty_json evidence_json at"

    /// - Throws: `ClinicError.corrupt`.
    static func decoded<Value: Decodable>(_ json: String) throws -> Value {
        do { return try JSONFormat.decode(Value.self, from: Data(json.utf8)) } catch {
            throw ClinicError(.corrupt, fault: "A row of a site's figures cannot be read: \(error)")
        }
    }
}
