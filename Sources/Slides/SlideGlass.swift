import Imaging

/// The colour of empty glass on a slide, against which absorption is measured.
public struct SlideGlass: Sendable, Equatable, Codable {
    /// 1 to 255.
    public let red: Double
    public let green: Double
    public let blue: Double

    public init(red: Double, green: Double, blue: Double) { (self.red, self.green, self.blue) = (red, green, blue) }

    /// The glass of pictures from all over a slide: the brightest tenth of each picture is taken for its glass, and the
    /// brightest tenth of those for the slide's, since pictures of thick parts show none. Pure white is left out: it is what
    /// the scanner did not scan.
    /// - Returns: Nil where nothing but white is there.
    public init?(_ pictures: [RGBImage]) {
        let brightest = pictures.compactMap(Self.brightest).sorted { $0.green < $1.green }
        guard !brightest.isEmpty else { return nil }
        self = brightest[min(brightest.count - 1, brightest.count * 9 / 10)]
    }

    private static func brightest(_ picture: RGBImage) -> SlideGlass? {
        var levels = [[Int]](repeating: [Int](repeating: 0, count: 256), count: 3)
        var count = 0
        for start in stride(from: 0, to: picture.pixels.count, by: 3) {
            let (red, green, blue) = (picture.pixels[start], picture.pixels[start + 1], picture.pixels[start + 2])
            if red == 255, green == 255, blue == 255 { continue }
            count += 1
            levels[0][Int(red)] += 1
            levels[1][Int(green)] += 1
            levels[2][Int(blue)] += 1
        }
        guard count > 0 else { return nil }
        let ends = levels.map { level in
            var left = count / 10
            return Double(
                max(
                    1,
                    level.indices.reversed().first { value in
                        left -= level[value]
                        return left < 0
                    } ?? 1))
        }
        return SlideGlass(red: ends[0], green: ends[1], blue: ends[2])
    }
}
