import Foundation

/// Novelty as free energy: −T · log Σ exp(logit / T) (Liu et al., *Energy-based out-of-distribution detection*, NeurIPS
/// 2020, equation 4). A network that knows an image has one large logit, and so a low energy.
public enum EnergyScore {
    /// - Parameters:
    ///   - logits: `[classes]`.
    ///   - temperature: T, above 0.
    /// - Returns: Any number; larger is less familiar.
    public static func novelty(of logits: [Double], temperature: Double = 1) -> Double {
        // The largest is taken out of the sum, which else overflows.
        let largest = logits.max() ?? 0
        let sum = logits.reduce(0) { $0 + exp(($1 - largest) / temperature) }
        return -(largest + temperature * log(sum))
    }
}
