import Imaging
import Testing

@Suite struct FieldPlanTests {
    @Test func `cuts a large image into fields beside each other, with equal rims`() throws {
        // 28 to 14 pixels a red cell halves 1000 by 700: 500 by 350 hold two by one fields of 224.
        let plan = try FieldPlan(width: 1000, height: 700, redCellPixels: 28)
        #expect(plan.resizedWidth == 500 && plan.resizedHeight == 350)
        #expect(plan.fields.map(\.x) == [26, 250])
        #expect(plan.fields.map(\.y) == [63, 63])
        #expect(abs(plan.covered - Double(2 * 224 * 224) / Double(500 * 350)) < 1e-12)
    }

    @Test(arguments: [(640, 480), (300, 224), (4032, 3024), (97, 131), (225, 224), (1, 1)], [9.0, 14, 15.5, 41, 110])
    func `keeps the shape, overlaps nowhere and leaves equal rims`(size: (Int, Int), redCell: Double) throws {
        for side in [64, 97] {
            let plan = try FieldPlan(
                width: size.0, height: size.1, redCellPixels: redCell, target: 14, side: side)
            let factor = 14 / redCell
            #expect(abs(Double(plan.resizedWidth) - Double(size.0) * factor) <= 2)
            #expect(abs(Double(plan.resizedHeight) - Double(size.1) * factor) <= 2)
            for (index, field) in plan.fields.enumerated() {
                for other in plan.fields[(index + 1)...] {
                    #expect(abs(field.x - other.x) >= side || abs(field.y - other.y) >= side)
                }
            }
            let right = plan.fields.map { $0.x + $0.width }.max() ?? 0
            #expect(plan.resizedWidth - right == plan.fields[0].x)
            let bottom = plan.fields.map { $0.y + $0.height }.max() ?? 0
            #expect(plan.resizedHeight - bottom == plan.fields[0].y)
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
        #expect(try plain.fields(of: image) == [image])
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
