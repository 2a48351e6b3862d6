import Foundation
import Packaging
import Testing

@Suite struct PackageFiguresTests {
    private static func description() throws -> ModelDescription {
        try ModelPackage(directory: TinyPackage.directory).description
    }

    @Test func `the figures of a cross-validation go before those of the validation images`() throws {
        let json = """
            {"validation": {"images": 9, "macroF1": 1, "malignantSensitivity": 1},
             "crossValidation": {"split": "blocks", "folds": [{}, {}], "manifestSHA256": "ab",
              "pooled": {"images": 100, "macroF1": 0.9, "malignantSensitivity": 0.8,
               "confidenceIntervals95": {"macroF1": [0.85, 0.95], "auroc": [null, null]}}}}
            """
        let figures = try #require(try PackageFigures(json: Data(json.utf8), description: Self.description()))
        #expect(figures.method == .crossValidation(split: "blocks", folds: 2, manifest: "ab"))
        #expect(figures.images == 100)
        #expect(figures.macroF1 == 0.9)
        #expect(figures.intervals == ["macroF1": 0.85...0.95])
    }

    @Test func `a file without figures gives none, one with impossible ones is an error`() throws {
        let description = try Self.description()
        #expect(try PackageFigures(json: Data("{}".utf8), description: description) == nil)
        let broken = #"{"validation": {"images": 9, "macroF1": 1.2, "malignantSensitivity": 1}}"#
        #expect(throws: PackagingError.self) {
            try PackageFigures(json: Data(broken.utf8), description: description)
        }
        #expect(throws: PackagingError.self) { try PackageFigures(json: Data("[".utf8), description: description) }
    }

    @Test func `a reference counts each answer once, and stays what it is through a file`() throws {
        let answers = [("benign", 0.49, 0.05), ("pre-b", 0.5, 0.1), ("pre-b", 0.9995, 0.7), ("pro-b", 1, 0.12)]
        let reference = ReferenceDistribution(
            source: .validation, answers: answers.map { (label: $0.0, confidence: $0.1, novelty: $0.2) },
            classKeys: ["benign", "early-pre-b", "pre-b", "pro-b"])
        #expect(reference.classes == ["benign": 1, "early-pre-b": 0, "pre-b": 2, "pro-b": 1])
        #expect(reference.confidence.counts == [1, 1, 0, 0, 0, 0, 0, 2])
        #expect(reference.novelty.counts == [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        let file =
            #"{"validation": {"images": 3, "macroF1": 0.4741677225914239, "auroc": null, "list": [1, true, "x"]}}"#
        let written = try reference.added(to: Data(file.utf8))
        #expect(try ReferenceDistribution.read(written) == reference)
        let before = try #require(try JSONSerialization.jsonObject(with: Data(file.utf8)) as? NSDictionary)
        var after = try #require(try JSONSerialization.jsonObject(with: written) as? [String: Any])
        after["reference"] = nil
        #expect(before == after as NSDictionary)
        #expect(String(decoding: written, as: UTF8.self).contains("0.4741677225914239"))
        // Once more in its place, not beside it.
        #expect(try reference.added(to: written) == written)
        #expect(try ReferenceDistribution.read(Data(file.utf8)) == nil)
    }

    @Test func `a reference whose counts do not fit its bins is refused`() {
        let json = """
            {"reference": {"source": "validation", "images": 1, "classes": {},
             "confidence": {"edges": [0.5], "counts": [1]}, "novelty": {"edges": [0.5], "counts": [1, 0]}}}
            """
        #expect(throws: PackagingError.self) { try ReferenceDistribution.read(Data(json.utf8)) }
    }
}
