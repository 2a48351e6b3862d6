import Clinic
import Foundation

extension SQLTransaction {
    static let watchLinks = SQLTable<WatchLink>(
        "watch_links", "id owner_id digest created_at expires_at revoked_at openings"
    ) { row in
        try WatchLink(
            id: row["id"], ownerID: row["owner_id"], digest: row["digest"], createdAt: row["created_at"],
            expiresAt: row["expires_at"], revokedAt: row["revoked_at"], openings: row["openings"])
    }

    func insert(_ link: WatchLink) throws {
        try connection.execute(
            "INSERT INTO watch_links (\(Self.watchLinks.list)) VALUES (?, ?, ?, ?, ?, ?, ?)", link.id.text,
            link.ownerID.text, link.digest, link.createdAt, link.expiresAt, link.revokedAt, link.openings)
    }

    func watchLink(digest: String) throws -> WatchLink? {
        try connection.one(Self.watchLinks, "WHERE digest = ?", digest)
    }

    func countOpenWatchLinks(of owner: UserID, now: Date) throws -> Int {
        try connection.number(
            "SELECT COUNT(*) FROM watch_links WHERE owner_id = ? AND revoked_at IS NULL AND expires_at > ?", owner.text,
            now)
    }

    func openWatchLinks(of owner: UserID, now: Date) throws -> [WatchLink] {
        try connection.all(
            Self.watchLinks, "WHERE owner_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY created_at, id",
            owner.text, now)
    }

    func openWatchLinks(now: Date) throws -> [WatchLink] {
        try connection.all(
            Self.watchLinks, "WHERE revoked_at IS NULL AND expires_at > ? ORDER BY created_at, id", now)
    }

    func countWatching(_ id: WatchLinkID, at: Date) throws -> Bool {
        try connection.execute(
            """
            UPDATE watch_links SET openings = openings + 1 WHERE id = ? AND revoked_at IS NULL AND expires_at > ?
            """, id.text, at) == 1
    }

    func revokeWatchLink(_ id: WatchLinkID, of owner: UserID, at: Date) throws -> Bool {
        try connection.execute(
            "UPDATE watch_links SET revoked_at = ? WHERE id = ? AND owner_id = ? AND revoked_at IS NULL", at, id.text,
            owner.text) == 1
    }

    func deleteWatchLinks(endedBefore end: Date) throws {
        try connection.execute("DELETE FROM watch_links WHERE expires_at < ? OR revoked_at < ?", end, end)
    }
}
