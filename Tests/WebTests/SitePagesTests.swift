import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite(.timeLimit(.minutes(10))) struct SitePagesTests {
    @Test func `an administrator adds a microscope, control fields qualify it, and a plan is kept`() async throws {
        try await SiteDesk.run { desk in
            let wrong = try await desk.administrator.post("/admin/sites", [("name", "Stand 2"), ("scale", "7")])
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("micrometres per pixel"))
            let id = try await desk.create()
            let address = "/admin/sites/\(id)"
            #expect(try await desk.administrator.get(address).text.contains("Not qualified."))
            _ = try await desk.administrator.post(
                address,
                [
                    ("name", "Stand 2"), ("objective", "100x"), ("camera", "C"), ("stain", "Leishman"),
                    ("sensitivity", "50"), ("specificity", "50"), ("wrongReports", "25"),
                ])
            #expect(try await desk.services.database.read { try $0.site(id)?.limits } == SiteDesk.limits)
            for number in 0..<22 {
                let label = number % 2 == 0 ? "pre-b" : "benign"
                let answer = try await desk.upload(
                    [CaseDesk.picture(of: label)(number)], of: "P\(number)", label: label, to: id)
                #expect(answer.headers[.location] == "\(address)?notice=controlsAdded", "\(answer.text)")
            }
            let nobody = try await desk.upload(
                [CaseDesk.picture(of: "benign")(99)], of: "", label: "benign", to: id)
            #expect(nobody.status == .unprocessableContent)
            let other = try await desk.upload(
                [CaseDesk.picture(of: "benign")(98)], of: "P0", label: "benign", to: id)
            #expect(other.status == .unprocessableContent && other.text.contains("with the other answer"))
            let unsaid = try await desk.upload(
                [CaseDesk.picture(of: "benign")(97)], of: "P99", label: "benign", knownBy: "looks", to: id)
            #expect(unsaid.status == .unprocessableContent && unsaid.text.contains("by which other method"))
            let figures = try await desk.administrator.get(address).text
            #expect(figures.contains("11 people, 11 fields") && figures.contains("at least 11 people with leukaemia"))
            let closed = try await desk.administrator.post("\(address)/qualify", [("password", "wrong")])
            #expect(closed.status == .unprocessableContent)
            let passed = try await desk.administrator.post(
                "\(address)/qualify", [("password", TestPeople.password)])
            #expect(passed.headers[.location] == "\(address)?notice=siteQualified", "\(passed.text)")
            let page = try await desk.administrator.get(address).text
            #expect(page.contains("data-qualified=\"yes\"") && page.contains("Qualified for"))
            #expect(try await desk.administrator.get("/").text.contains("The microscope Stand 2 was qualified."))
            let check = try await desk.upload(
                [CaseDesk.picture(of: "benign")(50)], of: "slide", label: "benign", purpose: "check", to: id)
            #expect(check.headers[.location] == "\(address)?notice=checkGood", "\(check.text)")
            let plan = try await desk.administrator.post(
                "/admin/sites/changes",
                [("modifications", "A new stain."), ("protocol", "30 people."), ("impact", "None."), ("revision", "0")])
            #expect(plan.headers[.location] == "/admin/sites/changes?notice=planSaved", "\(plan.text)")
            let changes = try await desk.administrator.get("/admin/sites/changes").text
            #expect(changes.contains("A new stain.") && changes.contains("Revision 1, by Somebody Else"))
            for event in ["Added.", "Qualified for", "Control fields added: 1.", "A control slide was read rightly"] {
                #expect(changes.contains(event), "\(event)")
            }
            let actions = Set(try await desk.patient.actions())
            #expect(
                actions.isSuperset(of: [
                    "site.create", "site.update", "site.control", "site.qualify", "site.check", "site.plan",
                    "site.read",
                ]))
        }
    }

    @Test func `images are of no microscope until staff say so, and then benign is worded as it is meant`() async throws
    {
        try await SiteDesk.run { desk in
            let site = try await desk.qualified()
            let own = try await desk.clinician.send("/cases", images: [], fields: [("title", "One")], isScript: true)
            let id = try #require(try own.object()["id"] as? String)
            let page = try await desk.clinician.browser.get("/cases/\(id)").text
            #expect(page.contains("id=\"site-choice\"") && page.contains("Stand 2"))
            let chosen = try await desk.clinician.browser.post("/cases/\(id)/site", [("site", site.text)])
            #expect(chosen.headers[.location] == "/cases/\(id)")
            for number in 0..<2 {
                _ = try await desk.clinician.send(
                    "/cases/\(id)/images", images: [CaseDesk.picture(of: "benign")(number)])
            }
            let strangers = try await desk.patient.makeCase(of: "benign")
            try await desk.clinician.screenAll()
            let qualified = try await desk.clinician.browser.get("/cases/\(id)").text
            #expect(qualified.contains("kind-benign") && qualified.contains("Microscope Stand 2: qualified"))
            let unknown = try await desk.patient.browser.get("/cases/\(strangers)").text
            #expect(unknown.contains("kind-undecided") && unknown.contains("No leukaemia cells seen in these pictures"))
            #expect(unknown.contains("The microscope is not known") && !unknown.contains("site-choice"))
            // A patient can name no microscope, whatever the form says.
            let refused = try await desk.patient.browser.post("/cases/\(strangers)/site", [("site", site.text)])
            #expect(refused.status == .notFound)
            #expect(try await desk.patient.screenings(of: strangers)[0].origin == .unknown)
            let screenings = try await desk.clinician.screenings(of: try #require(CaseID(id)))
            let result = try await desk.clinician.browser.get("/screenings/\(screenings[0].id)").text
            #expect(result.contains("data-qualified=\"yes\"") && result.contains("Benign (haematogones)</h1>"))
            let other = try await desk.patient.screenings(of: strangers)[0].id
            let plain = try await desk.patient.browser.get("/screenings/\(other)").text
            #expect(
                plain.contains("data-qualified=\"no\"") && plain.contains("No leukaemia cells seen in this picture"))
            // Another model takes it away.
            _ = try await desk.administrator.post(
                "/admin/sites/\(site)/suspend", [("reason", "The lamp was changed.")])
            let suspended = try await desk.clinician.browser.get("/cases/\(id)").text
            #expect(suspended.contains("kind-undecided") && suspended.contains("is marked anew"))
            #expect(try await desk.clinician.browser.get("/").text.contains("are marked anew: do not rest on them"))
            #expect(try await desk.administrator.get("/admin").text.contains("The microscope Stand 2 was suspended."))
            let list = try await desk.administrator.get("/admin/sites/\(site)").text
            #expect(list.contains("/screenings/\(screenings[0].id)") && list.contains("The lamp was changed."))
        }
    }

    @Test func `a token that is bound to a microscope proves where its images were made`() async throws {
        try await SiteDesk.run { desk in
            let site = try await desk.qualified()
            let form = try await desk.clinician.browser.get("/account").text
            #expect(form.contains("id=\"token-site\"") && form.contains("Stand 2"))
            #expect(!(try await desk.patient.browser.get("/account").text.contains("id=\"token-site\"")))
            let made = try await desk.clinician.browser.post(
                "/account/tokens",
                [
                    ("label", "scanner"), ("days", "9"), ("site", site.text), ("password", TestPeople.password),
                    ("scope", "read"), ("scope", "write"), ("scope", "predict"),
                ])
            #expect(made.status == .ok, "\(made.text)")
            let tokens = try await desk.services.database.read { try $0.apiTokens(of: desk.clinicianUser.id) }
            #expect(tokens.map(\.siteID) == [site])
            let bound = try await desk.services.accounts.makeAPIToken(
                APIToken.Terms(label: "second", scopes: Set(APIToken.Scope.allCases), site: site),
                of: desk.clinicianUser.id
            ).text
            let patient = try #require(
                try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let forged = try await desk.patient.browser.post(
                "/account/tokens",
                [
                    ("label", "scanner"), ("days", "9"), ("site", site.text), ("password", TestPeople.password),
                    ("scope", "write"),
                ])
            #expect(forged.status == .unprocessableContent || forged.status == .notFound)
            #expect(try await desk.services.database.read { try $0.apiTokens(of: patient.id) }.isEmpty)
            let headers: HTTPFields = [.authorization: "Bearer \(bound)"]
            func ask(
                _ path: String, _ method: HTTPRequest.Method = .get, _ body: ByteBuffer? = nil, _ type: String = ""
            )
                async throws -> TestResponse
            {
                var own = headers
                if !type.isEmpty { own[.contentType] = type }
                return try await desk.patient.client.execute(uri: path, method: method, headers: own, body: body)
            }
            let multipart = try #require(TestSite.formHeaders[.contentType])
            // Before the case: a suspension marks what was answered since the last good check.
            let administrator = try await APISite.token(of: desk.administratorUser.id, in: desk.services, [.write])
            let slide = [("person", "slide"), ("label", "benign"), ("knownBy", "cytogenetics"), ("purpose", "check")]
            let check = try await desk.patient.client.execute(
                uri: "/api/v1/sites/\(site)/controls", method: .post,
                headers: [.authorization: "Bearer \(administrator)", .contentType: multipart],
                body: TestSite.form(try CaseDesk.picture(of: "benign")(77), fields: slide))
            #expect(try check.object()["check"] as? String == "good", "\(check.text)")
            let misspelt = try await desk.patient.client.execute(
                uri: "/api/v1/sites/\(site)/controls", method: .post,
                headers: [.authorization: "Bearer \(administrator)", .contentType: multipart],
                body: TestSite.form(
                    try CaseDesk.picture(of: "benign")(78), fields: Array(slide.dropLast()) + [("purpose", "cheque")]))
            #expect(misspelt.status == .unprocessableContent, "\(misspelt.text)")
            #expect(try misspelt.object()["detail"] as? String == "Choose one from the list.")
            let opened = try await ask(
                "/api/v1/cases", .post, ByteBuffer(string: "{\"title\":\"One\"}"), "application/json")
            let id = try #require(try opened.object()["id"] as? String)
            let image = try CaseDesk.picture(of: "benign")(1)
            _ = try await ask("/api/v1/cases/\(id)/images", .post, TestSite.form(image), multipart)
            try await desk.clinician.screenAll()
            let told = try await ask("/api/v1/cases/\(id)").object()
            let verdict = try #require(told["verdict"] as? [String: Any])
            #expect(verdict["kind"] as? String == "benign" && verdict["unqualifiedFields"] as? Int == 0)
            let first = try #require((told["images"] as? [[String: Any]])?.first)
            #expect((first["site"] as? [String: Any])?["qualification"] as? String == "qualified")
            let screening = try await desk.clinician.screenings(of: try #require(CaseID(id)))[0].id
            let answer = try await ask("/api/v1/screenings/\(screening)").object()["result"] as? [String: Any]
            #expect((answer?["site"] as? [String: Any])?["name"] as? String == "Stand 2")
            let report = try await ask("/api/v1/screenings/\(screening)/fhir").text
            #expect(report.contains("Microscope Stand 2: qualified for this model."))
            #expect(report.contains("Benign (haematogones)"))
            let paper = try await ask("/api/v1/cases/\(id)/report.pdf")
            #expect(paper.status == .ok && paper.text.hasPrefix("%PDF-") && paper.text.contains("/DCTDecode"))
            let put = try await ask("/api/v1/cases/\(id)/site", .put, ByteBuffer(string: "{}"), "application/json")
            #expect(put.status == .ok && put.text == "{}", "\(put.text)")
            let unknown = try await ask("/api/v1/cases/\(id)").object()["verdict"] as? [String: Any]
            #expect(unknown?["unqualifiedFields"] as? Int == 1)
            let named = ByteBuffer(string: "{\"site\":\"\(site)\"}")
            #expect(try await ask("/api/v1/cases/\(id)/site", .put, named, "application/json").status == .ok)
            let chosen = try await desk.services.database.read { try $0.auditRecords(after: 0, limit: 1000) }
            #expect(
                chosen.filter { $0.entry.action == .smearCase(.site) }.map(\.entry.detail) == [
                    "site=unknown", "site=\(site)",
                ])
            let single = try await ask("/api/v1/predict", .post, TestSite.form(image), multipart).object()
            #expect((single["site"] as? [String: Any])?["qualification"] as? String == "qualified")
            let list = try await ask("/api/v1/sites").object()["sites"] as? [[String: Any]]
            #expect(list?.count == 1 && list?[0]["qualifiedNow"] as? Bool == true)
            let one = try await ask("/api/v1/sites/\(site)").object()
            #expect(one["qualification"] as? String == "qualified" && one["suspension"] == nil)
            let figures = (one["passed"] as? [String: Any])?["figures"] as? [String: Any]
            #expect((figures?["sensitivity"] as? [String: Any])?["people"] as? Int == 12)
            #expect(try await ask("/api/v1/sites/\(SiteID())").status == .notFound)
            _ = try await desk.administrator.post("/admin/sites/\(site)/suspend", [("reason", "Lamp")])
            let after = try await ask("/api/v1/screenings/\(screening)").object()["result"] as? [String: Any]
            #expect((after?["site"] as? [String: Any])?["qualification"] as? String == "suspended")
            let stopped = try await ask("/api/v1/sites/\(site)").object()
            #expect((stopped["suspension"] as? [String: Any])?["cause"] as? String == "hand")
        }
    }

    @Test func `a clinician with whom an image is shared may say where it was made, another one may not`() async throws
    {
        try await ReadingDesk.run(of: "benign") { desk in
            let optics = SiteOptics(name: "Stand 2", objective: "100x", camera: "C", stain: "Leishman")
            let site = try await Sites(database: desk.services.database).create(optics, by: .system)
            for address in ["/cases/\(desk.caseID)", "/screenings/\(desk.screening)"] {
                let before = try await desk.reader.post("\(address)/site", [("site", site.id.text)])
                #expect(before.status == .notFound)
            }
            try await desk.share()
            let page = try await desk.reader.get("/readings/\(desk.screening)").text
            #expect(page.contains("id=\"site-choice\"") && page.contains("/screenings/\(desk.screening)/site"))
            let chosen = try await desk.reader.post(
                "/screenings/\(desk.screening)/site", [("site", site.id.text), ("back", "/readings/\(desk.screening)")])
            #expect(chosen.headers[.location] == "/readings/\(desk.screening)")
            let told = try await desk.patient.get("/cases/\(desk.caseID)").text
            #expect(told.contains("Microscope Stand 2: not qualified"))
            let whole = try await desk.reader.get("/readings/cases/\(desk.caseID)").text
            #expect(whole.contains("id=\"site-choice\""))
        }
    }
}
