import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct ReportLinkRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `a link is found by its digest, counted until it ends, and goes with its case`(_ kind: TestedDatabase)
        async throws
    {
        try await kind.with { database in
            let id = try await database.write { transaction in
                let practice = try Practice(in: transaction)
                return try #require(
                    try transaction.addScreening(of: practice.patient.id, at: 10, .sample(.report, .preB))
                ).caseID
            }
            let links = (0..<3).map { number in
                ReportLink(
                    caseID: id, digest: SecretToken().digest, createdAt: moment(Double(number)),
                    expiresAt: moment(Double(100 * (number + 1))))
            }
            try await database.write { transaction in for link in links { try transaction.insert(link) } }
            try await database.read { (transaction: any ClinicTransaction) throws in
                #expect(try transaction.reportLink(digest: links[1].digest) == links[1])
                #expect(try transaction.reportLink(digest: SecretToken().digest) == nil)
                #expect(try transaction.reportLinks(of: id, now: moment(99), limit: 2) == [links[2], links[1]])
                #expect(
                    try transaction.reportLinks(of: id, now: moment(250), limit: 3) == [links[2], links[1], links[0]])
                #expect(try transaction.countOpenReportLinks(of: id, now: moment(99)) == 3)
                #expect(try transaction.countOpenReportLinks(of: id, now: moment(100)) == 2)
                #expect(try transaction.openReportLinks(now: moment(100)) == [links[1], links[2]])
            }
            let opened = try await racing(6) { _ in
                try await database.write { try $0.countOpening(links[1].id, at: moment(50)) }
            }
            #expect(opened == Array(repeating: true, count: 6))
            let counted = try await database.read { try $0.reportLink(digest: links[1].digest) }
            #expect(counted?.openings == 6 && counted?.lastOpenedAt == moment(50))
            try await database.write { (transaction: any ClinicTransaction) throws in
                #expect(try !transaction.countOpening(links[0].id, at: moment(100)))
                #expect(try !transaction.revokeReportLink(links[1].id, of: CaseID(), at: moment(60)))
                #expect(try transaction.revokeReportLink(links[1].id, of: id, at: moment(60)))
                #expect(try !transaction.revokeReportLink(links[1].id, of: id, at: moment(61)))
                #expect(try !transaction.countOpening(links[1].id, at: moment(62)))
                #expect(try transaction.countOpenReportLinks(of: id, now: moment(62)) == 2)
                #expect(try transaction.openReportLinks(now: moment(62)) == [links[0], links[2]])
            }
            // One that still opens the report can always be taken back, whatever else came and went.
            let first = try await database.read { try $0.reportLinks(of: id, now: moment(62), limit: 2).map(\.id) }
            #expect(first == [links[2].id, links[0].id])
            try await database.write { try $0.deleteCase(id) }
            #expect(try await database.read { try $0.reportLink(digest: links[2].digest) } == nil)
        }
    }
}
