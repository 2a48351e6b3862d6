import Imaging
import Testing

@Suite struct JPEGPictureTests {
    /// A JPEG file of 32 by 32 pixels written by hand (ITU-T T.81, annex B): every block has the same mean and nothing else.
    private struct WrittenJPEG {
        /// Bits of the first block's mean, and the mean.
        var category = 10
        var mean = 1016
        /// Of each of the three colours, across and down.
        var sampling: UInt8 = 0x11
        /// One scan for all colours, or one each.
        var isInterleaved = true

        var bytes: [UInt8] {
            var file: [UInt8] = [0xFF, 0xD8]
            file += Self.segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
            file += Self.segment(0xC0, [8, 0, 32, 0, 32, 3] + [1, 2, 3].flatMap { [UInt8($0), sampling, 0] })
            // Means: 0 for the category, 10 for none. The rest: 0 for the end of a block.
            file += Self.segment(0xC4, [0x00, 1, 1] + [UInt8](repeating: 0, count: 14) + [UInt8(category), 0])
            file += Self.segment(0xC4, [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0])
            for colours in isInterleaved ? [[1, 2, 3]] : [[1], [2], [3]] {
                file += Self.segment(
                    0xDA, [UInt8(colours.count)] + colours.flatMap { [UInt8($0), 0] } + [0, 63, 0])
                file += scan(colours: colours.count)
            }
            return file + [0xFF, 0xD9]
        }

        private func scan(colours: Int) -> [UInt8] {
            var bits: [Bool] = []
            for block in 0..<(16 * colours) {
                if block < colours {
                    bits += [false] + (0..<category).reversed().map { mean >> $0 & 1 == 1 }
                } else {
                    bits += [true, false]
                }
                bits.append(false)
            }
            bits += [Bool](repeating: true, count: (8 - bits.count % 8) % 8)
            return stride(from: 0, to: bits.count, by: 8).flatMap { start -> [UInt8] in
                let byte = bits[start..<(start + 8)].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
                return byte == 0xFF ? [0xFF, 0] : [byte]
            }
        }

        private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
            [0xFF, marker] + WrittenFile.big(content.count + 2, 2) + content
        }
    }

    @Test(arguments: ["plain.jpg", "progressive.jpg"])
    func `keeps every pixel and nothing else of the file`(name: String) throws {
        let file = try ImageFixture.bytes(name)
        let note = Array("patient: Jane Doe".utf8)
        let noted = Array(file.prefix(2)) + [0xFF, 0xFE, 0, UInt8(note.count + 2)] + note + file.dropFirst(2) + note
        let (plain, copy) = (try #require(try JPEGPicture(of: file)), try #require(try JPEGPicture(of: noted)))
        #expect(copy.bytes == plain.bytes)
        #expect(try ImageDecoder.decode(copy.bytes) == ImageDecoder.decode(file))
    }

    /// The copy of a progressive file is a sequential one, and larger.
    @Test func `makes nothing larger than what is let in`() throws {
        let file = try ImageFixture.bytes("progressive.jpg")
        let copy = try #require(try JPEGPicture(of: file)).bytes.count
        try #require(copy > file.count)
        for (most, isKept) in [(file.count, false), (copy - 1, false), (copy, true)] {
            var limits = ImageLimits.default
            limits.maximumBytes = most
            #expect(try (JPEGPicture(of: file, limits: limits) != nil) == isKept, "\(most)")
        }
    }

    @Test func `copies a file with means that usual tables have codes for`() throws {
        let file = WrittenJPEG().bytes
        let copy = try #require(try JPEGPicture(of: file))
        #expect(try ImageDecoder.decode(copy.bytes) == ImageDecoder.decode(file))
    }

    /// Written with the usual tables, these would be another picture.
    @Test(arguments: [(11, 1024), (12, 2048), (15, 16_384), (11, 1022), (12, 1)])
    func `leaves a file with other means to the decoder`(category: Int, mean: Int) throws {
        let file = WrittenJPEG(category: category, mean: mean).bytes
        #expect(try JPEGPicture(of: file) == nil)
        #expect(try ImageDecoder.decode(file).width == 32)
    }

    /// Twelve blocks in a unit, of which a scan of all colours has ten at most (T.81, B.2.3).
    @Test func `leaves a file that no single scan can hold to the decoder`() throws {
        let file = WrittenJPEG(sampling: 0x22, isInterleaved: false).bytes
        #expect(try JPEGPicture(of: file) == nil)
        #expect(try ImageDecoder.decode(file).width == 32)
    }
}
