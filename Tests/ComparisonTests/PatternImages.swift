import Comparison
import Imaging
import Randomness

/// Images that anybody can tell apart: squares on a ground, whose colour and size belong to the class.
enum PatternImages {
    /// Classes of the patterns.
    static let classes = 4

    private static let colours: [(Int, Int, Int)] = [(200, 60, 60), (60, 180, 60), (60, 60, 200), (150, 60, 160)]

    /// - Parameter seed: Places of the squares, noise, ground.
    static func draw(class label: Int, seed: UInt64, side: Int) -> RGBImage {
        var generator = SplitMix64(seed: seed, UInt64(label))
        let ground = 190 + generator.next(below: 40)
        var pixels = (0..<side * side * 3).map { _ in UInt8(ground + generator.next(below: 12)) }
        let size = side / 16 * (label + 1)
        let colour = colours[label]
        for _ in 0..<10 {
            let (left, top) = (generator.next(below: side - size), generator.next(below: side - size))
            for y in top..<top + size {
                for x in left..<left + size {
                    let place = (y * side + x) * 3
                    let noise = generator.next(below: 30) - 15
                    pixels[place] = UInt8(colour.0 + noise)
                    pixels[place + 1] = UInt8(colour.1 + noise)
                    pixels[place + 2] = UInt8(colour.2 + noise)
                }
            }
        }
        return RGBImage(width: side, height: side, pixels: pixels)
    }

    /// Images of all classes in turn.
    /// - Parameter shuffled: Gives the labels out anew, by lot.
    static func part(_ count: Int, seed: UInt64, side: Int, shuffled: Bool = false) -> LearningPart {
        let images = (0..<count).map { draw(class: $0 % classes, seed: seed &* 1000 &+ UInt64($0), side: side) }
        var labels = (0..<count).map { $0 % classes }
        if shuffled {
            var generator = SplitMix64(seed: seed, 7)
            generator.shuffle(&labels)
        }
        return LearningPart(labels: labels, groups: (0..<count).map { "\($0 / 2)" }) { images[$0] }
    }
}
