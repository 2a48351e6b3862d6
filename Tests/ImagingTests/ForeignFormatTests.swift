import Imaging
import Testing

@Suite struct ForeignFormatTests {
    private static func box(_ brand: String, _ others: [String] = []) -> [UInt8] {
        let content = Array("ftyp\(brand)\0\0\0\0".utf8) + others.flatMap { Array($0.utf8) }
        return WrittenFile.big(content.count + 4, 4) + content
    }

    private static let filler = [UInt8](repeating: 1, count: 200)

    private static let files: [(ForeignFormat, [[UInt8]])] = [
        (.gif, [Array("GIF89a".utf8), Array("GIF87a".utf8)]),
        (.avif, [box("avif", ["mif1", "miaf"]), box("mif1", ["avif"]), box("avis")]),
        (.jpegXL, [[0xFF, 0x0A], [0, 0, 0, 12] + Array("JXL \r\n".utf8)]),
        (.jpeg2000, [[0xFF, 0x4F, 0xFF, 0x51], [0, 0, 0, 12] + Array("jP  \r\n".utf8)]),
        (.photoshop, [Array("8BPS\0\u{1}".utf8)]),
        (.cameraRaw, [box("crx ", ["crx ", "isom"])]),
        (.dicom, [[UInt8](repeating: 0, count: 128) + Array("DICM".utf8)]),
        (.pdf, [Array("%PDF-1.7\n".utf8), Array("\u{FEFF}\n\n%PDF-2.0".utf8)]),
        (
            .video,
            [
                box("isom", ["mp42"]), box("qt  "), box("3gp5"), [0x1A, 0x45, 0xDF, 0xA3],
                [0, 0, 0, 8] + Array("wide".utf8),
                Array("RIFF\0\0\0\0AVI LIST".utf8), [0, 0, 1, 0xBA],
            ]
        ),
        (.archive, [Array("PK\u{3}\u{4}".utf8)]),
    ]

    @Test func `each kind is named for what it is, with what to do instead`() {
        for (kind, starts) in Self.files {
            for start in starts {
                let error = #expect(throws: ImagingError.self) { try ImageDecoder.decode(start + Self.filler) }
                #expect(error?.code == .unknownFormat)
                #expect(error?.foreign == kind, "\(start.prefix(16))")
                let remedies = ["save", "export", "take", "develop"]
                #expect(remedies.contains { error?.message.contains($0) ?? false }, "\(kind)")
            }
        }
        #expect(Set(Self.files.map(\.0)) == Set(ForeignFormat.allCases))
    }

    @Test func `what is none of them is no image`() {
        for bytes in [Array("A letter".utf8) + Self.filler, Self.filler, Array("BMW is a maker of cars".utf8)] {
            let error = #expect(throws: ImagingError.self) { try ImageDecoder.decode(bytes) }
            #expect(error?.code == .unknownFormat)
            #expect(error?.foreign == nil)
        }
    }

    @Test func `the endings looked for in folders are those of the formats that are read`() {
        for ending in ["jpg", "jpeg", "jfif", "png", "tif", "tiff", "bmp", "webp", "heic", "heif"] {
            #expect(ImageFormat.fileExtensions.contains(ending))
        }
        for ending in ["gif", "avif", "dcm", "pdf", "mp4", "txt"] {
            #expect(!ImageFormat.fileExtensions.contains(ending))
        }
    }
}
