import Findings
import Foundation
import HTTPTypes
import HummingbirdTesting
import Packaging
import Screening
import Testing
import Web

/// What the Learn page makes of a package's `metrics.json`.
@Suite struct LearnFiguresTests {
    private static let validation = """
        {"images": 240, "accuracy": 0.9123, "macroF1": 0.8123, "malignantSensitivity": 0.7123, "benignSpecificity": null,
         "auroc": 0.6123, "ece15": 0.0512, "brier": 0.1512, "confidenceIntervals95": {"accuracy": [0.8811, 0.9422]}}
        """
    private static let fold = #"{"images": 500, "accuracy": 0.5, "ece15": 0.5, "brier": 0.5}"#
    private static func crossValidation(split: String) -> String {
        """
        {"split": "\(split)", "folds": [\(fold), \(fold), \(fold)], "mean": {"accuracy": 0.9711, "macroF1": 0.9722},
         "worst": {"accuracy": 0.9333, "macroF1": 0.9344}, "pooled": {"images": 1500, "accuracy": 0.9655, "auroc": 0.9966,
         "ece15": 0.0177, "brier": 0.0588, "confidenceIntervals95": {"accuracy": [0.9544, 0.9766]}}}
        """
    }

    /// The page of a server whose release model carries these figures.
    private func page(metrics: String) async throws -> String {
        let directory = FileManager.default.temporaryDirectory.appending(path: "leukoscope-learn-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: TestSite.tinyPackage, to: directory)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data(metrics.utf8).write(to: directory.appending(path: "metrics.json"))
        return try await page(of: directory)
    }

    private func page(of package: URL) async throws -> String {
        try await TestSite.run(release: Screener(package: ModelPackage(directory: package))) { client in
            try await client.execute(uri: "/learn", method: .get).text
        }
    }

    @Test func `shows mean, worst fold and interval of a cross-validation`() async throws {
        let page = try await page(
            metrics:
                #"{"validation": \#(Self.validation), "crossValidation": \#(Self.crossValidation(split: "blocks"))}"#)
        #expect(page.contains("<td title=\"0.9711\">97.1\u{a0}%</td><td title=\"0.9333\">93.3\u{a0}%</td>"))
        #expect(
            page.contains(
                "<td title=\"0.9655\">96.5\u{a0}%</td><td title=\"0.9544 – 0.9766\">95.4\u{a0}% – 97.7\u{a0}%</td>"))
        #expect(page.contains("<td title=\"0.9966\">0.997</td>"))
        for words in ["Mean of the folds", "Worst fold", "All 1500 test images", "95 % interval", "in 3 folds"] {
            #expect(page.contains(words), "\(words) is missing")
        }
        #expect(page.contains("neighbouring file numbers") && page.contains("not patients"))
        #expect(!page.contains("91.2\u{a0}%") && !page.contains("Validation images"))
    }

    @Test(arguments: [
        ("runs", "whole acquisition runs"), ("random", "look too good"), ("patients", "All images of a patient"),
        ("series", "acquisition series"),
        ("moon", "method “moon”"),
    ])
    func `names the split in words`(split: String, words: String) async throws {
        let page = try await page(
            metrics: #"{"validation": \#(Self.validation), "crossValidation": \#(Self.crossValidation(split: split))}"#)
        #expect(page.contains(words))
        #expect(!page.contains("neighbouring file numbers"))
    }

    @Test func `shows validation figures under that name where there is nothing else`() async throws {
        let page = try await page(metrics: #"{"validation": \#(Self.validation)}"#)
        #expect(page.contains("Validation images: 240 images") && page.contains("not a test"))
        #expect(
            page.contains(
                "<td title=\"0.9123\">91.2\u{a0}%</td><td title=\"0.8811 – 0.9422\">88.1\u{a0}% – 94.2\u{a0}%</td>"))
        // A figure that the images do not define has its row, without a number.
        #expect(page.contains("benign called benign)</th><td title=\"\">–</td>"))
        #expect(!page.contains("Worst fold"))
    }

    @Test func `says so where the package has no figures`() async throws {
        let page = try await page(metrics: "{}")
        #expect(page.contains("has no measured figures"))
        #expect(!page.contains("Validation images") && !page.contains("Worst fold"))
    }

    @Test(arguments: ["no JSON", "[]", #"{"validation": 3}"#, #"{"validation": {"images": "many"}}"#])
    func `refuses to start with figures that cannot be understood`(metrics: String) async throws {
        let error = await #expect(throws: WebError.self) { try await page(metrics: metrics) }
        #expect(error?.code == .resource)
        #expect(error?.description.contains("metrics.json") == true)
    }

    @Test func `shows the figures of every shipped model`() async throws {
        let models = TestSite.fixtures.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Models")
        let packages = try FileManager.default.contentsOfDirectory(at: models, includingPropertiesForKeys: nil)
        try #require(!packages.isEmpty)
        for package in packages {
            let file = try JSONDecoder().decode(
                ShippedFigures.self, from: Data(contentsOf: package.appending(path: "metrics.json")))
            let accuracy = (file.crossValidation?.mean ?? file.validation).accuracy
            let page = try await page(of: package)
            #expect(page.contains("<td title=\"\(accuracy)\">\(String(format: "%.1f", accuracy * 100))\u{a0}%</td>"))
        }
    }
}

/// The accuracy that the package's own file gives.
private struct ShippedFigures: Decodable {
    struct Figures: Decodable { let accuracy: Double }
    struct CrossValidation: Decodable { let mean: Figures }
    let validation: Figures
    let crossValidation: CrossValidation?
}
