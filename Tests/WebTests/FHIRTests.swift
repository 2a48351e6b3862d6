import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// A case with two images that is read by its owner's program.
private struct FHIRDesk {
    let desk: ReadingDesk
    /// The owner's, for reading and writing.
    let token: String

    static func run(
        configure: @escaping @Sendable (inout WebConfiguration) -> Void = { _ in },
        change: @escaping @Sendable (inout SiteServices) -> Void = { _ in },
        _ test: @Sendable (FHIRDesk) async throws -> Void
    ) async throws {
        try await ReadingDesk.run(configure: configure, change: change) { desk in
            let owner = try #require(
                try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let token = try await APISite.token(of: owner.id, in: desk.services, [.read, .write])
            try await test(FHIRDesk(desk: desk, token: token))
        }
    }

    var id: String { desk.caseID.text.replacing("_", with: ".") }

    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, type: String = "application/fhir+json",
        token: String? = nil
    ) async throws -> TestResponse {
        var headers: HTTPFields = [.authorization: "Bearer \(token ?? self.token)"]
        if body != nil { headers[.contentType] = type }
        return try await desk.desk.client.execute(
            uri: "/fhir/\(path)", method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
    }

    func read(_ path: String) async throws -> JSON {
        let answer = try await ask(.get, path)
        #expect(answer.status == .ok && answer.headers[.contentType] == "application/fhir+json", "\(answer.text)")
        return JSON(try answer.object())
    }

    /// Everything of a type.
    func all(_ type: String) async throws -> [JSON] {
        try await read("\(type)?_count=100")["entry"].list.map { $0["resource"] }
    }

    func report() async throws -> JSON { try await read("DiagnosticReport/\(id)") }
}

/// A JSON value to look into; what is not there is nothing.
private struct JSON {
    let value: Any?

    init(_ value: Any?) { self.value = value }

    subscript(name: String) -> JSON { JSON((value as? [String: Any])?[name]) }
    subscript(index: Int) -> JSON { JSON(list.indices.contains(index) ? list[index].value : nil) }
    var list: [JSON] { (value as? [Any] ?? []).map { JSON($0) } }
    var text: String? { value as? String }
    var number: Double? { value as? Double }
    var isThere: Bool { value != nil }
}

