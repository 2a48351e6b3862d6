import Foundation
import Testing

@Suite(.serialized) struct AuditCommandTests {
    /// Cross-validates two folds on drawn smears, and lends a way to audit them.
    private func withFolds(_ body: (Place, ([String]) async throws -> ProgramRun.Outcome) async throws -> Void)
        async throws
    {
        try await Place.lend { place in
            let training = try await SmallTraining(
                place, epochs: 4, extra: ["averageDecay": 0.5, "learningRate": 0.004])
            let trained = try await Program.lab.run(
                training.arguments("cross-validate", out: "folds", ["--folds", "2"]), in: place.folder)
            try #require(trained.code == 0, "\(trained.errors)")
            try await body(place) { more in
                try await Program.lab.run(["audit", "--data", "drawn", "--threads", "1"] + more, in: place.folder)
            }
        }
    }

    private func object(_ value: Any?) throws -> [String: Any] { try #require(value as? [String: Any]) }
    private func list(_ value: Any?) throws -> [[String: Any]] { try #require(value as? [[String: Any]]) }
    private func number(_ value: Any?) throws -> Double { try #require(value as? Double) }

    @Test func `unchanged images give the figures of the cross-validation, and changed ones the losses`() async throws {
        try await withFolds { place, audit in
            let outcome = try await audit(
                [
                    "--run", "folds", "--naive", "folds", "--explained", "4", "--baseline-folds", "0", "--json",
                    "audit.json",
                ])
            try #require(outcome.code == 0, "\(outcome.errors)")
            let results = try Place.object(Data(contentsOf: place.url("audit.json")))
            let folds = try list(Place.object(Data(contentsOf: place.url("folds/results.json")))["folds"])
            let recipes = try list(results["recipes"])
            #expect(recipes.compactMap { $0["name"] as? String } == ["audited", "naive"])
            let variations = try list(recipes[0]["variations"])
            #expect(variations.count == 13)
            let plain = try object(variations[0]["figures"])
            #expect(variations[0]["name"] as? String == "as-they-are")
            for (own, fold) in zip(try list(plain["folds"]), folds) {
                for key in ["accuracy", "macroF1"] { #expect(try abs(number(own[key]) - number(fold[key])) < 1e-9) }
                #expect(own["images"] as? Int == fold["images"] as? Int)
            }
            let oriented = try object(recipes[0]["orientations"])
            #expect(oriented["name"] as? String == "orientations")
            #expect(try list(object(oriented["figures"])["folds"]).count == 2)
            for variation in variations + [oriented] {
                let mean = try object(object(variation["figures"])["mean"])
                let loss = try object(variation["loss"])
                let expected = try number(object(plain["mean"])["macroF1"]) - number(mean["macroF1"])
                #expect(try abs(number(loss["macroF1"]) - expected) < 1e-9)
                guard let ends = variation["macroF1LossInterval95"] as? [Double] else {
                    #expect(variation["name"] as? String == "as-they-are")
                    continue
                }
                #expect(ends.count == 2 && ends[0] <= ends[1])
                #expect(ends[0] - 0.1 <= expected && expected <= ends[1] + 0.1)
            }
            try expectAttention(object(recipes[0]["attention"]))
            if let explanations = recipes[0]["explanations"] { try expectExplanations(object(explanations)) }

            let short = ["--run", "folds", "--explained", "0", "--baseline-folds", "0"]
            let again = try await audit(short + ["--naive", "audit.json", "--json", "again.json"])
            try #require(again.code == 0, "\(again.errors)")
            let later = try list(Place.object(Data(contentsOf: place.url("again.json")))["recipes"])
            #expect(later.count == 2 && NSDictionary(dictionary: later[1]) == NSDictionary(dictionary: recipes[1]))
            try Data("{}".utf8).write(to: place.url("empty.json"))
            let wrong = try await audit(short + ["--naive", "empty.json"])
            #expect(wrong.code == 65 && wrong.errors.contains("empty.json holds no results of an audit"))
        }
    }

    private func expectAttention(_ attention: [String: Any]) throws {
        let images = try #require(attention["images"] as? Int)
        guard images > 0 else { return }
        for key in ["mapShare", "areaShare"] { #expect(try (0...1).contains(number(attention[key]))) }
        #expect(try number(attention["attainableRatio"]) > 1)
        #expect(try number(attention["meanRatio"]) > 0)
        guard let found = attention["erasure"] else { return }
        let erasure = try object(found)
        #expect(try #require(erasure["images"] as? Int) <= images)
        // A right answer among four classes has at least a quarter.
        #expect(try number(erasure["probability"]) >= 0.25)
        for key in ["withoutNuclei", "withoutOther", "keptWithoutNuclei", "keptWithoutOther"] {
            #expect(try (0...1).contains(number(erasure[key])), "\(key)")
        }
    }

    private func expectExplanations(_ explanations: [String: Any]) throws {
        let orders = try list(explanations["orders"])
        #expect(
            orders.compactMap { $0["name"] as? String } == ["activation-map", "random-order", "randomised-network"])
        func curve(_ order: [String: Any], _ key: String) throws -> [Double] { try #require(order[key] as? [Double]) }
        let first = try curve(orders[0], "deletion")
        for order in orders {
            let (deletion, insertion) = (try curve(order, "deletion"), try curve(order, "insertion"))
            #expect(deletion.count == 17 && insertion.count == 17)
            // The whole image and nothing are the same in every order, and insertion ends where deletion begins.
            #expect(abs(deletion[0] - first[0]) < 1e-6 && abs(deletion[16] - first[16]) < 1e-6)
            #expect(abs(insertion[16] - deletion[0]) < 1e-4)
            let area = (deletion.reduce(0, +) - (deletion[0] + deletion[16]) / 2) / 16
            #expect(try abs(number(order["deletionArea"]) - area) < 1e-9)
        }
        #expect(orders[0]["deletionWins"] == nil)
        for order in orders.dropFirst() { #expect(try (0...1).contains(number(order["deletionWins"]))) }
        let randomisation = try list(explanations["randomisation"])
        #expect(randomisation.compactMap { $0["stages"] as? Int } == Array(1...randomisation.count))
        let last = try number(randomisation.last?["rankCorrelation"])
        #expect(abs(last) < 0.9)
    }

    @Test func `linear classifiers are measured on blocks and on random folds`() async throws {
        try await Place.lend { place in
            try await place.draw(24, side: 72, into: "drawn")
            let outcome = try await Program.lab.run(
                ["audit", "--data", "drawn", "--baseline-folds", "2", "--threads", "1"], in: place.folder)
            try #require(outcome.code == 0, "\(outcome.errors)")
            let baselines = try list(Place.object(Data(outcome.output.utf8))["baselines"])
            #expect(baselines.map { $0["inputs"] as? Int } == [1280, 1280, 48, 6, 2448])
            for baseline in baselines {
                let splits = try object(baseline["splits"])
                #expect(splits.keys.sorted() == ["blocks", "random"])
                for (_, figures) in splits {
                    let folds = try list(object(figures)["folds"])
                    #expect(folds.compactMap { $0["images"] as? Int }.reduce(0, +) == 24)
                }
            }
        }
    }

    @Test func `networks of other images, missing ones and changed ones are refused`() async throws {
        try await withFolds { place, audit in
            let plain = ["--run", "folds", "--explained", "0", "--baseline-folds", "0"]
            try await place.draw(24, side: 64, into: "others")
            let others = try await Program.lab.run(["audit", "--data", "others"] + plain, in: place.folder)
            #expect(others.code == 65)
            #expect(others.errors.contains("other images"))

            try place.edit("folds/fold-1/result.json") { result in
                var answers = result["test"] as? [[String: Any]] ?? []
                guard !answers.isEmpty else { return }
                answers[0]["logits"] = [4.0, -1, -1, -1]
                result["test"] = answers
            }
            let changed = try await audit(plain)
            #expect(changed.code == 65)
            #expect(changed.errors.contains("otherwise than result.json records"))
            try FileManager.default.removeItem(at: place.url("folds/fold-1/checkpoint.safetensors"))
            let missing = try await audit(plain)
            #expect(missing.code == 65)
            #expect(missing.errors.contains("checkpoint.safetensors is missing"))

            let none = try await audit(["--run", "drawn", "--baseline-folds", "0"])
            #expect(none.code == 65)
            #expect(none.errors.contains("no finished fold"))
        }
    }

    @Test(arguments: [
        ["--baseline-folds", "0"], ["--baseline-folds", "1"], ["--naive", "folds"],
        ["--explained", "-1", "--run", "folds"],
    ])
    func `what cannot be audited is wrong usage`(options: [String]) async throws {
        try await Place.lend { place in
            let outcome = try await Program.lab.run(["audit", "--data", "drawn"] + options, in: place.folder)
            #expect(outcome.code == 64)
        }
    }
}
