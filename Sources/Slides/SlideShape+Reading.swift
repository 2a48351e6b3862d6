import CSlides

extension SlideShape {
    /// Pixels of a tile that OpenSlide 3.4 keeps: its store holds 32 MiB.
    private static let keptPixels = 8 << 20

    /// What an opened slide says of itself, held against the limits.
    /// - Returns: Its shape, and OpenSlide's number of each level: those that cannot be read rightly are passed over.
    static func read(
        _ slide: OpaquePointer, path: String, limits: SlideLimits
    ) throws(SlideError) -> (shape: SlideShape, numbers: [Int32]) {
        let count = Int(csl_level_count(slide))
        guard (1...limits.levels).contains(count) else {
            throw SlideError(.beyondLimits, "\(path) has \(count) levels; slides of 1 to \(limits.levels) are read")
        }
        var (levels, numbers): ([Level], [Int32]) = ([], [])
        for number in 0..<count {
            let level = try Self.level(slide, number, path: path, limits: limits)
            // A smaller level whose tiles are decoded anew at every reading costs more than the next larger one.
            let most = number == 0 ? limits.pixelsPerRead : min(limits.pixelsPerRead, keptPixels)
            do { try checkTile(of: level, slide, number, path: path, most: most) } catch {
                if number == 0 { throw error }
                continue
            }
            levels.append(level)
            numbers.append(Int32(number))
        }
        let shape = SlideShape(
            format: property(slide, "openslide.vendor") ?? "unknown", levels: levels, micrometresPerPixel: scale(slide),
            objectivePower: number(slide, "openslide.objective-power", within: 1...200),
            associatedImages: associatedImages(slide))
        return (shape, numbers)
    }

    private static func level(
        _ slide: OpaquePointer, _ number: Int, path: String, limits: SlideLimits
    ) throws(SlideError) -> Level {
        var (width, height, downsample): (Int64, Int64, Double) = (0, 0, 0)
        csl_level(slide, Int32(number), &width, &height, &downsample)
        guard (1...Int64(limits.side)).contains(width), (1...Int64(limits.side)).contains(height) else {
            throw SlideError(
                .beyondLimits,
                "level \(number) of \(path) says that it has \(width)x\(height) pixels; 1 to \(limits.side) a side are read"
            )
        }
        guard downsample >= 1, downsample.isFinite else {
            throw SlideError(.damaged, "level \(number) of \(path) says that it is reduced \(downsample) times")
        }
        return Level(width: Int(width), height: Int(height), downsample: downsample)
    }

    private static func checkTile(
        of level: Level, _ slide: OpaquePointer, _ number: Int, path: String, most: Int
    ) throws(SlideError) {
        func side(_ name: String) -> Double { self.number(slide, name, within: 1...1e12) ?? 1 }
        let (width, height) = (
            side("openslide.level[\(number)].tile-width"), side("openslide.level[\(number)].tile-height")
        )
        // OpenSlide 3.4 and libtiff 4.5 disagree about rows of a level that is smaller than its tiles: it comes out slanted.
        guard Double(level.width) >= width, Double(level.height) >= height else {
            throw SlideError(
                .beyondLimits,
                "\(path) is smaller than one of its tiles (\(level.width)x\(level.height) pixels); screen it as an image, or "
                    + "write it with smaller tiles")
        }
        // A tile is decoded as a whole, and OpenSlide 3.4 counts the bytes of one of NDPI (a whole level, where that has no restart
        // markers) and of an image of MIRAX in 32 bits: with more it writes over whatever lies behind them.
        let image = miraxImage(slide, number) ?? (width, height)
        guard max(width * height, image.width * image.height) <= Double(most) else {
            let (width, height) = (Int(max(width, image.width)), Int(max(height, image.height)))
            throw SlideError(
                .beyondLimits,
                "\(path) has \(width)x\(height) pixels in one piece, and \(most) are decoded at once; write it with smaller "
                    + "tiles (`vips tiffsave --tile --pyramid`)")
        }
    }

    /// Width and height of the images of a level of MIRAX, in pixels; nil for other formats.
    private static func miraxImage(_ slide: OpaquePointer, _ number: Int) -> (width: Double, height: Double)? {
        guard let section = property(slide, "mirax.HIERARCHICAL.HIER_0_VAL_\(number)_SECTION") else { return nil }
        func side(_ name: String) -> Double {
            self.number(slide, "mirax.\(section).DIGITIZER_\(name)", within: 1...1e12) ?? 1e12
        }
        return (side("WIDTH"), side("HEIGHT"))
    }

    private static func associatedImages(_ slide: OpaquePointer) -> [AssociatedImage] {
        var images: [AssociatedImage] = []
        while images.count < 32, let name = csl_associated_name(slide, Int32(images.count)) {
            var (width, height): (Int64, Int64) = (0, 0)
            csl_associated_size(slide, name, &width, &height)
            images.append(AssociatedImage(name: String(cString: name), width: Int(width), height: Int(height)))
        }
        return images.sorted { $0.name < $1.name }
    }

    /// What the scanner wrote, else the resolution of a TIFF file where a microscope can have it: a file that nobody gave a
    /// resolution says 72 pixels an inch, or 10 a centimetre.
    private static func scale(_ slide: OpaquePointer) -> Double? {
        let plausible = 0.02...20.0
        if let x = number(slide, "openslide.mpp-x", within: plausible),
            let y = number(slide, "openslide.mpp-y", within: plausible)
        {
            return (x * y).squareRoot()
        }
        let unit: Double
        switch property(slide, "tiff.ResolutionUnit") {
        case "centimeter": unit = 10_000
        case "inch": unit = 25_400
        default: return nil
        }
        guard let x = number(slide, "tiff.XResolution", within: 1...1e7),
            let y = number(slide, "tiff.YResolution", within: 1...1e7)
        else { return nil }
        let micrometres = unit / (x * y).squareRoot()
        return plausible.contains(micrometres) ? micrometres : nil
    }

    private static func property(_ slide: OpaquePointer, _ name: String) -> String? {
        csl_property(slide, name).map { String(cString: $0) }
    }

    private static func number(_ slide: OpaquePointer, _ name: String, within range: ClosedRange<Double>) -> Double? {
        property(slide, name).flatMap(Double.init).flatMap { range.contains($0) ? $0 : nil }
    }
}
