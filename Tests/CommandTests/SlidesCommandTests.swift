import Foundation
import Imaging
import ProcessFixtures
import Testing

@Suite struct SlidesCommandTests {
    /// How wide a field is at this scale, in pixels.
    private static let side = 269

    /// Writes `smear.tif`, a tiled pyramid of drawn cells in one layer at 0.5 µm a pixel.
    private func makeSlide(in place: Place) async throws {
        let square = 600
        let kinds = DrawnCells.Kind.allCases
        let cells = (0..<9).map { number in
            let kind = kinds[number % kinds.count]
            return DrawnCells.Cell(
                kind: kind, middle: PixelPlace(x: 100 + 200 * Double(number % 3), y: 100 + 200 * Double(number / 3)),
                nucleusRadius: kind.nucleusRadius.lowerBound)
        }
        let drawn = try DrawnCells(cells, redCellPixels: 16.8, seed: 3, side: square).image
        try place.write(Data(ImageEncoder.png(drawn, level: 1)), to: "smear.png")
        let written = try await StartedProgram.run([
            "/usr/bin/vips", "tiffsave", place.url("smear.png").path, place.url("smear.tif").path, "--pyramid",
            "--tile",
            "--xres", "2000", "--yres", "2000",
        ])
        try #require(written.code == 0)
    }

    private func slides(_ arguments: [String], in place: Place) async throws -> ProgramRun.Outcome {
        try await Program.leukoscope.run(["slides"] + arguments, in: place.folder)
    }

    @Test func `info tells what the file says`() async throws {
        try await Place.lend { place in
            try await makeSlide(in: place)
            let outcome = try await slides(["info", "--json", "smear.tif"], in: place)
            try #require(outcome.code == 0, "\(outcome.errors)")
            let shape = try Place.object(outcome.output)
            #expect(shape["format"] as? String == "generic-tiff")
            #expect(abs((shape["micrometresPerPixel"] as? Double ?? 0) - 0.5) < 1e-6)
            let plain = try await slides(["info", "smear.tif"], in: place)
            #expect(plain.lines.first == "smear.tif  generic-tiff  600 × 600 pixels  0.5000 µm a pixel")
        }
    }

    @Test func `read screens the best fields, tells where they lie, and what they say together`() async throws {
        try await Place.lend { place in
            try await makeSlide(in: place)
            let outcome = try await slides(
                [
                    "read", "smear.tif", "--fields", "3", "--all", "--json", "--cells", "cells", "--model",
                    Place.demonstration.path,
                ], in: place)
            try #require(outcome.code == 0, "\(outcome.errors)")
            let lines = try outcome.lines.map(Place.object)
            try #require(lines.count == 4)
            for (number, line) in lines.prefix(3).enumerated() {
                #expect(line["field"] as? Int == number + 1)
                let pixels = try #require(line["pixels"] as? [String: Int])
                let micrometres = try #require(line["micrometres"] as? [String: Double])
                #expect(pixels["width"] == Self.side && pixels["height"] == Self.side)
                #expect(try abs(#require(micrometres["x"]) - 0.5 * Double(#require(pixels["x"]))) < 0.1)
                let answer = try #require(line["answer"] as? [String: Any])
                let scale = try #require(answer["scale"] as? [String: Any])
                #expect(scale["source"] as? String == "site")
                #expect(abs((scale["micrometresPerPixel"] as? Double ?? 0) - 0.5) < 1e-3)
            }
            let last = lines[3]
            #expect((last["fields"] as? [String: Int])?["read"] == 3)
            #expect(last["ended"] as? String == "fields")
            #expect((last["parts"] as? [String: Int])?["monolayer"] == 4)
            let names = try place.files(below: "cells")
            #expect(names.contains("cells.csv"))
            #expect(try place.text("cells/cells.csv").hasPrefix("file,cell,x,y,width,height,type,"))
        }
    }

    @Test func `bad slides and bad usage have their codes`() async throws {
        try await Place.lend { place in
            try place.write(Data("no slide".utf8), to: "letter.svs")
            let letter = try await slides(["info", "letter.svs"], in: place)
            #expect(letter.code == 65 && letter.errors.contains("letter.svs is no slide that OpenSlide"))
            let missing = try await slides(
                ["read", "missing.svs", "--model", Place.tinyPackage.path], in: place)
            #expect(missing.code == 65 && missing.errors.contains("there is no slide"))
            let usage = try await slides(["read", "letter.svs", "--fields", "0"], in: place)
            #expect(usage.code == 64)
            let coarse = try await slides(["read", "letter.svs", "--micrometres-per-pixel", "3"], in: place)
            #expect(coarse.code == 64 && coarse.errors.contains("between 0.02 and 2.1"))
        }
    }
}
