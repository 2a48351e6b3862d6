import Clinic
import Foundation
import Wording

/// The list of the directory's entries.
struct AdminDoctorsPage: Sendable {
    struct Row: Sendable {
        let address: String
        let name: String
        let qualifications: String
        let register: String
        let place: String
        let state: String
        let at: PageTime
        let isDemonstration: Bool
    }

    let admin: AdminPage
    let frame: PageFrame
    let search: String
    let state: String
    let chips: [PageLink]
    let rows: [Row]
    let isQueue: Bool
    let previous: String?
    let next: String?

    /// - Parameter doctors: One more than a page where there is a next one.
    init(
        _ doctors: [Doctor], counts: [Doctor.Status: Int], query: AdminDoctorQuery, site: Site, context: WebContext
    ) {
        let text = site.text
        admin = AdminPage(.doctors, site: site, context: context)
        frame = admin.frame
        search = query.search
        state = query.status?.rawValue ?? "all"
        isQueue = query.status == .pending
        chips =
            Doctor.Status.allCases.map {
                PageLink(
                    name: "\(text("admin.states.\($0.rawValue)")) (\(counts[$0] ?? 0))",
                    address: query.address(status: $0), isOn: query.status == $0)
            } + [
                PageLink(
                    name: text("admin.doctors.all"), address: query.address(status: nil), isOn: query.status == nil)
            ]
        rows = doctors.prefix(AdminDoctorQuery.pageSize).map { doctor in
            Row(
                address: "/admin/doctors/\(doctor.id)", name: doctor.name, qualifications: doctor.qualifications,
                register: "\(doctor.registrationNumber), \(doctor.council)",
                place: "\(doctor.clinic.city), \(doctor.clinic.countryCode)",
                state: text("admin.states.\(doctor.status.rawValue)"), at: PageTime(doctor.updatedAt),
                isDemonstration: doctor.isDemonstration)
        }
        previous = query.page > 0 ? query.address(status: query.status, page: query.page - 1) : nil
        next =
            doctors.count > AdminDoctorQuery.pageSize
            ? query.address(status: query.status, page: query.page + 1) : nil
    }
}
