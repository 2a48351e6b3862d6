import Clinic
import Foundation
import Testing

/// The rules that hold a review, each with what it must hold and what it must let pass.
@Suite struct ReviewHoldTests {
    @Test(arguments: [
        "", "Very kind, and took her time.", "Appointment on 24.11.2026 at 10:30, seen at 10:45. Paid 1500 rupees.",
        "From 2026-11-24 to 2026-12-01 I came 3 times; results in 48 hours.", "Good.Very nice doctor.She explained it.",
        "It was fine.So we went home.In the end all good.", "He helped my son (7 years, 23.5 kg) a lot!!!",
        "Dr. A. B. Rao, M.D., D.M., is the best. e.g. she called me back, i.e. she cares.",
        "The dot in the middle of the smear was explained.", "HbA1c 6.5, WBC 4.2, platelets 210,000.",
        "BCR-ABL and CD19, CD34 explained.", "மிகவும் நல்ல மருத்துவர்.", "एकदम बढ़िया डॉक्टर, 24 नवंबर।", "Wow!!! Great...",
        "one two three four five steps", "She is at it. Net result: good. Info was clear.", "OK THANKS",
        "very very very very good", "Waited at the com. centre", "10/10, would go again", "5 stars", "24/7 reachable",
    ])
    func `lets ordinary words pass`(text: String) { #expect(ReviewHold.reason(for: text) == nil, "\(text)") }

    @Test(arguments: [
        "See https://example.org", "see HTTP://x.y", "hxxps://evil", "look at www.example", "WWW . example",
        "buy at cheap-pills.com now", "Example.CO.UK", "example dot com", "example [dot] com", "example (.) net",
        "example . com", "example。com", "ｅｘａｍｐｌｅ．ｃｏｍ", "exam\u{200B}ple.com", "my.in/offer", "bit.ly/abc",
        "go to example .org", "clinic.health", "anna at gmail.com", "e\u{00AD}xample.com",
    ])
    func `holds addresses of sites`(text: String) { #expect(ReviewHold.reason(for: text) == .link, "\(text)") }

    @Test(arguments: [
        "write to anna@example.org", "anna (at) example.org", "anna [at] example [dot] org", "anna at example dot com",
        "ANNA@EXAMPLE.CO.IN",
    ])
    func `holds addresses of people`(text: String) { #expect(ReviewHold.reason(for: text) == .email, "\(text)") }

    @Test(arguments: [
        "call +91 98765 43210", "9876543210", "98765-43210", "(044) 2345 6789 0", "0049 30 123456", "९८७६५४३२१०",
        "nine eight seven six five four three", "9 8 7 6 5 4 3 2 1 0", "+491701234", "９８７６５４３２１０",
    ])
    func `holds telephone numbers`(text: String) { #expect(ReviewHold.reason(for: text) == .phone, "\(text)") }

    @Test(arguments: ["THIS DOCTOR IS THE WORST OF ALL", "NEVER GO THERE, never, NEVER EVER AGAIN"])
    func `holds shouting`(text: String) { #expect(ReviewHold.reason(for: text) == .shouting, "\(text)") }

    @Test(arguments: ["soooooo good", "Great!!!!!!", "bad bad bad bad bad", "best, Best. best best! BEST"])
    func `holds repetition`(text: String) { #expect(ReviewHold.reason(for: text) == .repetition, "\(text)") }

    /// Patterns that go back and forth over such texts would take years: the answer is waited for on another thread, with an
    /// end. Twice the longest review that is taken.
    @Test(
        arguments: [
            ("a-", .repetition), ("1 ", .phone), ("a.", .repetition), ("dot ", .repetition), ("one ", .phone),
            ("@", .repetition),
            ("+", .repetition), ("a at ", nil), ("a dot b ", nil), ("0 0 ", .phone),
        ] as [(String, ReviewHold?)])
    func `long texts that nearly fit a rule are told at once`(part: String, reason: ReviewHold?) async throws {
        let text = String(repeating: part, count: 4000 / part.count)
        let answers = AsyncThrowingStream<ReviewHold?, any Error> { continuation in
            Thread {
                continuation.yield(ReviewHold.reason(for: text))
                continuation.finish()
            }.start()
            DispatchQueue.global().asyncAfter(deadline: .now() + 600) { continuation.finish(throwing: TookTooLong()) }
        }
        var iterator = answers.makeAsyncIterator()
        #expect(try await iterator.next() == .some(reason))
    }

    private struct TookTooLong: Error {}
}
