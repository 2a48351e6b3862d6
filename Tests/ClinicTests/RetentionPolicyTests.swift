import Clinic
import Foundation
import Testing

@Suite struct RetentionPolicyTests {
    private let start = Date(timeIntervalSince1970: 1_750_000_000)

    @Test func `nothing has a period until one is named, and a short one is refused`() throws {
        let none = try RetentionPolicy()
        #expect(none.period(of: .smearCase) == nil && none.period(of: .account) == nil)
        #expect(none.auditLimit(at: start) == nil && !none.announces)
        let all = try RetentionPolicy(caseDays: 90, accountDays: 365, auditDays: 365)
        #expect(all.period(of: .smearCase) == 90 * 86_400 && all.announces)
        #expect(all.auditLimit(at: start) == start.addingTimeInterval(-365 * 86_400))
        #expect(all.period(of: .image) == nil && all.period(of: .document) == nil)
        for (cases, accounts, audit) in [
            (89, nil, nil), (nil, 364, nil), (nil, nil, 364), (0, 365, 365), (-1, nil, nil),
        ]
            as [(Int?, Int?, Int?)]
        {
            #expect(throws: ClinicError.self) {
                try RetentionPolicy(caseDays: cases, accountDays: accounts, auditDays: audit)
            }
        }
    }

    @Test func `a clock is believed after three days of even looks, and not a moment before`() {
        var watch = RetentionWatch.looking(at: start, after: nil)
        for hour in 1...72 {
            #expect(!watch.isSteady, "\(hour)")
            watch = .looking(at: start.addingTimeInterval(Double(hour) * 3600), after: watch)
        }
        #expect(watch.isSteady)
        let leapt = RetentionWatch.looking(at: watch.lastAt.addingTimeInterval(7 * 3600 + 1), after: watch)
        #expect(!leapt.isSteady && leapt.steadySince == leapt.lastAt)
        let back = RetentionWatch.looking(at: watch.lastAt.addingTimeInterval(-1), after: watch)
        #expect(!back.isSteady && back.steadySince == back.lastAt)
        #expect(RetentionWatch.looking(at: watch.lastAt.addingTimeInterval(6 * 3600), after: watch).isSteady)
    }

    @Test(arguments: PrivacyRecord.Kind.allCases)
    func `a breach is due after 72 hours, a request after 30 days`(_ kind: PrivacyRecord.Kind) {
        var record = PrivacyRecord(kind, knownAt: start, note: "x", recordedAt: start)
        let hours: Double = kind == .breach ? 72 : 720
        #expect(record.dueAt == start.addingTimeInterval(hours * 3600))
        #expect(!record.isOverdue(at: record.dueAt) && record.isOverdue(at: record.dueAt.addingTimeInterval(1)))
        record.settledAt = record.dueAt.addingTimeInterval(5)
        #expect(!record.isOverdue(at: .distantFuture))
    }
}
