import Evaluation
import Foundation
import Reports
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The names of all elements, and the text of all of them, or `nil` when `document` is not well formed.
func parse(_ document: String) -> (elements: [String], text: String)? {
    final class Reader: NSObject, XMLParserDelegate {
        var elements: [String] = []
        var text = ""

        func parser(
            _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
            qualifiedName qName: String?, attributes: [String: String]
        ) {
            elements.append(elementName)
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }
    let reader = Reader()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = reader
    return parser.parse() ? (reader.elements, reader.text) : nil
}

/// A prediction over the four classes: `probability` for `predicted`, the rest shared.
func prediction(_ label: Int, _ predicted: Int, _ probability: Double, id: String = "image") -> LabelledPrediction {
    let rest = (1 - probability) / 3
    return LabelledPrediction(
        label: label, probabilities: (0..<4).map { $0 == predicted ? probability : rest }, group: id, id: id)
}

@Suite struct ChartTests {
    @Test func `training curves are well formed, titled, and leave a gap where a value is missing`() throws {
        let chart = LineChart.trainingCurves(
            title: "Run <1> & \"co\"", epochs: [1, 2, 3, 4], trainingLoss: [1.2, 0.8, 0.5, 0.4],
            validationLoss: [1.1, .nan, 0.6, 0.55], trainingAccuracy: [0.4, 0.7, 0.8, 0.9],
            validationAccuracy: [0.5, 0.6, 0.7, 0.8])
        let svg = chart.svg()
        let parsed = try #require(parse(svg))
        #expect(parsed.elements.first == "svg")
        #expect(parsed.elements.count { $0 == "polyline" } == 4)
        #expect(parsed.elements.count { $0 == "circle" } == 1)
        #expect(parsed.text.contains("Run <1> & \"co\""))
        #expect(parsed.text.contains("Loss, validation: 0.5500 at the end"))
        #expect(parsed.elements.contains("desc"))
        #expect(!svg.lowercased().contains("nan"))
    }

    @Test(arguments: [[Double](), [0.3], [.nan, .nan], [0, 0], [1e-9, 2e9], [-5, 5]])
    func `a chart of any values is well formed`(values: [Double]) {
        let chart = LineChart(
            title: "T", horizontalTitle: "Epoch", positions: values.indices.map(Double.init),
            panels: [.init(title: "P", verticalTitle: "V", series: [.init(name: "S", values: values)])])
        let svg = chart.svg()
        #expect(parse(svg) != nil)
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test func `loss ticks are round and span the values`() throws {
        let chart = LineChart(
            title: "T", horizontalTitle: "Epoch", positions: [1, 2],
            panels: [.init(title: "P", verticalTitle: "V", series: [.init(name: "S", values: [0.13, 0.97])])])
        let text = try #require(parse(chart.svg())).text
        for tick in ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"] { #expect(text.contains("\n\(tick)\n")) }
    }

    @Test func `ROC, reliability and risk charts are well formed and state their figures`() throws {
        let predictions = [prediction(0, 0, 0.9), prediction(1, 1, 0.7), prediction(2, 0, 0.6), prediction(3, 3, 0.8)]
        let roc = try #require(try ReceiverOperatingCharacteristic.malignancy(predictions))
        let chart = try #require(parse(ROCChart(title: "ROC", curves: [.init(name: "M", characteristic: roc)]).svg()))
        #expect(chart.text.contains("M: area 1.0000"))
        let calibration = try Calibration(predictions)
        let diagram = try #require(parse(ReliabilityDiagram(title: "R", calibration: calibration).svg()))
        #expect(diagram.text.contains("1 images, confidence 60.0 %, accuracy 0.0 %"))
        let risk = try #require(
            parse(RiskCoverageChart(title: "C", curve: try RiskCoverageCurve(predictions)).svg()))
        #expect(risk.text.contains("Answering every image, 25.0 % are wrong."))
    }
}
