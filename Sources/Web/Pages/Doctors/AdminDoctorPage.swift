import Clinic
import Foundation
import Wording

/// One entry as an administrator sees it: everything that was written, the papers, and the decisions.
struct AdminDoctorPage: Sendable {
    struct Document: Sendable {
        let address: String
        let name: String
        let size: String
        let at: PageTime
        let isPicture: Bool
        let alt: String
    }

    let admin: AdminPage
    let frame: PageFrame
    let id: String
    let state: String
    let stateReason: String?
    let isDemonstration: Bool
    let isShown: Bool
    let facts: [NamedValue]
    let account: String?
    let accountName: String
    let canAssign: Bool
    let documents: [Document]
    let canApprove: Bool
    let canRefuse: Bool
    let canRetire: Bool
    let reason: String
    let email: String
    let approveFields: [FormField]
    let assignFields: [FormField]
    let error: String?
    let maximumReason: Int
    let audit: String

    init(_ facts: Directory.Entry, notice: String?, error: ClinicError?, site: Site, context: WebContext) {
        let text = site.text
        let doctor = facts.doctor
        admin = AdminPage(
            .doctors, title: doctor.name, site: site, context: context, notice: notice, alert: error.map { text($0) })
        frame = admin.frame
        id = doctor.id.text
        state = text("admin.states.\(doctor.status.rawValue)")
        stateReason = doctor.statusReason.isEmpty ? nil : doctor.statusReason
        isDemonstration = doctor.isDemonstration
        isShown = doctor.status == .verified
        self.facts = Self.facts(doctor, text)
        account = facts.account.map { "/admin/users/\($0.id)" }
        accountName = facts.account.map { "\($0.name) (\($0.email))" } ?? ""
        canAssign = doctor.userID == nil
        documents = facts.documents.map { document in
            Document(
                address: "/admin/documents/\(document.id)", name: document.name,
                size: DashboardTiles.size(document.byteCount), at: PageTime(document.createdAt),
                isPicture: document.contentType.hasPrefix("image/"),
                alt: text("admin.doctors.documentAlt", ["name": document.name]))
        }
        canApprove = doctor.status != .verified
        canRefuse = doctor.status == .pending || doctor.status == .verified
        canRetire = doctor.status != .retired
        reason = error == nil ? "" : context.form.trimmed("reason")
        email = error == nil ? "" : context.form.trimmed("email")
        let isAssigned = context.form["email"] != nil
        approveFields = FormField.reauthentication(text, context, part: "approve", error: isAssigned ? nil : error)
        assignFields = FormField.reauthentication(text, context, part: "assign", error: isAssigned ? error : nil)
        self.error = error.map { text($0) }
        maximumReason = Directory.maximumReason
        audit = "/admin/audit?object=\(doctor.id)"
    }

    private static func facts(_ doctor: Doctor, _ text: TextCatalogue) -> [NamedValue] {
        let fee = doctor.fee.map {
            "\($0.hundredths / 100).\(String(format: "%02d", Int($0.hundredths % 100)))\u{a0}\($0.currency)"
        }
        let names = LanguageNames(language: text.locale.identifier)
        let values: [(String, String)] = [
            ("registrationNumber", doctor.registrationNumber), ("council", doctor.council),
            ("qualifications", doctor.qualifications),
            (
                "specialties",
                doctor.specialties.map { text("ranking.specialists.\($0.rawValue)") }.joined(separator: ", ")
            ),
            ("languages", doctor.languages.map(names.name).joined(separator: ", ")),
            ("practiceSince", String(doctor.practiceSince)),
            ("clinic", doctor.clinic.name), ("address", Self.address(doctor.clinic, text)),
            (
                "position",
                String(format: "%.4f, %.4f", doctor.clinic.position.latitude, doctor.clinic.position.longitude)
            ),
            ("timeZone", doctor.clinic.timeZone), ("fee", fee ?? ""), ("phone", doctor.phone),
            ("email", doctor.email), ("website", doctor.website), ("about", doctor.about),
            ("since", PageTime(doctor.createdAt).day),
        ]
        return values.filter { !$0.1.isEmpty }.map {
            NamedValue(name: text("admin.doctors.fields.\($0.0)"), value: $0.1)
        }
    }

    private static func address(_ clinic: ClinicAddress, _ text: TextCatalogue) -> String {
        let country = PlaceWords(text).countries.name(of: clinic.countryCode)
        return [clinic.street, clinic.city, country].filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
