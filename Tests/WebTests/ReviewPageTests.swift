import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Web

@Suite struct ReviewPageTests {
    private static func review(_ practice: DoctorPractice, _ text: String = "Kind and clear.") async throws -> Review {
        let address = try await practice.completed()
        let answer = try await practice.annaBrowser.post("\(address)/review", [("stars", "4"), ("text", text)])
        #expect(answer.status == .seeOther)
        let found = try await practice.services.database.read { try $0.reviews(by: practice.anna.id, limit: 1).first }
        return try #require(found)
    }

    @Test func `is written after the visit and shown on the doctor's page`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request()
            let early = try await practice.annaBrowser.get("\(address)/review")
            #expect(!early.text.contains("<textarea"))
            let refused = try await practice.annaBrowser.post("\(address)/review", [("stars", "4"), ("text", "x")])
            #expect(refused.status == .unprocessableContent)
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            practice.clock.now = DoctorPractice.morning.addingTimeInterval(86_400)
            _ = try await practice.doctorBrowser.post("\(address)/complete")
            #expect(try await practice.annaBrowser.get(address).text.contains("\(address)/review"))
            let empty = try await practice.annaBrowser.post("\(address)/review", [("text", "Kept words")])
            #expect(empty.status == .unprocessableContent)
            #expect(empty.text.contains("Choose 1 to 5 stars"))
            #expect(empty.text.contains("Kept words"))
            let done = try await practice.annaBrowser.post(
                "\(address)/review", [("stars", "4"), ("text", "Kind <i>and</i> clear.")])
            #expect(done.headers[.location] == "\(address)/review?notice=published")
            // Nobody is logged in, so that a name on the page would be the one of who wrote.
            let profile = try await TestBrowser(practice.client).get("/doctors/\(practice.doctor.id)")
            #expect(profile.text.contains("Kind &lt;i&gt;and&lt;/i&gt; clear."))
            #expect(profile.text.contains("4 of 5 stars"))
            #expect(!profile.text.contains("Somebody Else"))
            #expect(!profile.text.contains("of 5 from"))
            let again = try await practice.annaBrowser.post("\(address)/review", [("stars", "1"), ("text", "")])
            #expect(again.status == .conflict)
            #expect(try await practice.annaBrowser.get("/appointments").text.contains("You have reviewed it."))
            let agenda = try await practice.doctorBrowser.get("/practice/appointments")
            #expect(agenda.text.contains("The patient has reviewed it.") && !agenda.text.contains("may review it"))
        }
    }

    @Test func `is held where it holds a link and says so`() async throws {
        try await DoctorPractice.run { practice in
            let review = try await Self.review(practice, "see www.example.org")
            #expect(review.state == .held)
            let page = try await practice.annaBrowser.get("/appointments/\(review.appointmentID)/review")
            #expect(page.text.contains("waits for moderation: it seems to contain a web address."))
            let profile = try await practice.benBrowser.get("/doctors/\(practice.doctor.id)")
            #expect(!profile.text.contains("see www.example.org"))
            let edited = try await practice.annaBrowser.post(
                "/reviews/\(review.id)/edit", [("stars", "5"), ("text", "Good.")])
            #expect(edited.headers[.location] == "/appointments/\(review.appointmentID)/review?notice=published")
            practice.clock.now += 8 * 86_400
            let late = try await practice.annaBrowser.post(
                "/reviews/\(review.id)/edit", [("stars", "1"), ("text", "Bad.")])
            #expect(late.status == .unprocessableContent)
        }
    }

    @Test func `is answered by the doctor and reported by others`() async throws {
        try await DoctorPractice.run { practice in
            let review = try await Self.review(practice)
            let profile = "/doctors/\(practice.doctor.id)"
            #expect(try await practice.doctorBrowser.get(profile).text.contains("/reviews/\(review.id)/answer"))
            #expect(try await !practice.benBrowser.get(profile).text.contains("/reviews/\(review.id)/answer"))
            #expect(try await !practice.annaBrowser.get(profile).text.contains("/reviews/\(review.id)/report"))
            let link = try await practice.doctorBrowser.post(
                "/reviews/\(review.id)/answer", [("answer", "Call 9876543210")])
            #expect(link.status == .unprocessableContent)
            #expect(link.text.contains("Call 9876543210"))
            _ = try await practice.doctorBrowser.post("/reviews/\(review.id)/answer", [("answer", "Thank you.")])
            #expect(try await practice.benBrowser.get(profile).text.contains("Thank you."))
            #expect(
                try await practice.benBrowser.post("/reviews/\(review.id)/answer", [("answer", "x")]).status
                    == .notFound)
            let empty = try await practice.benBrowser.post("/reviews/\(review.id)/report", [("reason", "")])
            #expect(empty.status == .unprocessableContent)
            let reported = try await practice.benBrowser.post("/reviews/\(review.id)/report", [("reason", "Untrue")])
            #expect(reported.status == .ok)
            let waiting = try await practice.services.database.read { try $0.countReviewsToModerate() }
            #expect(waiting == 1)
        }
    }
}
