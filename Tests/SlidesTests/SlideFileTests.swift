import Foundation
import Imaging
import Slides
import Testing

@Suite struct SlideFileTests {
    private func error(_ body: () throws -> Void) -> SlideError? {
        do {
            try body()
            return nil
        } catch { return error as? SlideError }
    }

    @Test func `tells format, levels and scale of a pyramid`() async throws {
        try await DrawnSlide.lend { slide in
            let shape = try SlideFile(path: slide.path).shape
            #expect(shape.format == "generic-tiff")
            #expect(shape.width == DrawnSlide.width && shape.height == DrawnSlide.height)
            #expect(shape.levels.map { Int($0.downsample.rounded()) } == [1, 2, 4, 8, 16])
            // The level after that is smaller than a tile.
            #expect(abs((shape.micrometresPerPixel ?? 0) - DrawnSlide.micrometresPerPixel) < 1e-6)
            #expect(shape.associatedImages.isEmpty)
        }
    }

    @Test func `a resolution that nobody stated is no scale`() async throws {
        try await DrawnSlide.lend(saying: false) { slide in
            let file = try SlideFile(path: slide.path)
            #expect(file.shape.micrometresPerPixel == nil)
            #expect(error { _ = try file.micrometresPerPixel() }?.code == .noScale)
            #expect(try file.micrometresPerPixel(given: 0.25) == 0.25)
            let most = SlideFile.scales.upperBound
            #expect(abs(most - 2.1) < 1e-9)
            #expect(try file.micrometresPerPixel(given: most) == most)
            #expect(ImageScale.range.contains(SiteScale.micrometresPerPixel(most).redCellPixels))
            for wrong in [0.01, 2.2, 40] {
                #expect(error { _ = try file.micrometresPerPixel(given: wrong) }?.code == .noScale)
            }
        }
    }

