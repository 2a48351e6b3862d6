import Clinic
import Foundation
import Hummingbird

/// What a program asks of the directory: near where, how far, for what, and how many.
struct DoctorQuery: Sendable {
    /// The question for the ranking.
    let request: RecommendationRequest
    let limit: Int

    /// Doctors of one answer.
    static let limits = 1...100
    /// No two points are farther apart than 20,015.2 km.
    static let radii = 0.1...20_100.0

    /// - Throws: `WebError.malformedRequest`, which names the parameter and what would be right.
    init(_ parameters: FormFields, now: Date) throws {
        guard let near = parameters["near"] else { throw WebError(.malformedRequest, "errors.api.position") }
        let child = parameters["child"] ?? "false"
        guard ["true", "false"].contains(child) else { throw WebError(.malformedRequest, "errors.api.flag") }
        let language = parameters["language"]
        if let language {
            guard language.utf8.count == 2, language.utf8.allSatisfy((UInt8(ascii: "a")...UInt8(ascii: "z")).contains)
            else { throw WebError(.malformedRequest, "errors.api.language") }
        }
        request = RecommendationRequest(
            origin: try Self.position(near),
            need: try Self.one(of: RecommendationRequest.Need.self, parameters, "need") ?? .none,
            isChild: child == "true", languages: language.map { [$0] } ?? [],
            specialty: try Self.one(of: Specialty.self, parameters, "specialty"), language: language,
            radius: try parameters["radius_km"].map(Self.radius), now: now)
        limit = try parameters["limit"].map(Self.limit) ?? 20
    }

    private static func position(_ text: String) throws -> GeoPosition {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let latitude = degrees(parts[0], most: 90), let longitude = degrees(parts[1], most: 180)
        else { throw WebError(.malformedRequest, "errors.api.position") }
        return GeoPosition(latitude: latitude, longitude: longitude)
    }

    /// A plain decimal number, `-?[0-9]{1,3}(\.[0-9]{1,8})?`, and no other spelling.
    private static func degrees(_ text: Substring, most: Double) -> Double? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let lengths = [1...3, 1...8]
        guard zip(parts, lengths).allSatisfy({ isNumber($0, digits: $1) }), let value = Double(text), abs(value) <= most
        else { return nil }
        return value
    }

    private static func isNumber(_ text: Substring, digits: ClosedRange<Int>) -> Bool {
        digits.contains(text.utf8.count)
            && text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
    }

    private static func radius(_ text: String) throws -> Double {
        let isPlain = text.utf8.allSatisfy(Array("0123456789.e+-".utf8).contains)
        guard isPlain, let radius = Double(text), radii.contains(radius) else {
            throw WebError(.malformedRequest, "errors.api.radius")
        }
        return radius
    }

    private static func limit(_ text: String) throws -> Int {
        guard let limit = Int(text), limits.contains(limit) else {
            throw WebError(.malformedRequest, "errors.api.limit")
        }
        return limit
    }

    private static func one<Value: RawRepresentable & CaseIterable>(
        of type: Value.Type, _ parameters: FormFields, _ name: String
    ) throws -> Value? where Value.RawValue == String {
        guard let text = parameters[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            throw WebError.parameter(name, oneOf: Value.allCases.map(\.rawValue))
        }
        return value
    }
}

extension WebError {
    /// A parameter that has one of a few values.
    static func parameter(_ name: String, oneOf values: [String]) -> WebError {
        WebError(.malformedRequest, "errors.api.oneOf", ["name": name, "values": values])
    }
}
