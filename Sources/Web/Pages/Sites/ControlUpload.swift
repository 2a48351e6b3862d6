import Clinic
import Findings
import Hummingbird

/// Control fields that were sent in a form, by a person or a program, and what the model said to them.
struct ControlUpload: Sendable {
    /// What became of them.
    enum Kept: Sendable {
        case added(Sites.Added)
        /// Of a repeated control slide.
        case checked(Sites.CheckResult)
    }

    /// `person`, `label`, `knownBy` and `purpose`, as sent.
    let fields: [String: String]
    private let screened: [Sites.ScreenedControl]

    /// Reads the form and screens its images, one at a time in memory. Where the words before the images are wrong, the images
    /// are read to their end and none is screened.
    ///
    /// - Parameter admit: Called once with the fields, before anything is screened; refuses the form by throwing.
    /// - Throws: `WebError` for a form that cannot be read, and what the screener throws of an image.
    static func read(
        _ request: Request, _ context: WebContext, at optics: SiteOptics, with service: ScreeningService,
        limits: UploadLimits, admit: (CaseUpload.Fields) throws -> Void
    ) async throws -> ControlUpload {
        var (screened, isAdmitted): ([Sites.ScreenedControl], Bool) = ([], false)
        let fields = try await CaseUpload.read(request, limits: limits) { item, fields in
            if !isAdmitted { try admit(fields) }
            isAdmitted = true
            guard case .image(let bytes) = item else {
                throw WebError(.tooLarge, "errors.uploads.imageTooLarge", ["megabytes": limits.fileBytes / 1_000_000])
            }
            guard areRight(fields.more) else { return }
            screened.append(Sites.ScreenedControl(try await service.control(bytes, context: context, at: optics)))
        }
        if !isAdmitted { try admit(fields) }
        return ControlUpload(fields: fields.more, screened: screened)
    }

    /// Keeps the answers as control fields, or as a check where `purpose` says so.
    ///
    /// - Throws: `ClinicError.invalid` with the field that is wrong, and as `Sites.add` and `Sites.check`.
    func keep(at id: SiteID, in sites: Sites, by actor: AuditEntry.Actor) async throws -> Kept {
        let (label, purpose) = (try Self.label(fields), try Self.purpose(fields))
        guard !screened.isEmpty else { throw ClinicError(.invalid, "errors.sites.noImages", field: "image") }
        switch purpose {
        case .qualification: return .added(try await sites.add(screened, of: label, to: id, by: actor))
        case .check: return .checked(try await sites.check(screened, of: label, at: id, by: actor))
        }
    }

    /// Whether the words before the images say all that is needed.
    private static func areRight(_ sent: [String: String]) -> Bool {
        do {
            _ = try purpose(sent)
            return try !label(sent).person.isEmpty
        } catch {
            return false
        }
    }

    private static func purpose(_ sent: [String: String]) throws -> ControlField.Purpose {
        guard let name = sent["purpose"] else { return .qualification }
        guard let purpose = ControlField.Purpose(rawValue: name) else {
            throw ClinicError(.invalid, "errors.privacy.kind", field: "purpose")
        }
        return purpose
    }

    private static func label(_ sent: [String: String]) throws -> Sites.ControlLabel {
        try Sites.ControlLabel(
            person: sent["person"] ?? "", label: SmearClass(rawValue: sent["label"] ?? ""),
            knownBy: ControlField.Method(rawValue: sent["knownBy"] ?? ""))
    }
}
