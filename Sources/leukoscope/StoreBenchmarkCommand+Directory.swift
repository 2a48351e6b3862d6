import Clinic
import Foundation
import Store

/// What the pages ask of doctors, appointments, places and figures.
extension StoreBenchmarkCommand {
    typealias Question = @Sendable (Int) async throws -> Void

    /// Empty in a database without doctors.
    func directoryQuestions(_ database: any MaintainedDatabase) async throws -> [(String, Question)] {
        let filter = DoctorFilter(status: .verified, search: "dr")
        guard let doctor = try await database.read({ try $0.doctors(matching: filter, limit: 1, offset: 0).first })
        else {
            return []
        }
        return candidateQuestions(database, around: doctor.clinic.position)
            + doctorQuestions(database, doctor) + placeQuestions(database) + figureQuestions(database)
    }

    /// - Parameter centre: In the largest city, where the first doctor is.
    private func candidateQuestions(
        _ database: any MaintainedDatabase, around centre: GeoPosition
    ) -> [(String, Question)] {
        func candidates(_ kilometres: Double, free: Bool = false, language: String? = nil) -> Question {
            let query = CandidateQuery(
                circle: GeoCircle(centre: centre, kilometres: kilometres),
                specialties: free ? [.haematoOncology, .haematology] : nil, language: language,
                freeFrom: free ? Date() : nil, freeBefore: free ? Date().addingTimeInterval(7 * 86_400) : nil)
            return { _ in _ = try await database.read { try $0.candidates(query).count } }
        }
        return [
            ("doctors within 5 km of a city", candidates(5)), ("doctors within 25 km of a city", candidates(25)),
            ("doctors within 100 km of a city", candidates(100)),
            ("blood specialists of a continent, free this week", candidates(2000, free: true)),
            ("doctors within 25 km by language", candidates(25, language: "tr")),
        ]
    }

    private func doctorQuestions(_ database: any MaintainedDatabase, _ doctor: Doctor) -> [(String, Question)] {
        [
            (
                "doctor's page", { _ in _ = try await database.read { try $0.doctor(doctor.id) } }
            ),
            (
                "doctors by name",
                { _ in
                    let filter = DoctorFilter(search: doctor.name)
                    _ = try await database.read { try $0.doctors(matching: filter, limit: 20, offset: 0) }
                }
            ),
            (
                "queue of verification",
                { _ in
                    let filter = DoctorFilter(status: .pending)
                    _ = try await database.read { try $0.doctors(matching: filter, limit: 20, offset: 0) }
                }
            ),
            (
                "taken slots of two weeks",
                { _ in
                    let now = Date()
                    _ = try await database.read {
                        try $0.appointments(of: doctor.id, from: now, until: now.addingTimeInterval(14 * 86_400))
                    }
                }
            ),
            (
                "next free slot stored",
                { round in
                    try await database.write {
                        try $0.setNextFree(Date().addingTimeInterval(Double(round) * 60), of: doctor.id)
                    }
                }
            ),
        ]
    }

    private func placeQuestions(_ database: any MaintainedDatabase) -> [(String, Question)] {
        func places(_ written: String) -> Question {
            { _ in _ = try await database.read { try $0.places(matching: written, limit: 8) } }
        }
        return [
            ("place, one letter", places("s")), ("place, beginning", places("beng")),
            ("place, misspelt", places("Bemgalurru")), ("place, common beginning misspelt", places("san samta")),
            (
                "places near a point",
                { round in
                    let point = GeoPosition(latitude: 12.97, longitude: 77.59 + Double(round % 50) / 10)
                    _ = try await database.read { try $0.places(near: point, limit: 1) }
                }
            ),
        ]
    }

    /// The generated screenings begin in November 2023.
    private func figureQuestions(_ database: any MaintainedDatabase) -> [(String, Question)] {
        let begin = Date(timeIntervalSince1970: 1_710_000_000)
        return [
            (
                "dashboard, counts of 30 days",
                { _ in
                    _ = try await database.read {
                        try $0.dailyCounts(from: begin, until: begin.addingTimeInterval(30 * 86_400))
                    }
                }
            ),
            (
                "dashboard, 2,000 newest facts",
                { _ in
                    _ = try await database.read {
                        try $0.screeningFacts(from: begin, until: begin.addingTimeInterval(30 * 86_400), limit: 2000)
                    }
                }
            ),
            ("dashboard, stored amount", { _ in _ = try await database.read { try $0.storedAmount() } }),
            ("dashboard, oldest of the queue", { _ in _ = try await database.read { try $0.oldestQueuedAt() } }),
        ]
    }
}
