import Clinic
import Foundation
import Store
import Testing

@Suite struct UserRemovalTests {
    @Test(arguments: TestedDatabase.allCases)
    func `with a patient go visits, reviews, reports and shares, and ratings are worked out again`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await database.write { transaction throws in
                let practice = try Practice(in: transaction)
                let other = User.sample("other@x.org")
                try transaction.insert(other)
                let doctor = practice.doctor.id
                var reviews: [Review] = []
                for (index, patient) in [practice.patient.id, other.id].enumerated() {
                    let visit = try transaction.add(
                        .sample(with: doctor, by: patient, at: Double(index) * 3600, state: .completed))
                    reviews.append(.sample(of: visit, stars: index == 0 ? 1 : 5))
                    try transaction.insert(reviews[index])
                }
                try transaction.refreshRating(of: doctor)
                try transaction.insert(
                    ReviewReport(
                        reviewID: reviews[1].id, reporterID: practice.patient.id, reason: "x", createdAt: moment(6)))
                let screening = try #require(try transaction.addScreening(of: practice.patient.id, at: 20))
                try transaction.share(screening.id, with: practice.clinician.id, allowsTraining: true, at: moment(21))
                try transaction.insert(Reading.sample(of: screening.id, by: practice.clinician.id, signed: 22))
                #expect(try transaction.countReviewsToModerate() == 1)

                try transaction.deleteUser(practice.patient.id)
                #expect(try transaction.appointments(of: practice.patient.id, limit: 9).isEmpty)
                #expect(try transaction.review(reviews[0].id) == nil)
                #expect(try transaction.review(reviews[1].id) != nil)
                #expect(try transaction.doctor(doctor)?.rating == RatingSum(stars: 5, count: 1))
                #expect(try transaction.countReviewsToModerate() == 0)
                #expect(try transaction.sharedScreenings(with: practice.clinician.id, limit: 9, offset: 0).isEmpty)
                #expect(try transaction.signedReadings(after: nil, limit: 9).isEmpty)
                #expect(
                    try transaction.screeningFacts(from: .distantPast, until: .distantFuture, limit: 9).isEmpty)
                let query = CandidateQuery(circle: GeoCircle(centre: .bengaluru, kilometres: 1))
                #expect(try transaction.candidates(query).map(\.rating.count) == [1])
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a clinician who leaves stays readable for patients, without contact, and signed readings stay`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await database.write { transaction throws in
                let practice = try Practice(in: transaction)
                let (doctor, clinician) = (practice.doctor, practice.clinician.id)
                let visit = try transaction.add(
                    .sample(with: doctor.id, by: practice.patient.id, at: 0, state: .completed))
                try transaction.insert(
                    DoctorDocument(
                        doctorID: doctor.id, name: "x", contentType: "image/png", byteCount: 1,
                        archiveKey: "doctors/x.png", createdAt: moment(0)))
                let screening = try #require(try transaction.addScreening(of: practice.patient.id, at: 20))
                try transaction.share(screening.id, with: clinician, allowsTraining: true, at: moment(21))
                let signed = Reading.sample(of: screening.id, by: clinician, signed: 22)
                try transaction.insert(signed)
                try transaction.insert(Reading.sample(of: screening.id, by: clinician, revision: 2))

                try transaction.deleteUser(clinician)
                #expect(try transaction.user(clinician) == nil)
                #expect(try transaction.readings(of: screening.id) == [signed])
                #expect(try transaction.shares(of: screening.id).isEmpty)
                #expect(try transaction.appointment(visit.id) == visit)
                let left = try #require(try transaction.doctor(doctor.id))
                #expect(left.status == .retired && left.userID == nil && left.nextFreeAt == nil)
                #expect(left.name == doctor.name && left.clinic == doctor.clinic)
                #expect([left.phone, left.email, left.website, left.about] == ["", "", "", ""])
                #expect(left.photoKey == nil)
                #expect(try !transaction.hasDoctorFile(archiveKey: "doctors/x.png"))
                #expect(try !transaction.hasDoctorFile(archiveKey: "doctors/1.jpg"))
                #expect(try transaction.candidates(CandidateQuery(circle: .earth)).isEmpty)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an entry that no patient has visited goes with its account`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            try await database.write { transaction throws in
                let practice = try Practice(in: transaction)
                try transaction.deleteUser(practice.clinician.id)
                #expect(try transaction.doctor(practice.doctor.id) == nil)
                #expect(try transaction.user(practice.patient.id) != nil)
                // A visit of one's own keeps nothing.
                let second = try Practice(in: transaction, 2)
                _ = try transaction.add(.sample(with: second.doctor.id, by: second.clinician.id, at: 0))
                try transaction.deleteUser(second.clinician.id)
                #expect(try transaction.doctor(second.doctor.id) == nil)
            }
        }
    }
}
