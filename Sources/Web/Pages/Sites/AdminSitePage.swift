import Clinic
import Findings
import Foundation
import Wording

/// One microscope: its state, what control fields show, the watch, and what happened.
struct AdminSitePage: Sendable {
    /// The form that something is wrong with.
    enum Part: Sendable { case change, controls, qualify, suspend }

    struct Qualification: Sendable {
        let time: PageTime
        let model: String
        let isPassed: Bool
        let lines: [SiteFigureLine]
    }

    struct Doubted: Sendable {
        let address: String
        let time: PageTime
    }

    let admin: AdminPage
    let frame: PageFrame
    let address: String
    let state: String
    let isQualified: Bool
    let isSuspended: Bool
    let facts: [NamedValue]
    /// What the control fields of the model in use show.
    let lines: [SiteFigureLine]
    let needed: String
    /// What follows where a class is missing, or a limit cannot be reached.
    let remarks: [String]
    let hasControls: Bool
    let labels: [FormOption]
    let methods: [FormOption]
    let purposes: [FormOption]
    let personField: FormField
    let controlErrors: [String]
    let maximumImages: Int
    let qualifyFields: [FormField]
    let qualifyError: String?
    let reasonField: FormField
    let changeFields: [FormField]
    let changeError: String?
    let watch: [NamedValue]
    let watchLead: String
    let qualifications: [Qualification]
    let doubted: [Doubted]
    /// How many answers more were marked than are listed; nil for none.
    let olderDoubted: String?
    let events: [SiteEventLine]

    init(
        _ overview: Sites.Overview, model: ScreeningOutcome.Model, notice: String?, part: Part?, error: ClinicError?,
        sent: [String: String], site: Site, context: WebContext
    ) {
        let (text, entry) = (site.text, overview.entry)
        let (words, own) = (SiteWords(text: site.text), overview.entry.site)
        admin = AdminPage(.sites, title: own.name, site: site, context: context, notice: notice)
        frame = admin.frame
        address = "/admin/sites/\(own.id)"
        state = words.state(entry, model: model)
        (isQualified, isSuspended) = (entry.isQualified(for: model), own.state == .suspended)
        facts = Self.facts(own, text)
        lines = words.lines(overview.figures)
        needed = text(
            "sites.needed",
            [
                "malignant": String(own.limits.peopleNeeded(withLeukaemia: true)),
                "benign": String(own.limits.peopleNeeded(withLeukaemia: false)), "model": SiteWords.name(model),
            ])
        hasControls = overview.figures.shares.contains { $0 != nil }
        remarks =
            [own.controlsSince.map { text("sites.since", ["day": PageTime($0).words]) }].compactMap { $0 }
            + Self.remarks(overview.figures, text)
        func options(_ names: [String], _ path: String, chosen: String?) -> [FormOption] {
            names.map { FormOption(value: $0, name: text("\(path).\($0)"), isChosen: $0 == chosen) }
        }
        labels = SmearClass.allCases.map {
            FormOption(
                value: $0.rawValue, name: text($0.isMalignant ? "classes.\($0).name" : "sites.noLeukaemia"),
                isChosen: sent["label"] == $0.rawValue)
        }
        methods = options(ControlField.Method.allCases.map(\.rawValue), "sites.methods", chosen: sent["knownBy"])
        purposes = options(
            ControlField.Purpose.allCases.map(\.rawValue), "sites.purposes",
            chosen: sent["purpose"] ?? ControlField.Purpose.qualification.rawValue)
        let controlError = part == .controls ? error : nil
        personField = FormField(
            "person", text: text, words: "sites", value: sent["person"] ?? "",
            maximumLength: ControlField.maximumPerson, error: controlError)
        controlErrors = personField.error == nil ? [controlError.map { text($0) }].compactMap { $0 } : []
        maximumImages = CaseUpload.maximumImages
        qualifyFields = FormField.reauthentication(
            text, context, part: "qualify", error: part == .qualify ? error : nil)
        qualifyError =
            part == .qualify && qualifyFields.allSatisfy { $0.error == nil } ? error.map { text($0) } : nil
        reasonField = FormField(
            "reason", text: text, words: "sites", value: part == .suspend ? context.form.trimmed("reason") : "",
            maximumLength: Sites.maximumReason, error: part == .suspend ? error : nil)
        let typed = part == .change ? context.form : nil
        changeFields =
            AdminSitesPage.fields(own.optics, text, typed: typed, error: part == .change ? error : nil)
            + Self.limitFields(own.limits, text, typed: typed, error: part == .change ? error : nil)
        changeError =
            part == .change && changeFields.allSatisfy { $0.error == nil } ? error.map { text($0) } : nil
        (watchLead, watch) = Self.watch(overview, text)
        qualifications = overview.qualifications.map {
            Qualification(
                time: PageTime($0.at), model: SiteWords.name($0.model), isPassed: $0.isPassed,
                lines: words.lines($0.figures))
        }
        doubted = overview.doubted.map {
            Doubted(address: "/screenings/\($0.screeningID)", time: PageTime($0.answeredAt))
        }
        olderDoubted = overview.olderDoubted > 0 ? text.counted("sites.olderDoubted", overview.olderDoubted) : nil
        events = overview.events.map { words.event($0, names: overview.people, site: nil) }
    }

    private static func facts(_ site: SmearSite, _ text: TextCatalogue) -> [NamedValue] {
        let optics = site.optics
        let scale = optics.micrometresPerPixel.map {
            text("sites.scaleValue", ["micrometres": String(format: "%.4g", $0)])
        }
        return [
            ("objective", optics.objective), ("camera", optics.camera), ("stain", optics.stain),
            ("scale", scale ?? text("sites.noScale")),
            ("checked", site.checkedAt.map { PageTime($0).words } ?? text("sites.neverChecked")),
        ].map { NamedValue(name: text("sites.facts.\($0.0)"), value: $0.1) }
    }

    private static func remarks(_ figures: QualificationFigures, _ text: TextCatalogue) -> [String] {
        var remarks: [String] = []
        if figures.isOneSided { remarks.append(text("sites.remarks.oneSided")) }
        if figures.shares.contains(where: { $0 != nil && $0?.morePeople == nil }) {
            remarks.append(text("sites.remarks.adapt"))
        }
        return remarks
    }

    private static func limitFields(
        _ limits: SiteLimits, _ text: TextCatalogue, typed: FormFields?, error: ClinicError?
    ) -> [FormField] {
        [
            ("sensitivity", limits.sensitivity), ("specificity", limits.specificity),
            ("wrongReports", limits.wrongReports),
        ].map { name, share in
            FormField(
                name, text: text, words: "sites", value: typed?.trimmed(name) ?? String(format: "%g", 100 * share),
                maximumLength: 10, inputMode: "decimal", error: error)
        }
    }

    private static func watch(_ overview: Sites.Overview, _ text: TextCatalogue) -> (String, [NamedValue]) {
        guard overview.entry.site.state != .unqualified else { return (text("sites.watch.none"), []) }
        let lead = text.counted("sites.watch.cases", overview.watchedCases)
        guard let step = overview.lastWatched?.step else { return (lead, []) }
        func factor(_ wealth: Double) -> String {
            text(
                "sites.watch.value",
                ["factor": String(format: "%.3g", exp(wealth)), "limit": String(format: "%.0f", exp(SiteWatch.limit))])
        }
        return (
            lead,
            [
                NamedValue(name: text("sites.watch.novelty"), value: factor(step.noveltyWealth)),
                NamedValue(name: text("sites.watch.evidence"), value: factor(step.evidenceWealth)),
            ]
        )
    }
}
