import Clinic
import Foundation
import Mail
import Testing
import Web

@Suite struct NoticeServiceTests {
    @Test(.timeLimit(.minutes(10)))
    func `a letter that a server was sending when it ended goes out when the next one starts, once`() async throws {
        let box = LetterBox()
        try await TestSite.withServices(change: { $0.mail = box }) { services in
            let anna = try await TestPeople.make("anna@example.org", in: services)
            let notice = Notice(to: anna.id, .shareEnded, createdAt: services.clock())
            try await services.database.write { try $0.post(notice) }
            let isClaimed = try await services.database.write { try $0.claimLetter(notice.id) }
            #expect(isClaimed)
            let server = try NoticeService(
                services: services, configuration: TestSite.configuration(), logger: TestSite.quiet)
            await server.round()
            #expect(box.all.isEmpty)
            for _ in 0..<2 {
                let running = Task { await server.run() }
                defer { running.cancel() }
                _ = try await box.first()
                running.cancel()
                await running.value
            }
            await server.round()
            #expect(box.all.map(\.recipient) == ["anna@example.org"])
            #expect(try await services.database.read { try $0.notice(notice.id)?.letter } == .sent)
        }
    }
}
