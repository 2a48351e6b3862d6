import Clinic
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

    @Test func `is served as it is kept`() async throws {
        try await APISite.run { site in
            let served = try await site.ask(.get, "/api/openapi.json", token: "")
            #expect(served.headers[.contentType] == "application/json")
            #expect(Data(served.body.readableBytesView) == (try Data(contentsOf: Self.description)))
        }
    }
}
