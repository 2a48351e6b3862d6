import Formats
import Foundation

/// An appointment as an iCalendar file (RFC 5545) with the method of RFC 5546 that fits: published to who fetches it, asked of
/// and called off with who gets it by letter.
///
/// Times are in UTC, which every calendar shows in its own zone, so that no zone's rules have to be carried along. The
/// same `UID` with a higher `SEQUENCE` replaces what a calendar has of it.
struct CalendarFile: Sendable {
    /// RFC 5545, 3.8.1.11.
    enum Status: String, Sendable { case tentative = "TENTATIVE", confirmed = "CONFIRMED", cancelled = "CANCELLED" }

    /// RFC 5546, 3.2.1, 3.2.2 and 3.2.5.
    enum Method: String, Sendable { case publish = "PUBLISH", request = "REQUEST", cancel = "CANCEL" }

    var method = Method.publish
    /// Whom a request or a cancellation goes to: an address of mail. A published file names nobody (RFC 5546, 3.2.1).
    var attendee: String?
    /// The same for the same appointment, on one server.
    var identifier: String
    var start: Date
    var end: Date
    var sequence: Int
    var status: Status
    var summary: String
    var createdAt: Date
    var updatedAt: Date
    /// Empty where not told.
    var location = ""
    var description = ""
    /// Where to read more; nil without a public address.
    var address: URL?
    /// Latitude and longitude in degrees; nil where not told.
    var position: (latitude: Double, longitude: Double)?
    /// Where both meet by video (RFC 7986, 5.11); nil where they do not, or where it is not told.
    var conference: String?
    /// Who published it, a name and a URI.
    var organizer: (name: String, uri: String)

    /// RFC 5545, 8.1: the method of type and file are one.
    var contentType: String { "text/calendar; charset=utf-8; method=\(method.rawValue)" }

    /// The file: lines of at most 75 octets, ended by CRLF.
    var text: String {
        var lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Leukoscope//Appointments//EN", "CALSCALE:GREGORIAN",
            "METHOD:\(method.rawValue)", "BEGIN:VEVENT", "UID:\(Self.escaped(identifier))",
            "DTSTAMP:\(Self.utc(updatedAt))", "CREATED:\(Self.utc(createdAt))", "LAST-MODIFIED:\(Self.utc(updatedAt))",
            "DTSTART:\(Self.utc(start))", "DTEND:\(Self.utc(end))", "SEQUENCE:\(sequence)",
            "STATUS:\(status.rawValue)", "CLASS:PRIVATE", "SUMMARY:\(Self.escaped(summary))",
            "ORGANIZER;CN=\"\(Self.quotable(organizer.name))\":\(organizer.uri)",
        ]
        if let attendee, method != .publish {
            // Nothing is asked back: the answer was given on the page.
            let part = method == .cancel ? "" : ";PARTSTAT=ACCEPTED;RSVP=FALSE"
            lines.append("ATTENDEE;ROLE=REQ-PARTICIPANT\(part):\(MailtoAddress.of(attendee))")
        }
        if let conference { lines.append("CONFERENCE;VALUE=URI;FEATURE=VIDEO:\(conference)") }
        if !location.isEmpty { lines.append("LOCATION:\(Self.escaped(location))") }
        if !description.isEmpty { lines.append("DESCRIPTION:\(Self.escaped(description))") }
        if let address { lines.append("URL:\(address.absoluteString)") }
        if let position { lines.append("GEO:\(position.latitude);\(position.longitude)") }
        lines += ["END:VEVENT", "END:VCALENDAR"]
        return lines.map(Self.folded).joined()
    }

    /// RFC 5545, 3.3.11: backslash, semicolon and comma are escaped, a line break becomes `\n`; other control
    /// characters do not belong into a text.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.replacing("\r\n", with: "\n").unicodeScalars {
            switch scalar {
            case "\\", ";", ",": escaped += "\\\(scalar)"
            case "\n", "\r": escaped += "\\n"
            case _ where scalar.properties.generalCategory == .control: continue
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// RFC 5545, 3.1: what may stand within quotes.
    private static func quotable(_ text: String) -> String {
        let plain = text.escaping(["\"": "'"]).unicodeScalars
            .filter { $0.properties.generalCategory != .control }
        return String(String.UnicodeScalarView(plain))
    }

    /// RFC 5545, 3.1: at most 75 octets a line, a longer one goes on after a line break and a space; never within a
    /// character.
    static func folded(_ line: String) -> String {
        var folded = ""
        var octets = 0
        for scalar in line.unicodeScalars {
            let width = String(scalar).utf8.count
            if octets + width > 75 {
                folded += "\r\n "
                octets = 1
            }
            folded.unicodeScalars.append(scalar)
            octets += width
        }
        return folded + "\r\n"
    }

    /// RFC 5545, 3.3.5, form 2.
    static func utc(_ moment: Date) -> String {
        let seconds = Int(moment.timeIntervalSince1970.rounded(.down))
        return Date(timeIntervalSince1970: Double(seconds)).formatted(
            Date.ISO8601FormatStyle(
                dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted,
                timeZoneSeparator: .omitted, includingFractionalSeconds: false,
                timeZone: TimeZone(secondsFromGMT: 0) ?? .gmt))
    }
}
