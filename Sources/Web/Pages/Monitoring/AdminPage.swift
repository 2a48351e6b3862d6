import Clinic
import Wording

/// What every page of the administration has: the frame, its places, and what has just happened.
struct AdminPage: Sendable {
    /// The places of the administration, in the order of the navigation.
    enum Place: String, CaseIterable, Sendable {
        case dashboard, start, users, doctors, reviews, models, sites, readings, cells, subscriptions, privacy, audit

        var address: String { self == .dashboard ? "/admin" : "/admin/\(rawValue)" }
    }

    let frame: PageFrame
    let title: String
    let places: [PageLink]
    let notice: String?
    let alert: String?

    /// - Parameters:
    ///   - place: Where in the administration the page is.
    ///   - title: The page's heading; by default the place's name.
    ///   - notice: What has just happened.
    ///   - alert: What is wrong.
    init(
        _ place: Place, title: String? = nil, site: Site, context: WebContext, notice: String? = nil,
        alert: String? = nil
    ) {
        self.title = title ?? site.text("admin.places.\(place.rawValue)")
        frame = PageFrame(
            site: site, title: "\(self.title) · \(site.text("admin.title"))", place: .admin, context: context)
        places = Place.allCases.map {
            PageLink(name: site.text("admin.places.\($0.rawValue)"), address: $0.address, isOn: $0 == place)
        }
        self.notice = notice
        self.alert = alert
    }
}
