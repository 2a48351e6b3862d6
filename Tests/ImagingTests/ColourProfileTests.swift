import Foundation
import Findings
import Imaging
import Testing

@Suite
struct ColourProfileTests {
    private static let drawn: [UInt8] = {
        do { return try ImageEncoder.png(DrawnSmear.draw(class: 2, seed: 5, side: 96)) } catch { return [] }
    }()

    /// Files of every format that carries profiles, each plain and with a profile of Adobe RGB.
    private static func files(_ profile: [UInt8]) throws -> [(name: String, plain: [UInt8], profiled: [UInt8])] {
        let jpeg = try ImageEncoder.jpeg(ImageDecoder.decode(drawn), quality: 92)
        let (tiff, webP) = (try ImageFixture.bytes("plain.tiff"), try ImageFixture.bytes("lossless.webp"))
        return [
            ("PNG", drawn, ProfiledFile.png(drawn, [("iCCP", ProfiledFile.iCCP(profile))])),
            ("JPEG", jpeg, ProfiledFile.jpeg(jpeg, profile)),
            ("JPEG in parts", jpeg, ProfiledFile.jpeg(jpeg, profile, part: 100)),
            ("JPEG in parts, last first", jpeg, ProfiledFile.jpeg(jpeg, profile, part: 100, isReversed: true)),
            ("TIFF", tiff, ProfiledFile.tiff(tiff, profile)),
            (
                "WebP", webP,
                ProfiledFile.webP(webP, profile, width: ImageFixture.width, height: ImageFixture.height)
            ),
        ]
    }

    /// Largest difference between an image and what the formulas make of the plain one's samples.
    private static func difference(_ image: RGBImage, _ space: ProfiledFile.Space, _ plain: RGBImage) -> Int {
        var largest = 0
        for start in stride(from: 0, to: plain.pixels.count, by: 3) {
            let expected = space.inSRGB(Array(plain.pixels[start..<start + 3]))
            for channel in 0..<3 {
                largest = max(largest, abs(Int(image.pixels[start + channel]) - expected[channel]))
            }
        }
        return largest
    }

    @Test func `an image of another colour space is turned into sRGB, in every format`() throws {
        for file in try Self.files(ProfiledFile.Space.adobe.profile) {
            let (plain, image) = (try ImageDecoder.decode(file.plain), try ImageDecoder.decodeWithHeader(file.profiled))
            #expect(image.header.colours == .converted, "\(file.name)")
            #expect(Self.difference(image.image, .adobe, plain) <= 2, "\(file.name)")
            // The samples themselves are far from it, so that the test could not pass without the profile.
            #expect(Self.difference(plain, .adobe, plain) > 10, "\(file.name)")
        }
    }

    @Test func `a profile of sRGB leaves every pixel as it is`() throws {
        for file in try Self.files(ProfiledFile.sRGBTable) {
            let (plain, image) = (try ImageDecoder.decode(file.plain), try ImageDecoder.decodeWithHeader(file.profiled))
            #expect(image.header.colours == .sRGB, "\(file.name)")
            #expect(image.image == plain, "\(file.name)")
        }
    }

    @Test func `what is no usable profile of RGB is ignored and told`() throws {
        let profile = ProfiledFile.Space.adobe.profile
        let grey = ProfiledFile.ICC.profile(
            colorants: [], curve: ProfiledFile.ICC.gamma(2.2), space: "GRAY")
        var broken: [(String, [UInt8])] = [
            ("no bytes", []), ("noise", (0..<600).map { UInt8($0 * 37 % 251) }), ("grey", grey),
            ("cut off", Array(profile.prefix(profile.count / 2))), ("header alone", Array(profile.prefix(128))),
        ]
        for position in [0, 3, 8, 16, 36, 128, 131, 136, 140, 144] {
            var bytes = profile
            bytes[position] ^= 0xFF
            broken.append(("byte \(position)", bytes))
        }
        let plain = try ImageDecoder.decode(Self.drawn)
        for (name, bytes) in broken {
            for file in try Self.files(bytes) {
                let image = try ImageDecoder.decodeWithHeader(file.profiled)
                #expect(image.image.width > 0, "\(name) in \(file.name)")
            }
            let png = try ImageDecoder.decodeWithHeader(
                ProfiledFile.png(Self.drawn, [("iCCP", ProfiledFile.iCCP(bytes))]))
            guard case .ignored(let fault) = png.header.colours else {
                // A changed byte of no weight, such as the version's, may leave a profile that says the same.
                #expect(name.hasPrefix("byte"), "\(name): \(png.header.colours)")
                continue
            }
            #expect(png.header.notes == [.profileIgnored(fault)])
            #expect(png.image == plain, "\(name)")
        }
    }

