import ArgumentParser
import Clinic
import Formats
import Foundation
import Store

/// `leukoscope recommendation-benchmark`: times recommendations of doctors; for `Benchmarks/recommendation.py`.
struct RecommendationBenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommendation-benchmark", abstract: "Times recommendations of doctors and prints JSON.",
        shouldDisplay: false)

    @OptionGroup var data: DataOptions

    @Option(help: "How often each question is timed.")
    var rounds = 200

    func run() async throws {
        try await data.withInstallation(.asItIs) { opened in
            var measured: [String: [String: Double]] = [:]
            for (name, request, offset) in Self.questions {
                measured[name] = try await time(opened.database, request, offset: offset)
            }
            print(try JSONFormat.file.text(measured))
        }
    }

    /// What is asked, by name, and how many doctors stand on the pages before.
    private static var questions: [(String, RecommendationRequest, Int)] {
        let now = Date()
        func at(
            _ latitude: Double, _ longitude: Double, _ need: RecommendationRequest.Need = .malignant,
            _ change: (inout RecommendationRequest) -> Void = { _ in }
        ) -> RecommendationRequest {
            var request = RecommendationRequest(
                origin: GeoPosition(latitude: latitude, longitude: longitude), need: need, languages: ["en"], now: now)
            change(&request)
            return request
        }
        return [
            ("dense city, malignant", at(28.65, 77.23), 0), ("dense city, any need", at(28.65, 77.23, .none), 0),
            ("dense city, for a child", at(28.65, 77.23) { $0.isChild = true }, 0),
            ("dense city, tenth page", at(28.65, 77.23), 108),
            (
                "dense city, declined image, free this week",
                at(28.65, 77.23, .rejected) {
                    $0.freeBefore = now.addingTimeInterval(7 * 86_400)
                }, 0
            ),
            ("large city", at(51.51, -0.13), 0),
            ("large city, by language", at(51.51, -0.13) { $0.language = "ta" }, 0),
            ("60 km from a large city", at(19.07, 73.45), 0), ("village far from cities", at(61.5, 90), 0),
            ("island at the date line", at(-16.5, 179.99), 0), ("middle of the ocean", at(0, -150), 0),
            ("north pole", at(90, 0), 0),
        ]
    }

    /// Milliseconds, as quantiles over the rounds; a few rounds before warm the caches.
    private func time(
        _ database: any MaintainedDatabase, _ request: RecommendationRequest, offset: Int
    ) async throws -> [String: Double] {
        let recommendation = Recommendation(database: database)
        var milliseconds: [Double] = []
        var found: RecommendedDoctors?
        for round in 0..<rounds + 5 {
            let start = ContinuousClock.now
            found = try await recommendation.doctors(for: request, limit: 12, offset: offset)
            let spent = start.duration(to: .now).components
            if round >= 5 { milliseconds.append(Double(spent.seconds) * 1000 + Double(spent.attoseconds) / 1e15) }
        }
        milliseconds.sort()
        func quantile(_ share: Double) -> Double {
            milliseconds[min(milliseconds.count - 1, Int(share * Double(milliseconds.count)))]
        }
        return [
            "p50": quantile(0.5), "p99": quantile(0.99), "least": quantile(0), "most": quantile(1),
            "suitable": Double(found?.suitableCount ?? 0), "radius": found?.radius ?? 0,
        ]
    }
}