@Suite(.timeLimit(.minutes(10))) struct FHIRTests {
    /// The rules of ABDM's DiagnosticReportLab (NRCeS, FHIR Implementation Guide for ABDM 6.5.0), by the paths that they are about.
    enum ABDMRule: String, CaseIterable {
        case status = "status 1..1"
        case category = "category.coding.system = http://snomed.info/sct, code and display 1..1"
        case code = "code 1..1; code.coding.system = http://loinc.org, code and display 1..1"
        case subject = "subject: Patient"
        case performer = "performer: Organization"
        case resultsInterpreter = "resultsInterpreter 1..*: Practitioner"
        case specimen = "specimen: Specimen"
        case result = "result 1..*: Observation"
        case conclusion = "conclusion 1..1"
        case conclusionCode = "conclusionCode.coding.system = http://snomed.info/sct"
        case presentedForm = "presentedForm.contentType and data 1..1"

        fileprivate func holds(_ report: JSON) -> Bool {
            func coded(_ concept: JSON, _ system: String) -> Bool {
                concept["coding"].list.allSatisfy {
                    $0["system"].text == system && $0["code"].isThere && $0["display"].isThere
                }
            }
            func names(_ list: JSON, _ prefix: String) -> Bool {
                list.list.allSatisfy { $0["reference"].text?.hasPrefix(prefix) == true }
            }
            return switch self {
            case .status: report["status"].isThere
            case .category: report["category"].list.allSatisfy { coded($0, "http://snomed.info/sct") }
            case .code: report["code"]["coding"].list.count == 1 && coded(report["code"], "http://loinc.org")
            case .subject: report["subject"]["reference"].text?.hasPrefix("Patient/") == true
            case .performer: !report["performer"].list.isEmpty && names(report["performer"], "#site")
            case .resultsInterpreter:
                !report["resultsInterpreter"].list.isEmpty && names(report["resultsInterpreter"], "#reader-")
            case .specimen: names(report["specimen"], "Specimen/")
            case .result: !report["result"].list.isEmpty && names(report["result"], "Observation/")
            case .conclusion: report["conclusion"].text?.isEmpty == false
            case .conclusionCode: report["conclusionCode"].list.allSatisfy { coded($0, "http://snomed.info/sct") }
            case .presentedForm:
                report["presentedForm"].list.allSatisfy { $0["contentType"].isThere && $0["data"].isThere }
            }
        }
    }

    @Test
    func `a report is preliminary until a reader confirms it, then final, then corrected, and keeps ABDM's rules`()
        async throws
    {
        try await FHIRDesk.run(configure: { $0.usesSNOMED = true }) { fhir in
            let before = try await fhir.report()
            #expect(before["status"].text == "preliminary")
            #expect(ABDMRule.allCases.filter { !$0.holds(before) } == [.resultsInterpreter])
            try await fhir.desk.share(fhir.desk.screenings.map(\.id))
            try await fhir.sign("pre-b", revision: 1)
            let signed = try await fhir.report()
            #expect(signed["status"].text == "final", "\(signed)")
            #expect(ABDMRule.allCases.filter { !$0.holds(signed) } == [])
            #expect(signed["contained"].list.contains { $0["name"][0]["text"].text == "Dr Meera Reader" })
            try await fhir.sign("pro-b", revision: 2)
            #expect(try await fhir.report()["status"].text == "corrected")
            #expect(try await fhir.report()["conclusion"].text?.contains("not a diagnosis") == true)
        }
    }

    @Test func `a report is not final while an image has no answer, though a reader signed every other one`()
        async throws
    {
        try await FHIRDesk.run { fhir in
            let desk = fhir.desk
            try await desk.share(desk.screenings.map(\.id))
            for screening in desk.screenings {
                let signed = try await desk.reader.post(
                    "/readings/\(screening.id)",
                    [("label", "benign"), ("comment", ""), ("revision", "1"), ("action", "sign"), ("confirm", "yes")])
                #expect(signed.status == .seeOther)
            }
            #expect(try await fhir.report()["status"].text == "final")
            let sent = try await desk.desk.send(
                "/cases/\(desk.caseID)/images", images: [try CaseDesk.picture(of: "pre-b")(7)])
            #expect(sent.status == .seeOther)
            #expect(try await fhir.report()["status"].text == "partial")
            let now = Date()
            let isFailed = try await desk.services.database.write { transaction in
                let claimed = try transaction.claimScreening(worker: "w", now: now, leaseUntil: now + 60)
                return try transaction.fail(
                    #require(claimed).id, worker: "w", failure: Message("errors.internal"), at: now)
            }
            #expect(isFailed)
            #expect(try await fhir.report()["status"].text == "preliminary")
        }
    }

    @Test func `network and reader are told apart, each with a provenance of its own`() async throws {
        try await FHIRDesk.run { fhir in
            try await fhir.desk.share(fhir.desk.screenings.map(\.id))
            try await fhir.sign("pre-b", revision: 1)
            let observations = try await fhir.all("Observation")
            let network = observations.filter { $0["id"].text?.contains("-network") == true }
            let readings = observations.filter { $0["id"].text?.contains("-reading-") == true }
            #expect(network.count == 3 && readings.count == 3)
            #expect(
                network.allSatisfy {
                    $0["status"].text == "preliminary" && $0["device"].isThere && !$0["performer"].isThere
                })
            #expect(
                readings.allSatisfy {
                    $0["status"].text == "final" && $0["performer"].isThere && !$0["device"].isThere
                })
            let agents = try await fhir.all("Provenance").map {
                (
                    $0["agent"][0]["type"]["coding"][0]["code"].text,
                    $0["target"].list.compactMap { $0["reference"].text }
                )
            }
            #expect(agents.filter { $0.0 == "assembler" }.count == 1)
            #expect(agents.filter { $0.0 == "author" }.count == 3)
            for (code, targets) in agents {
                #expect(targets.allSatisfy { $0.contains(code == "author" ? "-reading-" : "-network") })
            }
            // Without the operator's word no code of SNOMED CT.
            #expect(try await !fhir.ask(.get, "DiagnosticReport/\(fhir.id)").text.contains("snomed"))
        }
    }

    @Test(arguments: [false, true])
    func `another finding has the code of the list, and the question of LOINC where there is one`(
        usesSNOMED: Bool
    ) async throws {
        try await FHIRDesk.run(configure: { $0.usesSNOMED = usesSNOMED }) { fhir in
            try await fhir.desk.share(fhir.desk.screenings.map(\.id))
            try await fhir.sign(
                "other-finding", revision: 1, [("findings", "sickle-cells"), ("findings", "stain-artefact")])
            let readings = try await fhir.all("Observation").filter { $0["id"].text?.contains("-reading-") == true }
            #expect(readings.count == 3)
            for reading in readings {
                let parts = reading["component"].list.map { part in
                    part["code"]["coding"].list.map { "\($0["system"].text ?? "") \($0["code"].text ?? "")" }
                }
                #expect(
                    parts == [
                        ["urn:leukoscope:finding sickle-cells", "http://loinc.org 801-1"],
                        ["urn:leukoscope:finding stain-artefact"],
                    ])
                #expect(
                    reading["component"].list.allSatisfy {
                        $0["valueCodeableConcept"]["coding"][0]["code"].text == "LA9633-4"
                    })
            }
            let report = try await fhir.report()
            let codes = report["conclusionCode"].list.map { $0["coding"][0] }
            // A conclusion in ABDM's profile may have no code but one of SNOMED CT, and none of these is shipped.
            #expect(ABDMRule.conclusionCode.holds(report) == usesSNOMED)
            #expect(codes.map { $0["code"].text } == (usesSNOMED ? [] : ["sickle-cells", "stain-artefact"]))
            #expect(codes.allSatisfy { $0["system"].text == "urn:leukoscope:finding" && $0["display"].isThere })
            let image = try await fhir.desk.desk.client.execute(
                uri: "/api/v1/screenings/\(fhir.desk.screening)/fhir", method: .get,
                headers: [.authorization: "Bearer \(fhir.token)"])
            let single = JSON(try image.object())
            #expect(single["conclusionCode"].list.compactMap { $0["coding"][0]["code"].text }.count == 2)
            let contained = single["contained"].list.filter { $0["id"].text == "reading-1" }
            #expect(contained.first?["component"].list.count == 2)
        }
    }

    @Test func `the count and the blood count have codes of LOINC and units of UCUM`() async throws {
        try await FHIRDesk.run { fhir in
            let types: [CellType] = [.blast, .lymphocyte, .lymphocyte, .unsure]
            let cells = types.enumerated().map { index, type in
                NetworkCell(
                    number: index + 1, box: CellBox(x: Double(index) * 9, y: 3, width: 8, height: 8), type: type,
                    typeProbability: 0.5, blastEvidence: 0.25, nucleusArea: 1.5, confidence: 0.9,
                    embedding: CellEmbedding([0.5, Double(index) / 10]))
            }
            let first = fhir.desk.screening
            try await fhir.desk.services.database.write { transaction in
                try CellCarrying.replace(of: first, with: cells, in: transaction)
            }
            let person = """
                {"ageYears": 6, "sex": "female", "sample": {"namespace": "urn:lab", "value": "S-1"}, "identifiers": \
                [{"namespace": "urn:his", "value": "P-1"}], "counts": {"haemoglobin": 7.2, "whiteCells": 120, \
                "platelets": 15, "blastPercentage": 88}}
                """
            let set = try await fhir.desk.desk.client.execute(
                uri: "/api/v1/cases/\(fhir.desk.caseID)/person", method: .put,
                headers: [.authorization: "Bearer \(fhir.token)", .contentType: "application/json"],
                body: ByteBuffer(string: person))
            #expect(set.status == .ok, "\(set.text)")
            let told = try await fhir.all("Observation").reduce(into: [String: String]()) { told, observation in
                guard let code = observation["code"]["coding"][0]["code"].text else { return }
                let value = observation["valueQuantity"]
                told[code] = value["value"].number.map { "\($0) \(value["code"].text ?? "")" } ?? ""
            }
            let expected = [
                "26446-5": "25.0 %", "26478-8": "50.0 %", "709-6": "88.0 %", "718-7": "7.2 g/dL",
                "26464-8": "120.0 10*9/L", "26515-7": "15.0 10*9/L", "30525-0": "6.0 a", "69738-3": "", "18314-5": "",
            ]
            #expect(told == expected)
            let patient = try await fhir.read("Patient/\(fhir.id)")
            #expect(patient["gender"].text == "female" && !patient["birthDate"].isThere)
            #expect(patient["identifier"][0]["value"].text == "P-1")
            #expect(
                try await fhir.read("Specimen/\(fhir.id)")["accessionIdentifier"]["system"].text == "urn:lab")
        }
    }

    @Test func `others find and read nothing, and every failure is an OperationOutcome`() async throws {
        try await FHIRDesk.run { fhir in
            let other = try await TestPeople.make("other@example.org", .patient, in: fhir.desk.services)
            let stranger = try await APISite.token(of: other.id, in: fhir.desk.services, [.read, .write])
            for (path, token, status, code) in [
                ("DiagnosticReport/\(fhir.id)", stranger, 404, "not-found"),
                ("Binary/\(fhir.id)-image-1", stranger, 404, "not-found"),
                ("Binary/\(fhir.id)-report", fhir.desk.token, 404, "not-found"),
                ("Patient?identifier=P-1", fhir.token, 400, "invalid"),
                ("Patient?nonsense=1", fhir.token, 400, "invalid"),
                ("Subscription", fhir.token, 404, "not-found"), ("Nonsense", fhir.token, 404, "not-found"),
                ("DiagnosticReport/\(fhir.id)", "none", 401, "login"),
            ] {
                let answer = try await fhir.ask(.get, path, token: token)
                let outcome = JSON(try answer.object())
                #expect(answer.status.code == status && outcome["issue"][0]["code"].text == code, "\(path)")
                #expect(outcome["resourceType"].text == "OperationOutcome" && !answer.text.contains("P-1"))
            }
            let found = try await fhir.ask(.get, "DiagnosticReport", token: stranger)
            #expect(JSON(try found.object())["entry"].list.isEmpty)
            #expect(try await fhir.ask(.get, "DiagnosticReport/_search").status == .methodNotAllowed)
        }
    }

    @Test func `a search gives pages that go on where the last one ended, for its account alone`() async throws {
        try await FHIRDesk.run { fhir in
            var (seen, path): ([String], String?) = ([], "Observation?_count=2")
            while let now = path {
                let page = try await fhir.read(now)
                let ids = page["entry"].list.compactMap { $0["resource"]["id"].text }
                #expect(ids.count <= 2)
                seen += ids
                let next = page["link"].list.first { $0["relation"].text == "next" }?["url"].text
                path = next?.components(separatedBy: "/fhir/").last
                if let path {
                    let other = try await fhir.ask(.get, path, token: fhir.desk.token)
                    #expect(other.status == .badRequest, "a page of another account")
                }
            }
            #expect(seen.count == 3 && Set(seen).count == 3)
        }
    }

    @Test func `two lists for one parameter must both hold what is found, and none is cut silently`() async throws {
        try await FHIRDesk.run { fhir in
            let (own, other) = (fhir.id, String(repeating: "A", count: 22))
            for (query, count) in [
                ("patient=\(own)", 1), ("patient=\(own)&patient=\(own)", 1), ("patient=\(own),Patient/\(own)", 1),
                ("patient=\(own)&patient=\(other)", 0), ("patient=\(own),\(other)", 1), ("_id=\(own)&_id=\(other)", 0),
                ("_id=\(own)&patient=\(other)", 0), ("status=preliminary&status=final", 0),
                ("status=preliminary,final", 1),
            ] {
                #expect(try await fhir.read("DiagnosticReport?\(query)")["entry"].list.count == count, "\(query)")
            }
            func many(_ count: Int, _ end: String = "") -> String {
                (0..<count).map { "A\(String($0 + 1_000_000))" + String(repeating: "A", count: 14) + end }
                    .joined(separator: ",")
            }
            let form = "application/x-www-form-urlencoded"
            let whole = try await fhir.ask(.post, "Patient/_search", "_id=\(many(100))", type: form)
            #expect(whole.status == .ok, "\(whole.text)")
            let link = JSON(try whole.object())["link"][0]["url"].text?.components(separatedBy: "/fhir/").last
            #expect(try await fhir.read(try #require(link))["entry"].list.isEmpty)
            for (body, word) in [
                ("_id=\(many(101))", "_id"), ("patient=\(many(101))", "patient"), ("_id=,", "_id"),
                ("_id=\(many(99, "-sixteen-letters"))&patient=\(many(100))", "too long"),
            ] {
                let answer = try await fhir.ask(.post, "Observation/_search", body, type: form)
                let outcome = JSON(try answer.object())
                #expect(answer.status == .badRequest && outcome["resourceType"].text == "OperationOutcome", "\(body)")
                #expect(answer.text.contains(word), "\(answer.text)")
            }
        }
    }

    @Test func `who searches too often has to wait`() async throws {
        try await FHIRDesk.run(configure: { $0.imagesPerBurst = 8 }, change: TestSite.standStill) { fhir in
            var answers: [Int] = []
            for _ in 0..<9 { answers.append(try await fhir.ask(.get, "Patient").status.code) }
            #expect(answers == Array(repeating: 200, count: 8) + [429])
        }
    }

    @Test func `a request makes one case however often it comes, and its number stands in no log`() async throws {
        try await FHIRDesk.run { fhir in
            let request = """
                {"resourceType": "ServiceRequest", "status": "active", "identifier": [{"value": "O-77"}], \
                "code": {"text": "Smear"}, "subject": {"identifier": {"system": "urn:his", "value": "P-77"}}}
                """
            let made = try await fhir.ask(.post, "ServiceRequest", request)
            #expect(made.status == .created, "\(made.text)")
            #expect(try await fhir.ask(.post, "ServiceRequest", request).status == .ok)
            let other = try await fhir.ask(
                .post, "ServiceRequest", request.replacing("\"Smear\"", with: "\"Another\""))
            #expect(other.status == .conflict)
            #expect(JSON(try other.object())["issue"][0]["code"].text == "duplicate")
            let found = try await fhir.ask(
                .post, "Patient/_search", "identifier=urn:his%7CP-77", type: "application/x-www-form-urlencoded")
            #expect(JSON(try found.object())["entry"].list.count == 1, "\(found.text)")
            let log = try await fhir.desk.services.database.read { try $0.auditRecords(after: 0, limit: 999) }
            #expect(log.filter { $0.entry.action == .smearCase(.create) && $0.entry.detail == "request" }.count == 1)
            #expect(!log.contains { "\($0.entry)".contains("P-77") || "\($0.entry)".contains("O-77") })
        }
    }
}

extension FHIRDesk {
    /// A signed reading of the whole case.
    fileprivate func sign(_ label: String, revision: Int, _ more: [(String, String)] = []) async throws {
        let answer = try await desk.reader.post(
            "/readings/cases/\(desk.caseID)",
            [("label", label), ("revision", String(revision)), ("action", "sign"), ("confirm", "yes")]
                + desk.screenings.map { ("seen", $0.id.text) } + more)
        #expect(answer.headers[.location]?.hasSuffix("notice=signed") == true, "\(answer.status)")
    }
}
