import Foundation
import Imaging
import ProcessFixtures
import Testing

/// A slide of a drawn smear as a tiled pyramid that libvips wrote: from the left thick, one layer, and the edge.
struct DrawnSlide {
    /// Of level 0.
    static let micrometresPerPixel = 0.5
    /// Width and height of a drawn square, of which each part is two wide and the slide is two high.
    static let square = 768
    static let width = 6 * square
    static let height = 2 * square
    /// Columns of the one layer.
    static let monolayer = 2 * square..<4 * square

    let folder: URL
    let path: String

    /// Lends a slide in a folder that is removed afterwards.
    static func lend(saying scale: Bool = true, _ body: (DrawnSlide) throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("slides-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) }
        }
        let slide = DrawnSlide(folder: folder, path: folder.appendingPathComponent("smear.tif").path)
        let picture = folder.appendingPathComponent("smear.png")
        try Data(ImageEncoder.png(drawn.get(), level: 1)).write(to: picture)
        try await slide.pyramid(of: picture, more: scale ? ["--xres", "2000", "--yres", "2000"] : [])
        try body(slide)
    }

    /// Runs libvips.
    private func pyramid(of picture: URL, more: [String]) async throws {
        let written = try await StartedProgram.run(
            [
                "/usr/bin/vips", "tiffsave", picture.path, path, "--pyramid", "--tile", "--tile-width", "64",
                "--tile-height", "64",
            ] + more)
        try #require(written.code == 0)
    }

    /// The smear at level 0, drawn once.
    static let drawn = Result { try draw() }

    private static func draw() throws -> RGBImage {
        let kinds = DrawnCells.Kind.allCases
        let cells = (0..<16).map { number in
            let kind = kinds[number % 4]
            return DrawnCells.Cell(
                kind: kind, middle: PixelPlace(x: 96 + 192 * Double(number % 4), y: 96 + 192 * Double(number / 4)),
                nucleusRadius: kind.nucleusRadius.lowerBound)
        }
        let layer = try DrawnCells(cells, redCellPixels: 16.8, seed: 3, side: square).image
        let without = try DrawnCells([], redCellPixels: 16.8, seed: 3, side: square).image
        let glass = brightest(without)
        let turned = without.mirrored()
        let thick = product(product(without, turned, glass), product(turned.turned(), without.turned(), glass), glass)
        let edge = sparse(without, glass)
        let parts = [thick, thick.mirrored(), layer, layer.mirrored(), edge, edge.mirrored()]
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * 3)
        for row in 0..<height {
            for part in parts {
                let start = row % square * square * 3
                pixels += part.pixels[start..<start + square * 3]
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// The 95th percentile of each channel.
    private static func brightest(_ image: RGBImage) -> [Double] {
        (0..<3).map { channel in
            let values = stride(from: channel, to: image.pixels.count, by: 3).map { image.pixels[$0] }.sorted()
            return Double(values[values.count * 95 / 100])
        }
    }

    /// Two layers over each other: light goes through both.
    private static func product(_ first: RGBImage, _ second: RGBImage, _ glass: [Double]) -> RGBImage {
        RGBImage(
            width: first.width, height: first.height,
            pixels: zip(first.pixels, second.pixels).enumerated().map { place, light in
                UInt8(min(255, Double(light.0) * Double(light.1) / glass[place % 3]))
            })
    }

    /// Mostly glass: of the drawing only spots a hundred pixels apart.
    private static func sparse(_ image: RGBImage, _ glass: [Double]) -> RGBImage {
        var result = image
        for place in 0..<image.width * image.height {
            let (x, y) = (place % image.width % 100 - 50, place / image.width % 100 - 50)
            if x * x + y * y > 18 * 18 {
                for channel in 0..<3 { result.pixels[place * 3 + channel] = UInt8(glass[channel]) }
            }
        }
        return result
    }
}

extension RGBImage {
    /// Left and right exchanged.
    func mirrored() -> RGBImage { moved { x, y in (width - 1 - x, y) } }

    /// Rows and columns exchanged, of a square.
    func turned() -> RGBImage { moved { x, y in (y, x) } }

    private func moved(_ from: (Int, Int) -> (Int, Int)) -> RGBImage {
        var result = self
        for place in 0..<width * height {
            let (x, y) = from(place % width, place / width)
            for channel in 0..<3 { result.pixels[place * 3 + channel] = pixels[(y * width + x) * 3 + channel] }
        }
        return result
    }
}
