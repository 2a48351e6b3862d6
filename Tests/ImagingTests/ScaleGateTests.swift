import Findings
import Imaging
import Testing

@Suite struct ScaleGateTests {
    private func reading(
        _ pixels: Double?, red: Int = 12, white: Int = 0, spread: Double = 0.1, coverage: Double = 0.8
    ) -> ScaleReading {
        ScaleReading(
            edgePixels: pixels, redCells: red, whiteCells: white, spread: spread, coverage: coverage)
    }

    private func estimate(_ outlines: ScaleReading, _ discs: ScaleReading) -> ScaleEstimate {
        ScaleEstimate(width: 640, height: 480, outlines: outlines, discs: discs)
    }

    @Test func `lets the outlines count twice where both ways agree`() throws {
        let pixels = try #require(estimate(reading(20), reading(22)).redCellPixels)
        // The cube root of 20² · 22 is 20.645.
        #expect(abs(pixels / RedCell.boxPerEdge - 20.645) < 0.001)
    }

    @Test func `tells each reason for a refusal`() {
        #expect(estimate(reading(nil, red: 0), reading(20)).refusal == .noCells)
        #expect(estimate(reading(20, red: 3), reading(20)).refusal == .fewRedCells(outlines: 3, discs: 12))
        #expect(estimate(reading(20), reading(20, red: 2)).refusal == .fewRedCells(outlines: 12, discs: 2))
        #expect(
            estimate(reading(20, red: 2, white: 9), reading(20)).refusal == .mostlyWhiteCells(red: 2, white: 9))
        #expect(estimate(reading(20, spread: 0.4), reading(20)).refusal == .unevenSizes(spread: 0.4))
        #expect(
            estimate(reading(20, coverage: 0.6), reading(20)).refusal == .faintOutlines(coverage: 0.6))
        #expect(estimate(reading(20), reading(25)).refusal?.kind == "disagreement")
        #expect(estimate(reading(20), reading(16)).redCellPixels == nil)
    }
}

@Suite struct PooledScaleTests {
    private func estimate(_ pixels: Double?, width: Int = 640, height: Int = 480) -> ScaleEstimate {
        let reading = ScaleReading(
            edgePixels: pixels.map { $0 / RedCell.boxPerEdge }, redCells: pixels == nil ? 0 : 20, whiteCells: 0,
            spread: 0.1, coverage: 0.8)
        return ScaleEstimate(width: width, height: height, outlines: reading, discs: reading)
    }

    @Test func `is the median, names the images that disagree and those without an estimate`() throws {
        let pixels: [Double?] = [40, 41, nil, 39, 40, 70, 40.5]
        let pooled = try #require(try PooledScale.pool(pixels.map { estimate($0) }))
        #expect(abs(pooled.redCellPixels - (40 * 40.5).squareRoot()) < 1e-9)
        #expect(pooled.images == 6)
        #expect(pooled.disagreeing == [5])
        #expect(pooled.refused == [2])
    }

    @Test func `is as uncertain as its images differ, and never less than a device`() throws {
        let same = try #require(try PooledScale.pool((0..<9).map { _ in estimate(40) }))
        #expect(same.relativeUncertainty == PooledScale.systematicUncertainty)
        let wide = try #require(try PooledScale.pool([36, 38, 40, 42, 44].map { estimate($0) }))
        // The median distance of the logarithms is about 0.05.
        let statistical = 1.2533 * 1.4826 * 0.05 / 5.0.squareRoot()
        let expected = (statistical * statistical + 0.04 * 0.04).squareRoot()
        #expect(abs(wide.relativeUncertainty - expected) < 0.002)
    }

    @Test func `is not there for two images, nor where a third disagrees`() throws {
        #expect(try PooledScale.pool([ScaleEstimate]()) == nil)
        #expect(try PooledScale.pool([40, 40].map { estimate($0) }) == nil)
        #expect(try PooledScale.pool([40, 40, nil].map { estimate($0) }) == nil)
        #expect(try PooledScale.pool([40, 40, 40, 60, 65, 70].map { estimate($0) }) == nil)
    }

    @Test func `takes turned images of one size and refuses several sizes`() throws {
        let turned = [estimate(40), estimate(40, width: 480, height: 640), estimate(40)]
        #expect(try PooledScale.pool(turned) != nil)
        #expect(throws: ImagingError.self) {
            try PooledScale.pool([estimate(40), estimate(40), estimate(40, width: 641)])
        }
    }
}

@Suite struct ImageScaleTests {
    private let reading = ScaleReading(edgePixels: 50, redCells: 20, whiteCells: 0, spread: 0.1, coverage: 0.8)
    private var estimate: ScaleEstimate {
        ScaleEstimate(width: 640, height: 480, outlines: reading, discs: reading)
    }

    @Test func `lets a scale by hand win, then the site's, then the case's, then the image's own`() throws {
        let pooled = try PooledScale.pool([estimate, estimate, estimate])
        func choose(_ given: Double?, _ site: SiteScale?, _ pooled: PooledScale?, _ own: ScaleEstimate?) throws
            -> ScaleSource
        {
            try ImageScale.choosing(given: given, site: site, pooled: pooled, estimate: own, default: 20).source
        }
        #expect(try choose(30, .redCellPixels(40), pooled, estimate) == .given)
        #expect(try choose(nil, .redCellPixels(40), pooled, estimate) == .site)
        #expect(try choose(nil, nil, pooled, estimate) == .measured)
        #expect(try choose(nil, nil, nil, estimate) == .measured)
        #expect(try choose(nil, nil, nil, nil) == .unknown)
        let refused = ScaleEstimate(
            width: 9, height: 9, outlines: reading,
            discs: ScaleReading(edgePixels: nil, redCells: 0, whiteCells: 0, spread: 0, coverage: 0))
        #expect(try choose(nil, nil, nil, refused) == .unknown)
    }

    @Test func `turns a stage micrometer's micrometres into red cells and back`() throws {
        let scale = try ImageScale.choosing(site: .micrometresPerPixel(0.1), default: 20)
        #expect(abs(scale.redCellPixels - 75 * RedCell.boxPerEdge) < 1e-9)
        #expect(abs(scale.aboutMicrometresPerPixel - 0.1) < 1e-9)
    }

    @Test(arguments: [0, -3, 3.9, 2001, .infinity, .nan]) func `refuses scales that no image has`(pixels: Double) {
        #expect(throws: ImagingError.self) { try ImageScale.choosing(given: pixels, default: 20) }
    }
}
