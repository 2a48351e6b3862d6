import Foundation
import HTTPTypes
import HummingbirdTesting
import Packaging
import Screening
import Testing
import Web

/// What the page "How good is it?" makes of a package's `metrics.json`.
@Suite struct QualityPageTests {
    private static let pooled = """
        {"images": 100, "accuracy": 0.9, "ece15": 0.0123, "brier": 0.1,
         "perClass": {"pre-b": {"recall": 0.9123, "support": 40, "f1": null, "precision": 0.8}},
         "confidenceIntervals95": {"sensitivity.pre-b": [0.8811, 0.9422]}}
        """
    private static let calibration = """
        {"method": "temperature", "source": "other-folds", "temperatures": [1],
         "candidates": [{"method": "none", "ece15": 0.0512, "negativeLogLikelihood": 0.2, "brier": 0.1},
          {"method": "temperature", "ece15": 0.0117, "negativeLogLikelihood": 0.1, "brier": 0.1}],
         "reliability": [{"lower": 0, "upper": 0.5, "count": 0},
          {"lower": 0.5, "upper": 1, "count": 77, "confidence": 0.8766, "accuracy": 0.8712}]}
        """
    private static let sets = """
        {"coverage": 0.99, "largestGap": 0.0066, "alwaysPossible": 0.05, "score": "lac", "candidates": [],
         "summary": {"coverage": 0.9876, "coveragePerClass": [0.98, null, 1, 1], "meanSize": 1.2, "sizes": [0, 83, 17, 0, 0]}}
        """
    private static let selection = """
        {"area": 0.01, "minimumConfidences": [0.7], "curve": [{"coverage": 0.9011, "confidence": 0.7345, "risk": 0.0044}],
         "decisions": {"images": 100, "report": 81, "uncertain": 16, "rejected": 3, "wrongReports": 2,
          "missedMalignant": 1, "falseMalignant": 0}}
        """
    private static let series = """
        {"split": "series", "pooled": {}, "series": [{"name": "boxed-500", "classes": {"benign": 32}, "unknownClasses": [],
         "malignancy": {"images": 32, "specificity": 0.9375, "confidenceIntervals95": {}},
         "fourClass": {"images": 32, "accuracy": 0.9375, "ece15": 0.1, "brier": 0.1},
         "decisions": {"images": 32, "report": 20, "uncertain": 4, "rejected": 8, "wrongReports": 1,
          "missedMalignant": 0, "falseMalignant": 1}}]}
        """
    private static var crossValidation: String {
        """
        {"split": "blocks", "folds": [], "mean": {}, "worst": {}, "pooled": \(pooled),
         "conformalCoverage": {"pre-b": 0.9834}, "calibration": \(calibration), "predictionSets": \(sets),
         "selection": \(selection), "refusedAsNovel": 0.0321}
        """
    }

    /// The page of a server whose release model carries these figures.
    private func page(metrics: String, change: (inout ModelDescription) -> Void = { _ in }) async throws -> String {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "leukoscope-quality-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: TestSite.tinyPackage, to: directory)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data(metrics.utf8).write(to: directory.appending(path: "metrics.json"))
        var description = try ModelPackage(directory: directory).description
        change(&description)
        try description.json().write(to: directory.appending(path: "model.json"))
        return try await TestSite.run(release: Screener(package: ModelPackage(directory: directory))) { client in
            try await client.execute(uri: "/learn/quality", method: .get).text
        }
    }

    @Test func `shows every part that the package carries`() async throws {
        let page = try await page(
            metrics: #"{"crossValidation": \#(Self.crossValidation), "leftOutSeries": \#(Self.series)}"#)
        let space = "\u{a0}"
        for words in [
            "<td>40</td><td>91.2\(space)%</td><td>88.1\(space)% – 94.2\(space)%</td><td>–</td><td>98.3\(space)%</td>",
            "1.2 points away from the truth; without calibration it would be 5.1 points",
            "<th scope=\"row\">50\(space)% – 100\(space)%</th><td>77</td><td>87.7\(space)%</td><td>87.1\(space)%</td>",
            "for 99\(space)% of the images", "98.8\(space)% overall", "0.7 points away",
            "a probability of 5\(space)% or more is never left out",
            "<th scope=\"row\">2</th><td>17</td><td>17.0\(space)%</td>",
            "81 would have been reported, 16 left uncertain and 3 declined", "1 malignant images",
            "<th scope=\"row\">90.1\(space)%</th><td>73.5\(space)%</td><td>0.44\(space)%</td>",
            "declined 3.2\(space)% of the test images from",
            "<th scope=\"row\">boxed-500</th><td>32</td><td>–</td><td>–</td><td>93.8\(space)%</td>",
            "<td>25.0\(space)%</td><td>1 of 20</td>", "not chosen by measurement",
            "One field of view is not enough to judge a person",
        ] { #expect(page.contains(words), "\(words) is missing") }
        #expect(!page.contains("<th scope=\"row\">0\(space)% – 50\(space)%</th>"), "an empty bin says nothing")
        #expect(!page.contains("quality."), "a text is missing")
    }

    @Test(arguments: [(true, "A rule chose this limit"), (false, "No limit could meet it")])
    func `tells the rule of the smallest confidence`(isReached: Bool, words: String) async throws {
        let page = try await page(metrics: #"{"crossValidation": \#(Self.crossValidation)}"#) { description in
            description.decision = .init(
                minimumConfidence: 0.7345,
                selection: .init(
                    maximumRisk: 0.005, minimumCoverage: 0.9, lowestConfidence: 0.5, risk: 0.004, coverage: 0.93,
                    images: 100, isReached: isReached))
        }
        #expect(page.contains(words))
        #expect(page.contains("at least 73.5\u{a0}% confidence") && page.contains("at most 0.5\u{a0}% mistakes"))
    }

    @Test func `leaves out what the package does not carry`() async throws {
        let page = try await page(metrics: "{}")
        #expect(page.contains("has no measured figures") && page.contains("What it declines"))
        for words in ["Each class", "With another microscope", "Which classes are possible", "would have declined"] {
            #expect(!page.contains(words), "\(words)")
        }
    }

    @Test func `refuses to start with parts that cannot be understood`() async throws {
        let error = await #expect(throws: WebError.self) {
            try await page(metrics: #"{"leftOutSeries": {"split": "series", "pooled": {}, "series": 3}}"#)
        }
        #expect(error?.code == .resource)
    }

    @Test func `is linked from the learn page`() async throws {
        try await TestSite.run(demonstration: TestSite.screener()) { client in
            let page = try await client.execute(uri: "/learn", method: .get).text
            #expect(page.contains("href=\"/learn/quality\""))
        }
    }
}
