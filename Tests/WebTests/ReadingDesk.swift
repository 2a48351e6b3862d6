import Clinic
import Findings
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// A patient with a case of two screened images, and a clinician of the directory with whom they have an appointment.
struct ReadingDesk: Sendable {
    let desk: CaseDesk
    let caseID: CaseID
    let screenings: [ScreeningRecord]
    let clinician: User
    let doctor: Doctor
    let visit: AppointmentID
    let reader: TestBrowser
    /// The clinician's, for reading.
    let token: String

    var patient: TestBrowser { desk.browser }
    var services: SiteServices { desk.services }
    var screening: ScreeningID { screenings[0].id }

    /// - Parameter label: What the network answers.
    static func run(
        of label: String = "pre-b", configure: (inout WebConfiguration) -> Void = { _ in },
        change: (inout SiteServices) -> Void = { _ in }, _ test: @Sendable (ReadingDesk) async throws -> Void
    ) async throws {
        try await CaseDesk.run(
            release: TestSite.screener(answering: .report, label: label), change: change, configure: configure
        ) { desk in
            let id = try await desk.makeCase("Secret sample title", images: 2, of: label)
            try await desk.screenAll()
            let clinician = try await TestPeople.make("reader@example.org", .clinician, in: desk.services)
            let owner = try #require(
                try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let now = desk.services.clock()
            let doctor = Self.entry(of: clinician, now)
            let visit = Appointment(
                doctorID: doctor.id, patientID: owner.id, startsAt: now.addingTimeInterval(86400),
                endsAt: now.addingTimeInterval(88200), state: .confirmed, createdAt: now, updatedAt: now)
            try await desk.services.database.write { transaction in
                try transaction.insert(doctor)
                try transaction.insert(visit)
            }
            try await test(
                ReadingDesk(
                    desk: desk, caseID: id, screenings: try await desk.screenings(of: id), clinician: clinician,
                    doctor: doctor, visit: visit.id,
                    reader: try await TestPeople.browser(of: clinician, client: desk.client, in: desk.services),
                    token: try await APISite.token(of: clinician.id, in: desk.services, [.read])))
        }
    }

    private static func entry(of user: User, _ now: Date) -> Doctor {
        Doctor(
            userID: user.id, name: "Dr Meera Reader", qualifications: "MD, DM", registrationNumber: "77",
            council: "Test", specialties: [.haematology], languages: ["en"], practiceSince: 2001,
            clinic: ClinicAddress(
                name: "Clinic", street: "1", city: "Chennai", countryCode: "IN",
                position: GeoPosition(latitude: 13.08, longitude: 80.27), timeZone: "Asia/Kolkata"),
            status: .verified, createdAt: now, updatedAt: now)
    }

    /// Shares through the form.
    @discardableResult
    func share(_ ids: [ScreeningID]? = nil, training: Bool = false) async throws -> TestResponse {
        try await patient.post(
            "/sharing",
            [("doctor", doctor.id.text)] + (ids ?? [screening]).map { ("screening", $0.text) }
                + (training ? [("training", "yes")] : []))
    }

    func withdraw() async throws {
        let answer = try await patient.post(
            "/sharing/withdraw", [("reader", clinician.id.text), ("screening", screening.text)])
        #expect(answer.headers[.location] == "/sharing?notice=withdrawn")
    }

    /// Sends the form of the viewer, as a browser without scripts does.
    func sign(
        _ label: String, comment: String = "", revision: Int = 1, action: String = "sign", confirms: Bool = true
    ) async throws -> TestResponse {
        try await reader.post(
            "/readings/\(screening)",
            [
                ("label", label), ("comment", comment), ("revision", String(revision)), ("action", action),
            ] + (confirms ? [("confirm", "yes")] : []))
    }

    func api(_ path: String) async throws -> TestResponse {
        try await desk.client.execute(uri: path, method: .get, headers: [.authorization: "Bearer \(token)"])
    }

    /// Every way in which a clinician may look at a screening, with whether a browser asks.
    static func ways(_ id: ScreeningID) -> [(path: String, isPage: Bool)] {
        [
            ("/screenings/\(id)", true), ("/screenings/\(id)?tab=analytics", true), ("/readings/\(id)", true),
            ("/screenings/\(id)/pictures/display.jpg", true), ("/screenings/\(id)/pictures/overlay.png", true),
            ("/screenings/\(id)/pictures/map.png", true),
            ("/screenings/\(id)/pictures/original", true), ("/screenings/\(id)/pictures/thumbnail.jpg", true),
            ("/api/v1/screenings/\(id)", false), ("/api/v1/screenings/\(id)/heatmap.png", false),
            ("/api/v1/screenings/\(id)/report.pdf", false), ("/api/v1/screenings/\(id)/fhir", false),
        ]
    }

    /// What the clinician gets on all of them.
    func statuses(_ id: ScreeningID) async throws -> Set<Int> {
        var found: Set<Int> = []
        for way in Self.ways(id) {
            let answer = try await way.isPage ? reader.get(way.path) : api(way.path)
            found.insert(answer.status.code)
        }
        return found
    }
}
