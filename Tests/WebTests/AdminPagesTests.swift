import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Packaging
import Testing
import Web

@Suite struct AdminPagesTests {
    @Test func `shows figures with a table behind each chart`() async throws {
        try await AdminDesk.run { desk in
            for span in ["7", "30", "90", "all", "nonsense"] {
                let page = try await desk.browser.get("/admin?days=\(span)")
                #expect(page.status == .ok)
                #expect(page.text.contains("holds no reference distribution"))
            }
        }
        let reference = ReferenceDistribution(
            source: .labelled, answers: (0..<200).map { _ in (label: "benign", confidence: 0.9, novelty: 0.2) },
            classKeys: ["benign", "early-pre-b", "pre-b", "pro-b"])
        try await AdminDesk.run(metrics: AdminDesk.metrics(macroF1: 0.95, reference: reference)) { desk in
            let text = try await desk.browser.get("/admin").text
            #expect(text.contains("Too few answers to say"))
            let charts = text.matches(of: /<figure class="block chart" data-chart="([^"]*)"/)
            // A chart without numbers is not drawn; the three with the reference and the accounts are.
            #expect(charts.count == 4)
            #expect(text.matches(of: /<canvas/).count == text.matches(of: /<table class="table admin-table" id=/).count)
            for chart in charts {
                let json = String(chart.output.1).replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
                let drawing = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
                let labels = try #require(drawing?["labels"] as? [String])
                let series = try #require(drawing?["series"] as? [[String: Any]])
                #expect(series.allSatisfy { ($0["values"] as? [Double])?.count == labels.count })
            }
            #expect(!text.contains("<script>"))
        }
    }

    @Test func `finds people by name and role page by page`() async throws {
        try await AdminDesk.run { desk in
            for number in 0..<55 {
                _ = try await desk.services.accounts.create(
                    .init(
                        email: "p\(number)@example.org", name: "Person \(number)", password: "three quiet herons"),
                    role: .patient)
            }
            let first = try await desk.browser.get("/admin/users?role=patient").text
            #expect(first.matches(of: /class="admin-row"/).count == 50)
            let second = try await desk.browser.get("/admin/users?role=patient&page=1").text
            #expect(second.matches(of: /class="admin-row"/).count == 5)
            let found = try await desk.browser.get("/admin/users?search=p54").text
            #expect(found.matches(of: /class="admin-row"/).count == 1)
            #expect(try await desk.browser.get("/admin/users?search=%3Cb%3E").text.contains("No user found"))
        }
    }

    @Test func `makes a clinician, disables, and tells why not`() async throws {
        try await AdminDesk.run { desk in
            let user = try await TestPeople.make("anna@example.org", in: desk.services)
            let page = "/admin/users/\(user.id)"
            let wrong = try await desk.browser.post("\(page)/role", [("role", "clinician"), ("password", "no")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.text.contains("not your current password"))
            let role = try await desk.browser.post(
                "\(page)/role", [("role", "clinician"), ("password", TestPeople.password)])
            #expect(role.status == .seeOther)
            #expect(try await desk.browser.get("\(page)?notice=role").text.contains("The role was changed"))
            let state = try await desk.browser.post("\(page)/disable", [("password", TestPeople.password)])
            #expect(state.status == .seeOther)
            let stored = try #require(try await desk.services.database.read { try $0.user(user.id) })
            #expect(stored.role == .clinician && stored.isDisabled)
            let own = "/admin/users/\(desk.administrator.id)"
            #expect(try await desk.browser.get(own).text.contains("last administrator"))
            let demoted = try await desk.browser.post(
                "\(own)/role", [("role", "patient"), ("password", TestPeople.password)])
            #expect(demoted.status == .unprocessableContent)
            #expect(
                try await desk.browser.post("/admin/users/\(UserID())/disable", [("password", "x")]).status == .notFound
            )
        }
    }

    @Test func `filters the log, exports that part and verifies the chain`() async throws {
        try await AdminDesk.run { desk in
            func today() -> String { Date().formatted(.iso8601.year().month().day()) }
            let first = today()
            let user = try await TestPeople.make("anna@example.org", in: desk.services)
            _ = try await TestPeople.browser(of: user, client: desk.client, in: desk.services)
            let all = try await desk.browser.get("/admin/audit").text
            #expect(all.contains("user.register") && all.contains("user.login"))
            // An entry about nothing stored has no empty link.
            #expect(!all.contains("?object=\""))
            let mine = try await desk.browser.get("/admin/audit?person=anna%40example.org").text
            #expect(mine.matches(of: /<th scope="row">/).count == 1)
            let action = try await desk.browser.get("/admin/audit?action=user.reg&object=\(user.id)").text
            #expect(action.matches(of: /<th scope="row">/).count == 1)
            #expect(try await desk.browser.get("/admin/audit?person=nobody").status == .unprocessableContent)
            #expect(try await desk.browser.get("/admin/audit?from=yesterday").status == .unprocessableContent)
            // It may be midnight.
            #expect(try await desk.browser.get("/admin/audit?from=\(first)&to=\(today())").text.contains("user.login"))
            #expect(try await desk.browser.get("/admin/audit?to=2020-01-01").text.contains("No entry found"))
            let csv = try await desk.browser.get("/admin/audit/export?format=csv&action=user.register")
            #expect(csv.text.hasPrefix("sequence,at,actor,user,token,action,object,detail,hash\r\n"))
            #expect(csv.text.split(separator: "\r\n").count == 3)
            let lines = try await desk.browser.get("/admin/audit/export?format=jsonl").text.split(separator: "\n")
            let numbers = try lines.map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require(object?["sequence"] as? Int)
            }
            #expect(numbers == Array((1...numbers.count).reversed()))
            #expect(try await desk.actions().filter { $0 == "audit.export" }.count == 2)
            #expect(try await desk.browser.get("/admin/audit/export?format=xml").status == .notFound)
            #expect(try await desk.browser.post("/admin/audit/verify").text.contains("The audit log holds"))
        }
    }

    @Test func `decides on doctors and shows their papers`() async throws {
        try await AdminDesk.run { desk in
            let doctor = try await TestPeople.make("doctor@example.org", in: desk.services)
            let entry = RouteCast.doctor("KMC-1", of: doctor.id, status: .pending, at: Date())
            let paper = DoctorDocument(
                doctorID: entry.id, name: "<degree>.pdf", contentType: "application/pdf", byteCount: 5,
                archiveKey: "doctors/x/degree.pdf", createdAt: Date())
            try await desk.services.archive.store(Array("%PDF-".utf8), at: paper.archiveKey)
            try await desk.services.database.write { transaction in
                try transaction.insert(entry)
                try transaction.insert(paper)
                try transaction.record([StoredObject(Array("%PDF-".utf8), at: paper.archiveKey)])
            }
            #expect(try await desk.browser.get("/admin/doctors").text.contains("Dr. Anna Rao"))
            let page = try await desk.browser.get("/admin/doctors/\(entry.id)").text
            #expect(page.contains("&lt;degree&gt;.pdf"))
            #expect(page.contains("English") && page.contains("India"))
            let file = try await desk.browser.get("/admin/documents/\(paper.id)")
            #expect(file.text == "%PDF-")
            #expect(file.headers[.contentType] == "application/pdf")
            #expect(file.headers[.contentDisposition]?.contains("degree") == false)
            let empty = try await desk.browser.post("/admin/doctors/\(entry.id)/refuse", [("reason", " ")])
            #expect(empty.status == .unprocessableContent)
            #expect(
                try await desk.browser.post("/admin/doctors/\(entry.id)/refuse", [("reason", "No number")]).status
                    == .seeOther)
            #expect(try await desk.services.database.read { try $0.doctor(entry.id)?.statusReason } == "No number")
            let approve = "/admin/doctors/\(entry.id)/approve"
            #expect(try await desk.browser.post(approve).status == .unprocessableContent)
            #expect(try await desk.services.database.read { try $0.user(doctor.id)?.role } == .patient)
            #expect(try await desk.browser.post(approve, [("password", TestPeople.password)]).status == .seeOther)
            #expect(try await desk.services.database.read { try $0.user(doctor.id)?.role } == .clinician)
            #expect(try await desk.actions().contains("document.read"))
        }
    }

    @Test func `lists those who wait in the order in which they came`() async throws {
        try await AdminDesk.run { desk in
            let start = Date(timeIntervalSince1970: 1_700_000_000)
            try await desk.services.database.write { transaction in
                for number in 0..<53 {
                    var entry = RouteCast.doctor(
                        "N-\(number)", of: nil, status: .pending, at: start.addingTimeInterval(Double(number) * 60))
                    entry.name = "Dr. Number \(number)"
                    try transaction.insert(entry)
                }
            }
            let first = try await desk.browser.get("/admin/doctors").text
            let names = first.matches(of: /Dr\. Number (\d+)/).compactMap { Int($0.output.1) }
            #expect(names == Array(0..<50))
            let second = try await desk.browser.get("/admin/doctors?state=pending&page=1").text
            #expect(second.matches(of: /Dr\. Number (\d+)/).compactMap { Int($0.output.1) } == [50, 51, 52])
        }
    }

    @Test func `imports a list and tells of every refused line`() async throws {
        try await AdminDesk.run { desk in
            let noFile = try await desk.send([], to: "/admin/doctors/import", field: "file")
            #expect(noFile.status == .unprocessableContent)
            let wrong = try await desk.send(Array("a,b\n1,2\n".utf8), to: "/admin/doctors/import", field: "file")
            #expect(wrong.status == .unprocessableContent)
            let columns = DirectoryColumn.allCases.map(\.rawValue).joined(separator: ",")
            let list = "\(columns)\nDr. X\n"
            let told = try await desk.send(Array(list.utf8), to: "/admin/doctors/import", field: "file")
            #expect(told.status == .ok)
            #expect(told.text.contains("1 refused"))
            #expect(told.text.contains("The line has 1 fields"))
        }
    }

    @Test func `the audit log folds the pictures of what was opened`() async throws {
        try await AdminDesk.run { desk in
            let (user, now) = (desk.administrator.id, Date())
            try await desk.services.database.write { transaction in
                let acts: [AuditAction] = [
                    .screeningRead(.page), .screeningPicture(.overlay), .screeningPicture(.map),
                    .screeningPicture(.overlay),
                ]
                for (index, act) in acts.enumerated() {
                    try transaction.append(
                        AuditEntry(act, by: .user(user), object: "opened", at: now.addingTimeInterval(Double(index))))
                }
            }
            let page = try await desk.browser.get("/admin/audit?object=opened").text
            #expect(page.contains("3 more entries of this act"))
            #expect(page.matches(of: /<tr><th scope="row">/).count == 1)
            #expect(page.matches(of: /<li class="admin-words">/).count == 3)
            let lines = try await desk.browser.get("/admin/audit/export?format=jsonl&object=opened").text
            #expect(lines.split(separator: "\n").count == 4, "an export folds nothing")
        }
    }

    @Test func `a sample list is there to download, and is taken as it is`() async throws {
        try await AdminDesk.run { desk in
            #expect(
                try await desk.browser.get("/admin/doctors/import").text.contains("/admin/doctors/import/sample.csv"))
            let sample = try await desk.browser.get("/admin/doctors/import/sample.csv")
            #expect(sample.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(sample.headers[.contentDisposition]?.contains(DirectorySample.fileName) == true)
            let chennai = Place(
                id: 1, name: "Chennai", countryCode: "IN", latitude: 13.09, longitude: 80.28, population: 4_681_087,
                timeZone: "Asia/Kolkata")
            try await desk.services.database.write { try $0.insert([chennai]) }
            let told = try await desk.send(
                Array(DirectorySample.csv.utf8), to: "/admin/doctors/import", field: "file")
            #expect(told.text.contains("2 added"))
            #expect(told.text.contains("0 refused"))
        }
    }

    @Test func `moderates reviews with a reason`() async throws {
        try await AdminDesk.run { desk in
            let now = Date()
            let patient = try await TestPeople.make("patient@example.org", in: desk.services)
            let entry = RouteCast.doctor("KMC-1", of: nil, status: .verified, at: now)
            let visit = Appointment(
                doctorID: entry.id, patientID: patient.id, startsAt: now - 7200, endsAt: now - 6600,
                state: .completed, createdAt: now, updatedAt: now)
            let review = Review(
                appointmentID: visit.id, doctorID: entry.id, patientID: patient.id, stars: 2,
                text: "See <b>www.example.com</b>", state: .held, holdReason: "link", createdAt: now, updatedAt: now)
            try await desk.services.database.write { transaction in
                try transaction.insert(entry)
                try transaction.insert(visit)
                try transaction.insert(review)
            }
            let page = try await desk.browser.get("/admin/reviews").text
            #expect(page.contains("looks like a link"))
            #expect(page.contains("&lt;b&gt;"))
            let path = "/admin/reviews/\(review.id)/remove"
            #expect(try await desk.browser.post(path).status == .unprocessableContent)
            #expect(try await desk.browser.post(path, [("reason", "Advertises")]).status == .seeOther)
            let stored = try await desk.services.database.read { try $0.review(review.id) }
            #expect(stored?.state == .removed)
            #expect(stored?.moderationReason == "Advertises")
            #expect(try await desk.browser.get("/admin/reviews").text.contains("Nothing is waiting"))
        }
    }
}
