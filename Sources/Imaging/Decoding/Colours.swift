import CVision
import Findings

/// What was done about the colour space that a file declares.
public enum Colours: Sendable, Equatable {
    /// The file declares none; its samples are taken for sRGB, as browsers do.
    case assumed
    /// Declared to be sRGB; the pixels are as stored.
    case sRGB
    /// Of another space, and turned into sRGB.
    case converted
    /// The declaration cannot be used, and why; the pixels are as stored.
    case ignored(ImageNote.ProfileFault)

    init(_ native: CVColours) {
        switch native {
        case CVColoursSRGB: self = .sRGB
        case CVColoursConverted: self = .converted
        case CVColoursDamaged: self = .ignored(.damaged)
        case CVColoursNotRGB: self = .ignored(.notRGB)
        case CVColoursUnknownCurve: self = .ignored(.unknownCurve)
        default: self = .assumed
        }
    }

    /// What is told of it.
    var note: ImageNote? {
        switch self {
        case .assumed, .sRGB: nil
        case .converted: .coloursConverted
        case .ignored(let fault): .profileIgnored(fault)
        }
    }
}

/// Where a file declares its colour space.
enum ColourSource: Sendable, Equatable {
    case sRGB
    /// An ICC profile, as a zlib stream in PNG files.
    case profile([UInt8], isDeflated: Bool)
    /// Light is a sample to the power of `exponent`; x and y of white, red, green and blue.
    case gamma(exponent: Double, chromaticities: [Double])
    /// A profile of which a part is missing.
    case incomplete

    /// Of sRGB (IEC 61966-2-1).
    static let chromaticities = [0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06]

    /// Lends the source to a native function; nil where no conversion is wanted.
    func withNative<Result>(_ body: (UnsafePointer<CVColourSource>?) throws -> Result) rethrows -> Result {
        var native = CVColourSource()
        switch self {
        case .sRGB, .incomplete: return try body(nil)
        case .profile(let profile, let isDeflated):
            return try profile.withUnsafeBufferPointer { bytes in
                // An empty array may have no address, and a profile of no bytes is a damaged one all the same.
                var nothing: UInt8 = 0
                return try withUnsafePointer(to: &nothing) { none in
                    (native.profile, native.profileCount) = (bytes.baseAddress ?? none, bytes.count)
                    native.isDeflated = isDeflated ? 1 : 0
                    return try body(&native)
                }
            }
        case .gamma(let exponent, let at):
            native.exponent = exponent
            native.chromaticities = (at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7])
            return try body(&native)
        }
    }
}

/// The chunks of a PNG file that speak of colours (ISO/IEC 15948, 11.3.2), of which the first in this order counts:
/// `iCCP`, `sRGB`, `gAMA` with or without `cHRM`.
struct PNGColours {
    private var profile: ColourSource?
    private var isSRGB = false
    private var exponent: Double?
    private var chromaticities = ColourSource.chromaticities

    mutating func read(_ type: String, _ payload: ArraySlice<UInt8>) {
        let numbers = stride(from: payload.startIndex, to: payload.endIndex - 3, by: 4).map { start in
            Double(payload[start..<(start + 4)].reduce(0) { $0 << 8 | UInt32($1) }) / 100_000
        }
        switch type {
        case "iCCP":
            let name = payload.prefix { $0 != 0 }
            // A zero ends the name, and the method (0, zlib) follows.
            profile =
                payload.count > name.count + 2
                ? .profile(Array(payload.dropFirst(name.count + 2)), isDeflated: true) : .incomplete
        case "sRGB": isSRGB = true
        case "gAMA": if let gamma = numbers.first, (0.01...10).contains(gamma) { exponent = 1 / gamma }
        case "cHRM": if numbers.count == 8, numbers.allSatisfy({ $0 <= 1 }) { chromaticities = numbers }
        default: break
        }
    }

    var source: ColourSource? {
        if let profile { return profile }
        if isSRGB { return .sRGB }
        guard let exponent else { return nil }
        // 0.45455 is what the standard asks writers of sRGB to state, and so it stands for that curve (11.3.2.5).
        let isUsual =
            abs(exponent - 2.2) < 0.01
            && zip(chromaticities, ColourSource.chromaticities).allSatisfy { abs($0 - $1) < 0.002 }
        return isUsual ? .sRGB : .gamma(exponent: exponent, chromaticities: chromaticities)
    }
}
