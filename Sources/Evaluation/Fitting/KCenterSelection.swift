/// A few points that leave no other far from all of them.
///
/// Gonzalez, "Clustering to minimize the maximum intercluster distance", Theor. Comput. Sci. 38 (1985): each next point is
/// the one farthest from those taken, at most twice as bad as the best choice. Distance is 1 − cosine. The first point is
/// the most typical one, closest to the mean direction.
public enum KCenterSelection {
    /// - Parameters:
    ///   - points: `[N, D]`, each of unit length.
    ///   - count: How many are wanted.
    /// - Returns: Positions in the order taken, at most `count`; none twice, and of equal points one.
    public static func choose(_ points: [[Float]], count: Int) -> [Int] {
        guard let size = points.first?.count, count > 0 else { return [] }
        var mean = [Float](repeating: 0, count: size)
        for point in points { for index in mean.indices { mean[index] += point[index] } }
        let typical = points.indices.reduce(0) { cosine(points[$1], mean) > cosine(points[$0], mean) ? $1 : $0 }
        var chosen = [typical]
        var distances = points.map { 1 - cosine($0, points[typical]) }
        while chosen.count < min(count, points.count) {
            let farthest = distances.indices.reduce(0) { distances[$1] > distances[$0] ? $1 : $0 }
            // What is left are copies of points that were taken; single precision leaves them about 1e-7 apart.
            guard distances[farthest] > 1e-6 else { break }
            chosen.append(farthest)
            for index in points.indices {
                distances[index] = min(distances[index], 1 - cosine(points[index], points[farthest]))
            }
        }
        return chosen
    }

    private static func cosine(_ first: [Float], _ second: [Float]) -> Float {
        var sum: Float = 0
        for index in first.indices { sum += first[index] * second[index] }
        return sum
    }
}
