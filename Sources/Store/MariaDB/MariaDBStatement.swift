import CMariaDB
import Clinic

/// A prepared statement of one connection, used again and again on its thread.
final class MariaDBStatement {
    private let handle: UnsafeMutablePointer<MYSQL_STMT>
    /// Those of the result's columns, once there was one.
    private var names: [String]?

    init(_ sql: String, on connection: UnsafeMutablePointer<MYSQL>) throws {
        guard let handle = mysql_stmt_init(connection) else { throw SQLFailure(.other, "out of memory") }
        self.handle = handle
        guard mysql_stmt_prepare(handle, sql, UInt(sql.utf8.count)) == 0 else { throw failure() }
        // So that the longest text of a result is known before the buffers are made.
        var wanted: CChar = 1
        mysql_stmt_attr_set(handle, STMT_ATTR_UPDATE_MAX_LENGTH, &wanted)
    }

    deinit {
        mysql_stmt_close(handle)
    }

    /// - Returns: How many rows it concerned.
    func run(_ arguments: [SQLValue]) throws -> Int {
        try execute(arguments)
        return Int(clamping: mysql_stmt_affected_rows(handle))
    }

    func result(_ arguments: [SQLValue]) throws -> SQLResult {
        try execute(arguments)
        guard mysql_stmt_store_result(handle) == 0 else { throw failure() }
        defer { mysql_stmt_free_result(handle) }
        guard let metadata = mysql_stmt_result_metadata(handle) else { return SQLResult(columns: [], rows: []) }
        defer { mysql_free_result(metadata) }
        let fields = Array(
            UnsafeBufferPointer(start: mysql_fetch_fields(metadata), count: Int(mysql_num_fields(metadata))))
        let buffers = ResultBuffers(fields)
        guard mysql_stmt_bind_result(handle, buffers.binds.baseAddress) == 0 else { throw failure() }
        let names = self.names ?? fields.map { String(cString: $0.name) }
        self.names = names
        var found: [[SQLValue]] = []
        found.reserveCapacity(Int(clamping: mysql_stmt_num_rows(handle)))
        while true {
            switch mysql_stmt_fetch(handle) {
            case 0: found.append(buffers.row())
            case 100: return SQLResult(columns: names, rows: found)  // MYSQL_NO_DATA
            case 101: throw ClinicError(.corrupt, fault: "A row of the database is longer than it said.")
            default: throw failure()
            }
        }
    }

    private func execute(_ arguments: [SQLValue]) throws {
        guard mysql_stmt_param_count(handle) == UInt(arguments.count) else {
            throw SQLFailure(.other, "\(arguments.count) arguments do not fit the statement")
        }
        let buffers = ArgumentBuffers(arguments)
        try withExtendedLifetime(buffers) {
            if !arguments.isEmpty, mysql_stmt_bind_param(handle, buffers.binds.baseAddress) != 0 { throw failure() }
            guard mysql_stmt_execute(handle) == 0 else { throw failure() }
        }
    }

    private func failure() -> SQLFailure {
        MariaDBConnection.failure(mysql_stmt_errno(handle), String(cString: mysql_stmt_error(handle)))
    }
}

/// The memory that arguments are sent from.
private final class ArgumentBuffers {
    let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    private let storage: UnsafeMutableRawBufferPointer

    init(_ arguments: [SQLValue]) {
        binds = .allocate(capacity: max(arguments.count, 1))
        binds.initialize(repeating: MYSQL_BIND())
        let sizes = arguments.map(Self.size)
        storage = .allocate(byteCount: max(sizes.reduce(0, +), 1), alignment: 8)
        var offset = 0
        for (index, argument) in arguments.enumerated() {
            let place = UnsafeMutableRawBufferPointer(rebasing: storage[offset..<(offset + sizes[index])])
            offset += sizes[index]
            Self.fill(&binds[index], argument, place)
        }
    }

    deinit {
        binds.deallocate()
        storage.deallocate()
    }

    /// Bytes, rounded up so that numbers stay aligned.
    private static func size(_ argument: SQLValue) -> Int {
        if case .text(let text) = argument { return (text.utf8.count + 8) / 8 * 8 }
        return 8
    }

    private static func fill(
        _ bind: inout MYSQL_BIND, _ argument: SQLValue, _ place: UnsafeMutableRawBufferPointer
    ) {
        bind.buffer = place.baseAddress
        switch argument {
        case .null: bind.buffer_type = MYSQL_TYPE_NULL
        case .integer(let number):
            bind.buffer_type = MYSQL_TYPE_LONGLONG
            place.storeBytes(of: number, as: Int64.self)
        case .real(let number):
            bind.buffer_type = MYSQL_TYPE_DOUBLE
            place.storeBytes(of: number, as: Double.self)
        case .text(let text):
            bind.buffer_type = MYSQL_TYPE_STRING
            place.copyBytes(from: text.utf8)
            // Without a pointer to a length, the library takes the one that stands here.
            bind.buffer_length = UInt(text.utf8.count)
            bind.length_value = UInt(text.utf8.count)
        }
    }
}

/// The memory that the rows of a result are fetched into, one after another.
private final class ResultBuffers {
    private enum Kind { case integer, real, text }

    let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    private let kinds: [Kind]
    private let storage: [UnsafeMutableRawBufferPointer]
    private let lengths: UnsafeMutableBufferPointer<UInt>
    private let nulls: UnsafeMutableBufferPointer<CChar>

    init(_ fields: [MYSQL_FIELD]) {
        let capacity = max(fields.count, 1)
        binds = .allocate(capacity: capacity)
        binds.initialize(repeating: MYSQL_BIND())
        lengths = .allocate(capacity: capacity)
        lengths.initialize(repeating: 0)
        nulls = .allocate(capacity: capacity)
        nulls.initialize(repeating: 0)
        kinds = fields.map(Self.kind)
        storage = fields.map { .allocate(byteCount: max(Int($0.max_length), 8) + 1, alignment: 8) }
        for index in fields.indices {
            binds[index].buffer = storage[index].baseAddress
            binds[index].buffer_length = UInt(storage[index].count)
            binds[index].length = lengths.baseAddress.map { $0 + index }
            binds[index].is_null = nulls.baseAddress.map { $0 + index }
            binds[index].buffer_type =
                switch kinds[index] {
                case .integer: MYSQL_TYPE_LONGLONG
                case .real: MYSQL_TYPE_DOUBLE
                case .text: MYSQL_TYPE_STRING
                }
        }
    }

    deinit {
        binds.deallocate()
        lengths.deallocate()
        nulls.deallocate()
        storage.forEach { $0.deallocate() }
    }

    func row() -> [SQLValue] {
        kinds.indices.map { index in
            guard nulls[index] == 0 else { return .null }
            return switch kinds[index] {
            case .integer: .integer(storage[index].load(as: Int64.self))
            case .real: .real(storage[index].load(as: Double.self))
            case .text:
                .text(String(decoding: storage[index].prefix(Int(lengths[index])), as: UTF8.self))
            }
        }
    }

    /// Sums of whole numbers come as decimals without decimals.
    private static func kind(_ field: MYSQL_FIELD) -> Kind {
        switch field.type {
        case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG,
            MYSQL_TYPE_YEAR:
            .integer
        case MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_DECIMAL: field.decimals == 0 ? .integer : .real
        case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE: .real
        default: .text
        }
    }
}
