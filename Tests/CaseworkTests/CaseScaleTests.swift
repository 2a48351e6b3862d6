import Casework
import Clinic
import Findings
import FindingsFixtures
import Foundation
import Imaging
import Screening
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15))) struct CaseScaleTests {
    private static func screened(_ pixels: Double, _ source: ScaleSource, side: Int) -> ScreenedImage {
        let cells = CellFindings(
            scale: .init(redCellPixels: pixels, micrometresPerPixel: 8.4 / pixels, source: source), found: 0,
            differential: Differential([]), blastEvidence: .init(value: 0.1, low95: 0, high95: 0.3),
            counts: .init(cells: 0, blastLike: 0, highest: nil, area: 1))
        return ScreenedImage(
            outcome: .sample(
                image: .init(width: side, height: side, sha256: String(repeating: "ab", count: 32)), cells: cells),
            analyticsJSON: "{}", pictures: [(.display, [1]), (.thumbnail, [2])])
    }

    @Test func `an image whose red cells tell nothing is read again at the scale of its neighbours`() async throws {
        try await CaseworkFixture.run { fixture in
            let asked = Mutex<[Double?]>([])
            let measured = Mutex<[Double]>([20, 21, 20.5])
            let side = 48  // of the fixture's drawings
            let worker = fixture.worker { file in
                asked.withLock { $0.append(file.pooled?.redCellPixels) }
                if let own = measured.withLock({ $0.popLast() }) { return Self.screened(own, .measured, side: side) }
                let neighbours = file.pooled?.redCellPixels
                return Self.screened(neighbours ?? 18, neighbours == nil ? .unknown : .measured, side: side)
            }
            try await fixture.add(3)
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            #expect(asked.withLock { $0 } == [nil, nil, nil])
            try await fixture.add(1, startingAt: 3)
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            #expect(asked.withLock { $0 }.count == 5)
            #expect(abs((asked.withLock { $0[4] } ?? 0) - 20.5) < 1e-9)
            let scale = try await fixture.screenings().last?.outcome?.cells?.scale
            #expect(scale?.source == .measured && abs((scale?.redCellPixels ?? 0) - 20.5) < 1e-9)
        }
    }

    @Test func `two neighbours are too few, and those that disagree tell nothing`() {
        #expect(PooledScale.pool([20, 21, nil]) == nil)
        #expect(PooledScale.pool([20, 30, 44]) == nil)
        #expect(PooledScale.pool([20, 21, 22, nil])?.redCellPixels == 21)
        #expect(PooledScale.pool([20, 21, 22])?.reduced(by: 2).redCellPixels == 10.5)
    }
}
