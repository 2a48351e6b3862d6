import Foundation
import Testing

@Suite(.serialized) struct NearDomainCommandTests {
    private func rows(_ place: Place, _ file: String) throws -> [[String: Any]] {
        try #require(Place.object(Data(contentsOf: place.url(file)))["rows"] as? [[String: Any]])
    }

    private func sum(_ rows: [[String: Any]], _ key: String) -> Int {
        rows.compactMap { $0[key] as? Int }.reduce(0, +)
    }

    @Test func `a model is asked about every labelled image, as it is and changed`() async throws {
        try await Place.lend { place in
            try place.copyTinyPackage(to: "package")
            try await place.draw(12, side: 224, into: "drawn")
            let asked = ["near-domain", "--data", "drawn", "--model", "package"]
            let outcome = try await Program.lab.run(asked + ["--json", "all.json"], in: place.folder)
            try #require(outcome.code == 0, "\(outcome.errors)")
            let all = try rows(place, "all.json")
            #expect(Set(all.compactMap { $0["kind"] as? String }).count == 4)
            #expect(Set(all.compactMap { $0["set"] as? String }) == ["drawn"])
            let unchanged = all.filter { $0["change"] as? String == "unchanged" }
            #expect(sum(unchanged, "images") == 12)
            #expect(sum(all, "images") + sum(all, "untouched") == 12 * all.count / 4)
            #expect(outcome.output.contains("malignant fields reported as Benign, changed: "))
            #expect(outcome.output.contains("labelled fields reported, as they are: "))

            let limited = try await Program.lab.run(
                asked + ["--limit", "1", "--squeezed", "--json", "one.json"], in: place.folder)
            try #require(limited.code == 0, "\(limited.errors)")
            let one = try rows(place, "one.json").filter { $0["change"] as? String == "unchanged" }
            #expect(sum(one, "images") == 4)
            let reference = try Place.object(Data(contentsOf: place.url("one.json")))["reference"] as? [String: Any]
            #expect(reference?["width"] as? Int == 299 && reference?["height"] as? Int == 224)
        }
    }

    @Test func `each network of a cross-validation answers its own test images`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 1)
            try await place.draw(24, side: 160, into: "drawn")
            let packages = ["--folds", "2", "--packages"]
            let trained = try await Program.lab.run(
                training.arguments("cross-validate", out: "folds", packages), in: place.folder)
            try #require(trained.code == 0, "\(trained.errors)")
            for fold in 1...2 {
                let file = place.url("folds/fold-\(fold)/package/model.json")
                let package = try Place.object(Data(contentsOf: file))
                #expect((package["conformal"] as? [String: Any])?["coverage"] as? Double == 0.99)
                let decision = package["decision"] as? [String: Any]
                let chosen = decision?["selection"] as? [String: Any]
                #expect(chosen?["images"] as? Int == 12, "chosen on the answers of the other fold")
                let result = try Place.object(Data(contentsOf: place.url("folds/fold-\(fold)/result.json")))
                let novelty = package["novelty"] as? [String: Any]
                #expect(novelty?["benignThreshold"] as? Double == result["benignNoveltyThreshold"] as? Double)
            }
            let asked = ["near-domain", "--data", "drawn", "--folds", "folds"]
            let outcome = try await Program.lab.run(asked + ["--json", "near.json"], in: place.folder)
            try #require(outcome.code == 0, "\(outcome.errors)")
            let unchanged = try rows(place, "near.json").filter { $0["change"] as? String == "unchanged" }
            #expect(sum(unchanged, "images") == 24)
            let model = try Place.object(Data(contentsOf: place.url("near.json")))["model"] as? [String: Any]
            #expect(model?["folds"] as? Int == 2 && model?["split"] as? String == "blocks")

            try FileManager.default.removeItem(at: place.url("folds/fold-2/package"))
            let missing = try await Program.lab.run(asked, in: place.folder)
            #expect(missing.code == 65 && missing.errors.contains("cross-validate with --packages"))
        }
    }

    @Test(arguments: [
        [], ["--model", "a", "--folds", "b"], ["--model", "a", "--limit", "0"], ["--model", "a", "--healthy", "b"],
    ])
    func `what cannot be asked is wrong usage`(options: [String]) async throws {
        try await Place.lend { place in
            let outcome = try await Program.lab.run(["near-domain", "--data", "drawn"] + options, in: place.folder)
            #expect(outcome.code == 64)
        }
    }
}
