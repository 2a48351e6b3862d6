import Randomness

/// Changes that make a smear as near to the images of a model as another laboratory's can be, or move one of its own images
/// as far away as another lamp, camera or program does: what a model must not be confident about and wrong.
///
/// The names are stable. How strong a change is, the seed decides.
public enum NearDomainChange: String, CaseIterable, Codable, Sendable {
    case redCellSize = "red-cell-size"
    case whiteBalance = "white-balance"
    case referenceGlass = "reference-glass"
    case reinhard
    case reinhardBenign = "reinhard-benign"
    case reinhardMalignant = "reinhard-malignant"
    case macenko
    case macenkoBenign = "macenko-benign"
    case macenkoMalignant = "macenko-malignant"
    case darkerNuclei = "darker-nuclei"
    case lighterNuclei = "lighter-nuclei"
    case lowerGamma = "lower-gamma"
    case higherGamma = "higher-gamma"
    case warmer
    case cooler
    case brighter
    case darker
    case recompressed
    case turned
    case sizeAndBalance = "red-cell-size+white-balance"
    case sizeAndReinhard = "red-cell-size+reference-glass+reinhard"
    case sizeAndMacenko = "red-cell-size+reference-glass+macenko"
    case balanceAndDarkerNuclei = "white-balance+darker-nuclei"
    case balanceAndLighterNuclei = "white-balance+lighter-nuclei"
    case reinhardAndDarkerNuclei = "reinhard+darker-nuclei"
    case reinhardAndLighterNuclei = "reinhard+lighter-nuclei"
    case benignAndDarkerNuclei = "reinhard-benign+darker-nuclei"
    case malignantAndLighterNuclei = "reinhard-malignant+lighter-nuclei"
    case macenkoAndGamma = "macenko+lower-gamma"
    case cameraAndLamp = "white-balance+warmer+darker+recompressed"
    case everything = "red-cell-size+white-balance+macenko-benign+darker-nuclei+higher-gamma+recompressed+turned"

    /// What is done, in order.
    public var parts: [NearDomainPart] {
        rawValue.split(separator: "+").compactMap { Self.parts[String($0)] }
    }

    /// Whether every pixel stays at its place.
    public var keepsPlaces: Bool { parts.allSatisfy(\.keepsPlaces) }

    private static let parts: [String: NearDomainPart] = [
        "red-cell-size": .redCellSize, "white-balance": .whiteBalance, "reference-glass": .referenceGlass,
        "reinhard": .reinhard(.all), "reinhard-benign": .reinhard(.benign),
        "reinhard-malignant": .reinhard(.malignant), "macenko": .macenko(.all), "macenko-benign": .macenko(.benign),
        "macenko-malignant": .macenko(.malignant), "darker-nuclei": .darkerNuclei, "lighter-nuclei": .lighterNuclei,
        "lower-gamma": .lowerGamma, "higher-gamma": .higherGamma, "warmer": .warmer, "cooler": .cooler,
        "brighter": .brighter, "darker": .darker, "recompressed": .recompressed, "turned": .turned,
    ]

    /// The changed image; the same for the same image, reference and seed.
    /// - Parameters:
    ///   - image: What is changed.
    ///   - redCellPixels: Diameter of a red cell in it, in pixels.
    ///   - reference: What it is brought near to.
    ///   - seed: Decides the strength of each part.
    /// - Throws: `ImagingError` as `NearDomainPart.apply`.
    public func apply(
        to image: RGBImage, redCellPixels: Double, reference: NearDomainReference, seed: UInt64
    ) throws -> RGBImage {
        // Each change draws for itself, whatever others are added.
        let name = rawValue.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
        var generator = SplitMix64(seed: seed, name)
        return try parts.reduce(image) { image, part in
            try part.apply(
                to: image, redCellPixels: redCellPixels, reference: reference, strength: generator.nextUnit())
        }
    }
}
