import Imaging
import Testing

@Suite struct FieldPlanTests {
    @Test func `cuts a large image into fields that show all of it, overlapping evenly`() throws {
        // 28 to 14 pixels a red cell halves 1000 by 700: 500 by 350 take three by two fields of 224.
        let plan = try FieldPlan(width: 1000, height: 700, redCellPixels: 28)
        #expect(plan.resizedWidth == 500 && plan.resizedHeight == 350)
        #expect(plan.fields.map(\.x) == [0, 138, 276, 0, 138, 276])
        #expect(plan.fields.map(\.y) == [0, 0, 0, 126, 126, 126])
        #expect(plan.covered == 1)
    }

    @Test func `lays fields beside each other where they fit, and leaves out a rim of a twentieth of a field`() throws {
        let plan = try FieldPlan(width: 460, height: 240, redCellPixels: 14)
        #expect(plan.fields.map(\.x) == [6, 230] && plan.fields.map(\.y) == [8, 8])
        #expect(abs(plan.covered - Double(2 * 224 * 224) / Double(460 * 240)) < 1e-12)
        let place = plan.rectangle(of: plan.fields[1])
        #expect(place.x == 230 && place.y == 8 && place.width == 224 && place.height == 224)
    }

    @Test(arguments: [(640, 480), (300, 224), (4032, 3024), (97, 131), (225, 224), (1, 1)], [9.0, 14, 15.5, 41, 110])
    func `keeps the shape, shows all but a thin rim, and lies evenly from both sides`(size: (Int, Int), redCell: Double)
        throws
    {
        for side in [64, 97] {
            let plan = try FieldPlan(
                width: size.0, height: size.1, redCellPixels: redCell, target: 14, side: side)
            let factor = 14 / redCell
            #expect(abs(Double(plan.resizedWidth) - Double(size.0) * factor) <= 2)
            #expect(abs(Double(plan.resizedHeight) - Double(size.1) * factor) <= 2)
            for (starts, length) in [
                (Set(plan.fields.map(\.x)).sorted(), plan.resizedWidth),
                (Set(plan.fields.map(\.y)).sorted(), plan.resizedHeight),
            ] {
                #expect(starts.reversed().map { length - side - $0 } == starts)
                #expect(Double(starts[0]) <= 0.05 * Double(side) + 1)
                // As few as can be: one less would leave out more than the rims, and none has a gap before it.
                #expect(
                    starts.count == 1 || Double((starts.count - 1) * side) < Double(length) - 0.1 * Double(side) + 2)
                for (one, next) in zip(starts, starts.dropFirst()) { #expect(next > one && next - one <= side) }
            }
        }
    }

    @Test func `lays a small image into the middle of empty glass, or leaves it as it is`() throws {
        let image = ScaleFixture.discs(width: 120, height: 80, diameter: 14)
        let padded = try FieldPlan(width: 120, height: 80, redCellPixels: 14)
        let field = try padded.fields(of: image)[0]
        #expect(field.width == 224 && field.height == 224)
        #expect(Array(field.pixels[0..<3]) == ScaleFixture.glass)
        let left = ImageFixture.color(field, 52 + 20, 72 + 40)
        #expect(left == ImageFixture.color(image, 20, 40))
        let plain = try FieldPlan(width: 120, height: 80, redCellPixels: 14, smallImages: .asTheyAre)
        #expect(try Array(plain.fields(of: image)) == [image])
        #expect(plain.covered == 1)
    }

    @Test(arguments: [14.0, 20, 23.7, 9.3]) func `gives a turned image the turned fields, to the bit`(redCell: Double)
        throws
    {
        let image = try DrawnSmear.draw(class: 1, seed: 5, side: 311)
        let oblong = ScaleFixture.discs(width: 333, height: 250, diameter: 20, seed: 9)
        for image in [image, oblong] {
            let plan = try FieldPlan(width: image.width, height: image.height, redCellPixels: redCell, side: 97)
            let fields = try plan.fields(of: image)
            for (turn, other) in ScaleFixture.symmetries(image).enumerated() {
                let turned = try FieldPlan(
                    width: other.width, height: other.height, redCellPixels: redCell, side: 97
                ).fields(of: other)
                #expect(turned.count == fields.count)
                for field in fields {
                    let expected = ScaleFixture.symmetries(field)[turn]
                    #expect(turned.contains(expected), "turn \(turn)")
                }
            }
        }
    }

