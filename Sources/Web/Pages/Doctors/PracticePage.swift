import Clinic
import Foundation
import Wording

/// Somebody's own entry in the directory: where it stands, the form, papers, portrait, and the way out.
struct PracticePage: Sendable {
    struct Document: Sendable {
        let name: String
        let about: String
        let address: String
        let remove: String
        let removeNamed: String
    }

    let frame: PageFrame
    let hasEntry: Bool
    let lead: String
    let notice: String?
    let alert: String?
    let status: String
    let statusTitle: String
    let statusText: String
    let statusReason: String?
    let profileAddress: String
    let nameFields: [FormField]
    let mainSpecialties: [FormOption]
    let otherSpecialties: [FormOption]
    let specialtiesWrong: String?
    let trainingFields: [FormField]
    let seesChildren: Bool
    let clinicFields: [FormField]
    let countries: [FormOption]
    let countryWrong: String?
    let place: PlaceField
    let zoneFields: [FormField]
    let zones: [String]
    let languageNames: [String]
    let feeFields: [FormField]
    let contactFields: [FormField]
    let about: String
    let aboutWrong: String?
    let submit: String
    let documents: [Document]
    let isFull: Bool
    let documentWrong: String?
    let documentHint: String
    let portraitAddress: String?
    let photoWrong: String?
    let canRetire: Bool

    /// - Parameters:
    ///   - own: The stored entry; nil before the first.
    ///   - form: What stands in the form.
    ///   - upload: What is wrong with a file, with the field `document` or `photo`.
    init(
        own: (doctor: Doctor, documents: [DoctorDocument])?, form: PracticeForm, site: Site, context: WebContext,
        notice: String? = nil, upload: (field: String, message: String)? = nil
    ) {
        let text = site.text
        frame = PageFrame(site: site, title: text("practice.title"), place: .account, context: context)
        let doctor = own?.doctor
        hasEntry = doctor != nil
        lead = text(doctor == nil ? "practice.leadNew" : "practice.lead")
        self.notice = notice
        alert = Self.alert(form, text)
        status = doctor?.status.rawValue ?? ""
        statusTitle = doctor.map { text("practice.status.\($0.status.rawValue).title") } ?? ""
        statusText = doctor.map { text("practice.status.\($0.status.rawValue).text") } ?? ""
        statusReason = doctor.flatMap { $0.statusReason.isEmpty ? nil : $0.statusReason }
        profileAddress = doctor.map { "/doctors/\($0.id)" } ?? ""
        let fields = PracticeFields(form, text: text)
        nameFields = fields.name
        trainingFields = fields.training
        clinicFields = fields.clinic
        zoneFields = fields.zone
        feeFields = fields.fee
        contactFields = fields.contact
        mainSpecialties = fields.specialties { $0 == form.entry.specialties.first }
        otherSpecialties = fields.specialties { form.entry.specialties.dropFirst().contains($0) }
        specialtiesWrong = form.errors["specialties"]
        seesChildren = form.entry.seesChildren
        countries = PlaceWords(text).countries.all.map {
            .init(value: $0.code, name: $0.name, isChosen: $0.code == form.entry.countryCode)
        }
        countryWrong = form.errors["countryCode"]
        place = form.place
        zones = TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") }
        languageNames = LanguageNames(language: text.locale.identifier).all
        about = form.entry.about
        aboutWrong = form.errors["about"]
        submit = text(doctor == nil ? "practice.submitNew" : "practice.submit")
        documents = (own?.documents ?? []).map { Self.document($0, text) }
        isFull = documents.count >= Directory.maximumDocuments
        documentWrong = upload?.field == "document" ? upload?.message : nil
        documentHint = text(
            "practice.documents.hint",
            [
                "count": String(Directory.maximumDocuments),
                "megabytes": String(Directory.maximumDocumentBytes / 1_000_000),
            ])
        portraitAddress = doctor.flatMap { $0.photoKey == nil ? nil : "/doctors/\($0.id)/photo" }
        photoWrong = upload?.field == "photo" ? upload?.message : nil
        canRetire = doctor.map { $0.status != .retired } ?? false
    }

    private static func alert(_ form: PracticeForm, _ text: TextCatalogue) -> String? {
        if let general = form.errors["userID"] { return general }
        if !form.place.choices.isEmpty { return text("practice.choosePlace") }
        let count = form.errors.count
        if count == 0 { return form.place.placeError == nil ? nil : text.counted("practice.wrong", 1) }
        return text.counted("practice.wrong", count)
    }

    private static func document(_ document: DoctorDocument, _ text: TextCatalogue) -> Document {
        let size = document.byteCount.formatted(.byteCount(style: .file).locale(text.locale))
        return Document(
            name: document.name,
            about: "\(size) · \(document.createdAt.formatted(.iso8601.year().month().day()))",
            address: "/practice/documents/\(document.id)", remove: "/practice/documents/\(document.id)/delete",
            removeNamed: text("practice.documents.removeNamed", ["name": document.name]))
    }
}
