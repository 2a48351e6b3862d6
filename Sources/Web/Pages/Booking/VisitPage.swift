import Clinic
import Foundation
import Wording

/// One appointment, for the patient or the doctor.
struct VisitPage: Sendable {
    let frame: PageFrame
    let words: VisitWords
    let title: String
    let notice: String?
    let alert: String?
    let isPatient: Bool
    let listAddress: String
    let listName: String
    let doctorAddress: String?
    let phone: String?
    let phoneAddress: String
    /// The patient's number, for a doctor who may see it.
    let patientPhone: String?
    let patientPhoneAddress: String
    /// The patient's own number with what it is for; nil without one.
    let ownPhone: String?
    let videoAddress: String?
    let canSetVideo: Bool
    let videoValue: String
    let videoWrong: String?
    let moveAddress: String?
    let againAddress: String?
    let note: String?
    let reason: String?
    let made: PageTime
    let calendarAddress: String?
    let shareAddress: String?
    let readingsAddress: String?
    let reviewAddress: String?
    let reviewName: String
    let canConfirm: Bool
    let canCancel: Bool
    let canComplete: Bool
    let canMiss: Bool
    let cancelName: String
    /// What ends with the appointment; nil for nothing.
    let endingShares: String?
    let reasonWrong: String?
    let typedReason: String

    /// - Parameters:
    ///   - visit: The appointment, and on which side the reader is.
    ///   - notice: What has just happened: a key under `appointments.notices`.
    ///   - error: Why the last change was not made.
    init(
        _ visit: Booking.Visit, now: Date, site: Site, context: WebContext, notice: String? = nil,
        error: ClinicError? = nil
    ) {
        let text = site.text
        let appointment = visit.appointment
        isPatient = visit.side == .patient
        words = VisitWords(visit, now: now, text: text)
        title = text(isPatient ? "appointments.visit.with" : "appointments.visit.of", ["name": words.name])
        frame = PageFrame(site: site, title: title, place: .account, context: context)
        self.notice = notice.flatMap { text.find("appointments.notices.\($0)") }
        reasonWrong = text(error, at: "reason")
        videoWrong = text(error, at: "video")
        alert = reasonWrong == nil && videoWrong == nil ? error.map { text($0) } : nil
        typedReason = context.form.trimmed("reason")
        listAddress = isPatient ? "/appointments" : "/practice/appointments"
        listName = text(isPatient ? "appointments.title" : "appointments.agenda.title")
        doctorAddress = visit.doctor.status == .verified ? "/doctors/\(visit.doctor.id)" : nil
        phone = isPatient && !visit.doctor.phone.isEmpty ? visit.doctor.phone : nil
        phoneAddress = "tel:\(visit.doctor.phone.filter { $0.isASCII && ($0.isNumber || $0 == "+") })"
        let number = appointment.phone?.number ?? ""
        patientPhone =
            !isPatient && appointment.phone?.isForDoctor == true && appointment.isOpen(at: now) ? number : nil
        patientPhoneAddress = "tel:\(number)"
        ownPhone = isPatient ? appointment.phone.map { Self.use(of: $0, text: text) } : nil
        videoAddress = appointment.isOpen(at: now) && !appointment.videoAddress.isEmpty ? appointment.videoAddress : nil
        canSetVideo = !isPatient && appointment.isOpen(at: now)
        videoValue = videoWrong == nil ? appointment.videoAddress : context.form.trimmed("video")
        moveAddress = Booking.canMove(appointment, by: visit.side, now: now) ? "\(words.address)/move" : nil
        againAddress =
            isPatient && !appointment.isOpen(at: now) && visit.doctor.isBookable
            ? "/doctors/\(visit.doctor.id)/book" : nil
        note = appointment.note.isEmpty ? nil : appointment.note
        reason =
            appointment.reason == Appointment.accountDeleted
            ? text("appointments.visit.accountDeleted") : appointment.reason.isEmpty ? nil : appointment.reason
        made = PageTime(appointment.createdAt)
        calendarAddress =
            [.completed, .missed].contains(appointment.state) ? nil : "\(words.address)/calendar"
        let isOn = appointment.state != .cancelled
        shareAddress = isPatient && isOn && visit.doctor.isBookable ? "/sharing?doctor=\(visit.doctor.id)" : nil
        readingsAddress = !isPatient && isOn ? "/readings" : nil
        reviewAddress = isPatient && appointment.state == .completed ? "\(words.address)/review" : nil
        reviewName = text(visit.review == nil ? "appointments.visit.review" : "appointments.visit.reviewShow")
        let actions = Set(AppointmentRule.actions(for: appointment, by: visit.side, now: now))
        canConfirm = actions.contains(.confirm)
        canCancel = actions.contains(.cancel)
        canComplete = actions.contains(.complete)
        canMiss = actions.contains(.miss)
        endingShares =
            visit.endingShares > 0
            ? text.counted("appointments.visit.endingShares.\(visit.side.rawValue)", visit.endingShares) : nil
        cancelName = text(
            !isPatient && appointment.state == .requested
                ? "appointments.visit.refuse" : "appointments.visit.cancel")
    }
}

extension VisitPage {
    /// A number with who may use it.
    private static func use(of phone: PatientPhone, text: TextCatalogue) -> String {
        let uses = [phone.isForDoctor ? "doctor" : nil, phone.isForMessages ? "messages" : nil].compactMap { $0 }
        return "\(phone.number) (\(uses.map { text("appointments.visit.phoneUses.\($0)") }.joined(separator: ", ")))"
    }
}

/// A patient's appointments, those to come first.
struct VisitListPage: Sendable {
    let frame: PageFrame
    let coming: [VisitWords]
    let past: [VisitWords]

    init(_ visits: [Booking.Visit], now: Date, site: Site, context: WebContext) {
        let text = site.text
        frame = PageFrame(site: site, title: text("appointments.title"), place: .account, context: context)
        let open = visits.filter { $0.appointment.isOpen(at: now) }
        coming = open.reversed().map { VisitWords($0, now: now, text: text) }
        past = visits.filter { !$0.appointment.isOpen(at: now) }.map { VisitWords($0, now: now, text: text) }
    }
}
