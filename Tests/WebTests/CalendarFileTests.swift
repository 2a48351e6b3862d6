import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Mail
import ProcessFixtures
import Testing
import Web

/// The calendar files, as another reader of RFC 5545 sees them (the Python package icalendar).
@Suite struct CalendarFileTests {
    struct Event: Decodable {
        let method: String
        let version: String
        let uid: String
        let start: String
        let end: String
        let sequence: Int
        let status: String
        let summary: String
        let location: String
        let organizer: String
        let url: String
        let attendee: String
        let conference: String
    }

    private static let dependencies =
        ProcessInfo.processInfo.environment["LEUKOSCOPE_DEPS"].map { URL(filePath: $0) }
        ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: ".deps")

    static func read(_ file: String) async throws -> Event {
        let script = """
            import json, sys
            from datetime import timezone
            import icalendar
            calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
            assert not calendar.errors, calendar.errors
            (event,) = calendar.walk("VEVENT")
            assert not event.errors, event.errors
            moment = lambda name: event.decoded(name).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            print(json.dumps({"method": calendar["METHOD"], "version": calendar["VERSION"], "uid": event["UID"],
                "start": moment("DTSTART"), "end": moment("DTEND"), "sequence": event["SEQUENCE"],
                "status": event["STATUS"], "summary": event["SUMMARY"], "location": event.get("LOCATION", ""),
                "organizer": event["ORGANIZER"].params["CN"], "url": event.get("URL", ""),
                "attendee": event.get("ATTENDEE", ""), "conference": event.get("CONFERENCE", "")}))
            """
        let answer = try await StartedProgram.run(
            ["python3", "-c", script], given: Data(file.utf8),
            environment: [
                "PYTHONPATH": dependencies.appending(path: "python").path, "PYTHONDONTWRITEBYTECODE": "1",
            ])
        try #require(answer.code == 0)
        return try JSONDecoder().decode(Event.self, from: answer.output)
    }

    /// What RFC 5545, 3.1 asks of every line, which lenient readers do not check.
    static func checkLines(_ file: String) {
        #expect(file.hasSuffix("END:VCALENDAR\r\n"))
        #expect(!file.replacing("\r\n", with: "").contains { $0 == "\n" || $0 == "\r" })
        for line in file.components(separatedBy: "\r\n") { #expect(line.utf8.count <= 75, "\(line)") }
    }

    @Test func `is read by another reader at each state`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request()
            let answer = try await practice.annaBrowser.get("\(address)/calendar")
            #expect(answer.headers[.contentType] == "text/calendar; charset=utf-8; method=PUBLISH")
            #expect(answer.headers[.contentDisposition] == "attachment; filename=\"appointment.ics\"")
            #expect(answer.headers[.cacheControl] == "no-store")
            Self.checkLines(answer.text)
            let event = try await Self.read(answer.text)
            #expect((event.method, event.version, event.status, event.sequence) == ("PUBLISH", "2.0", "TENTATIVE", 0))
            #expect((event.start, event.end) == (DoctorPractice.slot, "2026-11-25T04:00:00Z"))
            #expect(event.summary == "Appointment with Dr. Meera Iyer")
            #expect(event.location == "Leukaemia Centre; East, Wing, 1 Street, Chennai")
            #expect(event.url == "https://smears.example.org\(address)")
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            let confirmed = try await Self.read(practice.annaBrowser.get("\(address)/calendar").text)
            #expect((confirmed.status, confirmed.sequence, confirmed.uid) == ("CONFIRMED", 1, event.uid))
            _ = try await practice.doctorBrowser.post("\(address)/cancel", [("reason", "Ill")])
            let cancelled = try await Self.read(practice.doctorBrowser.get("\(address)/calendar").text)
            #expect((cancelled.status, cancelled.sequence, cancelled.uid) == ("CANCELLED", 2, event.uid))
            #expect(cancelled.method == "CANCEL" && cancelled.organizer == "Dr. Meera Iyer")
        }
    }

    /// RFC 5546, 3.2.2 and 3.2.5: what is asked and called off names who asks and whom, and is the event of before.
    @Test func `asks and calls off by letter, and keeps a moved visit one event`() async throws {
        try await DoctorPractice.run { practice in
            let address = try await practice.request()
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            let first = try await Self.event(practice.letters.wait(for: 2)[1])
            #expect((first.method, first.status, first.sequence) == ("REQUEST", "CONFIRMED", 1))
            #expect(first.attendee == "mailto:anna@example.org" && first.organizer == "Leukoscope")
            _ = try await practice.annaBrowser.post("\(address)/move", [("slot", "2026-11-26T04:00:00Z")])
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            let letters = try await practice.letters.wait(for: 4)
            #expect(letters[2].attachment == nil && letters[2].recipient == "doctor@example.org")
            let second = try await Self.event(letters[3])
            #expect((second.uid, second.sequence, second.start) == (first.uid, 3, "2026-11-26T04:00:00Z"))
            _ = try await practice.doctorBrowser.post(
                "\(address)/video", [("video", "https://meet.example.org/room-1?a=b")])
            let file = try await practice.annaBrowser.get("\(address)/calendar").text
            Self.checkLines(file)
            #expect(try await Self.read(file).conference == "https://meet.example.org/room-1?a=b")
            _ = try await practice.doctorBrowser.post("\(address)/cancel", [("reason", "Ill")])
            let last = try await Self.event(practice.letters.wait(for: 5)[4])
            #expect((last.method, last.status, last.uid) == ("CANCEL", "CANCELLED", first.uid))
            #expect(last.sequence == 5 && last.attendee == "mailto:anna@example.org" && last.conference == "")
        }
    }

    private static func event(_ letter: MailMessage) async throws -> Event {
        let file = try #require(letter.attachment)
        let event = try await read(String(decoding: file.bytes, as: UTF8.self))
        #expect(file.contentType == "text/calendar; charset=utf-8; method=\(event.method)")
        return event
    }

    @Test func `folds and escapes whatever names hold`() async throws {
        try await DoctorPractice.run { practice in
            var doctor = practice.doctor
            doctor.name = #"Dr. "Ṭhākur\", मीरा; 🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸🩸"#
            let name = doctor.name
            try await practice.services.database.write { [doctor] in try $0.update(doctor) }
            let address = try await practice.request()
            let file = try await practice.annaBrowser.get("\(address)/calendar").text
            Self.checkLines(file)
            let event = try await Self.read(file)
            #expect(event.summary == "Appointment with \(name)")
            #expect(event.organizer == name.replacing("\"", with: "'"))
        }
    }

    @Test func `a name ends no parameter and an address begins no field of a letter`() async throws {
        try await DoctorPractice.run { practice in
            var doctor = practice.doctor
            (doctor.name, doctor.email) = ("Dr. A\"\u{301};SENT-BY=\"\u{301}mailto:b@c", "a?cc=b&x@example.org")
            try await practice.services.database.write { [doctor] in try $0.update(doctor) }
            let address = try await practice.request()
            let file = try await practice.annaBrowser.get("\(address)/calendar").text.replacing("\r\n ", with: "")
            #expect(
                file.contains(
                    "ORGANIZER;CN=\"Dr. A'\u{301};SENT-BY='\u{301}mailto:b@c\":mailto:a%3Fcc%3Db%26x@example.org"))
            let page = try await practice.annaBrowser.get("/doctors/\(doctor.id)").text
            #expect(page.contains("href=\"mailto:a%3Fcc%3Db%26x@example.org\""))
        }
    }
}
