import Foundation
import Imaging
import Testing

@Suite struct NearDomainChangeTests {
    /// What twelve drawn smears look like.
    private static let reference = Result {
        try NearDomainReference(
            (0..<12).map { number in
                try .init(
                    DrawnSmear.draw(class: number % 4, seed: UInt64(40 + number)), isMalignant: number % 4 > 0,
                    measuresScale: true)
            })
    }

    private let reference: NearDomainReference
    private let smear: RGBImage
    /// A colour without cells, darker than 225.
    private let flat = ImageFixture.flat(width: 8, height: 8, 200, 220, 180)

    init() throws {
        reference = try Self.reference.get()
        smear = try DrawnSmear.draw(class: 2, seed: 5)
    }

    private func apply(_ part: NearDomainPart, to image: RGBImage, strength: Double) throws -> RGBImage {
        try part.apply(to: image, redCellPixels: 20, reference: reference, strength: strength)
    }

    @Test(arguments: NearDomainChange.allCases)
    func `changes the image, the same way for a seed, by all that its name tells`(_ change: NearDomainChange) throws {
        func changed(_ seed: UInt64) throws -> RGBImage {
            try change.apply(to: smear, redCellPixels: 24, reference: reference, seed: seed)
        }
        let once = try changed(3)
        #expect(once != smear)
        #expect(try changed(3) == once)
        #expect(once.width == 224 && once.height == 224)
        #expect(change.parts.count == change.rawValue.split(separator: "+").count)
        let isFixed = change.parts.allSatisfy {
            switch $0 {
            case .referenceGlass, .reinhard, .macenko: true
            default: false
            }
        }
        // Three turns: some two of eight seeds differ.
        let others = try (0..<8).map { try changed(UInt64($0)) }
        #expect(others.allSatisfy { $0 == others[0] } == isFixed)
    }

    @Test func `the glass becomes grey, or the colour of the reference's glass`() throws {
        let mildest = try apply(.whiteBalance, to: flat, strength: 0)
        #expect(ImageFixture.color(mildest, 3, 3) == [225, 225, 225])
        let strongest = try apply(.whiteBalance, to: flat, strength: 1)
        #expect(ImageFixture.color(strongest, 3, 3) == [250, 250, 250])
        let wanted = try #require(reference[.all]).glass.map { Int($0.rounded()) }
        let ours = ImageFixture.color(try apply(.referenceGlass, to: flat, strength: 0.5), 3, 3)
        #expect(ImageFixture.difference([ours], [wanted]) <= 1)
    }

    @Test func `values go where the arithmetic says`() throws {
        func colour(_ part: NearDomainPart, _ strength: Double) throws -> [Int] {
            ImageFixture.color(try apply(part, to: flat, strength: strength), 0, 0)
        }
        // 255 · (200 / 255)^0.6 = 220.4, (220 / 255)^0.6 · 255 = 233.4, (180 / 255)^0.6 · 255 = 206.9; then to the 1.6.
        #expect(try colour(.lowerGamma, 1) == [220, 233, 207])
        #expect(try colour(.higherGamma, 1) == [173, 201, 146])
        #expect(try colour(.warmer, 1) == [240, 220, 144])
        #expect(try colour(.cooler, 1) == [160, 220, 216])
        #expect(try colour(.brighter, 0) == [210, 231, 189])
        #expect(try colour(.darker, 1) == [140, 154, 126])
    }

