import Findings
import Foundation
import Imaging
import Testing

@Suite struct FieldLikenessTests {
    /// A drawn field of 800 pixels a side.
    private static func drawn(_ seed: UInt64, class label: Int = 1) throws -> RGBImage {
        try DrawnSmear.draw(class: label, seed: seed, side: 800)
    }

    private static func likeness(_ image: RGBImage) throws -> FieldLikeness { try FieldLikeness(of: image) }

    private static func crop(_ image: RGBImage, x: Int, y: Int = 100) -> RGBImage {
        image.cut(columns: x..<x + 400, rows: y..<y + 400)
    }

    /// Turned by 90° and compressed anew.
    private static func changed(_ image: RGBImage) throws -> RGBImage {
        var pixels = [UInt8](repeating: 0, count: image.pixels.count)
        for row in 0..<image.height {
            for column in 0..<image.width {
                let from = (row * image.width + column) * 3
                let to = (column * image.height + image.height - 1 - row) * 3
                for channel in 0..<3 { pixels[to + channel] = image.pixels[from + channel] }
            }
        }
        let turned = RGBImage(width: image.height, height: image.width, pixels: pixels)
        return try ImageDecoder.decode(ImageEncoder.jpeg(turned, quality: 60))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `crops that overlap are found, also turned, reduced and compressed anew`(seed: UInt64) throws {
        let field = try Self.drawn(seed)
        let left = try Self.likeness(Self.crop(field, x: 50))
        for shift in [80, 200] {
            let right = Self.crop(field, x: 50 + shift)
            #expect(try left.relation(to: Self.likeness(right)) == .overlapping, "\(shift)")
            #expect(try left.relation(to: Self.likeness(Self.changed(right))) == .overlapping, "\(shift) turned")
            let small = try right.resized(width: 260, height: 260)
            #expect(try Self.likeness(small).relation(to: left) == .overlapping, "\(shift) reduced")
        }
    }

    @Test func `the same picture is near, however it was saved`() throws {
        let field = try Self.drawn(4)
        let first = try Self.likeness(field)
        #expect(try first.relation(to: Self.likeness(Self.changed(field))) == .near)
        #expect(try first.relation(to: Self.likeness(field.resized(width: 300, height: 300))) == .near)
    }

    @Test func `different fields of one smear, and of others, are not the same`() throws {
        // Four corners of one drawing share stain, light and red cells' size.
        let fields = try [11, 12, 13, 14].flatMap { seed -> [RGBImage] in
            let one = try Self.drawn(UInt64(seed), class: seed % 4)
            return [(0, 0), (400, 0), (0, 400), (400, 400)].map { Self.crop(one, x: $0.0, y: $0.1) }
        }
        let all = try fields.map(Self.likeness)
        for (place, one) in all.enumerated() {
            for other in all.dropFirst(place + 1) { #expect(try one.relation(to: other) == nil, "\(place)") }
        }
    }

    @Test func `it goes through its bytes, and other bytes are refused`() throws {
        let field = try Self.drawn(5)
        let likeness = try Self.likeness(field)
        let data = likeness.data
        #expect(data.count < 40_000)
        let read = try #require(FieldLikeness(data: data))
        #expect(read == likeness)
        let part = try Self.likeness(Self.crop(field, x: 200))
        #expect(try read.relation(to: part) == likeness.relation(to: part))
        #expect(FieldLikeness(data: data.dropLast()) == nil)
        #expect(FieldLikeness(data: Data()) == nil)
        #expect(FieldLikeness(data: Data([200, 200, 255, 255])) == nil)
    }

    @Test(arguments: [(1, 1), (40, 3), (64, 64)])
    func `an image without anything to find is like no other`(size: (Int, Int)) throws {
        let flat = RGBImage(width: size.0, height: size.1, pixels: .init(repeating: 128, count: size.0 * size.1 * 3))
        let likeness = try Self.likeness(flat)
        #expect(try likeness.relation(to: Self.likeness(Self.drawn(6))) == nil)
        #expect(try likeness.relation(to: likeness) == nil)
        #expect(FieldLikeness(data: likeness.data) == likeness)
    }
}
