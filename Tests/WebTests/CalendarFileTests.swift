import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
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
    }

    private static let dependencies =
        ProcessInfo.processInfo.environment["LEUKOSCOPE_DEPS"].map { URL(filePath: $0) }
        ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: ".deps")

    static func read(_ file: String) throws -> Event {
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
                "organizer": event["ORGANIZER"].params["CN"], "url": event.get("URL", "")}))
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PYTHONPATH": dependencies.appending(path: "python").path, "PYTHONDONTWRITEBYTECODE": "1",
        ]) { $1 }
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(file.utf8))
        try input.fileHandleForWriting.close()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try JSONDecoder().decode(Event.self, from: answer)
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
            let event = try Self.read(answer.text)
            #expect((event.method, event.version, event.status, event.sequence) == ("PUBLISH", "2.0", "TENTATIVE", 0))
            #expect((event.start, event.end) == (DoctorPractice.slot, "2026-11-25T04:00:00Z"))
            #expect(event.summary == "Appointment with Dr. Meera Iyer")
            #expect(event.location == "Leukaemia Centre; East, Wing, 1 Street, Chennai")
            #expect(event.url == "https://smears.example.org\(address)")
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            let confirmed = try Self.read(try await practice.annaBrowser.get("\(address)/calendar").text)
            #expect((confirmed.status, confirmed.sequence, confirmed.uid) == ("CONFIRMED", 1, event.uid))
            _ = try await practice.doctorBrowser.post("\(address)/cancel", [("reason", "Ill")])
            let cancelled = try Self.read(try await practice.doctorBrowser.get("\(address)/calendar").text)
            #expect((cancelled.status, cancelled.sequence, cancelled.uid) == ("CANCELLED", 2, event.uid))
        }
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
            let event = try Self.read(file)
            #expect(event.summary == "Appointment with \(name)")
            #expect(event.organizer == name.replacing("\"", with: "'"))
        }
    }
}
