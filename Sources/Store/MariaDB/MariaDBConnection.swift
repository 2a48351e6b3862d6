import CMariaDB
import Clinic
import Foundation

/// A connection to a server; only its own thread uses it.
final class MariaDBConnection: SQLConnection {
    static let replyTimeoutSeconds: UInt32 = 60
    private static let connectTimeoutSeconds: UInt32 = 5
    /// Of several hosts: another one may be there.
    private static let briefConnectTimeoutSeconds: UInt32 = 3
    private static let statementLimit = 200
    /// Ways to log in that send a hash, or the password within TLS alone.
    private static let hashedLogins = "mysql_native_password,client_ed25519,caching_sha2_password,sha256_password"

    let dialect = SQLDialect.mariadb
    /// Why the transaction cannot be committed any more, though its body may have caught the error.
    private(set) var failure: SQLFailure?
    /// Which of the location's hosts it leads to.
    let host: MariaDBLocation.Host
    /// Whether the server is a node of a Galera cluster, which takes writes at all of its nodes.
    private(set) var hasPeers = false
    /// Whether a transaction was begun and neither committed nor taken back.
    private var isWithinTransaction = false
    private let handle: UnsafeMutablePointer<MYSQL>
    private let location: MariaDBLocation
    private var statements: [String: MariaDBStatement] = [:]

