import Clinic
import Foundation
import Store
import Testing

@Suite struct ReviewRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `a visit has one review, which comes back as it went in`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (practice, visit) = try await database.write { transaction in
                let practice = try Practice(in: transaction)
                return (
                    practice,
                    try transaction.add(.sample(with: practice.doctor.id, by: practice.patient.id, at: 0))
                )
            }
            var review = Review.sample(of: visit, stars: 4)
            let first = review
            try await database.write { try $0.insert(first) }
            let again = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.insert(Review.sample(of: visit, stars: 1)) }
            }
            #expect(again?.code == .duplicate && again?.field == "appointment")
            (review.stars, review.text, review.state, review.holdReason) = (2, "ಸರಿ 🩸", .held, "link")
            (review.moderationReason, review.answer, review.answeredAt) = ("later", "Thank you", moment(9))
            let changed = review
            try await database.write { transaction in
                try transaction.update(changed)
                #expect(try transaction.review(changed.id) == changed)
                #expect(try transaction.review(of: visit.id) == changed)
                #expect(try transaction.reviews(of: practice.doctor.id, limit: 9, offset: 0).isEmpty)
                #expect(try transaction.reviews(by: practice.patient.id, limit: 9) == [changed])
                try transaction.deleteReview(changed.id)
                #expect(try transaction.review(of: visit.id) == nil)
            }
            let unknown = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.update(changed) }
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the rating is the sum of what is published, also when many reviews come at once`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let (doctor, patient) = (practice.doctor.id, practice.patient.id)
            let visits = try await database.write { transaction in
                try (0..<12).map { try transaction.add(.sample(with: doctor, by: patient, at: Double($0) * 3600)) }
            }
            _ = try await racing(12) { index in
                try await database.write { transaction in
                    try transaction.insert(
                        Review.sample(
                            of: visits[index], stars: 1 + index % 5, at: Double(index),
                            state: index < 9 ? .published : .held))
                    try transaction.refreshRating(of: doctor)
                }
            }
            let sum = RatingSum(stars: (0..<9).reduce(0) { $0 + 1 + $1 % 5 }, count: 9)
            try await database.read { transaction in
                #expect(try transaction.doctor(doctor)?.rating == sum)
                let query = CandidateQuery(circle: GeoCircle(centre: .bengaluru, kilometres: 1))
                #expect(try transaction.candidates(query).map(\.rating) == [sum])
                let page = try transaction.reviews(of: doctor, limit: 3, offset: 1)
                #expect(page.map(\.createdAt) == [moment(7), moment(6), moment(5)])
                #expect(try transaction.countReviews(by: patient, since: moment(4)) == 8)
                #expect(try transaction.reviews(by: patient, limit: 2).map(\.createdAt) == [moment(11), moment(10)])
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `moderation sees what is held or reported, the oldest first, until it has decided`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let reviews = try await database.write { transaction in
                try (0..<4).map { index in
                    let visit = try transaction.add(
                        .sample(with: practice.doctor.id, by: practice.patient.id, at: Double(index) * 3600))
                    let review = Review.sample(
                        of: visit, stars: 3, at: Double(10 - index), state: index == 0 ? .held : .published)
                    try transaction.insert(review)
                    return review
                }
            }
            let report = ReviewReport(
                reviewID: reviews[2].id, reporterID: practice.clinician.id, reason: "Not a patient",
                createdAt: moment(20))
            try await database.write { try $0.insert(report) }
            let again = await #expect(throws: ClinicError.self) {
                try await database.write {
                    try $0.insert(
                        ReviewReport(
                            reviewID: reviews[2].id, reporterID: practice.clinician.id, reason: "x",
                            createdAt: moment(21)))
                }
            }
            #expect(again?.code == .duplicate)
            try await database.write { transaction in
                #expect(try transaction.reports(of: reviews[2].id) == [report])
                #expect(try transaction.reviewsToModerate(limit: 9).map(\.id) == [reviews[2].id, reviews[0].id])
                #expect(try transaction.reviewsToModerate(limit: 1).count == 1)
                #expect(try transaction.countReviewsToModerate() == 2)
                var published = reviews[0]
                published.state = .published
                try transaction.update(published)
                #expect(try transaction.countReviewsToModerate() == 1)
                var removed = reviews[2]
                removed.state = .removed
                try transaction.update(removed)
                #expect(try transaction.countReviewsToModerate() == 0)
                try transaction.update(reviews[2])
                #expect(try transaction.countReviewsToModerate() == 1)
                try transaction.deleteReports(of: reviews[2].id)
                #expect(try transaction.countReviewsToModerate() == 0)
                #expect(try transaction.reports(of: reviews[2].id).isEmpty)
            }
        }
    }
}
