import Clinic
import Foundation
import Store
import Testing

@Suite struct WatchLinkRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `a link is found by its digest, counted until it ends, and goes with its account`(_ kind: TestedDatabase)
        async throws
    {
        try await kind.with { database in
            let (user, other) = (User.sample("a@x.org"), User.sample("b@x.org"))
            let links = (0..<2).map { number in
                WatchLink(
                    ownerID: user.id, digest: SecretToken().digest, createdAt: moment(Double(number)),
                    expiresAt: moment(Double(100 * (number + 1))))
            }
            try await database.write { (transaction: any ClinicTransaction) throws in
                try transaction.insert(user)
                try transaction.insert(other)
                for link in links { try transaction.insert(link) }
                #expect(try transaction.watchLink(digest: links[1].digest) == links[1])
                #expect(try transaction.countOpenWatchLinks(of: user.id, now: moment(99)) == 2)
                #expect(try transaction.countOpenWatchLinks(of: user.id, now: moment(100)) == 1)
                #expect(try transaction.countOpenWatchLinks(of: other.id, now: moment(1)) == 0)
                #expect(try transaction.openWatchLinks(of: user.id, now: moment(99)) == links)
                #expect(try transaction.openWatchLinks(of: user.id, now: moment(100)) == [links[1]])
                #expect(try transaction.openWatchLinks(of: other.id, now: moment(1)) == [])
                #expect(try transaction.openWatchLinks(now: moment(99)) == links)
                #expect(try transaction.openWatchLinks(now: moment(100)) == [links[1]])
                #expect(try !transaction.countWatching(links[0].id, at: moment(100)))
                #expect(try transaction.countWatching(links[1].id, at: moment(100)))
                #expect(try transaction.watchLink(digest: links[1].digest)?.openings == 1)
                #expect(try !transaction.revokeWatchLink(links[1].id, of: other.id, at: moment(101)))
                #expect(try transaction.revokeWatchLink(links[1].id, of: user.id, at: moment(101)))
                #expect(try !transaction.revokeWatchLink(links[1].id, of: user.id, at: moment(102)))
                #expect(try transaction.openWatchLinks(of: user.id, now: moment(102)) == [])
                #expect(try transaction.openWatchLinks(now: moment(102)) == [])
                #expect(try !transaction.countWatching(links[1].id, at: moment(103)))
                // The one ended at 100, the other was taken back at 101.
                try transaction.deleteWatchLinks(endedBefore: moment(100))
                #expect(try transaction.watchLink(digest: links[0].digest) != nil)
                try transaction.deleteWatchLinks(endedBefore: moment(101))
                #expect(try transaction.watchLink(digest: links[0].digest) == nil)
                #expect(try transaction.watchLink(digest: links[1].digest) != nil)
                try transaction.deleteWatchLinks(endedBefore: moment(102))
                #expect(try transaction.watchLink(digest: links[1].digest) == nil)
                try transaction.insert(links[0])
                try transaction.deleteUser(user.id)
                #expect(try transaction.watchLink(digest: links[0].digest) == nil)
            }
        }
    }
}
