import Datasets
import Foundation
import Imaging
import Testing

@Suite struct RunInferenceTests {
    /// Agreement of what is inferred with what is true.
    private func agreement(_ drawn: DrawnRuns) -> Double {
        AdjustedRandIndex.value(drawn.truth, drawn.inferred.map { $0 ?? "none" })
    }

    @Test(arguments: [[0, 1], [0, 1, 2], [0, 1, 2, 1], [0, 0, 1]])
    func `runs that take turns are told apart`(rhythm: [Int]) {
        var drawn = DrawnRuns()
        drawn.add(1...120, rhythm: rhythm, looks: [0, 0.8, 1.6])
        #expect(agreement(drawn) > 0.99)
    }

    @Test func `a run is the same one after missing files and in another rhythm`() {
        var drawn = DrawnRuns()
        drawn.add(1...60, rhythm: [0, 1, 2], looks: [0, 0.8, 1.6])
        drawn.add(161...220, rhythm: [2, 0], looks: [0, 0.8, 1.6])
        #expect(agreement(drawn) > 0.99)
        #expect(Set(drawn.inferred) == ["benign-1", "benign-2", "benign-3"])
    }

    @Test func `a slow drift does not divide a run`() {
        var drawn = DrawnRuns()
        drawn.add(1...300, rhythm: [0], looks: [0], drift: 6)
        #expect(Set(drawn.inferred) == ["benign-1"])
    }

    @Test func `the rhythm tells a frame whose look was spoilt`() {
        var drawn = DrawnRuns()
        drawn.add(1...60, rhythm: [0, 1], looks: [0, 1])
        drawn.add(number: 61, look: 60, run: "0-0")
        drawn.add(62...120, rhythm: [1, 0], looks: [0, 1])
        #expect(drawn.inferred[60] == drawn.inferred[0])
        #expect(agreement(drawn) > 0.99)
    }

    @Test func `frames that come anyhow are no run of their own`() {
        var drawn = DrawnRuns()
        let spoilt: Set<Int> = [7, 9, 31, 34, 62, 63, 90, 97, 118]
        for number in 1...130 {
            drawn.add(number: number, look: spoilt.contains(number) ? 12 : 0, run: "0-0")
        }
        #expect(Set(drawn.inferred) == ["benign-1"])
    }

    @Test func `a frame between two runs that follows no neighbour is not assigned`() {
        var drawn = DrawnRuns()
        drawn.add(1...80, rhythm: [0, 1], looks: [0, 1])
        drawn.add(number: 500, look: 5, run: "unknown")
        let assignments = RunInference().assign(drawn.frames)
        #expect(assignments[80].run == nil)
        #expect(assignments[80].certainty < 0.9 && assignments[80].certainty >= 0.5)
        #expect(assignments.dropLast().allSatisfy { $0.run != nil })
    }

    @Test func `a duplicate group lies in one run`() {
        var drawn = DrawnRuns()
        drawn.add(1...80, rhythm: [0, 1], looks: [0, 1])
        drawn.add(number: 81, look: 0, run: "0-0", group: 1)
        #expect(drawn.frames[1].group == drawn.frames[80].group)
        #expect(drawn.inferred[80] == drawn.inferred[1])
    }

    @Test func `classes share no run, however alike they look`() {
        var drawn = DrawnRuns()
        for label in 0..<4 { drawn.add(label: label, 1...20, rhythm: [0], looks: [0]) }
        #expect(Set(drawn.inferred) == ["benign-1", "early-pre-b-1", "pre-b-1", "pro-b-1"])
    }

    @Test func `a scale bar alone does not divide what looks alike`() {
        var drawn = DrawnRuns()
        drawn.add(1...60, rhythm: [0], looks: [0], bar: .small)
        drawn.add(61...120, rhythm: [0], looks: [0], bar: .red)
        #expect(Set(drawn.inferred) == ["benign-1"])
    }

    @Test func `nothing to infer from gives nothing`() {
        #expect(RunInference().assign([]).isEmpty)
        var drawn = DrawnRuns()
        drawn.add(1...2, rhythm: [0], looks: [0])
        #expect(drawn.inferred == ["benign-1", "benign-1"])
    }

