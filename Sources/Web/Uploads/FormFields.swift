import Foundation
import Hummingbird

/// The fields of a form as browsers send them (WHATWG URL, section 5.1, `application/x-www-form-urlencoded`).
public struct FormFields: Sendable, Equatable {
    private var values: [String: [String]] = [:]

    public init() {}

    /// Reads `name=value&name=value`; bytes that are no UTF-8 become U+FFFD, as in the standard.
    public init(parsing body: [UInt8]) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = Self.decode(pair[..<equals])
            let value = equals < pair.endIndex ? Self.decode(pair[(equals + 1)...]) : ""
            values[name, default: []].append(value)
        }
    }

    /// Reads the query of an address, which is written in the same way.
    init(query request: Request) {
        self.init(parsing: Array((request.uri.query ?? "").utf8))
    }

    /// What was sent, in no order.
    var names: [String] { Array(values.keys) }

    /// The first value of a field; nil when it was not sent.
    public subscript(name: String) -> String? { values[name]?.first }

    /// Every value of a field, in the order of the form.
    public func all(_ name: String) -> [String] { values[name] ?? [] }

    /// Every value of every field.
    var everything: [String: [String]] { values }

    /// A field's value without white space around it; empty when it was not sent.
    public func trimmed(_ name: String) -> String {
        (self[name] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Puts one value in place of whatever a field has.
    mutating func set(_ name: String, to value: String) { values[name] = [value] }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex, let high = hex(bytes[index + 1]),
                let low = hex(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
