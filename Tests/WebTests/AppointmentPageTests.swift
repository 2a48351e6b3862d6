import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Web

@Suite struct AppointmentPageTests {
    @Test func `offers the free times by the clock of the clinic`() async throws {
        try await DoctorPractice.run { practice in
            let page = try await practice.annaBrowser.get(practice.bookAddress)
            #expect(page.status == .ok)
            #expect(page.text.contains("Wednesday 25 November 2026"))
            #expect(page.text.contains(#"name="slot" value="\#(DoctorPractice.slot)""#))
            #expect(page.text.contains(#"data-offset="330">09:00<"#))
            #expect(page.text.contains("Asia/Kolkata, UTC+5:30"))
            // 08:00 UTC is 13:30 in Kolkata: today is over.
            #expect(!page.text.contains("Tuesday 24 November 2026"))
            let later = try await practice.annaBrowser.get("\(practice.bookAddress)?from=2026-12-10")
            #expect(later.text.contains("Thursday 10 December 2026"))
            #expect(!later.text.contains("9 December"))
            let none = try await practice.annaBrowser.get("\(practice.bookAddress)?from=2027-12-10")
            #expect(none.text.contains("No free time"))
            for bad in ["x", "2026-02-30", "%00"] {
                let answer = try await practice.annaBrowser.get("\(practice.bookAddress)?from=\(bad)")
                #expect(answer.status == .ok)
            }
            let nobody = try await practice.annaBrowser.get("/doctors/\(DoctorID())/book")
            #expect(nobody.status == .notFound)
        }
    }

