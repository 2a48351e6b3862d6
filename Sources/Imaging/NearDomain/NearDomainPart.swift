import Foundation

/// One thing in which another laboratory's smear can be brought near to the images of a model, or moved a little away from
/// them, with a strength of 0 to 1.
public enum NearDomainPart: Sendable, Hashable {
    /// Resized so that red cells have 0.9 to 1.1 times the reference's size, and brought to its field: cut where the
    /// image is larger, continued by its mirror image where it is smaller.
    case redCellSize
    /// Each channel multiplied so that empty glass becomes a grey of 225 to 250.
    case whiteBalance
    /// Each channel multiplied so that empty glass takes the reference's colour.
    case referenceGlass
    /// The reference's mean and deviation in CIE Lab (Reinhard et al. 2001), all the way.
    case reinhard(NearDomainReference.Group)
    /// The reference's stains (Macenko et al. 2009), all the way.
    case macenko(NearDomainReference.Group)
    /// Optical density of nuclei 10 to 40 % higher.
    case darkerNuclei
    /// Optical density of nuclei 10 to 40 % lower.
    case lighterNuclei
    /// An exponent of 0.95 to 0.6.
    case lowerGamma
    /// An exponent of 1.05 to 1.6.
    case higherGamma
    /// Red 5 to 20 % higher, blue as much lower, as under a warmer lamp.
    case warmer
    /// Red 5 to 20 % lower, blue as much higher.
    case cooler
    /// All channels times 1.05 to 1.25.
    case brighter
    /// All channels times 0.95 to 0.7.
    case darker
    /// Saved once more as JPEG of quality 85 to 25.
    case recompressed
    /// Turned by 90, 180 or 270 degrees.
    case turned

    /// Whether every pixel stays at its place.
    public var keepsPlaces: Bool { self != .redCellSize && self != .turned }

    /// The changed image.
    /// - Parameters:
    ///   - image: What is changed.
    ///   - redCellPixels: Diameter of a red cell in it, in pixels.
    ///   - reference: What it is brought near to.
    ///   - strength: 0 to 1, the mildest to the strongest of the range.
    /// - Throws: `ImagingError` `invalidParameter` for another strength, an empty image, or a size of red cells that cannot
    ///   be reached; `processingFailed`.
    public func apply(
        to image: RGBImage, redCellPixels: Double, reference: NearDomainReference, strength: Double
    ) throws -> RGBImage {
        guard (0...1).contains(strength) else {
            throw ImagingError(.invalidParameter, "a strength of \(strength) is outside of 0 to 1")
        }
        func between(_ mildest: Double, _ strongest: Double) -> Double { mildest + (strongest - mildest) * strength }
        switch self {
        case .redCellSize:
            return try image.brought(
                from: redCellPixels, near: reference, factor: between(0.9, 1.1), place: strength)
        case .whiteBalance: return try image.balanced(to: [Double](repeating: between(225, 250), count: 3))
        case .referenceGlass: return try image.balanced(to: try colours(of: .all, in: reference).glass)
        case .reinhard(let group):
            let target = try colours(of: group, in: reference)
            return try StainNormalization.reinhard(mean: target.mean, deviation: target.deviation).apply(to: image)
        case .macenko(let group):
            let target = try colours(of: group, in: reference)
            return try StainNormalization.macenko(
                stains: target.stains, maximumConcentrations: target.maximumConcentrations
            ).apply(to: image)
        case .darkerNuclei: return try image.withNuclei(density: between(1.1, 1.4))
        case .lighterNuclei: return try image.withNuclei(density: between(0.9, 0.6))
        case .lowerGamma: return image.raised(to: between(0.95, 0.6))
        case .higherGamma: return image.raised(to: between(1.05, 1.6))
        case .warmer: return try image.shifted(temperature: between(0.05, 0.2))
        case .cooler: return try image.shifted(temperature: -between(0.05, 0.2))
        case .brighter: return try image.multiplied(by: between(1.05, 1.25))
        case .darker: return try image.multiplied(by: between(0.95, 0.7))
        case .recompressed:
            return try ImageDecoder.decode(ImageEncoder.jpeg(image, quality: Int(between(85, 25).rounded())))
        case .turned: return image.turned(quarters: min(3, 1 + Int(strength * 3)))
        }
    }

    private func colours(
        of group: NearDomainReference.Group, in reference: NearDomainReference
    ) throws -> NearDomainReference.Colours {
        guard let colours = reference[group] else {
            throw ImagingError(.invalidParameter, "the reference tells no colours of \(group.rawValue) images")
        }
        return colours
    }
}

extension RGBImage {
    fileprivate func multiplied(by gain: Double) throws -> RGBImage {
        try mappingColours(.gains(red: gain, green: gain, blue: gain))
    }

    /// - Parameter temperature: Share by which red grows and blue becomes less.
    fileprivate func shifted(temperature: Double) throws -> RGBImage {
        try mappingColours(.gains(red: 1 + temperature, green: 1, blue: 1 - temperature))
    }

    /// - Parameter target: The colour that empty glass becomes, red first, 0 to 255.
    fileprivate func balanced(to target: [Double]) throws -> RGBImage {
        let gains = zip(target, try glass()).map { $0 / max(Double($1), 1) }
        return try mappingColours(.gains(red: gains[0], green: gains[1], blue: gains[2]))
    }

    /// Every value, as a share of 255, to this power.
    fileprivate func raised(to exponent: Double) -> RGBImage {
        let table = (0..<256).map { UInt8((255 * pow(Double($0) / 255, exponent)).rounded()) }
        return RGBImage(width: width, height: height, pixels: pixels.map { table[Int($0)] })
    }

    /// The optical density of nuclei against the glass times `factor`, over a soft edge of a pixel.
    fileprivate func withNuclei(density factor: Double) throws -> RGBImage {
        let mask = try CellSegmentation.find(in: self).nucleusMask(width: width, height: height)
        let glass = try glass().map { max(Double($0), 1) }
        // [share of the nine neighbours that are nucleus, channel, value]
        let table: [[[UInt8]]] = (0...9).map { share in
            let exponent = 1 + (factor - 1) * Double(share) / 9
            return glass.map { light in
                (0..<256).map { value in
                    let passed = max(Double(value), 1) / light
                    return passed >= 1 ? UInt8(value) : UInt8((light * pow(passed, exponent)).rounded())
                }
            }
        }
        var result = self
        for y in 0..<height {
            for x in 0..<width {
                var share = 0
                for row in max(0, y - 1)...min(height - 1, y + 1) {
                    for column in max(0, x - 1)...min(width - 1, x + 1) where mask[row * width + column] { share += 1 }
                }
                guard share > 0 else { continue }
                for channel in 0..<3 {
                    let place = (y * width + x) * 3 + channel
                    result.pixels[place] = table[share][channel][Int(pixels[place])]
                }
            }
        }
        return result
    }
}
