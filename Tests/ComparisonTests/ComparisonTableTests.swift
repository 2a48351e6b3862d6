import Comparison
import Evaluation
import Foundation
import Testing

/// The document made of figures that are made up, word for word.
@Suite struct ComparisonTableTests {
    private static let keys = ["benign", "early-pre-b", "pre-b", "pro-b"]

    private struct Made {
        let name: String
        let accuracy: Double
        let macroF1: Double
        let worst: Double
        let grey: Double
        let stain: Double
        let parameters: Int
        let milliseconds: Double
        var members: [String] = []
    }

    private func object(_ value: some Encodable) throws -> Any {
        try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
    }

    private func variation(_ name: String, loss: Double, isStainShift: Bool) -> [String: Any] {
        [
            "name": name, "isStainShift": isStainShift, "loss": ["macroF1": loss],
            "figures": ["folds": [], "mean": [:], "worst": [:]] as [String: Any],
        ]
    }

    /// Sets whose worst class is covered as often as given, by the quantile alone and as used.
    private func predictionSets(plain: Double, used: Double) -> [String: Any] {
        func summary(_ least: Double) -> [String: Any] {
            ["coverage": 0.99, "coveragePerClass": [1, least, 0.99, 0.99], "meanSize": 1.1, "sizes": [0, 9, 1, 0, 0]]
        }
        func candidate(_ least: Double, singles: Double) -> [String: Any] {
            ["score": "lac", "summary": summary(least), "singles": singles, "wrongSingles": 0.01]
        }
        return [
            "coverage": 0.99, "score": "lac", "alwaysPossible": 0.05, "summary": summary(used), "largestGap": 0.01,
            "candidates": [
                candidate(plain, singles: 0.95),
                candidate(used, singles: 0.9321).merging(["alwaysPossible": 0.05]) { first, _ in first },
            ],
        ]
    }

    /// Results as they are read from the file.
    private func results(_ methods: [Made], defaultMethod: String = "efficientnet-lite0", folds: [Int] = [1, 5]) throws
        -> ComparisonResults
    {
        let pooled = try object(
            ClassificationMetrics(
                Self.keys.indices.map { label in
                    LabelledPrediction(
                        label: label, probabilities: (0..<4).map { $0 == label ? 0.7 : 0.1 }, group: "\(label)",
                        id: "\(label)")
                }, classKeys: Self.keys, bootstrap: nil))
        let made: [[String: Any]] = methods.map { method in
            let mean = [
                "accuracy": method.accuracy, "macroF1": method.macroF1, "malignantSensitivity": 0.99,
                "benignSpecificity": 0.9, "auroc": 0.998, "ece15": 0.012,
            ]
            return [
                "name": method.name, "members": method.members, "settings": "{}", "chosen": [[:], [:]],
                "folds": [pooled, pooled], "pooled": pooled, "mean": mean, "worst": ["macroF1": method.worst],
                "predictionSets": predictionSets(plain: 0.9812, used: 0.9876),
                "variations": [
                    variation("as-they-are", loss: 0, isStainShift: false),
                    variation("greyscale", loss: method.grey, isStainShift: false),
                    variation("hue-forward", loss: method.stain, isStainShift: true),
                    variation("warmer", loss: method.stain / 2, isStainShift: true),
                ],
                "parameters": method.parameters, "millisecondsPerImage": method.milliseconds, "trainingSeconds": 90.0,
            ]
        }
        let all: [String: Any] = [
            "manifestSHA256": "ab", "split": "blocks", "foldCount": 5, "folds": folds, "images": 1042,
            "classKeys": Self.keys, "methods": made, "defaultMethod": defaultMethod,
        ]
        return try JSONDecoder().decode(ComparisonResults.self, from: JSONSerialization.data(withJSONObject: all))
    }

