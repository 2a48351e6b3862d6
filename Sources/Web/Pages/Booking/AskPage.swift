import Clinic
import Foundation
import Wording

/// Asks once before a chosen time is sent to the doctor; works without scripts.
struct AskPage: Sendable {
    let frame: PageFrame
    let name: String
    let clinic: String
    let isDemonstration: Bool
    let time: ClinicTime
    let action: String
    let origin: String
    /// Back to the times of that day.
    let back: String
    let lead: String
    let submit: String
    /// What a new appointment takes; nil where one is moved, which keeps what it has.
    let details: Details?

    /// What the patient may add.
    struct Details: Sendable {
        let note: String
        let noteLength: Int
        let noteWrong: String?
        let phone: FormField
        let boxes: [FormBox]
        let hasError: Bool
    }

    /// - Parameters:
    ///   - doctor: The entry.
    ///   - slot: The chosen time.
    ///   - purpose: For what it was chosen.
    ///   - sendsMessages: Whether short messages can be sent.
    ///   - error: What is wrong with what was typed.
    init(
        _ doctor: Doctor, slot: DateInterval, purpose: SlotPurpose, sendsMessages: Bool, site: Site,
        context: WebContext, error: ClinicError? = nil
    ) {
        let text = site.text
        frame = PageFrame(
            site: site, title: text(purpose.entry("title"), ["name": doctor.name]), place: .doctors,
            context: context)
        name = doctor.name
        clinic = VisitWords.place(of: doctor)
        isDemonstration = doctor.isDemonstration
        time = ClinicTime(slot, zone: doctor.clinic.zone, text: text)
        action = purpose.action(doctor)
        origin = purpose.origin(doctor)
        back = "\(action)?from=\(time.date)#\(time.date)"
        lead = text(purpose.entry("ask"))
        submit = text(purpose.entry("send"))
        guard case .book = purpose else {
            details = nil
            return
        }
        let form = context.form
        let box = { (name: String) in
            FormBox(id: name, name: name, label: text("appointments.book.\(name)"), isTicked: form[name] != nil)
        }
        details = Details(
            note: form.trimmed("note"), noteLength: Booking.Limits().noteLength, noteWrong: text(error, at: "note"),
            phone: FormField(
                "phone", text: text, words: "appointments", type: "tel", value: form.trimmed("phone"),
                autocomplete: "tel", isRequired: false, maximumLength: 40, inputMode: "tel", error: error),
            boxes: [box("phoneForDoctor")] + (sendsMessages ? [box("phoneForMessages")] : []), hasError: error != nil)
    }

    /// Whether this page, and not the list of times, tells an error.
    static func tells(_ error: ClinicError) -> Bool { error.field == "note" || error.field == "phone" }
}
