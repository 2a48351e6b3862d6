/// Finds the minimum of a smooth function without its second derivatives.
///
/// Nocedal and Wright, *Numerical Optimization*, 2nd edition 2006, algorithms 7.4 and 7.5, with a backtracking line search
/// on the Armijo condition (3.4). Takes no chances: equal functions give equal results.
struct LimitedMemoryBFGS {
    /// Corrections that are kept.
    var memory = 10
    /// Steps after which the search ends wherever it stands.
    var maximumSteps = 300
    /// The search ends when no element of the gradient is larger.
    var gradientTolerance = 1e-4

    private struct Correction {
        let step: [Double]
        let change: [Double]
        /// 1 over their product.
        let inverse: Double
    }

    /// - Parameters:
    ///   - start: `[n]`.
    ///   - function: The value and its gradient, `[n]`, at a point.
    /// - Returns: The point with the least value that was found, `[n]`.
    func minimum(from start: [Double], of function: ([Double]) -> (value: Double, gradient: [Double])) -> [Double] {
        var point = start
        var (value, gradient) = function(point)
        var corrections: [Correction] = []
        for _ in 0..<maximumSteps {
            guard gradient.contains(where: { abs($0) > gradientTolerance }) else { break }
            var direction = Self.direction(gradient, corrections)
            var slope = gradient.dot(direction)
            if slope >= 0 {
                corrections = []
                direction = gradient.map { -$0 }
                slope = gradient.dot(direction)
            }
            // The first step has no curvature to measure its length by.
            var length = corrections.isEmpty ? min(1, 1 / (-slope).squareRoot()) : 1
            var next = (point: point, value: value, gradient: gradient)
            var isFound = false
            for _ in 0..<40 {
                next.point = zip(point, direction).map { $0 + length * $1 }
                (next.value, next.gradient) = function(next.point)
                isFound = next.value <= value + 1e-4 * length * slope
                if isFound { break }
                length /= 2
            }
            guard isFound else { break }
            let step = direction.map { length * $0 }
            let change = zip(next.gradient, gradient).map { $0 - $1 }
            let product = step.dot(change)
            if product > 1e-12 {
                corrections.append(Correction(step: step, change: change, inverse: 1 / product))
                if corrections.count > memory { corrections.removeFirst() }
            }
            (point, value, gradient) = next
        }
        return point
    }

    /// Minus the approximate inverse Hessian times the gradient: the two loops of algorithm 7.4.
    private static func direction(_ gradient: [Double], _ corrections: [Correction]) -> [Double] {
        var result = gradient
        var factors: [Double] = []
        for correction in corrections.reversed() {
            let factor = correction.inverse * correction.step.dot(result)
            factors.append(factor)
            for index in result.indices { result[index] -= factor * correction.change[index] }
        }
        if let last = corrections.last {
            let scale = 1 / (last.inverse * last.change.dot(last.change))
            for index in result.indices { result[index] *= scale }
        }
        for (correction, factor) in zip(corrections, factors.reversed()) {
            let back = factor - correction.inverse * correction.change.dot(result)
            for index in result.indices { result[index] += back * correction.step[index] }
        }
        return result.map { -$0 }
    }
}
