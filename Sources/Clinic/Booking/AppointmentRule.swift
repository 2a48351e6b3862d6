import Findings
import Foundation

/// Who may move an appointment from one state to another, and when. All of it is in `table`; whatever is not there is
/// not allowed.
public struct AppointmentRule: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable { case confirm, cancel, complete, miss }

    /// The two sides of an appointment.
    public enum Side: String, Sendable, CaseIterable { case patient, doctor }

    public enum Time: Sendable { case anyTime, beforeBeginning, afterBeginning }

    public let action: Action
    public let from: Appointment.State
    public let to: Appointment.State
    public let sides: Set<Side>
    public let time: Time

    public static let table: [AppointmentRule] = [
        .init(.confirm, from: .requested, to: .confirmed, by: [.doctor], .beforeBeginning),
        // A request that nobody answered in time can still be cleared away.
        .init(.cancel, from: .requested, to: .cancelled, by: [.patient, .doctor], .anyTime),
        .init(.cancel, from: .confirmed, to: .cancelled, by: [.patient, .doctor], .beforeBeginning),
        .init(.complete, from: .confirmed, to: .completed, by: [.doctor], .afterBeginning),
        .init(.miss, from: .confirmed, to: .missed, by: [.doctor], .afterBeginning),
        // The wrong button was pressed, or the patient came late.
        .init(.complete, from: .missed, to: .completed, by: [.doctor], .afterBeginning),
    ]

    private init(
        _ action: Action, from: Appointment.State, to: Appointment.State, by sides: Set<Side>, _ time: Time
    ) {
        (self.action, self.from, self.to, self.sides, self.time) = (action, from, to, sides, time)
    }

    /// What a side may do with an appointment now.
    public static func actions(for appointment: Appointment, by side: Side, now: Date) -> [Action] {
        table.filter { $0.from == appointment.state && $0.sides.contains(side) && $0.isTime(of: appointment, now) }
            .map(\.action)
    }

    /// The state after an action.
    ///
    /// - Throws: `ClinicError.invalid` with field `state` where the action does not fit state or time, `.forbidden`
    ///   where it is the other side's.
    public static func state(
        after action: Action, of appointment: Appointment, by side: Side, now: Date
    ) throws -> Appointment.State {
        guard let rule = table.first(where: { $0.action == action && $0.from == appointment.state }) else {
            throw ClinicError(
                .invalid, "errors.booking.state",
                ["state": Fact.term("appointments.states.\(appointment.state.rawValue)")],
                field: "state")
        }
        guard rule.sides.contains(side) else {
            throw ClinicError(.forbidden, side == .patient ? "errors.booking.onlyDoctor" : "errors.booking.onlyPatient")
        }
        guard rule.isTime(of: appointment, now) else {
            throw ClinicError(
                .invalid,
                rule.time == .afterBeginning
                    ? "errors.booking.notBegun"
                    : "errors.booking.begun", field: "state")
        }
        return rule.to
    }

    private func isTime(of appointment: Appointment, _ now: Date) -> Bool {
        switch time {
        case .anyTime: true
        case .beforeBeginning: now < appointment.startsAt
        case .afterBeginning: now >= appointment.startsAt
        }
    }
}
