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
                let from = FormFields(query: request)["from"].flatMap { LocalDate($0) }
                return try await bookPage(context, from: from)
            },
            Route(.post, "/doctors/:id/book", .user, limiter: limiter, handler: book),
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
        let slot = ClinicTime.moment(context.form.trimmed("slot"))
        do {
            guard let slot else { throw ClinicError(.invalid, "errors.booking.choose", field: "slot") }
            let appointment = try await booking.request(
                slot, with: doctor, by: try context.requiredPrincipal.userID, note: context.form["note"] ?? "")
            letters.tell(.doctor, .requested, appointment)
            return Response.redirect(to: "/appointments/\(appointment.id)?notice=requested", type: .normal)
        } catch let error as ClinicError where Self.isForPage(error) {
            return try await bookPage(context, near: slot, error: error)
        }
    }

    /// - Parameters:
    ///   - from: The first day wanted.
    ///   - near: The slot that was wanted and not given; the page begins with its day.
    private func bookPage(
        _ context: WebContext, from: LocalDate? = nil, near slot: Date? = nil, error: ClinicError? = nil
    ) async throws -> Response {
        let id = try context.doctorID()
        let (doctor, free) = try await booking.offer(of: id)
        let day = slot.flatMap { slot in doctor.clinic.zone.map { LocalDate(slot, in: $0) } }
        let page = BookPage(doctor, free: free, from: from ?? day, site: site, context: context, error: error)
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
                .contentType: CalendarFile.contentType,
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
