import Evaluation
import Foundation
import Randomness
import Testing

@Suite struct MahalanobisDistanceTests {
    /// Correlated columns of unlike units.
    private static func cloud(_ count: Int, seed: UInt64) -> [[Double]] {
        var generator = SplitMix64(seed: seed)
        func normal() -> Double {
            var sum = -6.0
            for _ in 0..<12 { sum += Double.random(in: 0..<1, using: &generator) }
            return sum
        }
        return (0..<count).map { _ in
            let (a, b, c) = (normal(), normal(), normal())
            return [5 + a, 100 * (a + 0.5 * b), -1 + 0.01 * (b - c)]
        }
    }

    /// Distance of `vector` by definition: shrunk covariance of the standardised rows, solved by Gaussian elimination.
    private static func expected(_ rows: [[Double]], _ vector: [Double]) -> Double {
        let (n, d) = (Double(rows.count), rows[0].count)
        let mean = (0..<d).map { column in rows.reduce(0) { $0 + $1[column] } / n }
        let deviation = (0..<d).map { column in
            (rows.reduce(0.0) { $0 + pow($1[column] - mean[column], 2) } / n).squareRoot()
        }
        let scaled = (rows + [vector]).map { (row: [Double]) -> [Double] in
            (0..<d).map { (row[$0] - mean[$0]) / deviation[$0] }
        }
        let known = scaled.dropLast()
        func product(_ x: [Double]) -> [[Double]] { x.map { (a: Double) -> [Double] in x.map { a * $0 } } }
        func norm(_ m: [[Double]]) -> Double { m.joined().reduce(0) { $0 + $1 * $1 } }
        func combine(_ a: [[Double]], _ b: [[Double]], _ f: (Double, Double) -> Double) -> [[Double]] {
            zip(a, b).map { zip($0, $1).map(f) }
        }
        let zero = [[Double]](repeating: [Double](repeating: 0, count: d), count: d)
        let sample = known.reduce(zero) { combine($0, product($1)) { $0 + $1 / n } }
        let level = (0..<d).reduce(0) { $0 + sample[$1][$1] } / Double(d)
        var target = zero
        for i in 0..<d { target[i][i] = level }
        let spread = norm(combine(sample, target, -))
        let error = known.reduce(0) { $0 + norm(combine(product($1), sample, -)) } / (n * n)
        let shrinkage = min(error, spread) / spread
        var system = combine(sample, target) { (1 - shrinkage) * $0 + shrinkage * $1 }
        var solution = scaled[rows.count]
        for i in 0..<d {
            for row in (i + 1)..<max(d, i + 1) {
                let factor = system[row][i] / system[i][i]
                for column in 0..<d { system[row][column] -= factor * system[i][column] }
                solution[row] -= factor * solution[i]
            }
        }
        for i in (0..<d).reversed() {
            for column in (i + 1)..<max(d, i + 1) { solution[i] -= system[i][column] * solution[column] }
            solution[i] /= system[i][i]
        }
        return zip(solution, scaled[rows.count]).reduce(0) { $0 + $1.0 * $1.1 }.squareRoot()
    }

    @Test(arguments: [8, 40, 500]) func `agrees with the definition`(count: Int) throws {
        let rows = Self.cloud(count, seed: 3)
        let distance = try MahalanobisDistance(fitting: rows)
        for vector in [rows[0], [5, 0, -1], [9, -300, 1], [4, 120, -1.02]] {
            let expected = Self.expected(rows, vector)
            #expect(abs(distance.distance(of: vector) - expected) < 1e-3 * max(1, expected))
        }
    }

    @Test func `does not depend on units`() throws {
        let rows = Self.cloud(60, seed: 4)
        let scaled = rows.map { [$0[0] * 1000 + 7, $0[1] / 50, $0[2]] }
        let (first, second) = (try MahalanobisDistance(fitting: rows), try MahalanobisDistance(fitting: scaled))
        for (row, other) in zip(rows, scaled) {
            #expect(abs(first.distance(of: row) - second.distance(of: other)) < 1e-6)
        }
    }

    @Test func `of its own cloud is as large as it has dimensions`() throws {
        let rows = Self.cloud(4000, seed: 5)
        let distance = try MahalanobisDistance(fitting: rows)
        let squares = rows.reduce(0) { $0 + pow(distance.distance(of: $1), 2) } / 4000
        #expect(abs(squares - 3) < 0.05)
        #expect(distance.distance(of: distance.center) == 0)
    }