    private static let lite = Made(
        name: "efficientnet-lite0", accuracy: 0.985, macroF1: 0.9834, worst: 0.9701, grey: 0.05, stain: 0.004,
        parameters: 3_376_004, milliseconds: 21.24)
    private static let colour = Made(
        name: "colour-stacking", accuracy: 0.96, macroF1: 0.951, worst: 0.9, grey: 0.81, stain: 0.6,
        parameters: 5120, milliseconds: 1.5)
    private static let fusion = Made(
        name: "fuzzy-rank-fusion", accuracy: 0.986, macroF1: 0.985, worst: 0.972, grey: 0.04, stain: 0.003,
        parameters: 9_000_000, milliseconds: 60, members: ["efficientnet-lite0", "mobilenet-v2"])

    @Test func `the table holds each method's figures`() throws {
        let document = try results([Self.lite, Self.colour]).markdown(command: "leukoscope-lab compare --data SET")
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("|") }.map(String.init)
        #expect(
            rows == [
                "| method | accuracy | macro-F1 (worst fold) | malignant sensitivity | benign specificity | AUROC | ECE | "
                    + "least covered class (quantile alone) | sets of one class | loss in greyscale | "
                    + "worst stain shift | numbers stored | ms an image | training, min |",
                "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
                "| `efficientnet-lite0` | 0.9850 | 0.9834 (0.9701) | 0.9900 | 0.9000 | 0.9980 | 0.0120 | "
                    + "0.9876 (0.9812) | 0.9321 | 5.0 | "
                    + "0.4 (hue-forward) | 3.38 million | 21.2 | 1.5 |",
                "| `colour-stacking` | 0.9600 | 0.9510 (0.9000) | 0.9900 | 0.9000 | 0.9980 | 0.0120 | "
                    + "0.9876 (0.9812) | 0.9321 | 81.0 | "
                    + "60.0 (hue-forward) | 5120 | 1.5 | 1.5 |",
            ])
        #expect(document.hasPrefix("# Methods side by side\n\nWritten by `leukoscope-lab compare --data SET`;"))
        #expect(document.contains("stated 99 % in each class; a set holds what the quantile of its class"))
        #expect(document.contains("and every class of at least 5 %."))
        #expect(document.contains("folds 1, 5 of 5, 1042 test images"))
        #expect(document.contains("- **`colour-stacking`**: stacked generalisation (Wolpert 1992"))
    }

    @Test func `of equal methods the fastest is the best trade, and the default says why`() throws {
        let both = try results([Self.lite, Self.colour, Self.fusion])
        #expect(both.bestTrade?.name == "efficientnet-lite0")
        let document = both.markdown(command: "")
        #expect(document.contains("The highest mean macro-F1 is that of `fuzzy-rank-fusion`, 0.9850."))
        #expect(
            document.contains(
                "That is `efficientnet-lite0`: macro-F1 0.9834, worst fold 0.9701, 0.4 points lost under its worst stain shift "
                    + "(`hue-forward`), 21.2 ms an image, 3.38 million numbers. It is the default."))
        #expect(document.contains("Here of `efficientnet-lite0`, `mobilenet-v2`."))
    }

    @Test func `a default that another method beats is said to be beaten`() throws {
        let beaten = try results([Self.lite, Self.colour], defaultMethod: "colour-stacking")
        #expect(beaten.bestTrade?.name == "efficientnet-lite0")
        #expect(beaten.markdown(command: "").contains("It is 3.2 points below the highest macro-F1"))
        let alone = try results([Self.colour])
        #expect(alone.bestTrade?.name == nil)
        #expect(alone.markdown(command: "").contains("There is none here."))
        #expect(alone.markdown(command: "").contains("The default, `efficientnet-lite0`, was not measured here."))
    }

    @Test func `a method that leans on stain is no good trade`() throws {
        let leaning = Made(
            name: "mobilenet-v2", accuracy: 0.985, macroF1: 0.984, worst: 0.97, grey: 0.3, stain: 0.2,
            parameters: 2_000_000, milliseconds: 8)
        #expect(try results([Self.lite, leaning]).bestTrade?.name == "efficientnet-lite0")
    }
}
