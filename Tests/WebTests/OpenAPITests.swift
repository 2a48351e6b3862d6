import Clinic
import Findings
import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import Testing
import Web

@Suite struct OpenAPITests {
    private static let description = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Web/Resources/API/openapi.json")

    private static func document() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: description)) as? [String: Any])
    }

    /// Method and path of every operation, with parameters as `:name`.
    private static func operations() throws -> [String: [String: Any]] {
        let paths = try #require(try document()["paths"] as? [String: [String: Any]])
        var operations: [String: [String: Any]] = [:]
        for (path, members) in paths {
            let path = path.replacing("{", with: ":").replacing("}", with: "")
            for (method, operation) in members where method != "parameters" {
                operations["\(method.uppercased()) \(path)"] = operation as? [String: Any]
            }
        }
        return operations
    }

    @Test func `describes every route for programs and no other`() async throws {
        try await APISite.run { site in
            let table = try await routeTable(
                configuration: WebConfiguration(), services: site.services, logger: Logger(label: "test"))
            let routes = table.filter {
                $0.path.hasPrefix("/api/") || ["/healthz", "/readyz", "/metrics"].contains($0.path)
            }
            #expect(Set(routes.map(\.description)) == Set(try Self.operations().keys))
        }
    }

    @Test func `names the scope that each route needs`() async throws {
        try await APISite.run { site in
            let table = try await routeTable(
                configuration: WebConfiguration(), services: site.services, logger: Logger(label: "test"))
            let operations = try Self.operations()
            for route in table where route.path.hasPrefix("/api/v1/") {
                let security = try #require(operations[route.description]?["security"] as? [[String: [String]]])
                let scope: String? =
                    switch route.access {
                    case .token(let scope), .tokenUnlessLocal(let scope), .tokenOfOwner(let scope),
                        .tokenOfReader(let scope):
                        scope.rawValue
                    default: nil
                    }
                #expect(security.first?["bearer"] == [try #require(scope)], "\(route)")
            }
        }
    }

    @Test func `resolves every reference`() throws {
        let document = try Self.document()
        var references: Set<String> = []
        func collect(_ value: Any) {
            if let object = value as? [String: Any] {
                if let reference = object["$ref"] as? String { references.insert(reference) }
                object.values.forEach(collect)
            } else if let list = value as? [Any] {
                list.forEach(collect)
            }
        }
        collect(document)
        #expect(references.count > 20)
        for reference in references {
            let parts = reference.split(separator: "/")
            #expect(parts.first == "#", "\(reference)")
            var place: Any? = document
            for part in parts.dropFirst() { place = (place as? [String: Any])?[String(part)] }
            #expect(place != nil, "\(reference)")
        }
    }

    /// A list of words of the description, with those that the server may answer.
    private struct Words: Sendable {
        let place: String
        let answered: [String]

        init(_ place: String, _ answered: [String]) { (self.place, self.answered) = (place, answered) }

        init<Kind: CaseIterable & RawRepresentable>(_ place: String, _: Kind.Type) where Kind.RawValue == String {
            self.init(place, Kind.allCases.map(\.rawValue))
        }

        static let all: [Words] = [
            Words("ClassKey", SmearClass.self), Words("Decision", Decision.self), Words("CellType", CellType.self),
            Words("ScreeningResult/scale/source", ScaleSource.self), Words("State", ScreeningRecord.State.self),
            Words("Verdict/kind", CaseVerdict.Kind.self), Words("Verdict/repeated/relation", FieldRelation.self),
            Words("Image/screening/leadingReading", ReaderLabel.answers.map(\.word)),
            Words("CaseReading/label", ReaderLabel.answers.map(\.word)), Words("Specialty", Specialty.self),
            Words("Person/sex", Person.Sex.self), Words("PersonInCare/sex", Person.Sex.self),
            Words("Standing/qualification", SiteStanding.Qualification.self),
            Words("Site/qualification", SmearSite.State.self),
            Words("Site/suspension/cause", SmearSite.Suspension.Cause.self),
            Words("Slide/state", CaseSlide.State.self), Words("Slide/ended", CaseSlide.End.self),
            Words("Slide/failure", CaseSlide.Failure.self),
        ]
    }

    private static func listed(_ place: String) throws -> Set<String> {
        let names = place.split(separator: "/").map(String.init)
        let schemas = (try document()["components"] as? [String: Any])?["schemas"] as? [String: Any]
        var schema = schemas?[names[0]] as? [String: Any]
        for name in names.dropFirst() {
            let object = schema?["items"] as? [String: Any] ?? schema
            schema = (object?["properties"] as? [String: Any])?[name] as? [String: Any]
        }
        return Set(try #require(schema?["enum"] as? [String], "\(place)"))
    }

    @Test func `lists every word that is answered and no other`() throws {
        for words in Words.all { #expect(try Self.listed(words.place) == Set(words.answered), "\(words.place)") }
        let texts = Self.description.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Wording/Resources/Texts/en.json")
        let catalogue = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: texts)) as? [String: Any])
        let reasons = try #require(catalogue["reasons"] as? [String: Any])
        // A sentence for each code; these three are parts of sentences.
        #expect(
            try Self.listed("ReasonCode") == Set(reasons.keys).subtracting(["missing", "aspects", "unchecked-for"]))
    }

    @Test func `is served as it is kept`() async throws {
        try await APISite.run { site in
            let served = try await site.ask(.get, "/api/openapi.json", token: "")
            #expect(served.headers[.contentType] == "application/json")
            #expect(Data(served.body.readableBytesView) == (try Data(contentsOf: Self.description)))
        }
    }
}
