import Clinic
import Findings
import Foundation
import Testing

@Suite struct AuditGroupTests {
    private static let (anna, ben) = (UserID(), UserID())

    private static func record(
        _ sequence: Int64, _ action: AuditAction, by user: UserID = anna, object: String = "a", second: Double
    ) -> AuditRecord {
        let at = Date(timeIntervalSince1970: 1_800_000_000 + second)
        return AuditRecord(
            sequence: sequence, entry: AuditEntry(action, by: .user(user), object: object, at: at), hash: "")
    }

    @Test func `pictures fold under what was opened, and the same to the same thing folds`() {
        let picture = AuditAction.screeningPicture(.overlay)
        let log = [
            Self.record(1, .user(.login), second: 0), Self.record(2, .screeningRead(.page), second: 1),
            Self.record(3, picture, second: 2), Self.record(4, picture, object: "b", second: 3),
            Self.record(5, picture, by: Self.ben, second: 4), Self.record(6, picture, second: 5),
            Self.record(7, .caseRead(.page), second: 6), Self.record(8, .caseRead(.page), second: 20),
            Self.record(9, .caseRead(.page), object: "c", second: 21),
            Self.record(10, .caseRead(.page), object: "c", second: 99),
            Self.record(11, picture, object: "c", second: 100),
        ]
        let groups = AuditGroup.groups(of: log.reversed())
        #expect(
            groups.map { [$0.head.sequence] + $0.others.map(\.sequence) } == [
                [10, 11], [9], [7, 8], [6], [5], [2, 4, 3], [1],
            ])
        let all = groups.flatMap { [$0.head] + $0.others }.map(\.sequence)
        #expect(all.sorted() == Array(1...11), "every entry stays")
        #expect(AuditGroup.groups(of: []).isEmpty)
    }
}
