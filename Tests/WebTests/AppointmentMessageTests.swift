import Clinic
import Foundation
import HTTPTypes
import HummingbirdTesting
import Mail
import Synchronization
import Testing
import Web

@Suite struct AppointmentMessageTests {
    private struct Message: Decodable {
        let id: String
        let kind: String
        let to: String
        let text: String
        let language: String
        let startsAt: String
    }

    /// Keeps messages in place of sending them, or takes none.
    private final class Gateway: MessageGateway {
        private let state = Mutex<(posts: [(body: [UInt8], key: String)], isAway: Bool)>(([], false))

        func post(_ body: [UInt8], identifier: String) async throws {
            let isAway = state.withLock { state in
                state.posts.append((body, identifier))
                return state.isAway
            }
            if isAway { throw MailError(.notSent, "The gateway is away.") }
        }

        func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

        var keys: [String] { state.withLock { $0.posts.map(\.key) } }

        func messages() throws -> [Message] {
            try state.withLock { $0.posts.map(\.body) }.map { try JSONDecoder().decode(Message.self, from: Data($0)) }
        }
    }

    private static func run(
        _ test: @Sendable (DoctorPractice, Gateway, AppointmentService) async throws -> Void
    ) async throws {
        let gateway = Gateway()
        try await DoctorPractice.run(messages: gateway) { practice in
            let configuration = TestSite.configuration { $0.publicURL = URL(string: "https://smears.example.org") }
            let service = try AppointmentService(
                services: practice.services, configuration: configuration, logger: TestSite.quiet)
            try await test(practice, gateway, service)
        }
    }

    /// Anna asks for a slot and for messages; the appointment's address.
    private static func request(_ practice: DoctorPractice, messages: Bool = true) async throws -> String {
        let wish = messages ? [("phone", "+91 98765 43210"), ("phoneForMessages", "1")] : []
        let answer = try await practice.annaBrowser.post(
            practice.bookAddress, [("slot", DoctorPractice.slot), ("note", "Leukaemia?")] + wish)
        return String(try #require(answer.headers[.location]).prefix { $0 != "?" })
    }

    @Test func `tell of a visit once each, and nothing of who meets whom`() async throws {
        try await Self.run { practice, gateway, service in
            let page = try await practice.annaBrowser.get("\(practice.bookAddress)?slot=\(DoctorPractice.slot)")
            #expect(page.text.contains("phoneForMessages"))
            let address = try await Self.request(practice)
            #expect(try await !practice.doctorBrowser.get(address).text.contains("9876543210"))
            await service.deliver()
            #expect(try gateway.messages().isEmpty)
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            for _ in 0..<2 { await service.deliver() }
            for _ in 0..<2 {
                await service.remind()
                await service.deliver()
            }
            _ = try await practice.doctorBrowser.post("\(address)/cancel", [("reason", "Ill")])
            for _ in 0..<2 { await service.deliver() }
            let messages = try gateway.messages()
            #expect(messages.map(\.kind) == ["confirmed", "reminder", "cancelled"])
            #expect(messages.map(\.id) == gateway.keys && Set(gateway.keys).count == 3)
            for message in messages {
                #expect(
                    (message.to, message.language, message.startsAt) == ("+919876543210", "en", DoctorPractice.slot))
                #expect(message.text.contains("Wednesday 25 November 2026 at 09:00 (UTC+5:30)"))
                #expect(message.text.contains("https://smears.example.org\(address)") && !message.text.contains("{"))
                for word in ["Iyer", "Leuk", "anna", "blood"] {
                    #expect(!message.text.replacing("smears.example.org", with: "").contains(word))
                }
            }
        }
    }

    @Test func `are tried again, later each time, and left when they are no longer true`() async throws {
        try await Self.run { practice, gateway, service in
            let address = try await Self.request(practice)
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            gateway.setAway(true)
            await service.deliver()
            practice.clock.now += 59
            await service.deliver()
            #expect(gateway.keys.count == 1)
            practice.clock.now += 1
            await service.deliver()
            practice.clock.now += 299
            await service.deliver()
            #expect(gateway.keys.count == 2 && Set(gateway.keys).count == 1)
            gateway.setAway(false)
            practice.clock.now += 1
            await service.deliver()
            practice.clock.now += 86_400 / 4
            await service.deliver()
            #expect(gateway.keys.count == 3)
            let second = try await practice.annaBrowser.post(
                "\(address)/move", [("slot", "2026-11-26T04:00:00Z")])
            #expect(second.status == .seeOther)
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            // The patient calls it off before the message went out.
            _ = try await practice.annaBrowser.post("\(address)/cancel", [("reason", "Away")])
            await service.deliver()
            #expect(gateway.keys.count == 3)
        }
    }

    @Test func `go to nobody who did not ask for them`() async throws {
        try await Self.run { practice, gateway, service in
            let address = try await Self.request(practice, messages: false)
            _ = try await practice.doctorBrowser.post("\(address)/confirm")
            await service.remind()
            await service.deliver()
            #expect(gateway.keys.isEmpty)
        }
    }
}
