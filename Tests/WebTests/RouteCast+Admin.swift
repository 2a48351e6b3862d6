import Clinic
import Foundation
import Testing
import Web

extension RouteCast {
    /// The paths of the administration with real identifiers; nil for other routes.
    func adminPath(of route: RouteEntry) async throws -> String? {
        let path = route.path
        if path.hasPrefix("/api/v1/sites/") || path.hasPrefix("/admin/sites/:id") {
            return path.replacing(":id", with: try await site().text)
        }
        guard path.hasPrefix("/admin/"), path.contains(":id") else { return nil }
        if path.hasPrefix("/admin/subscriptions/") {
            return path.replacing(":id", with: try await spareSubscription().text)
        }
        if path.hasPrefix("/admin/privacy/") { return path.replacing(":id", with: try await breach().text) }
        if path.hasPrefix("/admin/users/") { return path.replacing(":id", with: try user(.otherPatient).id.text) }
        if path.hasPrefix("/admin/documents/") { return path.replacing(":id", with: try await paper().text) }
        if path.hasPrefix("/admin/doctors/") { return path.replacing(":id", with: try await shownDoctor().text) }
        // The path of a review, with what is done to it at its end.
        let review = try await visitPath("/reviews/:id")
        return review.map { "/admin\($0)\(path.dropFirst("/admin/reviews/:id".count))" }
    }

    /// A breach that is open.
    private func breach() async throws -> PrivacyRecordID {
        try await PrivacyRegister(database: services.database).record(.breach, knownAt: nil, note: "A test").id
    }

    /// A microscope.
    private func site() async throws -> SiteID {
        let optics = SiteOptics(name: SecretToken().text, objective: "100x", camera: "C", stain: "Leishman")
        return try await Sites(database: services.database).create(optics, by: .system).id
    }
}
