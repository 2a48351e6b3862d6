import Clinic
import Foundation
import Store
import Testing

@Suite struct DoctorQueryPlanTests {
    private static let tables = [
        "users", "doctors", "doctor_candidates", "doctor_documents", "appointments", "reviews", "review_reports",
        "screenings", "screening_shares", "readings", "screening_facts", "places", "place_names", "place_ranks",
        "place_endings",
        "place_positions",
        "postcodes", "installed_models", "model_activations", "images",
    ]

    /// Enough rows of everything that a plan says something.
    private func fill(_ database: any MaintainedDatabase) async throws -> Practice {
        let practice = try await database.write { transaction throws in
            let practice = try Practice(in: transaction)
            for number in 2..<200 {
                try transaction.insert(User.sample("person\(number)@x.org"))
                try transaction.insert(
                    Doctor.sample(
                        number, name: "Doctor \(number)",
                        at: GeoPosition(latitude: Double(number % 90), longitude: Double(number))))
                let visit = try transaction.add(
                    .sample(
                        with: practice.doctor.id, by: practice.patient.id, at: Double(number) * 3600,
                        state: number % 2 == 0 ? .confirmed : .completed))
                let review = Review.sample(
                    of: visit, stars: 3, at: Double(number), state: number % 9 == 0 ? .held : .published)
                try transaction.insert(review)
                guard let screening = try transaction.addScreening(of: practice.patient.id, at: Double(number)) else {
                    continue
                }
                try transaction.share(
                    screening.id, with: practice.clinician.id, allowsTraining: false, at: moment(Double(number)))
                try transaction.insert(
                    Reading.sample(of: screening.id, by: practice.clinician.id, signed: Double(number)))
            }
            let places = (0..<3000).map { (number: Int) -> Place in
                Place(
                    id: Int64(number), name: "Santa \(number)", countryCode: "X", latitude: Double(number % 90),
                    longitude: Double(number % 180), population: Int64(number))
            }
            try transaction.insert(places)
            let postcodes = (0..<3000).map { number in
                Postcode(
                    code: String(100_000 + number), countryCode: "IN", position: .bengaluru, exactness: .town, label: ""
                )
            }
            try transaction.store(postcodes, edition: 1)
            try transaction.finishPostcodes(edition: 1, at: moment(1))
            return practice
        }
        try await database.migrating { connection in
            for table in Self.tables {
                let analyze = connection.dialect == .sqlite ? "ANALYZE \(table)" : "ANALYZE TABLE \(table)"
                _ = try connection.rows(analyze, [])
            }
        }
        return practice
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what is asked of doctors, visits, readings and places reads through an index`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let practice = try await fill(database)
            let plans = try await database.plans { transaction in
                try Self.askAboutDoctors(transaction, practice)
                try Self.askAboutVisits(transaction, practice)
                try Self.askAboutReadings(transaction, practice)
                _ = try transaction.dailyCounts(from: moment(0), until: moment(9e6))
                _ = try transaction.screeningFacts(from: moment(0), until: moment(9e6), limit: 5)
                _ = try transaction.oldestQueuedAt()
                _ = try transaction.activeModel()
                for words in ["santa 12", "santa", "zanta 12", "zantta 123"] {
                    _ = try transaction.places(matching: words, limit: 5)
                }
                _ = try transaction.places(near: .bengaluru, limit: 5)
                _ = try transaction.postcodes(beginning: "100123")
            }
            #expect(plans.count > 50)
            for plan in plans {
                for step in plan.steps { #expect(Self.usesIndex(step, kind), "\(step) in \(plan.sql)") }
            }
            // These lists are read in their order.
            let ordered = [
                "FROM reviews WHERE doctor_id", "FROM reviews WHERE queued_at", "FROM appointments WHERE patient_id",
                "ORDER BY created_at DESC, id DESC LIMIT ? OFFSET", "FROM screening_facts", "ORDER BY h.is_open",
                "ORDER BY signed_at", "ORDER BY next_free_at", "ORDER BY population DESC LIMIT",
            ]
            for plan in plans where ordered.contains(where: { plan.sql.contains($0) }) {
                if plan.sql.contains("name_key >= ?") && plan.sql.contains("FROM doctors") { continue }
                #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") || $0.contains("filesort") }, "\(plan)")
            }
        }
    }

    private static func askAboutDoctors(_ transaction: any ClinicTransaction, _ practice: Practice) throws {
        let doctor = practice.doctor
        for filter in [
            DoctorFilter(), DoctorFilter(status: .pending), DoctorFilter(search: "doctor 1"),
            DoctorFilter(status: .verified, search: "doctor 1"),
        ] {
            _ = try transaction.doctors(matching: filter, limit: 5, offset: 5)
            if filter != DoctorFilter() { _ = try transaction.countDoctors(matching: filter) }
        }
        for kilometres in [5.0, 100, 2000, 20_000] {
            for free in [nil, moment(5)] {
                _ = try transaction.candidates(
                    CandidateQuery(
                        circle: GeoCircle(centre: .bengaluru, kilometres: kilometres), specialties: [.oncology],
                        language: "en", freeFrom: free, freeBefore: free.map { $0 + 5 }))
            }
        }
        _ = try transaction.doctorsWithPassedSlot(before: moment(5), limit: 5)
        _ = try transaction.doctor(of: practice.clinician.id)
        _ = try transaction.doctor(council: doctor.council, registrationNumber: doctor.registrationNumber)
        _ = try transaction.doctors([doctor.id])
        _ = try transaction.documents(of: doctor.id)
        _ = try transaction.hasDoctorFile(archiveKey: "x")
    }

    private static func askAboutVisits(_ transaction: any ClinicTransaction, _ practice: Practice) throws {
        let (doctor, patient) = (practice.doctor.id, practice.patient.id)
        _ = try transaction.appointments(of: doctor, from: moment(0), until: moment(9000))
        _ = try transaction.hasAppointment(of: patient, with: doctor)
        _ = try transaction.appointments(of: patient, limit: 5)
        _ = try transaction.appointments(of: doctor, states: [.confirmed], from: moment(0), limit: 5)
        _ = try transaction.countOpenAppointments(of: patient, now: moment(0))
        _ = try transaction.appointmentsToRemind(from: moment(0), until: moment(9000), limit: 5)
        _ = try transaction.reviews(of: doctor, limit: 5, offset: 5)
        _ = try transaction.reviews(by: patient, limit: 5)
        _ = try transaction.countReviews(by: patient, since: moment(100))
        _ = try transaction.reviewsToModerate(limit: 5)
        _ = try transaction.countReviewsToModerate()
        _ = try transaction.reports(of: ReviewID())
    }

    private static func askAboutReadings(_ transaction: any ClinicTransaction, _ practice: Practice) throws {
        let (patient, clinician) = (practice.patient.id, practice.clinician.id)
        let list = try transaction.sharedScreenings(with: clinician, limit: 5, offset: 5)
        for shared in list.prefix(1) {
            _ = try transaction.isShared(shared.screeningID, with: clinician)
            _ = try transaction.shares(of: shared.screeningID)
            _ = try transaction.shares(ofCase: shared.caseID)
            _ = try transaction.readings(of: shared.screeningID)
            _ = try transaction.readings(ofCase: shared.caseID)
        }
        _ = try transaction.shares(by: patient, limit: 5)
        let page = try transaction.signedReadings(after: nil, limit: 5)
        _ = try transaction.signedReadings(after: page.last?.id, limit: 5)
        _ = try transaction.readings(by: clinician, after: nil, limit: 5)
        _ = try transaction.readingCounts(of: nil)
        _ = try transaction.readingCounts(of: clinician)
    }

    /// SQLite says SCAN, MariaDB ALL or index, where all rows are read. A list of everything in an index's order ends with
    /// its LIMIT; a worked-out table has few rows.
    private static func usesIndex(_ step: String, _ kind: TestedDatabase) -> Bool {
        let whole = ["doctors_created", "model_activations", "place_ranks"]
        switch kind {
        case .sqlite:
            let derived = [
                "SCAN found", "SCAN (subquery", "SCAN CONSTANT", "SCAN ranges", "SCAN model_activations",
                "SCAN place_ranks",
            ]
            return !step.hasPrefix("SCAN") || step.hasSuffix("CONSTANT ROWS") || derived.contains { step.hasPrefix($0) }
                || whole.contains { step.contains("INDEX \($0)") }
        case .mariadb:
            let parts = step.split(separator: " ")
            guard parts.count >= 3, !parts[0].hasPrefix("<") else { return true }
            if parts[1] == "index" { return whole.contains { parts[0] == $0 || parts[2] == $0 } }
            return parts[1] != "ALL"
        }
    }
}
