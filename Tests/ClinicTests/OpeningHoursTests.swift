import Clinic
import Foundation
import Testing

/// A moment written in UTC, such as `2026-03-29T00:30:00Z`.
private func utc(_ text: String) -> Date {
    do { return try Date(text, strategy: .iso8601) } catch {
        Issue.record("\(text) is no moment")
        return .distantPast
    }
}

private func zone(_ name: String) throws -> TimeZone { try #require(TimeZone(identifier: name)) }

@Suite struct OpeningHoursTests {
    /// Open around the clock every day, or as given.
    private static func hours(_ spans: [(Int, Int)] = [(0, 1440)], minutes: Int = 30) -> OpeningHours {
        OpeningHours(
            weekly: (1...7).flatMap { day in
                spans.map { OpeningHours.Weekly(weekday: day, start: $0.0, end: $0.1) }
            }, slotMinutes: minutes)
    }

    private static func starts(
        _ hours: OpeningHours, _ zoneName: String, _ from: String, _ until: String
    ) throws -> [String] {
        hours.slots(from: utc(from), until: utc(until), timeZone: try zone(zoneName)).map {
            $0.start.formatted(.iso8601)
        }
    }

    @Test func `cuts each span into slots and leaves out what is left at its end`() throws {
        let hours = OpeningHours(
            weekly: [.init(weekday: 2, start: 540, end: 615), .init(weekday: 2, start: 840, end: 900)], slotMinutes: 30)
        // 24 November 2026 is a Tuesday.
        #expect(
            try Self.starts(hours, "UTC", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z") == [
                "2026-11-24T09:00:00Z", "2026-11-24T09:30:00Z", "2026-11-24T14:00:00Z", "2026-11-24T14:30:00Z",
            ])
    }

    @Test func `an exception replaces the spans of its date`() throws {
        var hours = Self.hours([(540, 600)])
        hours.exceptions = [
            .init(date: "2026-11-24"), .init(date: "2026-11-25", spans: [.init(start: 600, end: 630)]),
        ]
        #expect(
            try Self.starts(hours, "UTC", "2026-11-23T00:00:00Z", "2026-11-26T00:00:00Z") == [
                "2026-11-23T09:00:00Z", "2026-11-23T09:30:00Z", "2026-11-25T10:00:00Z",
            ])
    }

    @Test(arguments: [
        ("Asia/Kolkata", "2026-11-24T03:30:00Z"), ("Asia/Kathmandu", "2026-11-24T03:15:00Z"),
        ("Pacific/Kiritimati", "2026-11-23T19:00:00Z"), ("Pacific/Pago_Pago", "2026-11-24T20:00:00Z"),
        ("America/St_Johns", "2026-11-24T12:30:00Z"),
    ])
    func `opens at nine by the clock of the clinic`(zoneName: String, nine: String) throws {
        var hours = OpeningHours(slotMinutes: 60)
        hours.exceptions = [.init(date: "2026-11-24", spans: [.init(start: 540, end: 600)])]
        #expect(try Self.starts(hours, zoneName, "2026-11-22T00:00:00Z", "2026-11-27T00:00:00Z") == [nine])
    }

    @Test func `leaves out slots that do not exist when the clock is set forward`() throws {
        // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
        let found = try Self.starts(
            Self.hours([(60, 240)]), "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z")
        #expect(
            found == [
                "2026-03-29T00:00:00Z", "2026-03-29T00:30:00Z",  // 01:00, 01:30
                "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z",  // 03:00, 03:30
            ])
        // 01:15 to 02:15 would end at a time that does not exist; 03:15 is the next.
        let long = try Self.starts(
            Self.hours([(75, 255)], minutes: 60), "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z")
        #expect(long == ["2026-03-29T01:15:00Z"])
    }

    @Test func `gives no time of the clock twice when it is set back`() throws {
        // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC; 02:30 is shown at 00:30 and 01:30 UTC.
        let found = try Self.starts(
            Self.hours([(60, 240)]), "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z")
        #expect(
            found == [
                "2026-10-24T23:00:00Z", "2026-10-24T23:30:00Z",  // 01:00, 01:30
                "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z",  // 02:00, 02:30, the first time
                "2026-10-25T02:00:00Z", "2026-10-25T02:30:00Z",  // 03:00, 03:30
            ])
        // 02:30 to 03:30 would reach across the setting back the first time, so it means the second.
        let long = try Self.starts(
            Self.hours([(150, 210)], minutes: 60), "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z")
        #expect(long == ["2026-10-25T01:30:00Z"])
    }

    @Test func `knows the half hour of Lord Howe Island`() throws {
        // 4 October 2026: 02:00 becomes 02:30 at 15:30 UTC of the 3rd (from +10:30 to +11).
        let spring = try Self.starts(
            Self.hours([(90, 180)], minutes: 15), "Australia/Lord_Howe", "2026-10-03T14:00:00Z", "2026-10-03T17:00:00Z")
        #expect(
            spring == [
                "2026-10-03T15:00:00Z", "2026-10-03T15:15:00Z", "2026-10-03T15:30:00Z", "2026-10-03T15:45:00Z",
            ])
        // 5 April 2026: 02:00 becomes 01:30 at 15:00 UTC of the 4th (from +11 to +10:30).
        let autumn = try Self.starts(
            Self.hours([(90, 135)], minutes: 15), "Australia/Lord_Howe", "2026-04-04T14:00:00Z", "2026-04-04T17:00:00Z")
        #expect(autumn == ["2026-04-04T14:30:00Z", "2026-04-04T14:45:00Z", "2026-04-04T15:30:00Z"])
    }

    @Test func `has no slot on a day that was left out`() throws {
        // Samoa had no 30 December 2011.
        let found = try Self.starts(
            Self.hours([(720, 750)]), "Pacific/Apia", "2011-12-28T12:00:00Z", "2012-01-01T12:00:00Z")
        #expect(
            found == ["2011-12-28T22:00:00Z", "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z", "2011-12-31T22:00:00Z"])
    }

    @Test(arguments: [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu",
        "Pacific/Chatham", "Africa/Casablanca", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Tehran",
        "Pacific/Kiritimati", "Pacific/Pago_Pago",
    ])
    func `a year around the clock has slots in order that never meet and show their time`(zoneName: String) throws {
        let zone = try zone(zoneName)
        let slots = Self.hours(minutes: 45).slots(
            from: utc("2026-01-01T00:00:00Z"), until: utc("2027-01-01T00:00:00Z"), timeZone: zone)
        #expect(slots.count > 364 * 31)
        for (slot, next) in zip(slots, slots.dropFirst()) where slot.end > next.start {
            Issue.record("\(slot) meets \(next)")
        }
        for slot in slots {
            #expect(slot.duration == 45 * 60)
            let shown = (Int(slot.start.timeIntervalSince1970) + zone.secondsFromGMT(for: slot.start)) % 86_400
            #expect(shown % (45 * 60) == 0)
            let end = zone.secondsFromGMT(for: slot.end.addingTimeInterval(-1))
            #expect(zone.secondsFromGMT(for: slot.start) == end)
        }
    }

    @Test func `takes the same slots however the time is cut`() throws {
        let (hours, zone) = (Self.hours([(100, 700), (800, 1440)], minutes: 25), try zone("America/New_York"))
        let (from, until) = (utc("2026-10-20T05:17:00Z"), utc("2026-11-10T09:31:00Z"))
        var parts: [DateInterval] = []
        var start = from
        while start < until {
            let end = min(until, start.addingTimeInterval(7 * 3600 + 11))
            parts += hours.slots(from: start, until: end, timeZone: zone)
            start = end
        }
        #expect(parts == hours.slots(from: from, until: until, timeZone: zone))
    }

    @Test func `accepts hours that are right`() throws {
        var hours = Self.hours([(0, 720), (720, 1440)])
        hours.exceptions = [
            .init(date: "2028-02-29", note: "Feier"), .init(date: "2026-12-24", spans: [.init(start: 0, end: 30)]),
        ]
        try hours.check()
        try OpeningHours().check()
    }

    @Test(arguments: [
        (OpeningHours(weekly: [.init(weekday: 0, start: 0, end: 60)]), "weekly"),
        (OpeningHours(weekly: [.init(weekday: 3, start: 60, end: 60)]), "weekly.3"),
        (OpeningHours(weekly: [.init(weekday: 3, start: -1, end: 60)]), "weekly.3"),
        (OpeningHours(weekly: [.init(weekday: 7, start: 1400, end: 1441)]), "weekly.7"),
        (
            OpeningHours(weekly: [.init(weekday: 1, start: 0, end: 100), .init(weekday: 1, start: 90, end: 200)]),
            "weekly.1"
        ),
        (OpeningHours(weekly: [.init(weekday: 1, start: 0, end: 29)]), "weekly.1"),
        (OpeningHours(weekly: (0..<7).map { .init(weekday: 1, start: $0 * 60, end: $0 * 60 + 40) }), "weekly.1"),
        (OpeningHours(exceptions: [.init(date: "2026-02-30")]), "exceptions.0"),
        (OpeningHours(exceptions: [.init(date: "2026-01-01"), .init(date: "26-1-1")]), "exceptions.1"),
        (OpeningHours(exceptions: [.init(date: "2026-01-01"), .init(date: "2026-01-01")]), "exceptions.1"),
        (OpeningHours(exceptions: [.init(date: "2026-01-01", spans: [.init(start: 50, end: 20)])]), "exceptions.0"),
        (OpeningHours(exceptions: [.init(date: "2026-01-01", note: "a\u{7}b")]), "exceptions.0"),
        (OpeningHours(slotMinutes: 4), "slotMinutes"), (OpeningHours(slotMinutes: 241), "slotMinutes"),
        (OpeningHours(leadMinutes: -1), "leadMinutes"), (OpeningHours(horizonDays: 0), "horizonDays"),
        (OpeningHours(horizonDays: 366), "horizonDays"),
    ])
    func `names the field that is wrong`(hours: OpeningHours, field: String) {
        #expect { try hours.check() } throws: {
            ($0 as? ClinicError)?.code == .invalid && ($0 as? ClinicError)?.field == field
        }
    }

    @Test(arguments: [
        ("1970-01-01", 0, 4), ("2000-02-29", 11_016, 2), ("2026-11-24", 20_781, 2), ("1900-03-01", -25_508, 4),
        ("2999-12-31", 376_199, 2),
    ])
    func `counts days as the calendar does`(text: String, days: Int, weekday: Int) throws {
        let date = try #require(LocalDate(text))
        #expect(date.daysSince1970 == days)
        #expect(date.weekday == weekday)
        #expect(LocalDate(daysSince1970: days).text == text)
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "1899-12-31", "", "2026-01-01 ", "２０２６-01-01",
    ])
    func `reads no date that is none`(text: String) { #expect(LocalDate(text) == nil) }

    @Test func `offers what is neither taken nor too soon nor too far`() throws {
        var hours = Self.hours([(540, 660)])
        (hours.leadMinutes, hours.horizonDays) = (90, 2)
        let now = utc("2026-11-24T08:00:00Z")
        let taken = DateInterval(start: utc("2026-11-24T10:15:00Z"), duration: 1200)
        let free = FreeSlots(hours: hours, zone: .gmt, taken: [taken], now: now)
        let all = free.slots(from: .distantPast, until: .distantFuture).map { $0.start.formatted(.iso8601) }
        #expect(
            all == [
                "2026-11-24T09:30:00Z", "2026-11-25T09:00:00Z", "2026-11-25T09:30:00Z", "2026-11-25T10:00:00Z",
                "2026-11-25T10:30:00Z",
            ])
        #expect(free.first?.start == utc("2026-11-24T09:30:00Z"))
        #expect(
            free.next(2, after: utc("2026-11-24T09:31:00Z")).map(\.start) == [
                utc("2026-11-25T09:00:00Z"), utc("2026-11-25T09:30:00Z"),
            ])
        #expect(FreeSlots(hours: OpeningHours(), zone: .gmt, taken: [], now: now).first == nil)
    }
}
