import Imaging

extension SlideFile {
    /// Side of a field in micrometres: sixteen red cells, as large a field as the network sees at once.
    public static let fieldMicrometres = 16 * RedCell.boxPerEdge * RedCell.edgeMicrometres
    /// How wide a pixel of level 0 can be in micrometres; where it is wider, red cells are narrower than they are read.
    public static let scales = 0.02...(RedCell.boxPerEdge * RedCell.edgeMicrometres / ImageScale.range.lowerBound)
    /// How wide a pixel is in micrometres when fields are looked at.
    private static let lookMicrometres = 2.0
    /// And when it is found out which fields hold anything.
    private static let glanceMicrometres = 16.0

    /// How wide a pixel of level 0 is.
    /// - Parameter given: By hand, which counts for more than the file.
    /// - Throws: `SlideError` `noScale`.
    public func micrometresPerPixel(given: Double? = nil) throws(SlideError) -> Double {
        guard let scale = given ?? shape.micrometresPerPixel else {
            throw SlideError(
                .noScale,
                "\(path) does not say how wide a pixel is; state its micrometres per pixel, such as 0.25 for a scanner's 40×"
            )
        }
        guard Self.scales.contains(scale) else {
            throw SlideError(
                .noScale,
                "\(scale) µm a pixel is no scale at which cells can be read; it lies between \(Self.scales.lowerBound) and "
                    + "\(Self.scales.upperBound)")
        }
        return scale
    }

    /// Looks at the whole slide at low magnification, in memory that does not grow with it.
    ///
    /// First the brightest places tell the glass, and a glance from afar which fields hold anything; those are then looked at.
    /// - Parameter micrometresPerPixel: Of level 0.
    /// - Throws: `SlideError` `beyondLimits` where the file has no level that is small enough, and as reading does.
    public func survey(micrometresPerPixel: Double) throws(SlideError) -> SlideSurvey {
        let side = max(1, Int((Self.fieldMicrometres / micrometresPerPixel).rounded()))
        let (columns, rows) = (shape.width / side, shape.height / side)
        guard columns > 0, rows > 0 else {
            throw SlideError(
                .noMonolayer,
                "\(path) is \(shape.width)x\(shape.height) pixels large; a field alone is \(side) pixels wide")
        }
        let look = max(1, Self.lookMicrometres / micrometresPerPixel)
        try check(look: look)
        let glance = max(1, Self.glanceMicrometres / micrometresPerPixel)
        let isOccupied = try occupied(side: side, columns: columns, rows: rows, downsample: glance)
        let places = isOccupied.indices.filter { isOccupied[$0] }
        func picture(_ place: Int) throws(SlideError) -> RGBImage {
            try read(
                SlideRectangle(x: place % columns * side, y: place / columns * side, width: side, height: side),
                downsample: look)
        }
        // Some hundred fields from all over tell the glass as well as all of them.
        let every = max(1, places.count / 128)
        var samples: [RGBImage] = []
        for place in stride(from: 0, to: places.count, by: every) { samples.append(try picture(places[place])) }
        var looks = [FieldLook?](repeating: nil, count: columns * rows)
        guard let glass = SlideGlass(samples) else {
            return SlideSurvey(looks: looks, side: side, columns: columns)
        }
        for place in places { looks[place] = FieldLook(try picture(place), glass: glass) }
        return SlideSurvey(looks: looks, side: side, columns: columns)
    }

    private func check(look: Double) throws(SlideError) {
        let level = shape.levels[shape.level(downsampledAtMost: look)]
        guard level.width.multipliedReportingOverflow(by: level.height).partialValue <= limits.surveyPixels else {
            throw SlideError(
                .beyondLimits,
                "the smallest level of \(path) that still shows cells has \(level.width)x\(level.height) pixels, more than the "
                    + "\(limits.surveyPixels) that are searched; make a pyramid of it (`vips tiffsave --tile --pyramid`)"
            )
        }
    }

    /// Which fields hold anything but one even colour. A level from afar averages cells away, but not to the glass's own
    /// evenness: a field counts as empty where hardly a pixel differs from the next in it and from white or glass.
    private func occupied(
        side: Int, columns: Int, rows: Int, downsample: Double
    ) throws(SlideError) -> [Bool] {
        var occupied = [Bool](repeating: true, count: columns * rows)
        // Without a level that small, looking from afar would cost as much as looking.
        guard shape.levels[shape.level(downsampledAtMost: downsample)].downsample > downsample / 3 else {
            return occupied
        }
        let across = max(1, Int(Double(side) / downsample))
        let together = max(1, 2048 / across)
        for row in 0..<rows {
            for first in stride(from: 0, to: columns, by: together) {
                let count = min(together, columns - first)
                let strip = try read(
                    SlideRectangle(x: first * side, y: row * side, width: count * side, height: side),
                    downsample: downsample)
                for place in 0..<count {
                    let (from, to) = (strip.width * place / count, max(1, strip.width * (place + 1) / count))
                    let part = strip.cut(columns: min(from, to - 1)..<to, rows: 0..<strip.height)
                    occupied[row * columns + first + place] = !part.isEven
                }
            }
        }
        return occupied
    }
}

extension RGBImage {
    /// Whether all pixels have one colour to within a few steps.
    fileprivate var isEven: Bool {
        (0..<3).allSatisfy { channel in
            var (least, most) = (UInt8.max, UInt8.min)
            for place in stride(from: channel, to: pixels.count, by: 3) {
                least = min(least, pixels[place])
                most = max(most, pixels[place])
            }
            return most - least <= 6
        }
    }
}
