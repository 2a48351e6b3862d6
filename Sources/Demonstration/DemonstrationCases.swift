import Casework
import Clinic
import Foundation
import Imaging
import Randomness
import Screening

extension Demonstration {
    /// A sample of the patient: how many days ago, and the classes of its drawn images.
    private struct Sample {
        let days: Int
        let title: String
        let labels: [Int]
    }

    private static let samples = [
        Sample(days: 63, title: "Drawn smear, first visit", labels: [1, 1]),
        Sample(days: 41, title: "Drawn smear, after two weeks", labels: [1, 2]),
        Sample(days: 26, title: "Drawn smear, third sample", labels: [2, 2, 2]),
        Sample(days: 12, title: "Drawn smear, laboratory B", labels: [3]),
        Sample(days: 3, title: "Drawn smear, control", labels: [0, 0]),
    ]

    /// Draws the patient's smears and has them screened by the demonstration model, as on those days.
    ///
    /// - Returns: The screenings, oldest first.
    func addCases(of patient: User, now: Date) async throws -> [ScreeningID] {
        var screenings: [ScreeningID] = []
        for (number, sample) in Self.samples.enumerated() {
            let at = now.addingTimeInterval(-86_400 * Double(sample.days))
            let smearCase = SmearCase(ownerID: patient.id, title: sample.title, createdAt: at, updatedAt: at)
            try await database.write { try $0.insert(smearCase) }
            let intake = ImageIntake(database: database, archive: archive, clock: { at })
            for (place, label) in sample.labels.enumerated() {
                let drawing = try DrawnSmear.draw(
                    class: label, seed: seed &* 1000 &+ UInt64(number * 10 + place), side: 448)
                let (_, record) = try await intake.add(
                    try ImageEncoder.jpeg(drawing, quality: 90), to: smearCase.id, by: .system,
                    uploadKey: "demonstration-\(place)")
                screenings.append(record.id)
            }
            try await screenAll(at: at.addingTimeInterval(2))
        }
        return screenings
    }

    /// Works off the queue with the demonstration model, whose answers bear this date.
    private func screenAll(at moment: Date) async throws {
        let worker = ScreeningWorker(
            database: database, archive: archive, models: ModelShelf(screener), clock: { moment })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            while try await database.read({ try $0.countPendingScreenings() }) > 0 {
                try await Task.sleep(for: .milliseconds(50))
            }
            group.cancelAll()
        }
    }
}