    @Test func `reads the pixels that were written, and white around them`() async throws {
        try await DrawnSlide.lend { slide in
            let file = try SlideFile(path: slide.path)
            let part = try file.read(x: 700, y: 40, level: 0, width: 300, height: 200)
            #expect(try part == DrawnSlide.drawn.get().cut(columns: 700..<1000, rows: 40..<240))
            let corner = try file.read(
                x: DrawnSlide.width - 10, y: DrawnSlide.height - 10, level: 0, width: 20, height: 20)
            #expect(corner.pixels.suffix(20 * 3).allSatisfy { $0 == 255 })
            #expect(
                try corner.cut(columns: 0..<10, rows: 0..<10)
                    == DrawnSlide.drawn.get().cut(
                        columns: DrawnSlide.width - 10..<DrawnSlide.width,
                        rows: DrawnSlide.height - 10..<DrawnSlide.height))
        }
    }

    @Test func `tiles of the last zoom are the slide, and the first holds it whole`() async throws {
        try await DrawnSlide.lend { slide in
            let file = try SlideFile(path: slide.path)
            let tiles = SlideTiles(file.shape)
            #expect(tiles.lastZoom == 5)
            #expect(tiles.count(zoom: 5) == (18, 6))
            let tile = try file.tile(zoom: 5, column: 9, row: 2)
            #expect(try tile == DrawnSlide.drawn.get().cut(columns: 2304..<2560, rows: 512..<768))
            let whole = try file.tile(zoom: 0, column: 0, row: 0)
            #expect(whole.width == 144 && whole.height == 48)
            #expect(error { _ = try file.tile(zoom: 6, column: 0, row: 0) }?.code == .notThere)
            #expect(error { _ = try file.tile(zoom: 5, column: 18, row: 0) }?.code == .notThere)
        }
    }

    @Test func `what is no part, or too much, is refused before it is read`() async throws {
        try await DrawnSlide.lend { slide in
            var limits = SlideLimits()
            limits.pixelsPerRead = 1_000_000
            let file = try SlideFile(path: slide.path, limits: limits)
            #expect(
                error { _ = try file.read(x: 0, y: 0, level: 0, width: 2000, height: 600) }?.code == .beyondLimits)
            #expect(
                error { _ = try file.read(x: 0, y: 0, level: 0, width: .max, height: 3) }?.code == .beyondLimits)
            #expect(error { _ = try file.read(x: 0, y: 0, level: 6, width: 1, height: 1) }?.code == .notThere)
            #expect(error { _ = try file.read(x: 0, y: 0, level: 0, width: 0, height: 1) }?.code == .notThere)
            #expect(
                error { _ = try file.read(x: .min, y: 0, level: 0, width: 1, height: 1) }?.code == .notThere)
            let endless = SlideRectangle(x: 0, y: 0, width: .max, height: .max)
            #expect(error { _ = try file.read(endless, downsample: 4) }?.code == .notThere)
            #expect(error { _ = try file.associatedImage("label") }?.code == .notThere)
            limits.levels = 3
            #expect(error { _ = try SlideFile(path: slide.path, limits: limits) }?.code == .beyondLimits)
        }
    }

    @Test func `levels show the same, at any size`() async throws {
        try await DrawnSlide.lend { slide in
            let file = try SlideFile(path: slide.path)
            let all = SlideRectangle(x: 0, y: 0, width: DrawnSlide.width, height: DrawnSlide.height)
            let small = try file.read(all, downsample: 16)
            let large = try file.read(all, downsample: 2).resized(width: small.width, height: small.height)
            let apart = zip(small.pixels, large.pixels).map { abs(Int($0) - Int($1)) }
            #expect(Double(apart.reduce(0, +)) / Double(apart.count) < 3)
        }
    }

    @Test func `files that are no slides are named for what they are`() async throws {
        try await DrawnSlide.lend { slide in
            func refusal(_ name: String) -> SlideError? {
                error { _ = try SlideFile(path: slide.folder.appendingPathComponent(name).path) }
            }
            #expect(refusal("missing.svs")?.code == .unreadable)
            #expect(refusal("smear.png")?.code == .unknownFormat)
            #expect(refusal(".")?.code == .unknownFormat)
            try Data([UInt8](repeating: 0, count: 128) + "DICM".utf8).write(
                to: slide.folder.appendingPathComponent("slide.dcm"))
            let dicom = refusal("slide.dcm")
            #expect(dicom?.code == .dicom)
            #expect(dicom?.message.contains("OpenSlide reads from version 4 on") == true)
            // OpenSlide knows it, whatever its name, and would open the files that it names.
            try Data("[Virtual Microscope Specimen]\nNoJpegColumns=1\nNoJpegRows=1\nMapFile=../map.jpg\n".utf8).write(
                to: slide.folder.appendingPathComponent("list.svs"))
            #expect(refusal("list.svs")?.code == .unknownFormat)
            let names = ["a.mrxs", "b.mrxs"]
            for name in names { try Data().write(to: slide.folder.appendingPathComponent(name)) }
            #expect(refusal(".")?.message.contains("holds 2 slides (a.mrxs, b.mrxs)") == true)
            let listless = refusal("a.mrxs")
            #expect(listless?.code == .unknownFormat && listless?.message.contains("a/Slidedat.ini") == true)
        }
    }

    @Test(arguments: ["FILE_0 = ../b/Data0000.dat", "INDEXFILE=/tmp/Index.dat", "\r\n  FILE_12\t=b/Data0012.dat\r"])
    func `a list of MRXS names no file of another folder`(_ line: String) {
        let own = Data("[DATAFILE]\nFILE_COUNT = 1\nFILE_0 = Data0000.dat\nNAME = a/b\n".utf8)
        #expect(error { try MIRAXList.check(own) } == nil)
        let found = error { try MIRAXList.check(own + Data("\(line)\n".utf8)) }
        #expect(found?.code == .damaged && found?.message.contains("outside of the slide's folder") == true)
        #expect(error { try MIRAXList.check(Data(repeating: 10, count: MIRAXList.maximumBytes + 1)) }?.code == .damaged)
    }

    @Test func `a slide that is cut short is damaged`() async throws {
        try await DrawnSlide.lend { slide in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: slide.path))
            let short = slide.folder.appendingPathComponent("short.tif")
            try bytes.prefix(bytes.count / 2).write(to: short)
            let found = error {
                let file = try SlideFile(path: short.path)
                _ = try file.read(
                    x: 0, y: 0, level: 0, width: DrawnSlide.width, height: DrawnSlide.height)
            }
            #expect(found?.code == .damaged || found?.code == .unknownFormat)
        }
    }
}
