import Imaging

/// When two images count as pictures of the same field.
public struct DuplicateCriteria: Sendable, Equatable, Codable {
    /// Most bits in which the perceptual hashes may differ, 0...15, in the best of the eight orientations.
    public var maximumDistance: Int
    /// Least correlation of the grey miniatures, -1...1, in the best of the eight orientations.
    public var minimumCorrelation: Float

    /// The default values separate repeated photographs (correlation 0.8 and more) from different fields of one film
    /// (at most 0.7 among 2,606 fields).
    public init(maximumDistance: Int = 12, minimumCorrelation: Float = 0.8) {
        precondition((0...15).contains(maximumDistance), "the index finds pairs of at most 15 differing bits")
        self.maximumDistance = maximumDistance
        self.minimumCorrelation = minimumCorrelation
    }
}

/// Groups of exact and near duplicates.
public enum DuplicateGroups {
    /// The group of each image, numbered from 0 in the order of first appearance; a lone image is its own group.
    ///
    /// - Parameters:
    ///   - digests: A text for each image, equal for identical files.
    ///   - similarities: The similarity of each image.
    public static func find(
        digests: [String], similarities: [ImageSimilarity], criteria: DuplicateCriteria = DuplicateCriteria()
    ) -> [Int] {
        precondition(digests.count == similarities.count, "a digest and a similarity for every image")
        var sets = DisjointSets(count: digests.count)
        var firsts: [String: Int] = [:]
        for (position, digest) in digests.enumerated() {
            if let first = firsts[digest] {
                sets.unite(first, position)
            } else {
                firsts[digest] = position
            }
        }
        var index = HashIndex()
        for position in firsts.values.sorted() {
            let image = similarities[position]
            for candidate in index.candidates(for: image.hashes, within: criteria.maximumDistance)
            where image.correlation(with: similarities[candidate]) >= criteria.minimumCorrelation {
                sets.unite(candidate, position)
            }
            index.insert(image.hash, position: position)
        }
        return sets.numbers()
    }
}

/// Finds hashes that differ from a given one in few bits without comparing all pairs.
///
/// The 64 bits are cut into eight bands. Two hashes that differ in at most 15 bits differ in at most one bit in some
/// band (pigeonhole), so looking up each band and its eight one-bit neighbours misses none of them.
struct HashIndex {
    private var buckets = [[(hash: PerceptualHash, position: Int)]](repeating: [], count: 8 * 256)

    mutating func insert(_ hash: PerceptualHash, position: Int) {
        for band in 0..<8 { buckets[band * 256 + Self.value(of: hash, band: band)].append((hash, position)) }
    }

    /// Positions whose hash is within `distance` bits (at most 15) of any of `orientations`, in rising order.
    func candidates(for orientations: [PerceptualHash], within distance: Int) -> [Int] {
        var found: Set<Int> = []
        for hash in orientations {
            for band in 0..<8 {
                let value = Self.value(of: hash, band: band)
                insert(near: hash, within: distance, fromBand: band, value: value, into: &found)
                for bit in 0..<8 {
                    insert(near: hash, within: distance, fromBand: band, value: value ^ (1 << bit), into: &found)
                }
            }
        }
        return found.sorted()
    }

    private func insert(
        near hash: PerceptualHash, within distance: Int, fromBand band: Int, value: Int, into found: inout Set<Int>
    ) {
        for entry in buckets[band * 256 + value] where hash.distance(to: entry.hash) <= distance {
            found.insert(entry.position)
        }
    }

    private static func value(of hash: PerceptualHash, band: Int) -> Int {
        Int(hash.bits >> UInt64(8 * band) & 255)
    }
}
