import Clinic
import Foundation
import Store
import Testing

@Suite struct GeoCellsTests {
    /// From a street to the whole Earth, anywhere.
    private static let circles: [GeoCircle] = {
        var generator = SeededGenerator(state: 9)
        return (0..<300).map { _ in
            let centre = GeoPosition(
                latitude: .random(in: -90...90, using: &generator),
                longitude: .random(in: -180...180, using: &generator))
            return GeoCircle(centre: centre, kilometres: pow(10, .random(in: -1...4.31, using: &generator)))
        }
    }()

    @Test(arguments: TestedDatabase.allCases)
    func `a circle of any size is at most sixteen ranges of the key, in four statements`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let plans = try await database.plans { transaction in
                for circle in Self.circles { _ = try transaction.candidates(CandidateQuery(circle: circle)) }
            }
            #expect(plans.count == Self.circles.count)
            let range = kind == .sqlite ? "(?, ?)" : "cell BETWEEN ? AND ?"
            for plan in plans { #expect((2...16).contains(plan.sql.ranges(of: range).count), "\(plan)") }
            #expect(Set(plans.map(\.sql)).count <= 4)
        }
    }
}
