import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Mail
import Synchronization
import Testing
import Web

@Suite struct AppointmentLetterTests {
    /// Words that would tell what somebody suffers from, or who treats it.
    private static let telling = ["Iyer", "Leukaemia", "haemat", "oncolog", "MD", "Second opinion", "blood", "smear "]

    private static func check(_ letter: MailMessage) async throws {
        let file = letter.attachment.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        for word in telling {
            #expect(!(letter.subject + letter.body + file).localizedCaseInsensitiveContains(word), "\(word)")
        }
        #expect(letter.body.contains("https://smears.example.org/appointments/"))
        #expect(!letter.body.contains("{"))
        guard !file.isEmpty else { return }
        CalendarFileTests.checkLines(file)
        #expect(try await CalendarFileTests.read(file).summary == "Appointment")
    }

    @Test func `tell the other side and nothing of health`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request(note: "Second opinion")
            let requested = try await practice.letters.wait(for: 1)[0]
            #expect(requested.recipient == "doctor@example.org")
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            let confirmed = try await practice.letters.wait(for: 2)[1]
            #expect(confirmed.recipient == "anna@example.org")
            #expect(confirmed.body.contains("Wednesday 25 November 2026 at 09:00 (UTC+5:30)"))
            _ = try await practice.annaBrowser.post("\(address)/cancel", [("reason", "Blood count is fine")])
            let cancelled = try await practice.letters.wait(for: 3)[2]
            #expect(cancelled.recipient == "doctor@example.org")
            for letter in [requested, confirmed, cancelled] { try await Self.check(letter) }
        }
    }

    @Test func `remind once though two servers look and again after a failure`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request()
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            _ = try await practice.letters.wait(for: 2)
            let configuration = TestSite.configuration { $0.publicURL = URL(string: "https://smears.example.org") }
            let servers = try (0..<2).map { _ in
                try AppointmentService(
                    services: practice.services, configuration: configuration, logger: TestSite.quiet)
            }
            var broken = practice.services
            broken.mail = RefusingPost()
            let unlucky = try AppointmentService(services: broken, configuration: configuration, logger: TestSite.quiet)
            await unlucky.remind()
            let open = try await practice.services.database.read {
                try $0.appointmentsToRemind(from: practice.clock.now, until: practice.clock.now + 86_400, limit: 9)
            }
            #expect(open.count == 1)
            await withTaskGroup(of: Void.self) { group in
                for server in servers + servers { group.addTask { await server.remind() } }
            }
            #expect(practice.letters.count == 3)
            let reminder = try await practice.letters.wait(for: 3)[2]
            #expect(reminder.recipient == "anna@example.org")
            #expect(reminder.attachment?.name == "appointment.ics")
            try await Self.check(reminder)
        }
    }

    @Test func `a mail server that fails breaks no booking`() async throws {
        let clock = TestClock(DoctorPractice.morning)
        try await TestSite.run(
            configure: { $0.publicURL = URL(string: "https://smears.example.org") },
            change: { services in
                services.mail = RefusingPost()
                services.clock = { clock.now }
            },
            { client, services in
                let user = try await TestPeople.make("doctor@example.org", .clinician, in: services)
                let doctor = DoctorPractice.entry(of: user.id, at: clock.now)
                try await services.database.write { try $0.insert(doctor) }
                let browser = try await TestPeople.browser("anna@example.org", client: client, in: services)
                let answer = try await browser.post("/doctors/\(doctor.id)/book", [("slot", DoctorPractice.slot)])
                #expect(answer.status == .seeOther)
            })
    }

    @Test func `tell the doctor when the patient's account is deleted`() async throws {
        try await DoctorPractice.run { practice in
            _ = try await practice.request()
            _ = try await practice.letters.wait(for: 1)
            _ = try await practice.annaBrowser.post("/account/delete", [("password", TestPeople.password)])
            let letter = try await practice.letters.wait(for: 2)[1]
            #expect(letter.recipient == "doctor@example.org")
            #expect(letter.subject == "An appointment is cancelled")
            let page = try await practice.benBrowser.get(practice.bookAddress)
            #expect(page.text.contains(#"value="\#(DoctorPractice.slot)""#))
        }
    }
}

/// A mail server that takes nothing.
private struct RefusingPost: MailSender {
    func send(_ message: MailMessage) async throws { throw MailError(.notSent, "The mail server is away.") }
}

extension LetterBox {
    /// The letters, once there are so many.
    func wait(for count: Int) async throws -> [MailMessage] {
        try await eventually("letter \(count)") { self.count >= count }
        return all
    }
}