    /// Connects.
    ///
    /// - Parameters:
    ///   - location: Who comes, and how the way is protected.
    ///   - host: One of the location's.
    ///   - replySeconds: How long an answer is waited for.
    /// - Throws: `SQLFailure.connectionLost` when nobody answers; `ClinicError.databaseUnavailable` when the server
    ///   refuses.
    init(
        _ location: MariaDBLocation, host: MariaDBLocation.Host, replySeconds: UInt32 = replyTimeoutSeconds
    ) throws {
        guard let handle = mysql_init(nil) else { throw SQLFailure(.other, "out of memory") }
        self.handle = handle
        self.location = location
        self.host = host
        setOptions(replySeconds)
        let connected = mysql_real_connect(
            handle, host.name, location.user, location.password, location.database, host.port, location.socket,
            UInt(CLIENT_FOUND_ROWS))
        guard connected != nil else { throw refusal() }
        // The library goes on in plain text where the server has no TLS; nothing was sent yet but the answer to the
        // server's challenge.
        guard location.tls == .off || mysql_get_ssl_cipher(handle) != nil else {
            throw ClinicError(
                .databaseUnavailable,
                fault:
                    "The database \(location.name) offers no TLS. Configure it there, or, on a network that nobody else reaches, say ?tls=off in the URL."
            )
        }
        try command("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        // Without exists_to_in, EXISTS is asked row by row while a page fills, and not worked out for all rows first.
        try command(
            """
            SET SESSION /*M! optimizer_switch = 'exists_to_in=off', */ time_zone = '+00:00', \
            innodb_lock_wait_timeout = 10, sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,\
            NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION'
            """)
        hasPeers = try setting("wsrep_on") == "ON"
        // What was acknowledged at another node is seen here: a transaction begins when all of it has been applied.
        if hasPeers { try command("SET SESSION wsrep_sync_wait = 1") }
    }

    deinit {
        statements.removeAll()
        mysql_close(handle)
    }

    private func setOptions(_ replySeconds: UInt32) {
        var connect = location.hosts.count == 1 ? Self.connectTimeoutSeconds : Self.briefConnectTimeoutSeconds
        var reply = replySeconds
        mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect)
        mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &reply)
        mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &reply)
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        var enforced: CChar = location.tls == .off ? 0 : 1
        var verified: CChar = location.tls == .verify ? 1 : 0
        mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforced)
        mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified)
        // Ways to log in that hand over the password itself are for a server that has proved who it is.
        if location.tls != .verify { mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH, Self.hashedLogins) }
        if let authorities = location.authorities { mysql_options(handle, MYSQL_OPT_SSL_CA, authorities) }
    }

    // MARK: The server

    /// How ready the server is for work. A node outside the primary component answers this, and nothing else.
    ///
    /// - Throws: `SQLFailure`.
    func readiness() throws -> HostReadiness {
        guard hasPeers else { return try setting("read_only") == "ON" ? .reluctant : .ready }
        var status: [String: String] = [:]
        let asked = "'wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state'"
        for row in try rows("SHOW GLOBAL STATUS WHERE Variable_name IN (\(asked))", []) {
            if case .text(let name) = row[0], case .text(let value) = row[1] { status[name] = value }
        }
        guard status["wsrep_ready"] == "ON", status["wsrep_cluster_status"] == "Primary" else { return .away }
        // 4 is synced; 2 gives its state to another node.
        return status["wsrep_local_state"] == "4" ? .ready : .reluctant
    }

    /// A variable of the session; nil where the server knows none of this name, as MySQL those of Galera.
    private func setting(_ name: String) throws -> String? {
        guard let row = try rows("SHOW VARIABLES WHERE Variable_name = '\(name)'", []).first,
            case .text(let value) = row[1]
        else { return nil }
        return value
    }

    /// Another descriptor of the connection's socket, with which another thread can end what hangs in it; nil where the system
    /// has none to give. Whoever asks closes it.
    func duplicatedSocket() -> Int32? {
        let copy = dup(mysql_get_socket(handle))
        return copy >= 0 ? copy : nil
    }

    // MARK: Transactions

    /// Begins a transaction. One that writes is READ COMMITTED: what it reads after it has waited for a lock is what
    /// the others committed meanwhile (REPEATABLE READ would show the state from before the wait), and no gaps are
    /// locked, so that writers rarely collide. One that reads is REPEATABLE READ and sees one state throughout.
    func begin(writing: Bool) throws {
        failure = nil
        if writing {
            try command("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            try command("START TRANSACTION")
        } else {
            try command("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        }
        isWithinTransaction = true
    }

    /// - Throws: `SQLFailure`.
    func commit() throws { try end("COMMIT") }

    /// - Throws: `SQLFailure`.
    func rollBack() throws { try end("ROLLBACK") }

    private func end(_ sql: String) throws {
        isWithinTransaction = false
        try command(sql)
    }

    /// Sends a statement without arguments and rows.
    func command(_ sql: String) throws {
        guard mysql_real_query(handle, sql, UInt(sql.utf8.count)) == 0 else {
            throw note(Self.failure(mysql_errno(handle), String(cString: mysql_error(handle))))
        }
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try noting { try statement(sql).run(arguments) }
    }

    func result(_ sql: String, _ arguments: [SQLValue]) throws -> SQLResult {
        try noting { try statement(sql).result(arguments) }
    }

    private func statement(_ sql: String) throws -> MariaDBStatement {
        if let present = statements[sql] { return present }
        if statements.count >= Self.statementLimit { statements.removeAll() }
        let statement = try MariaDBStatement(sql, on: handle)
        statements[sql] = statement
        if hasPeers, isWithinTransaction { try verifyTransaction() }
        return statement
    }

    /// A node of Galera that undoes a transaction, because another node's came first, says so in its next answer, but not in that to
    /// the preparing of a statement (MariaDB 10.11): what came after would be stored at once, piece by piece, and without what came
    /// before.
    private func verifyTransaction() throws {
        try command("DO 0")
        guard handle.pointee.server_status & UInt32(SERVER_STATUS_IN_TRANS) != 0 else {
            throw SQLFailure(.conflict, "the server has undone the transaction")
        }
    }

    private func noting<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let failure as SQLFailure { throw note(failure) }
    }

    private func note(_ failure: SQLFailure) -> SQLFailure {
        if [.conflict, .connectionLost, .notServing].contains(failure.kind) { self.failure = failure }
        return failure
    }

    // MARK: Errors

    /// Sorts an error by what can be done about it; https://mariadb.com/kb/en/mariadb-error-codes/
    static func failure(_ number: UInt32, _ message: String) -> SQLFailure {
        switch number {
        case 1062: SQLFailure(.duplicate, message)
        case 1216, 1452: SQLFailure(.missingReference, message)
        case 1205, 1213, 1020: SQLFailure(.conflict, message)
        // Client: cannot connect, a host that has no name while it is down, gone away, lost, out of step; server: shutting down,
        // connection killed.
        case 2002, 2003, 2005, 2006, 2012, 2013, 2014, 2055, 1053, 1077, 1078, 1079, 1927, 1158, 1159, 1160, 1161:
            SQLFailure(.connectionLost, message)
        // Galera: outside the primary component, said before anything is done; and the node left it while it committed, so
        // that whether the others have it is not known.
        case 1047: SQLFailure(.notServing, message)
        case 1180: SQLFailure(.connectionLost, message)
        // The server takes no writes any more, as one that another was promoted over: the next connection may reach that.
        case 1290, 1792, 1836: SQLFailure(.connectionLost, message)
        case 1665:
            SQLFailure(
                .other, "\(message) Set binlog_format to ROW or MIXED on the server: SET GLOBAL binlog_format = 'ROW'.")
        default: SQLFailure(.other, "\(message) (error \(number))")
        }
    }

    /// Why no connection came about, with what to do.
    private func refusal() -> any Error {
        let number = mysql_errno(handle)
        let message = String(cString: mysql_error(handle))
        let advice: String
        switch number {
        case 1045, 1044, 1698: advice = "Check user and password, and that this user may use the database."
        case 1049: advice = "Create it: CREATE DATABASE \(location.database) CHARACTER SET utf8mb4."
        case 1040, 1203: advice = "Raise max_connections on the server."
        case 2026: advice = "Check the tls and ca options of the URL."
        default: return Self.failure(number, message)
        }
        return ClinicError(.databaseUnavailable, fault: "The database \(location.name) refused: \(message). \(advice)")
    }
}
