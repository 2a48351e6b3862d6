import Foundation
import ScreeningReports

/// What this server does with FHIR (FHIR R4, CapabilityStatement).
struct CapabilityStatement: Encodable, Sendable {
    struct Software: Encodable, Sendable {
        let name = "Leukoscope"
    }

    struct Implementation: Encodable, Sendable {
        let description = "Leukoscope, screening of blood smear photographs"
        let url: String
    }

    struct Interaction: Encodable, Sendable {
        let code: String
    }

    struct Parameter: Encodable, Sendable {
        let name: String
        let type: String
        var documentation: String?
    }

    struct Resource: Encodable, Sendable {
        let type: String
        var documentation: String?
        let interaction: [Interaction]
        var searchParam: [Parameter]?
    }

    struct Security: Encodable, Sendable {
        let description = """
            A bearer token of the API (RFC 6750), with the scope read, or write to make something. An account sees its own cases; \
            administrators read every case by its id.
            """
    }

    struct Rest: Encodable, Sendable {
        let mode = "server"
        let security = Security()
        let resource: [Resource]
    }

    let resourceType = "CapabilityStatement"
    let status = "active"
    /// When this description last changed.
    let date = "2026-12-01"
    let kind = "instance"
    let software = Software()
    let implementation: Implementation
    let fhirVersion = "4.0.1"
    let format = ["application/fhir+json"]
    let rest: [Rest]

    /// - Parameter base: Where FHIR is served.
    init(base: String) {
        implementation = Implementation(url: base)
        let told = FHIRResourceType.allCases.map { type -> Resource in
            let made = type == .serviceRequest ? ["create"] : []
            return Resource(
                type: type.rawValue, documentation: type == .serviceRequest ? Self.requests : nil,
                interaction: (["read", "search-type"] + made).map(Interaction.init),
                searchParam: FHIRParameter.all(of: type).filter { $0.name != "_count" }.map {
                    Parameter(
                        name: $0.name, type: $0.kind,
                        documentation: $0.parameter.isPersonal ? "By POST to _search only." : nil)
                })
        }
        rest = [
            Rest(
                resource: told + [
                    Resource(
                        type: "Binary", documentation: "Files that DocumentReference names.",
                        interaction: [.init(code: "read")]),
                    Resource(
                        type: "Subscription", documentation: Self.subscriptions,
                        interaction: ["create", "read", "search-type", "delete"].map(Interaction.init)),
                ])
        ]
    }

    private static let requests = """
        Makes a case, or is put to the one that subject names as Patient/…; known again by its first identifier.
        """
    private static let subscriptions = """
        For administrators: rest-hook on DiagnosticReport, to hosts that the server was told of; each post is signed and names \
        what changed, never what it says.
        """
}
