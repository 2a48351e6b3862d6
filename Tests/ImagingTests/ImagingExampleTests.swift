import Findings
import Imaging
import Testing

/// The worked example of the module's documentation, which `Scripts/examples.py` copies from here.
@Suite struct ImagingExampleTests {
    @Test func `the worked example sees a photograph as the network does`() throws {
        // example
        let photograph = try DrawnSmear.draw(class: 1, seed: 7, side: 1200)
        let file = try ImageEncoder.jpeg(photograph)

        let sight = ImageSight(pipeline: .standard(side: 224))
        let seen = try sight.see(file)

        let tensor = seen.tensor()  // [3, 224, 224], red first
        let quality = ImageQuality.assess(seen.input)  // measured on what the network sees
        let steps = seen.trace().map(\.name)  // the photograph, then each step's picture
        // end of example
        #expect(tensor.count == 3 * 224 * 224 && tensor.allSatisfy(\.isFinite))
        #expect(quality.sharpness > 0 && (0.1...0.9).contains(quality.brightness))
        #expect(steps.count == sight.pipeline.steps.count + 1 && steps.first == "original")
        #expect(seen.decoded.originalWidth == 1200 && seen.input.width == 224 && seen.input.height == 224)
        // Training takes the same way in parts.
        #expect(try sight.pipeline.tensor(from: sight.photograph(sight.decode(file))) == tensor)
    }
}
