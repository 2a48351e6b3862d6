import Clinic
import Foundation
import Testing

@Suite struct ReviewsTests {
    @Test func `only the patient of a completed visit reviews it once`() async throws {
        try await Practice.run { practice in
            let reviews = practice.reviews
            let asked = try await practice.booking.request(
                Practice.at(10), with: practice.doctor.id, by: practice.anna, note: "")
            await #expect {
                _ = try await reviews.write(stars: 5, text: "", for: asked.id, by: practice.anna)
            } throws: {
                isError(.invalid, "state")($0)
            }
            let visit = try await practice.completedVisit(of: practice.ben)
            for stranger in [practice.anna, practice.doctorUser, practice.administrator] {
                await #expect { _ = try await reviews.write(stars: 5, text: "", for: visit.id, by: stranger) } throws: {
                    isError(.notFound)($0)
                }
            }
            for (stars, text, field) in [
                (0, "", "stars"), (6, "", "stars"), (3, String(repeating: "a ", count: 1002), "text"),
                (3, "a\u{0}", "text"),
            ] {
                await #expect {
                    _ = try await reviews.write(stars: stars, text: text, for: visit.id, by: practice.ben)
                } throws: { isError(.invalid, field)($0) }
            }
            let review = try await reviews.write(stars: 4, text: " Kind. ", for: visit.id, by: practice.ben)
            #expect((review.state, review.text) == (.published, "Kind."))
            #expect(try await practice.rating() == RatingSum(stars: 4, count: 1))
            await #expect { _ = try await reviews.write(stars: 1, text: "", for: visit.id, by: practice.ben) } throws: {
                isError(.duplicate, "appointment")($0)
            }
            #expect(try await practice.rating() == RatingSum(stars: 4, count: 1))
        }
    }

    @Test func `shows no rating of fewer than three`() {
        #expect(Reviews.shownRating(RatingSum(stars: 10, count: 2)) == nil)
        let shown = Reviews.shownRating(RatingSum(stars: 13, count: 3))
        #expect(shown?.count == 3)
        #expect(abs((shown?.stars ?? 0) - 13.0 / 3) < 1e-12)
    }

    @Test func `holds what looks like abuse and counts it not`() async throws {
        try await Practice.run { practice in
            let reviews = practice.reviews
            let visit = try await practice.completedVisit()
            let held = try await reviews.write(stars: 5, text: "see example.com", for: visit.id, by: practice.anna)
            #expect((held.state, held.holdReason) == (.held, "link"))
            #expect(try await practice.rating() == RatingSum())
            #expect(try await reviews.published(of: practice.doctor.id, limit: 10).isEmpty)
            let mended = try await reviews.edit(held.id, stars: 4, text: "Kind.", by: practice.anna)
            #expect((mended.state, mended.holdReason) == (.published, ""))
            #expect(try await practice.rating() == RatingSum(stars: 4, count: 1))
        }
    }

    @Test func `holds the fourth review of a person in a day`() async throws {
        try await Practice.run { practice in
            for number in 0..<4 {
                let visit = try await practice.completedVisit(at: Practice.at(9 + Double(number) / 2))
                let review = try await practice.reviews.write(stars: 5, text: "", for: visit.id, by: practice.anna)
                #expect(review.holdReason == (number < 3 ? "" : "flood"))
                if number == 3 {
                    let edited = try await practice.reviews.edit(review.id, stars: 5, text: "Kind.", by: practice.anna)
                    #expect(edited.holdReason == "flood")
                }
                practice.now = Practice.at(8 + Double(number) / 2)
            }
        }
    }

    @Test func `holds the eleventh review of a doctor in an hour`() async throws {
        try await Practice.run { practice in
            var visits: [Appointment] = []
            for number in 0..<12 {
                let patient = try await practice.patient("p\(number)")
                let day = Double(number / 6) * 24
                practice.now = Practice.at(day + 7)
                visits.append(
                    try await practice.completedVisit(of: patient, at: Practice.at(day + 9 + Double(number % 6) / 2)))
            }
            for (number, visit) in visits.enumerated() {
                let review = try await practice.reviews.write(stars: 3, text: "", for: visit.id, by: visit.patientID)
                #expect(review.holdReason == (number == 10 ? "burst" : ""))
                if number == 10 { practice.now += 3601 }
                if number == 11 { #expect(review.state == .published) }
            }
        }
    }

    @Test func `is edited within seven days by its author`() async throws {
        try await Practice.run { practice in
            let reviews = practice.reviews
            let visit = try await practice.completedVisit()
            let review = try await reviews.write(stars: 2, text: "Late.", for: visit.id, by: practice.anna)
            await #expect { _ = try await reviews.edit(review.id, stars: 1, text: "", by: practice.ben) } throws: {
                isError(.notFound)($0)
            }
            practice.now = review.createdAt + 7 * 86_400 - 1
            _ = try await reviews.edit(review.id, stars: 3, text: "Late, but kind.", by: practice.anna)
            #expect(try await practice.rating() == RatingSum(stars: 3, count: 1))
            practice.now += 1
            await #expect { _ = try await reviews.edit(review.id, stars: 1, text: "", by: practice.anna) } throws: {
                isError(.invalid, "time")($0)
            }
        }
    }

    @Test func `is answered by its doctor alone`() async throws {
        try await Practice.run { practice in
            let reviews = practice.reviews
            let visit = try await practice.completedVisit()
            let review = try await reviews.write(stars: 2, text: "Late.", for: visit.id, by: practice.anna)
            for stranger in [practice.anna, practice.ben, practice.administrator] {
                await #expect { _ = try await reviews.answer("Sorry.", on: review.id, by: stranger) } throws: {
                    isError(.notFound)($0)
                }
            }
            await #expect {
                _ = try await reviews.answer("see www.x.org", on: review.id, by: practice.doctorUser)
            } throws: {
                isError(.invalid, "answer")($0)
            }
            let answered = try await reviews.answer("Sorry.", on: review.id, by: practice.doctorUser)
            #expect((answered.answer, answered.answeredAt) == ("Sorry.", practice.now))
            let silent = try await reviews.answer("", on: review.id, by: practice.doctorUser)
            #expect((silent.answer, silent.answeredAt) == ("", nil))
        }
    }

    @Test func `is held after three people reported it and moderated with a reason`() async throws {
        try await Practice.run { practice in
            let reviews = practice.reviews
            let visit = try await practice.completedVisit()
            let review = try await reviews.write(stars: 1, text: "Bad.", for: visit.id, by: practice.anna)
            await #expect { try await reviews.report(review.id, reason: "x", by: practice.anna) } throws: {
                isError(.forbidden)($0)
            }
            await #expect { try await reviews.report(review.id, reason: " ", by: practice.ben) } throws: {
                isError(.invalid, "reason")($0)
            }
            try await reviews.report(review.id, reason: "Untrue", by: practice.doctorUser)
            await #expect { try await reviews.report(review.id, reason: "Again", by: practice.doctorUser) } throws: {
                isError(.duplicate)($0)
            }
            #expect(try await reviews.published(of: practice.doctor.id, limit: 10).count == 1)
            try await reviews.report(review.id, reason: "Untrue", by: practice.ben)
            try await reviews.report(review.id, reason: "Untrue", by: practice.administrator)
            #expect(try await practice.rating() == RatingSum())
            let queue = try await reviews.toModerate(limit: 10, by: practice.administrator)
            #expect(queue.map(\.review.holdReason) == ["reports"])
            #expect(queue.first?.reports.count == 3)
            for stranger in [practice.anna, practice.doctorUser] {
                await #expect { _ = try await reviews.publish(review.id, reason: "x", by: stranger) } throws: {
                    isError(.notFound)($0)
                }
                await #expect { _ = try await reviews.toModerate(limit: 1, by: stranger) } throws: {
                    isError(.notFound)($0)
                }
            }
            _ = try await reviews.publish(review.id, reason: "An opinion.", by: practice.administrator)
            #expect(try await practice.rating() == RatingSum(stars: 1, count: 1))
            #expect(try await reviews.toModerate(limit: 10, by: practice.administrator).isEmpty)
            let removed = try await reviews.remove(review.id, reason: "Insult.", by: practice.administrator)
            #expect((removed.state, removed.moderationReason) == (.removed, "Insult."))
            #expect(try await practice.rating() == RatingSum())
            await #expect { _ = try await reviews.edit(review.id, stars: 5, text: "", by: practice.anna) } throws: {
                isError(.invalid, "time")($0)
            }
            let expected = [
                "review.write", "review.report", "review.report", "review.report", "review.publish", "review.remove",
            ]
            #expect(try await practice.actions().filter { $0.hasPrefix("review.") } == expected)
        }
    }

    @Test func `an account that is deleted takes its stars along`() async throws {
        try await Practice.run { practice in
            let hasher = PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1))
            let accounts = Accounts(database: practice.database, key: [1], hasher: hasher, clock: { practice.now })
            let leaving = try await accounts.create(
                .init(email: "cora@example.org", name: "Cora", password: "three quiet herons"), role: .patient)
            for (number, patient) in [practice.anna, practice.ben, leaving.id].enumerated() {
                let visit = try await practice.completedVisit(of: patient, at: Practice.at(9 + Double(number) / 2))
                _ = try await practice.reviews.write(stars: number + 3, text: "", for: visit.id, by: patient)
                practice.now = Practice.at(8 + Double(number) / 2)
            }
            #expect(try await practice.rating() == RatingSum(stars: 12, count: 3))
            _ = try await accounts.delete(
                for: accounts.confirm(Reauthentication(password: "three quiet herons"), of: leaving.id))
            #expect(try await practice.rating() == RatingSum(stars: 7, count: 2))
        }
    }
}
