import CVision

/// Outlines of darkly stained nuclei: stain strength (saturation and missing green), Otsu's threshold (1979), opening
/// and closing. A plain method for showing and measuring; touching nuclei come out as one.
public struct NucleusSegmentation: Sendable, Equatable {
    /// A place in the image, in pixels from the upper left.
    public struct Point: Sendable, Equatable, Codable {
        public let x: Int
        public let y: Int
    }

    /// One connected nucleus.
    public struct Nucleus: Sendable, Equatable, Codable {
        /// Enclosed by the outline, in square pixels.
        public let area: Double
        /// Length of the outline, in pixels.
        public let perimeter: Double
        /// Centroid, in pixels.
        public let centerX: Double
        public let centerY: Double
        /// Closed outline, one point a border pixel.
        public let outline: [Point]

        /// 4π area / perimeter², 1 for a circle (Cox 1927); pixel outlines reach about 0.9.
        public var roundness: Double { perimeter > 0 ? min(1, 4 * .pi * area / (perimeter * perimeter)) : 0 }
    }

    public let width: Int
    public let height: Int
    /// `[height, width]`, 255 inside a nucleus, else 0.
    public let mask: [UInt8]
    /// Largest first.
    public let nuclei: [Nucleus]

    /// Share of the image that nuclei cover, 0 to 1.
    public var coveredFraction: Double { Double(mask.count { $0 != 0 }) / Double(max(mask.count, 1)) }

    /// Finds the nuclei of `image`.
    /// - Parameter minimumFraction: Smallest nucleus as a share of the image's area, 0 to 1.
    /// - Throws: ``ImagingError`` `invalidParameter` for an empty image or fraction, or `processingFailed`.
    public static func find(in image: RGBImage, minimumFraction: Double = 0.001) throws -> NucleusSegmentation {
        let count = image.width * image.height
        guard count > 0, (0...1).contains(minimumFraction) else {
            throw ImagingError(.invalidParameter, "segmentation needs an image and a smallest share of 0 to 1")
        }
        var found: OpaquePointer?
        let mask = try [UInt8](unsafeUninitializedCapacity: count) { mask, initialized in
            try image.pixels.withUnsafeBufferPointer { pixels in
                try Native.call {
                    cv_nuclei_find(
                        pixels.baseAddress, Int32(image.width), Int32(image.height), minimumFraction * Double(count),
                        mask.baseAddress, &found, $0, $1)
                }
            }
            initialized = count
        }
        defer { cv_nuclei_free(found) }
        let list = UnsafeBufferPointer(start: cv_nuclei_list(found), count: cv_nuclei_count(found))
        let nuclei = list.map { Nucleus($0, points: cv_nuclei_points(found)) }.sorted { $0.area > $1.area }
        return NucleusSegmentation(width: image.width, height: image.height, mask: mask, nuclei: nuclei)
    }
}

extension NucleusSegmentation.Nucleus {
    fileprivate init(_ nucleus: CVNucleus, points: UnsafePointer<CVPoint>?) {
        let start = points.map { $0 + Int(nucleus.firstPoint) }
        self.init(
            area: nucleus.area, perimeter: nucleus.perimeter, centerX: nucleus.centerX, centerY: nucleus.centerY,
            outline: UnsafeBufferPointer(start: start, count: Int(nucleus.pointCount)).map {
                NucleusSegmentation.Point(x: Int($0.x), y: Int($0.y))
            })
    }
}
