import Imaging
import Testing

@Suite struct ImageBackdropTests {
    @Test func `a drawn smear has every figure, the same each time`() throws {
        let image = try DrawnSmear.draw(class: 2, seed: 5)
        let backdrop = try ImageBackdrop.measure(image)
        #expect(backdrop.values.count == ImageBackdrop.names.count)
        #expect(backdrop.values.allSatisfy { $0.isFinite })
        #expect(backdrop.stain == Array(backdrop.values[0..<6]))
        #expect(try ImageBackdrop.measure(image) == backdrop)
    }

    @Test func `a warmer lamp moves the ground and leaves red cells where they are from it`() throws {
        var image = try DrawnSmear.draw(class: 1, seed: 8)
        let before = try ImageBackdrop.measure(image)
        for place in stride(from: 2, to: image.pixels.count, by: 3) {
            image.pixels[place] = UInt8(Double(image.pixels[place]) * 0.85)
        }
        let after = try ImageBackdrop.measure(image)
        #expect(after.values[2] > before.values[2] + 5)
        #expect(abs(after.values[3] - before.values[3]) < 4)
    }

    @Test func `nuclei do not count`() throws {
        // Grey ground, pale discs for red cells, and the same with violet discs put onto ground.
        var image = ImageFixture.flat(width: 224, height: 224, 240, 240, 240)
        for (x, y) in [(40, 40), (100, 40), (40, 100), (100, 100), (160, 40)] {
            image.disc(x, y, radius: 14, [205, 190, 190])
        }
        let before = try ImageBackdrop.measure(image)
        for (x, y) in [(40, 160), (100, 160)] { image.disc(x, y, radius: 16, [110, 60, 160]) }
        let after = try ImageBackdrop.measure(image)
        for figure in 0..<6 { #expect(abs(after.values[figure] - before.values[figure]) < 0.5) }
    }

    @Test(
        arguments: [
            (ImageBackdrop.ScaleBar.none, 0, [UInt8](repeating: 0, count: 3)), (.small, 6, [0, 0, 0]),
            (.large, 36, [0, 0, 0]), (.red, 6, [220, 20, 30]),
        ])
    func `scale bars are told apart`(bar: ImageBackdrop.ScaleBar, length: Int, colour: [UInt8]) throws {
        var image = ImageFixture.flat(width: 224, height: 224, 240, 240, 240)
        for x in 180..<180 + length {
            for y in 205..<209 { image.set(x, y, colour) }
        }
        #expect(try ImageBackdrop.measure(image).scaleBar == bar)
    }

    @Test func `a plain image has a ground and no detail`() throws {
        let values = try ImageBackdrop.measure(ImageFixture.flat(width: 32, height: 20, 255, 255, 255)).values
        #expect(abs(values[0] - 100) < 0.1 && abs(values[1]) < 0.1 && abs(values[2]) < 0.1)
        #expect(values[3...5].allSatisfy { abs($0) < 1e-3 })
        #expect(values.allSatisfy { $0.isFinite })
    }

    @Test(arguments: [(0, 0), (7, 9), (1, 1)])
    func `what is too small is refused`(width: Int, height: Int) {
        #expect(throws: ImagingError.self) {
            try ImageBackdrop.measure(ImageFixture.flat(width: width, height: height, 9, 9, 9))
        }
    }
}

extension RGBImage {
    fileprivate mutating func set(_ x: Int, _ y: Int, _ colour: [UInt8]) {
        for channel in 0..<3 { pixels[(y * width + x) * 3 + channel] = colour[channel] }
    }

    fileprivate mutating func disc(_ centerX: Int, _ centerY: Int, radius: Int, _ colour: [UInt8]) {
        for y in centerY - radius...centerY + radius {
            for x in centerX - radius...centerX + radius
            where (x - centerX) * (x - centerX) + (y - centerY) * (y - centerY) <= radius * radius {
                set(x, y, colour)
            }
        }
    }
}