    @Test func `the order in which frames are given changes nothing`() {
        var drawn = DrawnRuns()
        drawn.add(1...90, rhythm: [0, 1, 2], looks: [0, 0.8, 1.6])
        let turned = RunInference().assign(drawn.frames.reversed())
        #expect(turned.reversed().map(\.run) == drawn.inferred)
    }
}

@Suite struct RunReportTests {
    private static func report() throws -> (report: RunReport, drawn: DrawnRuns) {
        var drawn = DrawnRuns()
        drawn.add(1...120, rhythm: [0, 1], looks: [0, 1])
        drawn.add(label: 1, 1...60, rhythm: [0], looks: [0])
        let assignments = RunInference().assign(drawn.frames)
        let entries = zip(drawn.frames, assignments).map { frame, assignment in
            Manifest.Entry(
                file: "\(frame.label)/\(frame.number).png", label: frame.label, sha256: ManifestTests.digest, bytes: 1,
                width: 64, height: 64, source: "\(frame.label)/\(frame.number).png", run: assignment.run,
                group: frame.group)
        }
        let dataset = Dataset(folder: URL(fileURLWithPath: "/"), manifest: Manifest(entries: entries))
        let odd = Dictionary(uniqueKeysWithValues: entries[0..<120].enumerated().map { ($1.source, "\($0 % 2)") })
        return (
            RunReport(
                coverage: RunCoverage(dataset),
                stability: RunStability(drawn.frames, assignments: assignments, trials: 3),
                agreement: ["odd": RunAgreement(dataset, with: odd)],
                lags: LagTable(drawn.frames, runs: assignments.map(\.run)), settings: .init(), seed: 1), drawn
        )
    }

    @Test func `clear runs are steady and agree with a table of them`() throws {
        let report = try Self.report().report
        #expect(report.stability.halves.count == 3 && report.stability.without.count == 5)
        #expect(report.stability.halvesMean > 0.95 && report.stability.withoutMean > 0.95)
        #expect(report.agreement["odd"]?.images == 120)
        #expect(report.agreement["odd"]?.mean == 1)
    }

    @Test func `the table of lags shows the rhythm`() throws {
        let lags = try Self.report().report.lags
        let benign = try #require(lags.rows.first)
        #expect(benign.lags.map(\.pairs) == [119, 118, 117, 116])
        #expect(benign.lags.map(\.sameRun) == [0, 1, 0, 1])
        let distances = benign.lags.compactMap(\.median)
        #expect(distances[1] < distances[0] / 3 && distances[3] < distances[2] / 3)
        #expect(try #require(benign.withinRuns) < #require(benign.betweenRuns) / 3)
        #expect(lags.rows[1].betweenRuns == nil)
        #expect(lags.markdown.contains("| benign | ") && lags.markdown.contains("(100 %)"))
    }

    @Test func `the report names classes, trials and tables`() throws {
        let report = try Self.report().report
        let text = report.markdown
        for words in ["| half 3 |", "| without the scale bar |", "| odd |", "early-pre-b", "2 of the 3 runs needed"] {
            #expect(text.contains(words), "\(words) is missing")
        }
        #expect(try String(decoding: report.json(), as: UTF8.self).contains("\"halvesMean\""))
    }
}

@Suite struct AdjustedRandIndexTests {
    private static let cases: [(first: [Int], second: [Int], value: Double)] = [
        ([0, 0, 1, 1], [5, 5, 7, 7], 1), ([0, 0, 1, 1], [0, 0, 1, 2], 4.0 / 7), ([0, 0, 0, 0], [0, 1, 2, 3], 0),
        ([0, 0, 1, 1], [0, 1, 0, 1], -0.5), ([0, 0], [0, 0], 1), ([], [], 1),
    ]

    @Test(arguments: cases)
    func `agrees with hand-computed values`(first: [Int], second: [Int], value: Double) {
        #expect(abs(AdjustedRandIndex.value(first, second) - value) < 1e-12)
    }
}
