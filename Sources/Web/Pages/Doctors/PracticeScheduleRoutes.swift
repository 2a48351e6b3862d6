import Clinic
import HTTPTypes
import Hummingbird

/// Opening hours and agenda of somebody's own entry in the directory. Who has none is sent to the page that makes one.
struct PracticeScheduleRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    private var booking: Booking { services.booking }
    private var site: Site { pages.site }

    var routes: [Route] {
        [
            Route(.get, "/practice/hours", .user) { request, context in
                try await ofEntry {
                    let own = try await booking.hours(of: try context.requiredPrincipal.userID)
                    return try pages.response(
                        HoursPage(
                            own, site: site, context: context,
                            notice: FormFields(query: request)["notice"] == "saved"
                                ? "appointments.hours.saved" : nil),
                        template: "practice-hours")
                }
            },
            Route(.post, "/practice/hours", .user) { _, context in try await ofEntry { try await save(context) } },
            Route(.get, "/practice/appointments", .user) { _, context in
                try await ofEntry {
                    let agenda = try await booking.agenda(of: try context.requiredPrincipal.userID)
                    return try pages.response(
                        AgendaPage(agenda, now: services.clock(), site: site, context: context),
                        template: "practice-appointments")
                }
            },
        ]
    }

    private func save(_ context: WebContext) async throws -> Response {
        let user = try context.requiredPrincipal.userID
        if let filled = HoursForm.copying(context.form) {
            let own = try await booking.hours(of: user)
            return try pages.response(
                HoursPage(own, site: site, context: context, typed: filled, notice: "appointments.hours.copied"),
                template: "practice-hours")
        }
        do {
            let hours = try HoursForm.read(context.form, text: site.text)
            do {
                _ = try await booking.setHours(hours, of: user)
            } catch let error as ClinicError where error.field?.hasPrefix("exceptions.") == true {
                throw Self.atRow(error, of: context.form)
            }
            return Response.redirect(to: "/practice/hours?notice=saved", type: .normal)
        } catch let error as ClinicError where error.code == .invalid {
            let own = try await booking.hours(of: user)
            return try pages.response(
                HoursPage(own, site: site, context: context, typed: context.form, error: error),
                template: "practice-hours", status: .unprocessableContent)
        }
    }

    /// The rules count exceptions, the form has empty rows between them.
    private static func atRow(_ error: ClinicError, of form: FormFields) -> ClinicError {
        let rows = HoursForm.rows(of: form).filter { !form.trimmed("x\($0)date").isEmpty }
        guard let index = error.field.flatMap({ Int($0.dropFirst("exceptions.".count)) }), rows.indices.contains(index)
        else { return error }
        return ClinicError(error.code, error.message, field: "exceptions.\(rows[index])")
    }

    private func ofEntry(_ answer: () async throws -> Response) async throws -> Response {
        do {
            return try await answer()
        } catch let error as ClinicError where error.code == .notFound {
            return Response.redirect(to: "/practice", type: .normal)
        }
    }
}
