import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Mail
import Synchronization
import Testing
import Web

/// A doctor with opening hours and two patients at their browsers, over a server whose time the test sets.
struct DoctorPractice: Sendable {
    /// Tuesday 24 November 2026, 08:00 UTC.
    static let morning = Date(timeIntervalSince1970: 1_795_507_200)

    let client: any TestClientProtocol
    let services: SiteServices
    let clock: TestClock
    let letters: LetterBox
    let doctor: Doctor
    let doctorUser: User
    let anna: User
    let doctorBrowser: TestBrowser
    let annaBrowser: TestBrowser
    let benBrowser: TestBrowser

    static func run(
        messages: (any MessageGateway)? = nil, _ test: @Sendable (DoctorPractice) async throws -> Void
    ) async throws {
        let (clock, letters) = (TestClock(morning), LetterBox())
        try await TestSite.run(
            configure: { $0.publicURL = URL(string: "https://smears.example.org") },
            change: { services in
                services.clock = { clock.now }
                services.accounts = TestPeople.accounts(
                    services.database, policy: lastingSessions, clock: { clock.now })
                services.mail = letters
                services.messages = messages
            },
            { client, services in
                let doctorUser = try await TestPeople.make("doctor@example.org", .clinician, in: services)
                let anna = try await TestPeople.make("anna@example.org", in: services)
                let doctor = entry(of: doctorUser.id, at: morning)
                try await services.database.write { transaction in
                    try transaction.insert(doctor)
                    try Booking.refreshNextFree(of: doctor.id, now: morning, in: transaction)
                }
                try await test(
                    DoctorPractice(
                        client: client, services: services, clock: clock, letters: letters, doctor: doctor,
                        doctorUser: doctorUser, anna: anna,
                        doctorBrowser: try await TestPeople.browser(of: doctorUser, client: client, in: services),
                        annaBrowser: try await TestPeople.browser(of: anna, client: client, in: services),
                        benBrowser: try await TestPeople.browser("ben@example.org", client: client, in: services)))
            })
    }

    /// Of the days that a test lets pass, nobody is logged out.
    private static let lastingSessions: SessionPolicy = {
        var policy = SessionPolicy()
        for role in Role.allCases { (policy.idle[role], policy.absolute[role]) = (1e9, 1e9) }
        return policy
    }()

    /// Open every day from 9 to 12 in Kolkata, visits of half an hour.
    static func entry(of user: UserID?, at now: Date) -> Doctor {
        Doctor(
            userID: user, name: "Dr. Meera Iyer", qualifications: "MD, DM", registrationNumber: "77",
            council: "Test Council", specialties: [.haematoOncology], languages: ["en"], practiceSince: 2010,
            clinic: ClinicAddress(
                name: "Leukaemia Centre; East, Wing", street: "1 Street", city: "Chennai", countryCode: "IN",
                position: GeoPosition(latitude: 13.08, longitude: 80.27), timeZone: "Asia/Kolkata"),
            phone: "+91 44 1234 5678",
            openingHours: OpeningHours(
                weekly: (1...7).map { .init(weekday: $0, start: 540, end: 720) }, slotMinutes: 30, leadMinutes: 60),
            status: .verified, createdAt: now, updatedAt: now)
    }

    /// The first slot of the next day: 09:00 in Kolkata.
    static let slot = "2026-11-25T03:30:00Z"

    var bookAddress: String { "/doctors/\(doctor.id)/book" }

    /// Anna asks for a slot; the address of the appointment.
    func request(_ slot: String = slot, note: String = "") async throws -> String {
        let answer = try await annaBrowser.post(bookAddress, [("slot", slot), ("note", note)])
        #expect(answer.status == .seeOther)
        let place = try #require(answer.headers[.location])
        return String(place.prefix { $0 != "?" })
    }

    /// An appointment of Anna's that took place.
    func completed() async throws -> String {
        let address = try await request()
        _ = try await doctorBrowser.post("\(address)/confirm")
        clock.now = Self.morning.addingTimeInterval(86_400)
        _ = try await doctorBrowser.post("\(address)/complete")
        return address
    }
}

/// A clock that stands until it is set.
final class TestClock: Sendable {
    private let time: Mutex<Date>

    init(_ now: Date) { time = Mutex(now) }

    var now: Date {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}
