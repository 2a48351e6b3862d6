import Clinic
import Findings
import Foundation
import Wording

/// All microscopes, and the form for another.
struct AdminSitesPage: Sendable {
    struct Row: Sendable {
        let address: String
        let name: String
        let optics: String
        let state: String
        let isQualified: Bool
    }

    let admin: AdminPage
    let frame: PageFrame
    let rows: [Row]
    let fields: [FormField]
    let formError: String?

    init(
        _ entries: [Sites.Entry], model: ScreeningOutcome.Model, error: ClinicError?, site: Site, context: WebContext
    ) {
        let text = site.text
        admin = AdminPage(.sites, site: site, context: context)
        frame = admin.frame
        rows = entries.map { entry in
            let optics = entry.site.optics
            return Row(
                address: "/admin/sites/\(entry.site.id)", name: optics.name,
                optics: [optics.objective, optics.camera, optics.stain].joined(separator: " · "),
                state: SiteWords(text: text).state(entry, model: model),
                isQualified: entry.isQualified(for: model))
        }
        fields = Self.fields(nil, text, typed: error == nil ? nil : context.form, error: error)
        formError = fields.contains { $0.error != nil } ? nil : error.map { text($0) }
    }

    /// What a microscope is.
    static func fields(
        _ optics: SiteOptics?, _ text: TextCatalogue, typed: FormFields?, error: ClinicError?
    ) -> [FormField] {
        let known: [(String, String?)] = [
            ("name", optics?.name), ("objective", optics?.objective), ("camera", optics?.camera),
            ("stain", optics?.stain),
        ]
        let texts = known.map { name, value in
            FormField(
                name, text: text, words: "sites", value: typed?.trimmed(name) ?? value ?? "", id: "site-\(name)",
                maximumLength: SiteOptics.maximumText, error: error)
        }
        let scale = optics?.micrometresPerPixel.map { "\($0)" } ?? ""
        return texts + [
            FormField(
                "scale", text: text, words: "sites", value: typed?.trimmed("scale") ?? scale, id: "site-scale",
                isRequired: false, maximumLength: 20, inputMode: "decimal", error: error)
        ]
    }
}

/// The plan of changes, and every change.
struct ChangeControlPage: Sendable {
    struct Part: Sendable {
        let name: String
        let id: String
        let label: String
        let help: String
        let value: String
        let error: String?
    }

    let admin: AdminPage
    let frame: PageFrame
    let parts: [Part]
    let revision: String
    /// When the plan was written, and by whom; nil without one.
    let saved: String?
    let savedAt: PageTime?
    let formError: String?
    let events: [SiteEventLine]
    let maximumText: Int

    init(
        _ control: Sites.ChangeControl, notice: String?, error: ClinicError?, site: Site, context: WebContext
    ) {
        let (text, plan) = (site.text, control.plan)
        admin = AdminPage(
            .sites, title: text("sites.changes.title"), site: site, context: context, notice: notice)
        frame = admin.frame
        let typed = error == nil ? nil : context.form
        parts = [
            ("modifications", plan?.modifications), ("protocol", plan?.changeProtocol), ("impact", plan?.impact),
        ].map { name, value in
            Part(
                name: name, id: "plan-\(name)", label: text("sites.changes.parts.\(name)"),
                help: text("sites.changes.help.\(name)"), value: typed?[name] ?? value ?? "",
                error: text(error, at: name))
        }
        revision = String(plan?.revision ?? 0)
        savedAt = plan.map { PageTime($0.at) }
        saved = plan.map { plan in
            text(
                "sites.changes.saved",
                [
                    "revision": String(plan.revision),
                    "name": plan.userID.map { control.people[$0] ?? text("admin.audit.gone") }
                        ?? text("admin.audit.system"),
                ])
        }
        formError = parts.contains { $0.error != nil } ? nil : error.map { text($0) }
        maximumText = ChangePlan.maximumText
        let words = SiteWords(text: text)
        let changes = control.events.map { event in
            (event.at, words.event(event, names: control.people, site: event.siteID.flatMap { control.sites[$0] }))
        }
        let models = control.activations.map { activation, model in
            (
                activation.at,
                SiteEventLine(
                    time: PageTime(activation.at), siteName: nil,
                    sentence: text(
                        "sites.events.model",
                        [
                            "model": model.map { "\($0.name) \($0.version)" }
                                ?? text("admin.models.\(activation.modelID == nil ? "shipped" : "removed")"),
                            "reason": activation.reason,
                        ]),
                    by: activation.by.map { control.people[$0] ?? text("admin.audit.gone") }
                        ?? text("admin.audit.system"))
            )
        }
        events = (changes + models).sorted { $0.0 > $1.0 }.map(\.1)
    }
}