    @Test func `a JPEG file that lacks a part of its profile tells so`() throws {
        let jpeg = try ImageEncoder.jpeg(ImageDecoder.decode(Self.drawn), quality: 92)
        let whole = ProfiledFile.jpeg(jpeg, ProfiledFile.Space.adobe.profile, part: 200)
        // The first segment: marker, length of 216, and 214 more bytes.
        let image = try ImageDecoder.decodeWithHeader(Array(whole[..<2] + whole[(2 + 2 + 216)...]))
        #expect(image.header.colours == .ignored(.incomplete))
        #expect(try image.image == ImageDecoder.decode(jpeg))
    }

    @Test func `a zlib stream of gigabytes is no profile`() throws {
        // One stored block that claims more than there is, and a stream of a byte repeated.
        for stream: [UInt8] in [[0x78, 0x9C], [0x78, 0x01, 1, 255, 255, 0, 0], Array(repeating: 0, count: 40)] {
            let image = try ImageDecoder.decodeWithHeader(
                ProfiledFile.png(Self.drawn, [("iCCP", ProfiledFile.ICC.text("x") + [0, 0] + stream)]))
            guard case .ignored = image.header.colours else {
                Issue.record("\(image.header.colours)")
                continue
            }
        }
    }

    @Test func `a file that another tool made in Adobe RGB has the colours of its original`() throws {
        let original = try ImageDecoder.decode(ImageFixture.bytes("srgb.png"))
        let adobe = try ImageDecoder.decodeWithHeader(ImageFixture.bytes("adobe-rgb.png"))
        #expect(adobe.header.colours == .converted)
        let differences = zip(original.pixels, adobe.image.pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.max() ?? .max <= 2)
    }

    private static func gamma(_ value: Int) -> (type: String, content: [UInt8]) {
        ("gAMA", ProfiledFile.ICC.big(value))
    }

    private static func primaries(_ values: [Int]) -> (type: String, content: [UInt8]) {
        ("cHRM", values.flatMap { ProfiledFile.ICC.big($0) })
    }

    private static let sRGB: (type: String, content: [UInt8]) = ("sRGB", [0])
    private static let short: (type: String, content: [UInt8]) = ("gAMA", [1])
    private static let sRGBPrimaries = primaries([31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000])
    private static let adobePrimaries = primaries([31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000])

    @Test func `a PNG file's gamma and primaries count where it has no profile`() throws {
        let plain = try ImageDecoder.decode(Self.drawn)
        let dark = try ImageDecoder.decodeWithHeader(ProfiledFile.png(Self.drawn, [Self.gamma(55531)]))
        #expect(dark.header.colours == .converted)
        #expect(Self.difference(dark.image, .plain, plain) <= 2)
        let adobe = try ImageDecoder.decodeWithHeader(
            ProfiledFile.png(Self.drawn, [Self.gamma(45470), Self.adobePrimaries]))
        #expect(adobe.header.colours == .converted)
        #expect(Self.difference(adobe.image, .adobe, plain) <= 2)
        for chunks in [
            [Self.sRGB], [Self.gamma(45455)], [Self.gamma(45455), Self.sRGBPrimaries],
            [Self.sRGB, Self.gamma(55531), Self.adobePrimaries],
        ] {
            let image = try ImageDecoder.decodeWithHeader(ProfiledFile.png(Self.drawn, chunks))
            #expect(image.header.colours == .sRGB && image.image == plain)
        }
        for chunks in [
            [Self.gamma(0)], [Self.short], [Self.gamma(55531), Self.primaries([0, 0, 0, 0, 0, 0, 0, 0])],
        ] {
            let image = try ImageDecoder.decodeWithHeader(ProfiledFile.png(Self.drawn, chunks))
            #expect(image.image.width == plain.width)
        }
    }

    @Test func `a file without a profile is taken for sRGB`() throws {
        #expect(try ImageDecoder.decodeWithHeader(Self.drawn).header.colours == .assumed)
        #expect(try ImageDecoder.inspect(Self.drawn).colours == .assumed)
    }
}
