import Findings
import Imaging
import Offloading
import Packaging

/// What one frame of a camera that looks through a microscope shows, measured without any network: whether it could be read,
/// how large its red cells are, and whether its field is known.
public struct LiveFrame: Sendable {
    /// Why the frame could not be read, most important first; empty where it could.
    public enum Fault: String, Sendable, CaseIterable {
        case blurred
        case tooDark = "too-dark"
        case tooBright = "too-bright"
        case lowContrast = "low-contrast"
        case littleStained = "little-stained"
        case notASmear = "not-a-smear"
    }

    /// What to change about how large the picture shows the smear.
    public enum ScaleAdvice: String, Sendable, CaseIterable {
        /// Red cells have a size that can be read.
        case good
        /// Red cells are too small in the picture: a stronger objective, or the camera nearer.
        case nearer
        /// Too few cells fit into the picture: a weaker objective, or the camera farther away.
        case farther
        /// Too few red cells were found to tell.
        case unknown
    }

    public let faults: [Fault]
    /// Sharpness as a part of the least that is accepted, 0 and up; from 1 on the frame is sharp. Nil where the package sets no limit.
    public let focus: Double?
    /// Diameter of a red cell in pixels of the frame; nil where it cannot be told, or the frame has faults.
    public let redCellPixels: Double?
    /// Red cells side by side along the shorter side of the frame; nil as `redCellPixels`.
    public let redCellsAcross: Double?
    public let scaleAdvice: ScaleAdvice
    /// To find the field again; nil for a frame with faults.
    public let likeness: FieldLikeness?
    /// Which of the known fields the frame shows, or a part of, from 0; nil for a new field.
    public let knownField: Int?
    /// Whether the frame shows what the frame before it showed: nobody moves the slide.
    public let isStill: Bool
}

/// What a frame is compared with.
public struct LiveKnowledge: Sendable {
    /// The fields that were taken, in their order.
    public var taken: [FieldLikeness]
    /// The frame before; nil where it had faults.
    public var before: FieldLikeness?

    public init(taken: [FieldLikeness] = [], before: FieldLikeness? = nil) {
        (self.taken, self.before) = (taken, before)
    }
}

extension Screener {
    /// What a frame of a camera may cost: 300 kB, 640 by 640 pixels.
    public static let liveLimits = ImageLimits(
        maximumBytes: 300_000, maximumPixels: 640 * 640, minimumSide: 64, maximumWorkingBytes: 16_000_000)

    /// Looks at a frame of a live camera. Nothing of it is kept.
    ///
    /// - Parameters:
    ///   - frame: A JPEG file within `liveLimits`.
    ///   - cameraWidth: Width of the camera's own picture, from which the frame was reduced, in pixels; less than the frame's counts as
    ///     the frame's.
    ///   - known: What the frame is compared with.
    /// - Throws: `ImagingError` for a file that is refused; `CancellationError`.
    public func look(atFrame frame: [UInt8], cameraWidth: Int, known: LiveKnowledge) async throws -> LiveFrame {
        var sight = sight
        sight.limits = Self.liveLimits
        let cost = try await offloading.compute { [sight] in try sight.decodingCost(of: frame) }
        return try await offloading.holding(decodedBytes: 2 * cost) { [sight, offloading] in
            let (decoded, quality, missing) = try await offloading.compute {
                let seen = try sight.see(frame)
                let content = try ImageAppearance.measure(seen.input).content
                return (seen.decoded, ImageQuality.assess(seen.input), content.missing)
            }
            let enlargement = max(1, Double(cameraWidth) / Double(decoded.originalWidth))
            let view = decoded.image
            let faults = self.faults(of: quality, missing: missing)
            let focus = package.description.quality.minimumSharpness.map { quality.sharpness / max($0, 1e-9) }
            guard faults.isEmpty else { return LiveFrame(faults: faults, focus: focus) }
            async let scale = offloading.compute { try ScaleEstimate.measure(view) }
            let (likeness, knownField, isStill) = try await offloading.compute {
                let likeness = try FieldLikeness(of: view)
                let field = try known.taken.indices.reversed().first {
                    try likeness.relation(to: known.taken[$0]) != nil
                }
                return (likeness, field, try known.before.map { try likeness.relation(to: $0) == .near } ?? false)
            }
            return try await LiveFrame(
                focus: focus, scale: scale.redCellPixels, advice: advice(scale, enlargement: enlargement),
                side: min(view.width, view.height), likeness: likeness, knownField: knownField, isStill: isStill)
        }
    }

    private func faults(of quality: ImageQuality, missing: MissingContent?) -> [LiveFrame.Fault] {
        let failed = package.description.quality.failures(of: quality).compactMap { LiveFrame.Fault(rawValue: $0.code) }
        return failed + (missing == nil ? [] : [.notASmear])
    }

    /// A field of the network holds so many red cells; half as sharp, or half as many, is where advice begins.
    private func advice(_ scale: ScaleEstimate, enlargement: Double) -> LiveFrame.ScaleAdvice {
        guard let pixels = scale.redCellPixels else { return .unknown }
        let across = package.description.cells?.redCellsAcross ?? 12
        let needed = Double(package.description.input.width) / across
        if pixels * enlargement < needed / 2 { return .nearer }
        return Double(min(scale.width, scale.height)) / pixels < across / 2 ? .farther : .good
    }
}

extension LiveFrame {
    fileprivate init(faults: [Fault], focus: Double?) {
        (self.faults, self.focus) = (faults, focus)
        (redCellPixels, redCellsAcross, scaleAdvice) = (nil, nil, .unknown)
        (likeness, knownField, isStill) = (nil, nil, false)
    }

    fileprivate init(
        focus: Double?, scale: Double?, advice: ScaleAdvice, side: Int, likeness: FieldLikeness, knownField: Int?,
        isStill: Bool
    ) {
        (faults, self.focus) = ([], focus)
        (redCellPixels, redCellsAcross, scaleAdvice) = (scale, scale.map { Double(side) / $0 }, advice)
        (self.likeness, self.knownField, self.isStill) = (likeness, knownField, isStill)
    }
}
