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
        guard let near = parameters["near"] else { throw Self.wrong("near", Self.nearRule) }
        let child = parameters["child"] ?? "false"
        guard ["true", "false"].contains(child) else { throw Self.wrong("child", "is true or false") }
        let language = parameters["language"]
        if let language {
            guard language.utf8.count == 2, language.utf8.allSatisfy((UInt8(ascii: "a")...UInt8(ascii: "z")).contains)
            else { throw Self.wrong("language", "is two small letters of ISO 639-1, such as hi") }
        }
        request = RecommendationRequest(
            origin: try Self.position(near),
            need: try Self.one(of: RecommendationRequest.Need.self, parameters, "need") ?? .none,
            isChild: child == "true", languages: language.map { [$0] } ?? [],
            specialty: try Self.one(of: Specialty.self, parameters, "specialty"), language: language,
            radius: try parameters["radius_km"].map(Self.radius), now: now)
        limit = try parameters["limit"].map(Self.limit) ?? 20
    }

    private static let nearRule =
        "is latitude and longitude in degrees, with at most 8 digits behind the point, such as 12.97,77.59"

    private static func position(_ text: String) throws -> GeoPosition {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let latitude = degrees(parts[0], most: 90), let longitude = degrees(parts[1], most: 180)
        else { throw wrong("near", nearRule) }
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
            throw wrong("radius_km", "is a number of kilometres from 0.1 to 20100")
        }
        return radius
    }

    private static func limit(_ text: String) throws -> Int {
        guard let limit = Int(text), limits.contains(limit) else { throw wrong("limit", "is a number from 1 to 100") }
        return limit
    }

    private static func one<Value: RawRepresentable & CaseIterable>(
        of type: Value.Type, _ parameters: FormFields, _ name: String
    ) throws -> Value? where Value.RawValue == String {
        guard let text = parameters[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            throw wrong(name, "is one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    private static func wrong(_ name: String, _ rule: String) -> WebError {
        WebError(.malformedRequest, "The parameter “\(name)” \(rule).")
    }
}
