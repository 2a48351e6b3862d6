import Foundation
import Packaging

/// How an `InferenceEngine` uses the machine.
public struct InferenceOptions: Sendable, Equatable {
    /// What the engine is tuned for.
    public enum Goal: String, Sendable {
        /// The first answer: all threads work on one image.
        case latency = "LATENCY"
        /// Many images: several requests at batch 1 run side by side.
        case throughput = "THROUGHPUT"
    }

    /// What the engine is tuned for.
    public var goal: Goal
    /// The number of processor threads; `nil` leaves it to the runtime.
    public var threads: Int?
    /// The number of requests in flight; `nil` takes what the runtime calls best for the goal.
    public var requests: Int?
    /// Overrides the precision of the model package.
    public var precision: ModelDescription.Precision?
    /// Where the runtime keeps compiled networks between runs; `nil` keeps none.
    public var cacheDirectory: URL?
    /// How many tasks may wait for a request before `infer` throws `.overloaded`.
    public var maximumWaiting: Int

    /// The memberwise initialiser.
    public init(
        goal: Goal = .throughput, threads: Int? = nil, requests: Int? = nil,
        precision: ModelDescription.Precision? = nil, cacheDirectory: URL? = nil, maximumWaiting: Int = 1024
    ) {
        (self.goal, self.threads, self.requests) = (goal, threads, requests)
        (self.precision, self.cacheDirectory, self.maximumWaiting) = (precision, cacheDirectory, maximumWaiting)
    }
}