    @Test func `is two taps from the doctor and tells both sides`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request(note: "Second opinion <b>please</b>")
            let own = try await practice.annaBrowser.get("\(address)?notice=requested")
            #expect(own.text.contains("Requested"))
            #expect(own.text.contains("Second opinion &lt;b&gt;please"))
            #expect(own.text.contains("/sharing?doctor=\(practice.doctor.id)"))
            let list = try await practice.annaBrowser.get("/appointments")
            #expect(list.text.contains(address))
            let agenda = try await practice.doctorBrowser.get("/practice/appointments")
            #expect(agenda.text.contains("Second opinion"))
            #expect(agenda.text.contains("\(address)/confirm"))
            let theirs = try await practice.doctorBrowser.get(address)
            #expect(!theirs.text.contains("/sharing?doctor="))
            let confirmed = try await practice.doctorBrowser.post("\(address)/confirm")
            #expect(confirmed.headers[.location] == "\(address)?notice=confirmed")
            #expect(try await practice.annaBrowser.get(address).text.contains("Confirmed"))
            for path in [address, "\(address)/calendar", "\(address)/review"] {
                #expect(try await practice.benBrowser.get(path).status == .notFound)
            }
        }
    }

    @Test func `tells who was late that it is taken and what is free`() async throws {
        try await DoctorPractice.run { practice in
            _ = try await practice.request()
            let late = try await practice.benBrowser.post(
                practice.bookAddress, [("slot", DoctorPractice.slot), ("note", "My words")])
            #expect(late.status == .conflict)
            #expect(late.text.contains("was just taken"))
            #expect(late.text.contains("My words"))
            #expect(!late.text.contains(#"value="\#(DoctorPractice.slot)""#))
            #expect(late.text.contains(#"value="2026-11-25T04:00:00Z""#))
            for slot in ["", "now", "2026-11-25T03:31:00Z", "2026-11-25T03:30:00", "1970-01-01T00:00:00Z"] {
                let answer = try await practice.benBrowser.post(practice.bookAddress, [("slot", slot)])
                #expect(answer.status == .unprocessableContent, "\(slot)")
            }
            let long = try await practice.benBrowser.post(
                practice.bookAddress,
                [("slot", "2026-11-25T04:00:00Z"), ("note", String(repeating: "a", count: 1001))])
            #expect(long.status == .unprocessableContent)
            #expect(long.text.contains(#"id="note-error""#))
            let second = try await practice.annaBrowser.post(
                practice.bookAddress, [("slot", "2026-11-25T04:00:00Z")])
            #expect(second.status == .conflict)
            let own = try await practice.doctorBrowser.post(practice.bookAddress, [("slot", "2026-11-25T04:00:00Z")])
            #expect(own.status == .unprocessableContent)
        }
    }

    @Test func `is cancelled with a reason that the other side reads`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request()
            let empty = try await practice.annaBrowser.post("\(address)/cancel", [("reason", " ")])
            #expect(empty.status == .unprocessableContent)
            #expect(empty.text.contains(#"id="reason-error""#))
            _ = try await practice.annaBrowser.post("\(address)/cancel", [("reason", "Found another day")])
            #expect(try await practice.doctorBrowser.get(address).text.contains("Found another day"))
            let late = try await practice.doctorBrowser.post("\(address)/confirm")
            #expect(late.status == .unprocessableContent)
            let free = try await practice.benBrowser.get(practice.bookAddress)
            #expect(free.text.contains(#"value="\#(DoctorPractice.slot)""#))
        }
    }

    @Test func `keeps hours as typed`() async throws {
        try await DoctorPractice.run { practice in
            let page = try await practice.doctorBrowser.get("/practice/hours")
            #expect(page.text.contains(#"name="d1s1" value="09:00""#))
            let numbers = [("slotMinutes", "20"), ("leadMinutes", "60"), ("horizonDays", "30")]
            let fields = [
                ("d1s1", "08:00"), ("d1e1", "12:00"), ("d1s2", "22:00"), ("d1e2", "00:00"), ("x0date", "2026-12-24"),
                ("x0note", "Feast"), ("x1date", ""), ("x2date", "2026-12-25"), ("x2s1", "10:00"), ("x2e1", "11:00"),
            ]
            let saved = try await practice.doctorBrowser.post("/practice/hours", fields + numbers)
            #expect(saved.headers[.location] == "/practice/hours?notice=saved")
            let stored = try await practice.services.database.read { try $0.doctor(practice.doctor.id)?.openingHours }
            #expect(
                stored
                    == OpeningHours(
                        weekly: [
                            .init(weekday: 1, start: 480, end: 720), .init(weekday: 1, start: 1320, end: 1440),
                        ],
                        exceptions: [
                            .init(date: "2026-12-24", note: "Feast"),
                            .init(date: "2026-12-25", spans: [.init(start: 600, end: 660)]),
                        ], slotMinutes: 20, leadMinutes: 60, horizonDays: 30))
            let wrong = try await practice.doctorBrowser.post(
                "/practice/hours",
                [("d3s1", "14:00"), ("d3e1", "13:00"), ("x0date", ""), ("x2date", "2026-12-32")] + numbers)
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.text.contains(#"name="d3s1" value="14:00""#))
            #expect(wrong.text.contains("ends after it begins"))
            let date = try await practice.doctorBrowser.post(
                "/practice/hours", [("x0date", ""), ("x2date", "2026-12-32")] + numbers)
            #expect(date.text.contains("Write the date"))
            #expect(try await practice.annaBrowser.get("/practice/hours").headers[.location] == "/practice")
        }
    }

    @Test func `warns of appointments outside the new hours`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request()
            let numbers = [("slotMinutes", "30"), ("leadMinutes", "60"), ("horizonDays", "30")]
            _ = try await practice.doctorBrowser.post(
                "/practice/hours", [("d1s1", "9:00"), ("d1e1", "12:00")] + numbers)
            let page = try await practice.doctorBrowser.get("/practice/hours?notice=saved")
            #expect(page.text.contains(address))
            #expect(page.text.contains("outside these hours"))
        }
    }

    @Test func `goes into the export`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.completed()
            _ = try await practice.annaBrowser.post("\(address)/review", [("stars", "4"), ("text", "Kind and clear.")])
            let export = try await practice.annaBrowser.get("/account/export").text
            #expect(export.contains("appointments.json"))
            #expect(export.contains("reviews.json"))
            #expect(export.contains("Kind and clear."))
            #expect(try await !practice.benBrowser.get("/account/export").text.contains("appointments.json"))
        }
    }
}