    @Test(arguments: NearDomainReference.Group.allCases)
    func `stain and means become those of the group`(_ group: NearDomainReference.Group) throws {
        let target = try #require(reference[group])
        let recoloured = try apply(.reinhard(group), to: smear, strength: 0)
        guard case .reinhard(let mean, _) = try StainNormalization.reinhard(matching: recoloured) else { return }
        for (found, wanted) in zip(mean, target.mean) { #expect(abs(found - wanted) < 2) }
        let stained = try StainNormalization.macenko(matching: apply(.macenko(group), to: smear, strength: 0))
        guard case .macenko(let stains, let maxima) = stained else {
            Issue.record("nothing is stained any more")
            return
        }
        for (found, wanted) in zip(stains, target.stains) {
            #expect(zip(found, wanted).reduce(0) { $0 + $1.0 * $1.1 } > 0.98)
        }
        for (found, wanted) in zip(maxima, target.maximumConcentrations) {
            #expect(abs(found / wanted - 1) < 0.25, "\(found) for \(wanted)")
        }
    }

    /// Mean green density of the nuclei's pixels against white, and the pixels beside nuclei.
    private func nuclei(_ image: RGBImage, _ mask: [Bool]) -> (density: Double, others: [UInt8]) {
        var (sum, count) = (0.0, 0)
        var others: [UInt8] = []
        for place in mask.indices {
            let (x, y) = (place % image.width, place / image.width)
            let isNear = (max(0, y - 1)...min(image.height - 1, y + 1)).contains { row in
                (max(0, x - 1)...min(image.width - 1, x + 1)).contains { mask[row * image.width + $0] }
            }
            if !isNear { others.append(contentsOf: image.pixels[place * 3..<place * 3 + 3]) }
            guard mask[place] else { continue }
            sum += log(240 / max(1, Double(image.pixels[place * 3 + 1])))
            count += 1
        }
        return (sum / Double(max(1, count)), others)
    }

    @Test func `nuclei alone become darker and lighter, by 10 to 40 percent`() throws {
        let mask = try CellSegmentation.find(in: smear).nucleusMask(width: smear.width, height: smear.height)
        let before = nuclei(smear, mask)
        for (part, strength, low, high) in [
            (NearDomainPart.darkerNuclei, 0.0, 1.02, 1.11), (.darkerNuclei, 1, 1.2, 1.45),
            (.lighterNuclei, 0, 0.89, 0.98), (.lighterNuclei, 1, 0.55, 0.8),
        ] {
            let after = nuclei(try apply(part, to: smear, strength: strength), mask)
            let ratio = after.density / before.density
            #expect((low...high).contains(ratio), "\(part) at \(strength): \(ratio)")
            #expect(after.others == before.others)
        }
    }

    @Test func `turns are by quarters, clockwise`() throws {
        let row = RGBImage(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6])
        let quarter = try apply(.turned, to: row, strength: 0)
        #expect(quarter == RGBImage(width: 1, height: 2, pixels: [1, 2, 3, 4, 5, 6]))
        #expect(try apply(.turned, to: quarter, strength: 0).pixels == [4, 5, 6, 1, 2, 3])
        #expect(try apply(.turned, to: row, strength: 0.5).pixels == [4, 5, 6, 1, 2, 3])
        let scene = ImageFixture.textured(width: 20, height: 12)
        let back = try apply(.turned, to: apply(.turned, to: scene, strength: 0), strength: 1)
        #expect(back == scene)
    }

    @Test func `a small image is continued by its mirror image, a large one is cut`() throws {
        let own = try #require(reference.redCellPixels)
        func brought(_ image: RGBImage, red: Double, strength: Double) throws -> RGBImage {
            try NearDomainPart.redCellSize.apply(
                to: image, redCellPixels: red, reference: reference, strength: strength)
        }
        let small = ImageFixture.textured(width: 100, height: 90)
        let field = try brought(small, red: own, strength: 0.5)
        #expect(field.width == 224 && field.height == 224)
        // It lies in the middle, from column 62 and row 67 on.
        for place in 0..<40 {
            #expect(ImageFixture.color(field, 62 + place, 67) == ImageFixture.color(small, place, 0))
            #expect(ImageFixture.color(field, 61 - place, 67) == ImageFixture.color(field, 62 + place, 67))
            #expect(ImageFixture.color(field, 70, 66 - place) == ImageFixture.color(field, 70, 67 + place))
        }
        let large = ImageFixture.textured(width: 400, height: 300)
        let cut = try brought(large, red: own, strength: 0.5)
        #expect(ImageFixture.color(cut, 0, 0) == ImageFixture.color(large, 88, 38))
    }

    @Test(arguments: [0.0, 0.5, 1]) func `red cells come to the size of the reference's`(strength: Double) throws {
        let own = try #require(reference.redCellPixels)
        let large = try DrawnSmear.draw(class: 0, seed: 71, side: 448)
        let before = try #require(try ScaleEstimate.measure(large).redCellPixels)
        let field = try NearDomainPart.redCellSize.apply(
            to: large, redCellPixels: before, reference: reference, strength: strength)
        let after = try #require(try ScaleEstimate.measure(field).redCellPixels)
        #expect(abs(after / own - (0.9 + 0.2 * strength)) < 0.1, "\(after) for \(own)")
    }

    @Test func `what cannot be changed is refused`() throws {
        for strength in [-0.1, 1.1, .nan] {
            #expect(throws: ImagingError.self) { try apply(.warmer, to: flat, strength: strength) }
        }
        #expect(throws: ImagingError.self) {
            try NearDomainPart.redCellSize.apply(to: flat, redCellPixels: 0, reference: reference, strength: 0)
        }
        let nothing = RGBImage(width: 0, height: 0, pixels: [])
        #expect(throws: ImagingError.self) { try apply(.whiteBalance, to: nothing, strength: 0) }
        #expect(throws: ImagingError.self) { try NearDomainReference([]) }
        let unstained = ImageFixture.flat(width: 40, height: 40, 250, 250, 250)
        let measured = try NearDomainReference.Measurement(unstained, isMalignant: false, measuresScale: true)
        #expect(measured.redCellPixels == nil)
        #expect(throws: ImagingError.self) { try NearDomainReference([measured]) }
    }

    @Test func `a reference is kept in a file, and a group without images has the colours of all`() throws {
        let read = try JSONDecoder().decode(NearDomainReference.self, from: JSONEncoder().encode(reference))
        #expect(read == reference)
        #expect(reference[.benign] != reference[.malignant])
        let one = try NearDomainReference([.init(smear, isMalignant: true, measuresScale: false)])
        #expect(one[.benign] == one[.all] && one[.malignant] == one[.all])
        #expect(one.redCellPixels == nil)
    }
}
