import CVision
import Findings
import Foundation
import NativeCalls

/// What is kept of an image to find others that show the same field or a part of it: hashes, a grey miniature, and places
/// that can be found again. Some 26 kB.
public struct FieldLikeness: Sendable, Equatable {
    /// When two images count as pictures of one field.
    public struct Criteria: Sendable, Equatable {
        /// Most bits in which the perceptual hashes of near pictures differ, in the best of the eight orientations; their
        /// miniatures then have to correlate too.
        public var maximumDistance = 12
        /// Least part of the smaller image that the other shows, 0 to 1.
        public var minimumShare = 0.2
        /// From this part on the two are near, not overlapping.
        public var nearShare = 0.9
        /// Places that agree on how one lies on the other.
        public var minimumAgreeing = 3
        /// Least correlation of grey values where both lie. Of drawn smears, crops of one field that overlap by 30 to 80 %,
        /// turned, reduced and compressed, correlate by 0.97 and more, different fields by 0.41 at most.
        public var minimumCorrelation = 0.85

        public init() {}
    }

    /// The hash of each orientation, upright first, as of `ImageSimilarity`.
    let hashes: [PerceptualHash]
    private let size: CVOverlapSize
    private let places: [Float]
    private let descriptors: [UInt8]
    private let miniature: [UInt8]

    /// Takes some 50 milliseconds.
    ///
    /// - Throws: `ImagingError` when the native call fails.
    public init(of image: RGBImage) throws {
        var size = CVOverlapSize()
        var places = [Float](repeating: 0, count: Int(CVOverlapPlaces) * 2)
        var descriptors = [UInt8](repeating: 0, count: Int(CVOverlapPlaces) * Int(CVOverlapBytes))
        var miniature = [UInt8](repeating: 0, count: Int(CVOverlapSide) * Int(CVOverlapSide))
        try image.read { cv_overlap_describe($0, $1, $2, &size, &places, &descriptors, &miniature, $3) }
        self.size = size
        self.places = Array(places.prefix(2 * Int(size.places)))
        self.descriptors = Array(descriptors.prefix(Int(size.places) * Int(CVOverlapBytes)))
        self.miniature = Array(miniature.prefix(Int(size.width) * Int(size.height)))
        hashes = try ImageSimilarity(of: image).hashes
    }

    /// How this image and another show the same field; nil where they show different ones, or where too little can be found
    /// again to tell. Takes some milliseconds.
    ///
    /// - Throws: `ImagingError` when the native call fails.
    public func relation(to other: FieldLikeness, _ criteria: Criteria = Criteria()) throws -> FieldRelation? {
        let overlap = try overlap(with: other)
        let isShown =
            Int(overlap.agreeing) >= criteria.minimumAgreeing
            && Double(overlap.correlation) >= criteria.minimumCorrelation
            && Double(overlap.share) >= criteria.minimumShare
        if isShown { return Double(overlap.share) >= criteria.nearShare ? .near : .overlapping }
        return isNear(other, criteria) ? .near : nil
    }

    private func overlap(with other: FieldLikeness) throws -> CVOverlap {
        var overlap = CVOverlap()
        try Native.call { error in
            cv_overlap_match(
                size, places, descriptors, miniature, other.size, other.places, other.descriptors, other.miniature,
                &overlap, error)
        }
        return overlap
    }

    /// By hash and miniature alone, as the import of a data set finds near duplicates: also a mirrored picture, or one with
    /// too few places.
    private func isNear(_ other: FieldLikeness, _ criteria: Criteria) -> Bool {
        guard let hash = other.hashes.first,
            hashes.contains(where: { $0.distance(to: hash) <= criteria.maximumDistance })
        else { return false }
        return cv_correlation(greyMiniature, other.greyMiniature) >= 0.8
    }

    /// `[32, 32]` of mean 0 and length 1; all 0 where the image is flat.
    private var greyMiniature: [Float] {
        let side = Int(CVMiniatureSide)
        let (width, height) = (Int(size.width), Int(size.height))
        var values = (0..<side * side).map { place -> Float in
            let (row, column) = (place / side, place % side)
            let rows = row * height / side..<max((row + 1) * height / side, row * height / side + 1)
            let columns = column * width / side..<max((column + 1) * width / side, column * width / side + 1)
            let sum = rows.reduce(0) { sum, y in sum + columns.reduce(0) { $0 + Int(miniature[y * width + $1]) } }
            return Float(sum) / Float(rows.count * columns.count)
        }
        let mean = values.reduce(0, +) / Float(values.count)
        for index in values.indices { values[index] -= mean }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 1e-3 ? values.map { $0 / length } : [Float](repeating: 0, count: values.count)
    }

    public static func == (first: FieldLikeness, second: FieldLikeness) -> Bool { first.data == second.data }
}

extension FieldLikeness {
    /// As a row keeps it: the sizes, the hashes, places as 16-bit parts of the longer side, descriptors, miniature.
    public var data: Data {
        var data = Data([UInt8(size.width), UInt8(size.height)])
        data.append(contentsOf: withUnsafeBytes(of: UInt16(size.places).littleEndian, Array.init))
        for hash in hashes { data.append(contentsOf: withUnsafeBytes(of: hash.bits.littleEndian, Array.init)) }
        for value in places {
            let part = UInt16(min(max(value, 0), 1) * 65535)
            data.append(contentsOf: withUnsafeBytes(of: part.littleEndian, Array.init))
        }
        return data + descriptors + miniature
    }

    /// - Returns: Nil for bytes that `data` did not write.
    public init?(data: Data) {
        var bytes = ArraySlice([UInt8](data))
        func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard bytes.count >= count else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        guard let head = take(4).map(Array.init) else { return nil }
        let (width, height, count) = (Int(head[0]), Int(head[1]), Int(number(head[2...])))
        guard max(width, height) == Int(CVOverlapSide), min(width, height) >= 1, count <= Int(CVOverlapPlaces),
            let hashBytes = take(8 * Int(CVOrientations)), let placeBytes = take(4 * count),
            let descriptors = take(Int(CVOverlapBytes) * count), let miniature = take(width * height), bytes.isEmpty
        else { return nil }
        func parts(_ bytes: ArraySlice<UInt8>, of size: Int) -> [UInt64] {
            stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { number(bytes[$0..<$0 + size]) }
        }
        size = CVOverlapSize(places: Int32(count), width: Int32(width), height: Int32(height))
        hashes = parts(hashBytes, of: 8).map(PerceptualHash.init(bits:))
        places = parts(placeBytes, of: 2).map { Float($0) / 65535 }
        (self.descriptors, self.miniature) = (Array(descriptors), Array(miniature))
    }
}
