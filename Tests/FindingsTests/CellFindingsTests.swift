import Findings
import Foundation
import Testing

@Suite struct CellFindingsTests {
    private let findings = CellFindings(
        scale: .init(redCellPixels: 62, micrometresPerPixel: 0.135, source: .measured), found: 5,
        differential: Differential([.blast, .blast, .neutrophil, .platelet, .unsure]),
        blastEvidence: .init(value: 0.7, low95: 0.3, high95: 0.9),
        counts: .init(cells: 4, blastLike: 2.2, highest: 1.5, area: 3))

    @Test func `what was found in cells is kept with an outcome, its types by name`() throws {
        let data = try JSONEncoder().encode(findings)
        #expect(try JSONDecoder().decode(CellFindings.self, from: data) == findings)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            object["differential"] as? [String: Int] == ["blast": 2, "neutrophil": 1, "platelet": 1, "unsure": 1])
    }

    @Test func `a type that this version does not know is left out, and the rest is read`() throws {
        let read = try JSONDecoder().decode(
            Differential.self, from: Data(#"{"blast":2,"promyelocyte":7}"#.utf8))
        #expect(read.counts == [.blast: 2])
    }

    @Test func `platelets stay out of the percentages`() {
        let blasts = findings.differential.share(of: .blast)
        #expect(findings.differential.total == 4)
        #expect(blasts.share == 0.5)
        #expect(blasts.interval.contains(0.5) && blasts.interval.lowerBound > 0.1)
    }
}
