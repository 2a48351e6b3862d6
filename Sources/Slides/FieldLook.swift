import Foundation
import Imaging

/// What a field of view looks like at low magnification, about 2 µm a pixel.
///
/// Absorption is the natural logarithm of glass over light (Beer and Lambert). Red cells take away green and hardly red;
/// nuclei take away both.
public struct FieldLook: Sendable, Equatable, Codable {
    /// Share of the field that is not glass, 0 to 1.
    public let coverage: Double
    /// Share of the field that is nuclei, 0 to 1.
    public let nuclei: Double
    /// Median absorption of green where there is something, but no nucleus; 0 where there is nothing.
    public let absorption: Double
    /// Absorption of green without nuclei, `[24]`: pixels by twentieths from 0 on; the last holds all above.
    let absorptions: [Int]

    /// Absorption of green from which a pixel is not glass.
    static let least = 0.12
    /// Absorption of red from which it is a nucleus.
    static let nuclearRed = 0.35
    /// Absorption of one place in `absorptions`.
    static let step = 0.05
    private static let places = 24

    /// - Parameters:
    ///   - picture: The field.
    ///   - glass: The slide's.
    public init(_ picture: RGBImage, glass: SlideGlass) {
        let (red, green) = (Self.absorption(of: glass.red), Self.absorption(of: glass.green))
        var (stained, nuclear) = (0, 0)
        var absorptions = [Int](repeating: 0, count: Self.places)
        for start in stride(from: 0, to: picture.pixels.count, by: 3) {
            let taken = green[Int(picture.pixels[start + 1])]
            guard taken > Self.least else { continue }
            stained += 1
            // In thick parts red cells take red away too, but there green is gone first.
            let takenRed = red[Int(picture.pixels[start])]
            if takenRed > Self.nuclearRed, takenRed > 0.4 * taken {
                nuclear += 1
            } else {
                absorptions[min(Self.places - 1, Int(taken / Self.step))] += 1
            }
        }
        let pixels = Double(picture.width * picture.height)
        (coverage, nuclei) = (Double(stained) / pixels, Double(nuclear) / pixels)
        self.absorptions = absorptions
        absorption = Self.median(absorptions)
    }

    /// Share of what is no nucleus that absorbs more than so much, 0 to 1: where cells lie over each other, twice that of one.
    public func share(above absorption: Double) -> Double {
        let all = absorptions.reduce(0, +)
        let first = min(Self.places - 1, max(0, Int((absorption / Self.step).rounded(.up))))
        return all == 0 ? 0 : Double(absorptions[first...].reduce(0, +)) / Double(all)
    }

    private static func median(_ counts: [Int]) -> Double {
        var left = counts.reduce(0, +) / 2
        guard counts.contains(where: { $0 > 0 }) else { return 0 }
        let place = counts.indices.first { place in
            left -= counts[place]
            return left < 0
        }
        return (Double(place ?? 0) + 0.5) * step
    }

    /// By value of a pixel, `[256]`.
    private static func absorption(of glass: Double) -> [Double] {
        (0...255).map { max(0, log(glass / Double(max(1, $0)))) }
    }
}
