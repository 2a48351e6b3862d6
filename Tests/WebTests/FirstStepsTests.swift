import Clinic
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// The first steps of an administrator, each with the state that it has.
@Suite struct FirstStepsTests {
    @Test func `a new site has nothing but a model, and each step that is taken shows`() async throws {
        let screener = try TestSite.screener { $0["demonstration"] = false }
        try await TestSite.run(release: screener) { client, services in
            let browser = try await TestPeople.browser(
                "admin@example.org", .administrator, client: client, in: services)
            let first = try await browser.get("/admin/start").text
            for words in [
                "1 of 6 steps are done.", "The notice names nobody", "--operator-name", "No mail server is set up",
                "No microscope is known yet.",
                "In the directory: 0. Waiting for you: 0.", "No backup has been made yet.", "--public-url",
                "/admin/doctors/import", "/admin/sites",
            ] { #expect(first.contains(words), "\(words)") }
            let now = services.clock()
            _ = try await Sites(database: services.database).create(
                SiteOptics(name: "Room 3", objective: "100x", camera: "C", stain: "Leishman"), by: .system)
            try await services.database.write { transaction in
                try transaction.insert(RouteCast.doctor("1", of: nil, status: .verified, at: now))
                try transaction.insert(RouteCast.doctor("2", of: nil, status: .pending, at: now))
            }
            try await BackupRecord(database: services.database).note(at: now)
            let second = try await browser.get("/admin/start").text
            for words in [
                "3 of 6 steps are done.", "Microscopes: 1. Qualified for the active model: 0.",
                "In the directory: 1. Waiting for you: 1.", "The last backup is from",
            ] { #expect(second.contains(words), "\(words)") }
            #expect(!second.contains("more than a week ago"))
            try await BackupRecord(database: services.database).note(at: now.addingTimeInterval(-8 * 86_400))
            let third = try await browser.get("/admin/start").text
            #expect(third.contains("2 of 6 steps are done.") && third.contains("more than a week ago"))
        }
    }

    @Test func `whoever is named in the notice shows`() async throws {
        let runBy = try Operator(name: "Vellore Haematology", contact: "privacy@example.org")
        try await TestSite.run(configure: { $0.runBy = runBy }) { client, services in
            let browser = try await TestPeople.browser(
                "admin@example.org", .administrator, client: client, in: services)
            let page = try await browser.get("/admin/start").text
            #expect(page.contains("The notice names Vellore Haematology (privacy@example.org)."))
            #expect(!page.contains("--operator-name"))
        }
    }

    @Test func `a demonstration is not taken for a model, and mail shows where it is set up`() async throws {
        let screener = try TestSite.screener { $0["demonstration"] = true }
        try await TestSite.run(
            release: screener, configure: { $0.publicURL = URL(string: "https://smears.example.org") },
            change: { $0.mail = LetterBox() }
        ) { client, services in
            let browser = try await TestPeople.browser(
                "admin@example.org", .administrator, client: client, in: services)
            let page = try await browser.get("/admin/start").text
            #expect(page.contains("must not be used for people"))
            #expect(page.contains("A mail server is set up."))
            #expect(page.contains("1 of 6 steps are done."))
        }
    }
}