    @Test(arguments: [(640, 480), (1900, 700), (4032, 3024), (97, 131)], [9.0, 14, 41])
    func `a place belongs to one field that shows it, and to the turned one in a turned image`(
        size: (Int, Int), redCell: Double
    ) throws {
        let plan = try FieldPlan(width: size.0, height: size.1, redCellPixels: redCell)
        let turned = try FieldPlan(width: size.1, height: size.0, redCellPixels: redCell)
        let rim = 0.06 * 224 * redCell / 14 + 2
        var counts = [Int](repeating: 0, count: plan.fields.count)
        for step in 0..<400 {
            let (x, y) = (
                Double(size.0) * (Double(step * 37 % 400) + 0.317) / 400, Double(size.1) * (Double(step) + 0.533) / 400
            )
            let index = plan.field(atX: x, y: y)
            let place = plan.rectangle(of: plan.fields[index])
            #expect(x >= place.x - rim && x <= place.x + place.width + rim)
            #expect(y >= place.y - rim && y <= place.y + place.height + rim)
            counts[index] += 1
            // The image turned to the right: what was at the bottom is on the left.
            let other = turned.rectangle(of: turned.fields[turned.field(atX: Double(size.1) - y, y: x)])
            #expect(abs(other.y - place.x) < 0.01 && abs(Double(size.1) - other.x - other.width - place.y) < 0.01)
        }
        #expect(counts.reduce(0, +) == 400 && counts.count { $0 > 0 } > plan.fields.count / 2)
    }

    @Test func `refuses sizes and scales that are not above 0, and enlargements beyond 8192 pixels`() {
        #expect(throws: ImagingError.self) { try FieldPlan(width: 0, height: 10, redCellPixels: 14) }
        #expect(throws: ImagingError.self) { try FieldPlan(width: 10, height: 10, redCellPixels: 0) }
        #expect(throws: ImagingError.self) { try FieldPlan(width: 10, height: 10, redCellPixels: .nan) }
        #expect(throws: ImagingError.self) { try FieldPlan(width: 10, height: 10, redCellPixels: 14, side: 0) }
        #expect(throws: ImagingError.self) { try FieldPlan(width: 8000, height: 10, redCellPixels: 10) }
    }
}

@Suite struct PixelAspectTests {
    @Test func `widens squeezed images and heightens stretched ones`() throws {
        let image = ImageFixture.textured(width: 224, height: 224)
        let wide = try PixelAspect.squeezedFourToThree.widened(image)
        #expect(wide.width == 299 && wide.height == 224)
        let high = try PixelAspect(widthPerHeight: 0.5).widened(image)
        #expect(high.width == 224 && high.height == 448)
        #expect(try PixelAspect.square.widened(image) == image)
    }

    @Test(arguments: [0, -1, 0.2, 5, .nan]) func `refuses aspects that no camera has`(aspect: Double) {
        #expect(throws: ImagingError.self) { try PixelAspect(widthPerHeight: aspect) }
    }
}

@Suite struct SquareTurnTests {
    @Test func `all turns and mirror images of a field become the same pixels`() throws {
        let image = try DrawnSmear.draw(class: 2, seed: 8, side: 96)
        let upright = try image.upright().image
        #expect(ScaleFixture.symmetries(image).contains(upright))
        for turned in ScaleFixture.symmetries(image) { #expect(try turned.upright().image == upright) }
    }

    @Test func `a place of the field is found again in the turned one`() throws {
        for image in ScaleFixture.symmetries(try DrawnSmear.draw(class: 1, seed: 3, side: 64)) {
            let (upright, turn) = try image.upright()
            for (x, y) in [(0, 0), (63, 0), (5, 40), (31, 62), (50, 17)] {
                let place = turn.place(x: (Double(x) + 0.5) / 64, y: (Double(y) + 0.5) / 64)
                #expect(
                    ImageFixture.color(upright, Int(place.x * 64), Int(place.y * 64)) == ImageFixture.color(image, x, y)
                )
            }
        }
    }

    @Test func `only a square is turned`() {
        #expect(throws: ImagingError.self) { try ImageFixture.textured(width: 20, height: 30).upright() }
        #expect(throws: ImagingError.self) { try RGBImage(width: 0, height: 0, pixels: []).upright() }
    }

    @Test func `glass is open under any lamp, red cells and nuclei are not`() throws {
        let glass = ScaleFixture.glass
        #expect(ImageFixture.flat(width: 8, height: 8, glass[0], glass[1], glass[2]).openShare(glass: glass) == 1)
        // A corner with three quarters of the light, and all of it under red cells or nuclei.
        #expect(ImageFixture.flat(width: 8, height: 8, 177, 174, 170).openShare(glass: glass) == 1)
        #expect(ImageFixture.flat(width: 8, height: 8, 212, 150, 146).openShare(glass: glass) == 0)
        #expect(ImageFixture.flat(width: 8, height: 8, 110, 60, 150).openShare(glass: glass) == 0)
        let discs = ScaleFixture.discs(width: 200, height: 200, diameter: 20)
        // A disc of 20 in a square of 30; the rims of discs are neither.
        #expect(abs(discs.openShare(glass: glass) - (1 - Double.pi * 100 / 900)) < 0.08)
    }
}