    @Test func `tied covariance leaves the way between classes out`() throws {
        var rows = Self.cloud(400, seed: 6)
        for index in stride(from: 0, to: rows.count, by: 2) { rows[index][0] += 40 }
        let labels = rows.indices.map { $0 % 2 }
        let (tied, single) = (
            try MahalanobisDistance(fitting: rows, labels: labels), try MahalanobisDistance(fitting: rows)
        )
        // The classes lie 40 deviations of their own apart, but only two of both together.
        #expect(tied.distance(of: rows[0], from: rows[1]) > 30)
        #expect(single.distance(of: rows[0], from: rows[1]) < 30)
    }

    @Test func `a column that never varies does no harm`() throws {
        let distance = try MahalanobisDistance(fitting: Self.cloud(50, seed: 7).map { $0 + [3] })
        #expect(distance.distance(of: [5, 0, -1, 3]).isFinite)
        #expect(distance.distance(of: [5, 0, -1, 4]) > 3)
    }

    @Test func `refuses what it cannot fit`() {
        #expect(throws: EvaluationError.self) { try MahalanobisDistance(fitting: []) }
        #expect(throws: EvaluationError.self) { try MahalanobisDistance(fitting: [[1, 2]]) }
        #expect(throws: EvaluationError.self) { try MahalanobisDistance(fitting: [[1, 2], [1]]) }
        #expect(throws: EvaluationError.self) { try MahalanobisDistance(fitting: [[1, 2], [1, .nan]]) }
        #expect(throws: EvaluationError.self) { try MahalanobisDistance(fitting: [[1, 2], [1, 3]], labels: [0]) }
        #expect(throws: EvaluationError.self) {
            try MahalanobisDistance(center: [0], deviation: [0], whitening: [1])
        }
        #expect(throws: EvaluationError.self) {
            try MahalanobisDistance(center: [0, 0], deviation: [1, 1], whitening: [1])
        }
    }

    @Test func `a score is a half at its scale and grows with the distance`() {
        #expect(MahalanobisDistance.novelty(distance: 12, scale: 12) == 0.5)
        #expect(MahalanobisDistance.novelty(distance: 0, scale: 12) == 0)
        #expect(MahalanobisDistance.novelty(distance: 36, scale: 12) == 0.75)
        #expect(MahalanobisDistance.novelty(distance: .infinity, scale: 12) == 1)
    }
}

@Suite struct EmbeddingNoveltyTests {
    @Test func `the cosine to the nearest centroid counts`() {
        let centroids: [[Float]] = [[1, 0], [0, 1]]
        #expect(abs(CentroidCosine.novelty(of: [0, 5], centroids: centroids)) < 1e-12)
        #expect(abs(CentroidCosine.novelty(of: [-3, 0], centroids: centroids) - 1) < 1e-12)
        #expect(abs(CentroidCosine.novelty(of: [2, 2], centroids: centroids) - (1 - 0.5.squareRoot())) < 1e-7)
        #expect(CentroidCosine.novelty(of: [0, 0], centroids: centroids) == 1)
    }

    @Test func `energy is the logarithm of the sum of exponentials`() {
        #expect(abs(EnergyScore.novelty(of: [0, 0]) + log(2)) < 1e-12)
        #expect(abs(EnergyScore.novelty(of: [1, 2, 3]) + log(exp(1) + exp(2) + exp(3))) < 1e-12)
        #expect(abs(EnergyScore.novelty(of: [2, 4], temperature: 2) + 2 * log(exp(1) + exp(2))) < 1e-12)
        #expect(abs(EnergyScore.novelty(of: [5000, 0]) + 5000) < 1e-9)
    }

    @Test func `the distance to the neighbour with the number counts`() throws {
        let known: [[Float]] = [[2, 0], [0, 3], [-1, 0]]
        let expected = [0, 2.0.squareRoot(), 2]
        for (neighbour, distance) in zip(1..., expected) {
            let distances = try NearestNeighbourDistance(known: known, neighbour: neighbour)
            #expect(abs(distances.novelty(of: [7, 0]) - distance) < 1e-6)
        }
        #expect(try NearestNeighbourDistance(known: known, neighbour: 99).novelty(of: [7, 0]) == 2)
        #expect(throws: EvaluationError.self) { try NearestNeighbourDistance(known: []) }
        #expect(throws: EvaluationError.self) { try NearestNeighbourDistance(known: known, neighbour: 0) }
    }
}
