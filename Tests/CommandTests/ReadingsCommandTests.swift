import Foundation
import Testing

/// From a share to a labelled set, with the real programs and the site's real forms.
@Suite struct ReadingsCommandTests {
    /// A running demonstration with its patient and clinician logged in.
    private struct Clinic {
        let patient: SiteVisitor
        let clinician: SiteVisitor

        /// Screenings that the clinician's list names.
        func listed(_ filter: String) async throws -> [String] {
            let page = try await clinician.get("/readings?show=\(filter)").text
            return page.matches(of: /class="case-link" href="\/readings\/([A-Za-z0-9_-]{22})/).map {
                String($0.output.1)
            }
        }

        /// Calls two cells monocytes, as the network is sure of none of the drawn ones, and stands for all.
        func confirmCells(of screening: String) async throws {
            let path = "/screenings/\(screening)/cells"
            func page() async throws -> (action: String, digest: String, cells: [String]) {
                let text = try await clinician.get(path).text
                let form = try #require(
                    text.firstMatch(of: /<form action="([^"]+)"[^>]*id="cells-confirm">(.*?)<\/form>/), "\(text)"
                ).output
                #expect(form.2.contains("name=\"screening\" value=\"\(screening)\""))
                let digest = try #require(form.2.firstMatch(of: /name="digest" id="cells-digest" value="([^"]+)"/))
                return (
                    String(form.1), String(digest.output.1),
                    text.matches(of: /name="cell" value="([^"]+)"/).map { String($0.output.1) }
                )
            }
            let before = try await page()
            try #require(before.cells.count > 1)
            let moved = try await clinician.post(
                before.action,
                [("screening", screening), ("to", "monocyte"), ("cell", before.cells[0]), ("cell", before.cells[1])],
                from: path)
            #expect(moved.location?.contains("notice=moved") == true, "\(moved.status)")
            let after = try await page()
            let answer = try await clinician.post(
                after.action, [("screening", screening), ("action", "confirm"), ("digest", after.digest)], from: path)
            #expect(answer.location?.contains("notice=confirmed") == true, "\(answer.status)")
        }

        func sign(_ screening: String, _ label: String) async throws {
            let path = "/readings/\(screening)"
            let answer = try await clinician.post(
                path, [("label", label), ("revision", "1"), ("action", "sign"), ("confirm", "yes")], from: path)
            #expect(answer.location == "\(path)?notice=signed", "\(answer.status)")
        }
    }

    private func serve(in place: Place, _ body: (Clinic) async throws -> Void) async throws {
        let models = Place.fixtures.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Models")
        let server = try Program.leukoscope.start(
            [
                "serve", "--demo", "--port", "0", "--data-dir", "data", "--model",
                models.appending(path: "demonstration").path,
            ], in: place.folder)
        do {
            _ = try await server.waits { try Self.printed(in: place).contains("admin@demo.invalid") }
            let text = try Self.printed(in: place)
            let address = try #require(text.firstMatch(of: /ready at (http:\/\/[0-9.:]+)/), "\(text)")
            var visitors: [SiteVisitor] = []
            for name in ["patient", "clinician"] {
                let pattern = try Regex("\(name)@demo\\.invalid\\s+([a-z0-9]+(?:-[a-z0-9]+)+)")
                let password = try #require(text.firstMatch(of: pattern)?.output[1].substring, "\(text)")
                let visitor = SiteVisitor(String(address.output.1))
                try await visitor.logIn("\(name)@demo.invalid", String(password))
                visitors.append(visitor)
            }
            try await body(Clinic(patient: visitors[0], clinician: visitors[1]))
        } catch {
            server.send(SIGKILL)
            _ = try await server.outcome()
            throw error
        }
        server.send(SIGTERM)
        #expect(try await server.outcome().code == 0)
    }

    /// What the programs of this place have printed so far.
    private static func printed(in place: Place) throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: place.folder.path).filter { $0.hasPrefix(".output-") }
            .map { try place.text($0) }.joined()
    }

    private func export(into name: String, in place: Place) async throws -> ProgramRun.Outcome {
        try await Program.leukoscope.run(
            ["readings", "export", "--into", name, "--data-dir", "data"], in: place.folder)
    }

    @Test func `what is shared, allowed and signed becomes a set that training takes, and nothing else does`()
        async throws
    {
        try await Place.lend { place in
            var used: [String] = []
            try await serve(in: place) { clinic in
                let waiting = try await clinic.listed("waiting")
                let signed = try await clinic.listed("signed")
                try #require(waiting.count >= 6)
                // Taken back and shared again, now without the consent; then with it.
                try await reshare(waiting[0], training: false, in: clinic)
                try await reshare(waiting[1], training: true, in: clinic)
                for (screening, label) in zip(
                    waiting, ["benign", "benign", "early-pre-b", "pre-b", "pro-b", "unreadable"])
                {
                    try await clinic.sign(screening, label)
                }
                used = Array(waiting[1...4]) + signed
                try await clinic.confirmCells(of: waiting[1])
            }
            let exported = try await export(into: "signed", in: place)
            #expect(exported.code == 0, "\(exported.errors)")
            #expect(exported.output.contains("\(used.count) images"))
            #expect(exported.output.contains("1 unreadable, 1 without the patient's consent"))
            try await checkPseudonyms(place, images: used.count)
            let imported = try await Program.lab.run(
                ["dataset", "import", "signed", "--into", "set"], in: place.folder)
            #expect(imported.code == 0, "\(imported.output)\(imported.errors)")
            #expect(imported.output.contains("\(used.count) images:"))
            try await checkCells(place, imported.output)
            #expect(try await Program.lab.run(["dataset", "check", "set"], in: place.folder).code == 0)
            try await checkStability(place)
        }
    }

    private func reshare(_ screening: String, training: Bool, in clinic: Clinic) async throws {
        let page = try await clinic.patient.get("/sharing").text
        let doctor = try #require(page.firstMatch(of: /\/sharing\?doctor=([A-Za-z0-9_-]{22})/)).output.1
        let reader = try #require(page.firstMatch(of: /name="reader" value="([A-Za-z0-9_-]{22})"/)).output.1
        let withdrawn = try await clinic.patient.post(
            "/sharing/withdraw", [("reader", String(reader)), ("screening", screening)], from: "/sharing")
        #expect(withdrawn.status == 303)
        #expect(try await clinic.clinician.get("/readings/\(screening)").status == 404)
        let shared = try await clinic.patient.post(
            "/sharing",
            [("doctor", String(doctor)), ("screening", screening)] + (training ? [("training", "yes")] : []),
            from: "/sharing")
        #expect(shared.location == "/sharing?notice=shared")
        #expect(try await clinic.clinician.get("/readings/\(screening)").status == 200)
    }

    /// Cells at one scale, in folders by type, named by patient and image, and taken along by the import.
    private func checkCells(_ place: Place, _ imported: String) async throws {
        let rows = try place.text("signed/cells/cells.csv").split(separator: "\r\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(rows.count == 2)
        #expect(imported.contains("2 single cells: monocyte 2"))
        for row in rows {
            #expect(
                row[0].wholeMatch(of: /cells\/[a-zA-Z]+\/[0-9a-f]{24}-[0-9a-f]{24}-[0-9]+\.png/) != nil, "\(row[0])")
            #expect(row[3].wholeMatch(of: /[0-9a-f]{24}/) != nil && row[7] == "40")
            let png = try Data(contentsOf: place.url("set/\(row[0])"))
            // Width and height of a PNG stand at its 16th byte.
            #expect(png[16..<24] == Data([0, 0, 0, 180, 0, 0, 0, 180]))
        }
    }

    /// One patient under one code in every row, here and in the imported set, and no name anywhere.
    private func checkPseudonyms(_ place: Place, images: Int) async throws {
        let rows = try place.text("signed/manifest.csv").split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let patient = try #require(rows.first?.firstIndex(of: "patient"))
        let series = try #require(rows.first?.firstIndex(of: "series"))
        let patients = Set(rows.dropFirst().map { $0[patient] })
        #expect(rows.count == images + 1)
        #expect(patients.count == 1)
        #expect(patients.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{24}/) != nil })
        #expect(rows.dropFirst().allSatisfy { $0[series].wholeMatch(of: /[0-9a-f]{24}/) != nil })
        let text = try place.text("signed/manifest.csv") + place.text("signed/left-out.csv")
        for name in ["demo.invalid", "Demonstration", "Asha"] { #expect(!text.contains(name), "\(name)") }
    }

    private func checkStability(_ place: Place) async throws {
        let rows = try place.text("set/manifest.csv").split(separator: "\r\n").dropFirst()
        let first = try place.text("signed/manifest.csv")
        #expect(rows.allSatisfy { row in row.matches(of: /[0-9a-f]{24},[0-9a-f]{24}/).count == 1 })
        let again = try await export(into: "again", in: place)
        #expect(again.code == 0)
        #expect(try place.text("again/manifest.csv") == first)
        let taken = try await export(into: "again", in: place)
        #expect(taken.code == 65)
        #expect(taken.errors.contains("is there already"))
        #expect(
            try await Program.leukoscope.run(["audit", "verify", "--data-dir", "data"], in: place.folder).code == 0)
    }

    @Test func `without a signed reading there is nothing to export, and nothing is left behind`() async throws {
        try await Place.lend { place in
            let outcome = try await export(into: "signed", in: place)
            #expect(outcome.code == 65)
            #expect(outcome.errors.contains("nothing may be exported"))
            #expect(!place.exists("signed"))
            #expect(try place.files(below: ".").allSatisfy { !$0.contains(".partial") })
            #expect(try await Program.leukoscope.run(["readings", "export"], in: place.folder).code == 64)
        }
    }
}
