import Clinic
import Foundation
import ProcessFixtures
import Store
import Testing

/// A backup as the program before the second schema wrote it: two screened cases of a patient, one shared with a
/// clinician, one screening that waits, an API token without an end, and a place.
struct FirstSchemaBackup {
    let patient = UserID()
    let clinician = UserID()
    let shared = CaseID()
    let kept = CaseID()
    /// Two of the shared case, one of the other; the second one waits.
    let screenings = [ScreeningID(), ScreeningID(), ScreeningID()]

    /// Writes it.
    ///
    /// - Parameter directory: Is made.
    func write(into directory: URL) async throws {
        let rows = directory.appending(path: "database")
        try FileManager.default.createDirectory(at: rows, withIntermediateDirectories: true)
        for (name, lines) in tables() {
            let text = lines.map { $0 + "\n" }.joined()
            try Data(text.utf8).write(to: rows.appending(path: "\(name).jsonl"))
        }
        let counts = tables().map { #""\#($0.0)":\#($0.1.count)"# }.joined(separator: ",")
        let manifest = #"{"formatVersion":1,"schemaVersion":1,"createdAt":0,"files":0,"rows":{\#(counts)}}"#
        try Data(manifest.utf8).write(to: directory.appending(path: "manifest.json"))
        try Data(repeating: 107, count: 32).write(to: directory.appending(path: "secret.key"))
        let sums = try await StartedProgram.run(
            ["sh", "-c", "sha256sum database/* manifest.json secret.key > SHA256SUMS"], in: directory)
        try #require(sums.code == 0)
    }

    /// Written into a place and taken back there.
    ///
    /// - Returns: The database, of today's schema.
    func restored(in place: DatabasePlace) async throws -> any MaintainedDatabase {
        let source = place.directory.appending(path: "backup")
        try await write(into: source)
        let database = try place.open()
        try await Restore(from: source).run(into: database, dataDirectory: place.directory)
        return database
    }

    private func tables() -> [(String, [String])] {
        let result =
            #"""
            {"label":"benign","displayName":"Benign","probabilities":{"benign":0.5,"early-pre-b":0.25,"pre-b":0.25,\#
            "pro-b":0},"confidence":0.5,"decision":"report","reasons":["Benign stands out."],"predictionSet":["benign"],\#
            "novelty":0.25,"quality":{"sharpness":9,"brightness":0.5,"contrast":0.1,"stainedFraction":0.1,\#
            "backgroundFraction":0.5,"clippedFraction":0},"model":{"name":"old","version":"0.9"},\#
            "image":{"width":9,"height":9,"sha256":"00"},"timings":{"decodeMs":1,"preprocessMs":2,"inferenceMs":3}}
            """#.replacing("\"", with: #"\""#)
        func user(_ id: UserID, _ name: String, _ role: String) -> String {
            #"["\#(id)","\#(name)@x.org","\#(name)","\#(name)","\#(role)","x",null,null,null,null,0,1000]"#
        }
        let images = screenings.map { _ in ImageID() }
        let cases = [shared, shared, kept]
        return [
            ("users", [user(patient, "ada", "patient"), user(clinician, "bob", "clinician")]),
            ("sessions", []), ("one_time_tokens", []),
            (
                "api_tokens",
                [
                    #"["\#(APITokenID())","\#(SecretToken().digest)","\#(patient)","scanner","predict read",1000,null,null]"#
                ]
            ),
            ("cases", [shared, kept].map { #"["\#($0)","\#(patient)","Sample","",2,1000,2000]"# }),
            (
                "images",
                images.enumerated().map { index, image in
                    #"["\#(image)","\#(cases[index])","\#(patient)",\#(index + 1),"k\#(index)",9,9,9,"\#(String(repeating: "0", count: 64))","images/\#(index).png",1000]"#
                }
            ),
            (
                "screenings",
                screenings.enumerated().map { index, screening in
                    let head =
                        #""\#(screening)","\#(images[index])","\#(cases[index])","\#(patient)",\#(index + 1)"#
                    return index == 1
                        ? #"[\#(head),"queued",0,null,null,null,null,null,1000,null,null,null,null]"#
                        : #"[\#(head),"done",1,null,null,"report","benign",{"real":0.5},1000,1750,null,"\#(index == 0 ? result : "{}")","[]"]"#
                }
            ),
            ("case_shares", [#"["\#(shared)","\#(clinician)",1500]"#]),
            ("places", [#"[7,"Bengaluru","bengaluru","IN",{"real":12.97},{"real":77.59},8443675]"#]),
            ("audit_log", []), ("audit_head", [#"[1,0,"",""]"#]),
        ]
    }
}
