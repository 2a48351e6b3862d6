import Evaluation
import Foundation
import Imaging
import Reports
import Testing

@Suite struct EvaluationReportTests {
    private let classes = [
        EvaluationReport.ClassName(key: "benign", displayName: "Benign (haematogones)"),
        .init(key: "early-pre-b", displayName: "Malignant early Pre-B"),
        .init(key: "pre-b", displayName: "Malignant Pre-B"), .init(key: "pro-b", displayName: "Malignant Pro-B"),
    ]
    private let image = RGBImage(width: 40, height: 30, pixels: Array(repeating: 200, count: 40 * 30 * 3))

    private func report(_ predictions: [LabelledPrediction]) throws -> EvaluationReport {
        EvaluationReport(
            model: "release 1.0", command: "leukoscope evaluate --data 'a & b'", data: "a & b", classes: classes,
            predictions: predictions,
            metrics: try ClassificationMetrics(predictions, classKeys: classes.map(\.key)),
            mistakes: EvaluationReport.worst(of: predictions).enumerated().map {
                .init(prediction: $1, image: image, heatmap: $0 == 0 ? image : nil)
            },
            excluded: [.init(path: "<b>bad</b>.jpg", reason: "truncated \"JPEG\"")])
    }

    private func folder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString)")
    }

    @Test func `the page stands alone, escapes names, and has its pictures beside it`() throws {
        let predictions = [
            prediction(0, 0, 0.9, id: "a.jpg"), prediction(1, 1, 0.8, id: "b.jpg"),
            prediction(2, 0, 0.7, id: "<script>alert('x')</script>.jpg"), prediction(3, 2, 0.95, id: "d.jpg"),
        ]
        let folder = folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try report(predictions).write(to: folder)
        let html = try String(contentsOf: folder.appendingPathComponent("index.html"), encoding: .utf8)
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;.jpg"))
        #expect(html.contains("&lt;b&gt;bad&lt;/b&gt;.jpg"))
        #expect(html.contains("leukoscope evaluate --data &#39;a &amp; b&#39;"))
        #expect(html.contains("not a diagnosis"))
        #expect(html.replacing("http://www.w3.org/2000/svg", with: "").contains("http") == false)
        let files = try Set(FileManager.default.contentsOfDirectory(atPath: folder.path))
        #expect(files == ["index.html", "mistake-1.jpg", "mistake-1-heatmap.jpg", "mistake-2.jpg"])
        for file in files where file != "index.html" {
            #expect(html.contains("src=\"\(file)\""))
            let bytes = try [UInt8](Data(contentsOf: folder.appendingPathComponent(file)))
            #expect(try ImageDecoder.inspect(bytes).width == 40)
        }
    }

    @Test func `the markup is well formed`() throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try report([prediction(0, 0, 0.9, id: "a"), prediction(1, 0, 0.8, id: "b")]).write(to: folder)
        let html = try String(contentsOf: folder.appendingPathComponent("index.html"), encoding: .utf8)
        // Void elements are closed for the XML parser; everything else must match as it stands.
        let closed = html.replacing(/<(meta|img)([^>]*)>/) { "<\($0.1)\($0.2)/>" }
            .replacing("<!doctype html>", with: "")
        let parsed = try #require(parse(closed))
        #expect(parsed.elements.count { $0 == "svg" } == 3)
        #expect(parsed.elements.count { $0 == "table" } == 2)
    }

    @Test func `missed malignancies come first, then the most confident mistakes`() {
        let worst = EvaluationReport.worst(of: [
            prediction(0, 0, 0.9, id: "right"), prediction(1, 2, 0.99, id: "other stage"),
            prediction(1, 0, 0.5, id: "missed"), prediction(3, 0, 0.8, id: "missed surely"),
            prediction(0, 1, 0.6, id: "false alarm"),
        ])
        #expect(worst.map(\.id) == ["missed surely", "missed", "other stage", "false alarm"])
    }

    @Test func `a folder that cannot be made is reported with its path`() throws {
        let file = folder()
        try Data("x".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let report = try report([prediction(0, 0, 0.9), prediction(1, 1, 0.9)])
        let error = #expect(throws: ReportError.self) { try report.write(to: file.appendingPathComponent("in")) }
        #expect(error?.code == .notWritable)
        #expect(error?.path?.hasPrefix(file.path) == true)
    }
}
