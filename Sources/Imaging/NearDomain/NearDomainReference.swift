/// What the images look like that a model was made from: their size, their red cells, their glass and their stain. An image
/// of another laboratory that is brought to all of it is as near as it can come without being one of them.
public struct NearDomainReference: Codable, Sendable, Equatable {
    /// Whose colours are taken on.
    public enum Group: String, Codable, Sendable, CaseIterable {
        case all, benign, malignant
    }

    /// Means over the images of a group.
    public struct Colours: Codable, Sendable, Equatable {
        /// Empty glass, red first, 0 to 255.
        public let glass: [Double]
        /// Mean and standard deviation of L (0 to 100), a and b (Reinhard et al. 2001).
        public let mean: [Double]
        public let deviation: [Double]
        /// The two stains as unit vectors of optical density (red, green, blue), the blue one first, and the 99th
        /// percentile of the amount of each (Macenko et al. 2009).
        public let stains: [[Double]]
        public let maximumConcentrations: [Double]
    }

    /// The usual size of the images in pixels.
    public let width: Int
    public let height: Int
    /// The usual diameter of a red cell in pixels, as boxes are drawn; nil where no image tells it.
    public let redCellPixels: Double?
    /// By group; a group without images has the colours of all.
    public let colours: [String: Colours]

    /// The colours of a group.
    public subscript(group: Group) -> Colours? { colours[group.rawValue] }

    /// - Parameter measurements: One an image.
    /// - Throws: `ImagingError` `invalidParameter` where there is none, or none is stained.
    public init(_ measurements: [Measurement]) throws {
        func usual(_ sizes: [Double]) -> Double? { sizes.isEmpty ? nil : sizes.sorted()[sizes.count / 2] }
        guard let width = usual(measurements.map { Double($0.width) }),
            let height = usual(measurements.map { Double($0.height) }), let all = Colours(measurements)
        else { throw ImagingError(.invalidParameter, "without a stained image there are no colours to take on") }
        (self.width, self.height) = (Int(width), Int(height))
        redCellPixels = usual(measurements.compactMap(\.redCellPixels))
        colours = [
            Group.all.rawValue: all,
            Group.benign.rawValue: Colours(measurements.filter { !$0.isMalignant }) ?? all,
            Group.malignant.rawValue: Colours(measurements.filter(\.isMalignant)) ?? all,
        ]
    }

    /// What is measured of one image.
    public struct Measurement: Sendable {
        public let width: Int
        public let height: Int
        public let isMalignant: Bool
        /// Diameter of a red cell in pixels; nil where it is refused, or was not asked for.
        public let redCellPixels: Double?
        let glass: [Double]
        let lab: StainNormalization
        /// nil for an image that is hardly stained.
        let stains: StainNormalization?

        /// - Parameters:
        ///   - image: In its true shape.
        ///   - isMalignant: Whether its class is.
        ///   - measuresScale: Whether red cells are looked for.
        /// - Throws: `ImagingError` `invalidParameter` for an empty image, or `processingFailed`.
        public init(_ image: RGBImage, isMalignant: Bool, measuresScale: Bool) throws {
            (width, height, self.isMalignant) = (image.width, image.height, isMalignant)
            redCellPixels = measuresScale ? try ScaleEstimate.measure(image).redCellPixels : nil
            glass = try image.glass().map(Double.init)
            lab = try .reinhard(matching: image)
            stains = try .macenko(matching: image)
        }
    }
}

extension NearDomainReference.Colours {
    /// nil where no image is stained.
    fileprivate init?(_ images: [NearDomainReference.Measurement]) {
        var (means, deviations, blue, red, maxima): ([[Double]], [[Double]], [[Double]], [[Double]], [[Double]]) =
            ([], [], [], [], [])
        for image in images {
            if case .reinhard(let mean, let deviation) = image.lab {
                means.append(mean)
                deviations.append(deviation)
            }
            if case .macenko(let stains, let maximumConcentrations) = image.stains {
                blue.append(stains[0])
                red.append(stains[1])
                maxima.append(maximumConcentrations)
            }
        }
        guard !maxima.isEmpty else { return nil }
        glass = Self.mean(images.map(\.glass))
        (mean, deviation) = (Self.mean(means), Self.mean(deviations).map { max($0, 0.1) })
        stains = [Self.mean(blue), Self.mean(red)].map { stain in
            let length = stain.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return stain.map { $0 / max(length, 1e-6) }
        }
        maximumConcentrations = Self.mean(maxima).map { max($0, 1e-6) }
    }

    private static func mean(_ rows: [[Double]]) -> [Double] {
        guard let first = rows.first else { return [] }
        return first.indices.map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
    }
}
