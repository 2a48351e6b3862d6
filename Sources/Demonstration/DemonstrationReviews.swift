import Clinic
import Foundation
import Randomness

extension Demonstration {
    /// Adds up to twelve visits of the last months with a review each.
    static func addReviews(
        of doctor: Doctor, by visitors: [UserID], now: Date, in transaction: any AppointmentRows & ReviewRows,
        _ random: inout SplitMix64
    ) throws {
        let quality = random.nextUnit()
        var order = visitors
        random.shuffle(&order)
        for visitor in order.prefix(random.next(below: 13)) {
            // Whole half-hours apart, so that no two of a doctor's visits are at the same time.
            let days = 5 + random.next(below: 150)
            let start = Date(timeIntervalSince1970: (now.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
                .addingTimeInterval(Double(-86_400 * days + 1800 * random.next(below: 16) + 4 * 3600))
            guard
                try transaction.appointments(of: doctor.id, from: start, until: start.addingTimeInterval(1800)).isEmpty
            else { continue }
            let visit = Self.visit(to: doctor, by: visitor, at: start)
            try transaction.insert(visit)
            let stars = max(1, min(5, Int((5.4 - 2.2 * quality * random.nextUnit() - random.nextUnit()).rounded())))
            try transaction.insert(
                Review(
                    appointmentID: visit.id, doctorID: doctor.id, patientID: visitor, stars: stars,
                    text: (texts[stars] ?? []).isEmpty ? "" : (texts[stars] ?? [""]).pick(&random),
                    createdAt: start.addingTimeInterval(86_400), updatedAt: start.addingTimeInterval(86_400)))
        }
        try transaction.refreshRating(of: doctor.id)
    }

    /// Adds a visit of some days ago with a review that waits for moderation.
    static func addHeldReview(
        of doctor: Doctor, by visitor: UserID, now: Date, in transaction: any AppointmentRows & ReviewRows
    ) throws {
        // Nearer than the visits above, of which none is on this day.
        let start = Date(timeIntervalSince1970: (now.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
            .addingTimeInterval(-4 * 86_400 + 4 * 3600)
        let visit = Self.visit(to: doctor, by: visitor, at: start)
        try transaction.insert(visit)
        let text = "All well. I found the cheapest tablets at www.fictional-pharmacy.example, have a look."
        try transaction.insert(
            Review(
                appointmentID: visit.id, doctorID: doctor.id, patientID: visitor, stars: 5, text: text, state: .held,
                holdReason: ReviewHold.reason(for: text)?.rawValue ?? "", createdAt: start.addingTimeInterval(86_400),
                updatedAt: start.addingTimeInterval(86_400)))
    }

    /// One of half an hour that is over.
    private static func visit(to doctor: Doctor, by visitor: UserID, at start: Date) -> Appointment {
        Appointment(
            doctorID: doctor.id, patientID: visitor, startsAt: start, endsAt: start.addingTimeInterval(1800),
            state: .completed, sequence: 2, remindedAt: start.addingTimeInterval(-86_400),
            createdAt: start.addingTimeInterval(-3 * 86_400), updatedAt: start.addingTimeInterval(3600))
    }

    private static let texts: [Int: [String]] = [
        5: [
            "Explained the blood count in words that I understood, and drew a picture of the cells.",
            "Took time for my questions and called the laboratory while I was there.",
            "Kind to my child. We knew what happens next when we left.",
            "Looked at the smear herself and told me why it has to be repeated.",
        ],
        4: [
            "Good doctor. The waiting room was full, but the visit itself was calm.",
            "Clear plan. The report came two days later than promised.",
            "Helpful and honest about what is not known yet.",
        ],
        3: ["The advice was good, the visit was short.", "Hard to find the clinic; after that all went well."],
        2: ["Waited for two hours beyond the agreed time.", "I had to ask three times for the report."],
        1: ["The visit was cancelled twice at short notice."],
    ]
}
