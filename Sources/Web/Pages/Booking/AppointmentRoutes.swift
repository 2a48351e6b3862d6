import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Wording

/// The pages of appointments, for both sides. Who may see or change one is decided by `Booking`; to all others it is not
/// there.
struct AppointmentRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let publicURL: URL?
    let letters: AppointmentLetters
    /// Requests of one address, so that nobody fills a doctor's hours by a script.
    let limiter: RateLimiter

    private var booking: Booking { services.booking }
    private var site: Site { pages.site }

    var routes: [Route] {
        [
            Route(.get, "/doctors/:id/book", .user) { request, context in
                let query = FormFields(query: request)
                if let slot = query["slot"].flatMap({ ClinicTime.moment($0) }) {
                    return try await chosen(slot, .book, context)
                }
                return try await times(.book, context, from: query["from"].flatMap { LocalDate($0) })
            },
            Route(.post, "/doctors/:id/book", .user, limiter: limiter, handler: book),
            Route(.get, "/appointments/:id/move", .user) { request, context in
                let from = FormFields(query: request)["from"].flatMap { LocalDate($0) }
                return try await times(.move(try context.appointmentID()), context, from: from)
            },
            Route(.post, "/appointments/:id/move", .user, limiter: limiter, handler: move),
            Route(.post, "/appointments/:id/video", .user, handler: setVideo),
            Route(.get, "/appointments", .user) { _, context in
                let visits = try await booking.visits(of: try context.requiredPrincipal.userID)
                return try pages.response(
                    VisitListPage(visits, now: services.clock(), site: site, context: context),
                    template: "appointments")
            },
            Route(.get, "/appointments/:id", .user) { request, context in
                try await visitPage(context, notice: FormFields(query: request)["notice"])
            },
            Route(.get, "/appointments/:id/calendar", .user, handler: calendar),
            Route(.post, "/appointments/:id/cancel", .user) { _, context in try await change(.cancel, context) },
            Route(.post, "/appointments/:id/confirm", .user) { _, context in try await change(.confirm, context) },
            Route(.post, "/appointments/:id/complete", .user) { _, context in try await change(.complete, context) },
            Route(.post, "/appointments/:id/missed", .user) { _, context in try await change(.miss, context) },
        ]
    }

    // MARK: Booking

    private func book(_ request: Request, _ context: WebContext) async throws -> Response {
        let doctor = try context.doctorID()
        return try await choosing(.book, context) { slot in
            let form = context.form
            let phone = try PatientPhone.read(
                form.trimmed("phone"), isForDoctor: form["phoneForDoctor"] != nil,
                isForMessages: form["phoneForMessages"] != nil && services.messages != nil)
            let appointment = try await booking.request(
                slot, with: doctor, by: try context.requiredPrincipal.userID, note: form["note"] ?? "", phone: phone)
            letters.tell(.doctor, .requested, appointment)
            return Response.redirect(to: "/appointments/\(appointment.id)?notice=requested", type: .normal)
        }
    }

    private func move(_ request: Request, _ context: WebContext) async throws -> Response {
        let id = try context.appointmentID()
        return try await choosing(.move(id), context) { slot in
            let appointment = try await booking.move(id, to: slot, by: try context.requiredPrincipal.userID)
            letters.tell(.doctor, .moved, appointment)
            return Response.redirect(to: "/appointments/\(id)?notice=moved", type: .normal)
        }
    }

    /// Asks once whether a time is the right one, and does what it was chosen for when that was answered.
    private func choosing(
        _ purpose: SlotPurpose, _ context: WebContext, _ act: (Date) async throws -> Response
    ) async throws -> Response {
        let slot = ClinicTime.moment(context.form.trimmed("slot"))
        do {
            guard let slot else { throw ClinicError(.invalid, "errors.booking.choose", field: "slot") }
            if context.form["ask"] != nil { return try await chosen(slot, purpose, context) }
            return try await act(slot)
        } catch let error as ClinicError where Self.isForPage(error) {
            if let slot, AskPage.tells(error) { return try await chosen(slot, purpose, context, error: error) }
            return try await times(purpose, context, near: slot, error: error)
        }
    }

    /// Asks once; for a time that is no longer free the page of the times, which says so.
    private func chosen(
        _ slot: Date, _ purpose: SlotPurpose, _ context: WebContext, error: ClinicError? = nil
    ) async throws -> Response {
        let (doctor, free) = try await offer(purpose, context)
        let time = free?.slots(from: slot, until: slot.addingTimeInterval(1)).first { $0.start == slot }
        guard let time else { return try await times(purpose, context, near: slot, error: Booking.taken) }
        let page = AskPage(
            doctor, slot: time, purpose: purpose, sendsMessages: services.messages != nil, site: site,
            context: context, error: error)
        return try pages.response(page, template: "book-ask", status: Self.status(error))
    }

    private func offer(
        _ purpose: SlotPurpose, _ context: WebContext
    ) async throws -> (doctor: Doctor, free: FreeSlots?) {
        switch purpose {
        case .book: try await booking.offer(of: try context.doctorID())
        case .move(let id): try await booking.offer(moving: id, by: try context.requiredPrincipal.userID)
        }
    }

    /// - Parameters:
    ///   - from: The first day wanted.
    ///   - near: The slot that was wanted and not given; the page begins with its day.
    private func times(
        _ purpose: SlotPurpose, _ context: WebContext, from: LocalDate? = nil, near slot: Date? = nil,
        error: ClinicError? = nil
    ) async throws -> Response {
        let (doctor, free) = try await offer(purpose, context)
        let day = slot.flatMap { slot in doctor.clinic.zone.map { LocalDate(slot, in: $0) } }
        let page = BookPage(
            doctor, free: free, purpose: purpose, from: from ?? day, site: site, context: context, error: error)
        return try pages.response(page, template: "book", status: Self.status(error))
    }

    // MARK: One appointment

    private func visitPage(
        _ context: WebContext, notice: String? = nil, error: ClinicError? = nil
    ) async throws -> Response {
        let visit = try await booking.visit(context.appointmentID(), by: try context.requiredPrincipal.userID)
        let page = VisitPage(
            visit, now: services.clock(), site: site, context: context, notice: notice, error: error)
        return try pages.response(page, template: "appointment", status: Self.status(error))
    }

    private func change(_ action: AppointmentRule.Action, _ context: WebContext) async throws -> Response {
        let user = try context.requiredPrincipal.userID
        do {
            let appointment = try await booking.change(
                context.appointmentID(), action, by: user, reason: context.form["reason"] ?? "")
            tell(of: action, appointment, by: user)
            if context.form["list"] == "1" { return Response.redirect(to: "/practice/appointments", type: .normal) }
            return Response.redirect(
                to: "/appointments/\(appointment.id)?notice=\(appointment.state.rawValue)", type: .normal)
        } catch let error as ClinicError where Self.isForPage(error) {
            return try await visitPage(context, error: error)
        }
    }

    private func setVideo(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            let appointment = try await booking.setVideo(
                context.appointmentID(), to: context.form["video"] ?? "", by: try context.requiredPrincipal.userID)
            return Response.redirect(
                to: "/appointments/\(appointment.id)?notice=\(appointment.videoAddress.isEmpty ? "videoOff" : "video")",
                type: .normal)
        } catch let error as ClinicError where Self.isForPage(error) {
            return try await visitPage(context, error: error)
        }
    }

    private func tell(of action: AppointmentRule.Action, _ appointment: Appointment, by user: UserID) {
        switch action {
        case .confirm: letters.tell(.patient, .confirmed, appointment)
        case .cancel: letters.tell(appointment.patientID == user ? .doctor : .patient, .cancelled, appointment)
        case .complete, .miss: break
        }
    }

    private func calendar(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try await booking.visit(context.appointmentID(), by: try context.requiredPrincipal.userID)
        let file = CalendarFile(visit, publicURL: publicURL, text: site.text)
        return Response(
            status: .ok,
            headers: [
                .contentType: file.contentType,
                .contentDisposition: "attachment; filename=\"appointment.ics\"", .cacheControl: "no-store",
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: file.text)))
    }

    // MARK: Errors

    /// Whether the page of the appointment tells the error itself.
    private static func isForPage(_ error: ClinicError) -> Bool {
        [.duplicate, .invalid, .forbidden, .quotaExceeded].contains(error.code)
    }

    private static func status(_ error: ClinicError?) -> HTTPResponse.Status {
        switch error?.code {
        case nil: .ok
        case .duplicate: .conflict
        default: .unprocessableContent
        }
    }
}
