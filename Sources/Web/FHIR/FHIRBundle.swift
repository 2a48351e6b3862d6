import Foundation
import ScreeningReports

/// What a search found (FHIR R4, Bundle of type `searchset`).
struct FHIRBundle: Encodable, Sendable {
    struct Link: Encodable, Sendable {
        let relation: String
        let url: String
    }

    struct Entry: Encodable, Sendable {
        struct Search: Encodable, Sendable {
            let mode = "match"
        }

        let fullUrl: String
        let resource: FHIRResource
        let search = Search()

        init(_ resource: FHIRResource, base: String) {
            fullUrl = "\(base)/\(resource.type.rawValue)/\(resource.id)"
            self.resource = resource
        }
    }

    let resourceType = "Bundle"
    let type = "searchset"
    let link: [Link]
    /// An empty list is no list in FHIR.
    let entry: [Entry]?

    init(_ found: [FHIRResource], base: String, link: [Link]) {
        self.link = link
        entry = found.isEmpty ? nil : found.map { Entry($0, base: base) }
    }
}

/// A file, for who wants it as a resource.
struct FHIRBinary: Encodable, Sendable {
    let resourceType = "Binary"
    let id: String
    let contentType: String
    /// Base64.
    let data: Data
}
