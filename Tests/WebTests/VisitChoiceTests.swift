import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Mail
import Testing
import Web

@Suite struct VisitChoiceTests {
    @Test func `asks once before a time is sent, and sends nothing until then`() async throws {
        try await DoctorPractice.run { practice in
            let direct = try await practice.annaBrowser.get("\(practice.bookAddress)?slot=\(DoctorPractice.slot)")
            let chosen = try await practice.annaBrowser.post(
                practice.bookAddress, [("ask", "1"), ("slot", DoctorPractice.slot), ("note", "My words")])
            for page in [direct, chosen] {
                #expect(page.status == .ok)
                #expect(page.text.contains("Ask for this time?"))
                #expect(page.text.contains("Wednesday 25 November 2026"))
                #expect(page.text.contains(#"name="slot" value="\#(DoctorPractice.slot)""#))
                #expect(!page.text.contains(#"name="ask""#))
            }
            #expect(chosen.text.contains("My words"))
            // Nobody configured a gateway, so that no message can be wished for.
            #expect(!chosen.text.contains("phoneForMessages"))
            #expect(
                try await practice.services.database.read { try $0.appointments(of: practice.anna.id, limit: 9) }
                    .isEmpty)
            let gone = try await practice.annaBrowser.get("\(practice.bookAddress)?slot=2026-11-25T03:31:00Z")
            #expect(gone.status == .conflict && gone.text.contains("was just taken"))
            let profile = try await practice.annaBrowser.get("/doctors/\(practice.doctor.id)")
            #expect(profile.text.contains("/book?slot=\(DoctorPractice.slot)"))
        }
    }

    @Test func `shows the doctor the number only of a patient who agreed`() async throws {
        try await DoctorPractice.run { practice in
            let slot = ("slot", DoctorPractice.slot)
            for fields in [
                [("phone", "98765 43210")], [("phoneForDoctor", "1")], [("phone", "12"), ("phoneForDoctor", "1")],
            ] {
                let answer = try await practice.annaBrowser.post(practice.bookAddress, [slot] + fields)
                #expect(answer.status == .unprocessableContent)
                #expect(answer.text.contains(#"id="phone-error""#) && answer.text.contains("Ask for this time?"))
            }
            // A page that is older than the server's settings asks for messages in vain.
            let asked = try await practice.annaBrowser.post(
                practice.bookAddress,
                [slot, ("phone", "98765 43210"), ("phoneForDoctor", "1"), ("phoneForMessages", "1")])
            let address = String(try #require(asked.headers[.location]).prefix { $0 != "?" })
            #expect(try await practice.doctorBrowser.get(address).text.contains(#"href="tel:9876543210""#))
            #expect(try await practice.annaBrowser.get(address).text.contains("9876543210 (the doctor sees it)"))
            practice.clock.now = DoctorPractice.morning.addingTimeInterval(2 * 86_400)
            #expect(try await !practice.doctorBrowser.get(address).text.contains("9876543210"))
            let quiet = try await practice.benBrowser.post(
                practice.bookAddress, [("slot", "2026-11-27T03:30:00Z"), ("note", "No number")])
            let other = String(try #require(quiet.headers[.location]).prefix { $0 != "?" })
            #expect(try await !practice.doctorBrowser.get(other).text.contains(#"href="tel:"#))
        }
    }

    @Test func `moves a visit after asking once, and books again`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request()
            #expect(try await practice.annaBrowser.get(address).text.contains("\(address)/move"))
            #expect(try await !practice.doctorBrowser.get(address).text.contains("\(address)/move"))
            let times = try await practice.annaBrowser.get("\(address)/move")
            #expect(times.text.contains(#"action="\#(address)/move""#))
            #expect(!times.text.contains(#"value="\#(DoctorPractice.slot)""#))
            let new = ("slot", "2026-11-26T04:00:00Z")
            let ask = try await practice.annaBrowser.post("\(address)/move", [("ask", "1"), new])
            #expect(ask.text.contains("Move the appointment to this time?") && !ask.text.contains("name=\"note\""))
            let moved = try await practice.annaBrowser.post("\(address)/move", [new])
            #expect(moved.headers[.location] == "\(address)?notice=moved")
            #expect(try await practice.doctorBrowser.get(address).text.contains("Thursday 26 November 2026"))
            let free = try await practice.benBrowser.get(practice.bookAddress)
            #expect(free.text.contains(#"value="\#(DoctorPractice.slot)""#))
            _ = try await practice.annaBrowser.post("\(address)/cancel", [("reason", "Away")])
            #expect(try await practice.annaBrowser.get(address).text.contains("Book again"))
            #expect(try await practice.annaBrowser.get("\(address)/move").status == .unprocessableContent)
        }
    }

    @Test func `leads to the video call while the visit is open`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request()
            let wrong = try await practice.doctorBrowser.post("\(address)/video", [("video", "http://x.example.org")])
            #expect(wrong.status == .unprocessableContent && wrong.text.contains(#"id="video-error""#))
            #expect(wrong.text.contains(#"value="http://x.example.org""#))
            let saved = try await practice.doctorBrowser.post(
                "\(address)/video", [("video", "https://meet.example.org/a")])
            #expect(saved.headers[.location] == "\(address)?notice=video")
            let link = #"href="https://meet.example.org/a" rel="noopener noreferrer""#
            #expect(try await practice.annaBrowser.get(address).text.contains(link))
            practice.clock.now = DoctorPractice.morning.addingTimeInterval(2 * 86_400)
            #expect(try await !practice.annaBrowser.get(address).text.contains(link))
        }
    }

    @Test func `copies a day's hours to Monday to Friday and keeps them only when saved`() async throws {
        try await DoctorPractice.run { practice in
            let before = try await practice.services.database.read { try $0.doctor(practice.doctor.id)?.openingHours }
            let page = try await practice.doctorBrowser.post(
                "/practice/hours",
                [
                    ("d2s1", "08:15"), ("d2e1", "11:45"), ("d2s2", "14:00"), ("d2e2", "x"), ("d4s1", "07:00"),
                    ("d4e1", "08:00"), ("d4s3", "20:00"), ("d4e3", "21:00"), ("d6s1", "10:00"), ("d6e1", "11:00"),
                    ("copy", "2"), ("slotMinutes", "25"), ("leadMinutes", "60"), ("horizonDays", "30"),
                ])
            #expect(page.status == .ok && page.text.contains("Nothing is saved yet"))
            for day in 1...5 {
                #expect(page.text.contains(#"name="d\#(day)s1" value="08:15""#))
                #expect(page.text.contains(#"name="d\#(day)e2" value="x""#))
                #expect(page.text.contains(#"name="d\#(day)s3" value="""#))
            }
            #expect(page.text.contains(#"name="d6s1" value="10:00""#) && page.text.contains(#"value="25""#))
            let after = try await practice.services.database.read { try $0.doctor(practice.doctor.id)?.openingHours }
            #expect(after == before)
        }
    }
}
