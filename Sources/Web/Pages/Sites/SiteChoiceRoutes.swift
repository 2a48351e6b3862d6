import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// Staff says where the images of a case were made.
struct SiteChoiceRoutes: Sendable {
    let services: SiteServices

    var routes: [Route] {
        [
            Route(.post, "/cases/:id/site", .clinician) { _, context in
                let id = try context.caseID()
                let name = context.form.trimmed("site")
                let site = SiteID(name)
                guard site != nil || name.isEmpty else { throw WebError.nothingHere }
                try await services.sites.choose(site, for: id, by: context.requiredPrincipal)
                services.changes.publish(id)
                return Response.redirect(
                    to: OwnPath.checked(context.form["back"], otherwise: "/cases/\(id)"), type: .normal)
            }
        ]
    }
}
