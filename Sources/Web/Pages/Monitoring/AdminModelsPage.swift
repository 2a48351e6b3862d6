import Casework
import Clinic
import Foundation
import Packaging
import Wording

/// The models of the site.
struct AdminModelsPage: Sendable {
    /// The form that something is wrong with.
    enum Part: Sendable { case install, activate }

    /// What the database says.
    struct Model: Sendable {
        /// `shipped`, or the identifier.
        let key: String
        let name: String
        let version: String
        let installed: PageTime?
        let isActive: Bool
        let macroF1: String
        let sensitivity: String
        let method: String
    }

    struct Activation: Sendable {
        let at: PageTime
        let model: String
        let by: String
        let reason: String
    }

    struct Compared: Sendable {
        let figure: String
        let candidate: String
        let active: String
        let floor: String
        let isWorse: Bool
    }

    struct Refused: Sendable {
        let message: String
        let rows: [Compared]
    }

    /// How the forms name the model that came with the program.
    static let shipped = "shipped"

    let admin: AdminPage
    let frame: PageFrame
    let problem: String?
    let models: [Model]
    let choices: [Model]
    let activations: [Activation]
    let refused: Refused?
    let reason: String
    let maximumReason: Int
    let installFields: [FormField]
    let activateFields: [FormField]
    let activateError: String?

    /// - Parameters:
    ///   - facts: What the database says.
    ///   - models: What screens on this node.
    ///   - part: The form that `error` belongs to.
    ///   - refusal: Why a package was not installed.
    init(
        _ facts: ModelStore.History, models: ModelSwitch, notice: String?, part: Part?, error: ClinicError?,
        refusal: ModelRefusal?, site: Site, context: WebContext
    ) {
        let text = site.text
        admin = AdminPage(.models, site: site, context: context, notice: notice)
        frame = admin.frame
        problem = models.status.problem.map { text("admin.dashboard.modelProblem", ["reason": text($0)]) }
        let known = Self.models(facts, shipped: models.store.shipped, text)
        self.models = known
        choices = known.filter { !$0.isActive }
        let names = Dictionary(
            known.map { ($0.key, "\($0.name) \($0.version)") }, uniquingKeysWith: { first, _ in first })
        activations = facts.activations.map { activation in
            Activation(
                at: PageTime(activation.at),
                model: names[activation.modelID?.text ?? Self.shipped] ?? text("admin.models.removed"),
                by: activation.by.map { facts.names[$0] ?? text("admin.audit.gone") } ?? text("admin.audit.system"),
                reason: activation.reason)
        }
        refused = refusal.map { Self.refused($0, text) }
        reason = part == .activate ? context.form.trimmed("reason") : ""
        maximumReason = ModelStore.maximumReason
        installFields = FormField.reauthentication(
            text, context, part: "install", error: part == .install ? error : nil)
        activateFields = FormField.reauthentication(
            text, context, part: "activate", error: part == .activate ? error : nil)
        let isAtField = activateFields.contains { $0.error != nil }
        activateError = part == .activate && !isAtField ? error.map { text($0) } : nil
    }

    private static func models(_ facts: ModelStore.History, shipped: ModelPackage, _ text: TextCatalogue) -> [Model] {
        let activeID = facts.active?.modelID
        let installed = facts.models.map { model in
            let figures = try? PublishedFigures(json: Data(model.metricsJSON.utf8))
            return self.model(
                model.id.text, model.name, model.version, PageTime(model.installedAt), isActive: activeID == model.id,
                figures, text)
        }
        let figures = facts.shippedMetrics.flatMap { try? PublishedFigures(json: $0) }
        return installed + [
            model(
                Self.shipped, shipped.description.name, shipped.description.version, nil, isActive: activeID == nil,
                figures, text)
        ]
    }

    private static func model(
        _ key: String, _ name: String, _ version: String, _ installed: PageTime?, isActive: Bool,
        _ figures: PublishedFigures?, _ text: TextCatalogue
    ) -> Model {
        let measured = figures?.crossValidation?.pooled ?? figures?.validation
        let method =
            figures?.crossValidation.map {
                text("admin.models.crossValidated", ["folds": String($0.folds), "images": String($0.pooled.images)])
            } ?? figures?.validation.map { text("admin.models.validated", ["images": String($0.images)]) }
            ?? text("admin.models.unmeasured")
        return Model(
            key: key, name: name, version: version, installed: installed, isActive: isActive,
            macroF1: measured.map { value(.macroF1, $0) } ?? "–",
            sensitivity: measured.map { value(.malignantSensitivity, $0) } ?? "–", method: method)
    }

    /// With its interval, where that is known.
    private static func value(_ figure: PublishedFigures.Figure, _ measured: PublishedFigures.Measurement) -> String {
        guard let value = measured.values[figure] else { return "–" }
        guard let ends = measured.intervals[figure] else { return percent(value) }
        return "\(percent(value)) (\(percent(ends[0])) – \(percent(ends[1])))"
    }

    private static func percent(_ share: Double) -> String { String(format: "%.2f\u{a0}%%", 100 * share) }

    private static func refused(_ refusal: ModelRefusal, _ text: TextCatalogue) -> Refused {
        let rows = (refusal.comparison?.rows ?? []).map { row in
            Compared(
                figure: text("admin.models.figures.\(row.figure.rawValue)"), candidate: percent(row.candidate),
                active: percent(row.active), floor: percent(row.floor), isWorse: row.isWorse)
        }
        return Refused(message: text(refusal), rows: rows)
    }
}
