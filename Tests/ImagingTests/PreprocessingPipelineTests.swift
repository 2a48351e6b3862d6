import Foundation
import Imaging
import Testing

@Suite struct PreprocessingPipelineTests {
    @Test(
        arguments: [(224, 224), (640, 480), (97, 131), (300, 100)])
    func `the single native call gives exactly what the steps give one after another`(width: Int, height: Int) throws {
        let image = ImageFixture.textured(width: width, height: height)
        let pipeline = PreprocessingPipeline.standard(side: 112)
        // A second resize to the same size changes nothing, but takes the pipeline off the fast path.
        let slow = try PreprocessingPipeline(
            steps: [pipeline.steps[0], pipeline.steps[1], pipeline.steps[1], pipeline.steps[2]])
        let tensor = try pipeline.tensor(from: image)
        #expect(tensor.count == 3 * 112 * 112)
        #expect(tensor == (try slow.tensor(from: image)))
        #expect(tensor == pipeline.normalized(try pipeline.image(from: image)))
    }

    @Test func `values are laid out channel by channel and scaled by hand-computed figures`() throws {
        let image = RGBImage(width: 2, height: 1, pixels: [255, 0, 51, 0, 255, 102])
        let pipeline = try PreprocessingPipeline(steps: [
            .resize(width: 2, height: 1), .normalize(mean: [0.5, 0.25, 0.2], deviation: [0.5, 0.25, 0.1]),
        ])
        let expected: [Float] = [1, -1, -1, 3, 0, 2]
        let tensor = try pipeline.tensor(from: image)
        #expect(tensor.count == expected.count)
        for (value, target) in zip(tensor, expected) {
            #expect(abs(value - target) < 1e-6)
        }
    }

    @Test func `the mask of the standard pipeline becomes almost zero`() throws {
        let tensor = try PreprocessingPipeline.standard(side: 100).tensor(
            from: ImageFixture.flat(width: 100, height: 100, 255, 255, 255))
        for channel in 0..<3 {
            #expect(abs(tensor[channel * 10_000 + 9_999]) < 0.02)
            #expect(tensor[channel * 10_000] > 2)
        }
    }

    @Test func `the JSON form round-trips for every step`() throws {
        let pipeline = try PreprocessingPipeline(steps: [
            .denoise(strength: 12.5), .denoise(strength: 3, method: .nonLocalMeans), .contrast(clipLimit: 2, tiles: 8),
            .stainNormalization(.reinhard(mean: [70, 10, -10], deviation: [15, 6, 5])),
            .stainNormalization(
                .macenko(stains: [[0.65, 0.7, 0.29], [0.07, 0.99, 0.11]], maximumConcentrations: [1.9, 1])),
            .maskCorner(widthFraction: 0.2, heightFraction: 0.1, red: 1, green: 2, blue: 3),
            .resize(width: 96, height: 64), .normalize(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25]),
        ])
        let data = try JSONEncoder().encode(pipeline)
        let back = try JSONDecoder().decode(PreprocessingPipeline.self, from: data)
        #expect(back == pipeline)
        #expect(back.outputWidth == 96)
        #expect(back.outputHeight == 64)
    }

    @Test func `the names in model.json are fixed`() throws {
        let json = """
            [{"step":"mask-corner","widthFraction":0.16,"heightFraction":0.16,"red":124,"green":116,"blue":104},
             {"step":"resize","width":224,"height":224},
             {"step":"normalize","mean":[0.485,0.456,0.406],"deviation":[0.229,0.224,0.225]}]
            """
        #expect(try JSONDecoder().decode(PreprocessingPipeline.self, from: Data(json.utf8)) == .standard(side: 224))
    }

    @Test(
        arguments: [
            [PreprocessingStep.normalize(mean: [0, 0, 0], deviation: [1, 1, 1])],
            [.resize(width: 0, height: 10)], [.resize(width: 10, height: 10), .denoise(strength: 0)],
            [.normalize(mean: [0, 0, 0], deviation: [1, 1, 1]), .resize(width: 10, height: 10)],
            [.resize(width: 10, height: 10), .normalize(mean: [0, 0], deviation: [1, 1, 1])],
            [.resize(width: 10, height: 10), .normalize(mean: [0, 0, 0], deviation: [1, 0, 1])],
            [.resize(width: 10, height: 10), .contrast(clipLimit: 2, tiles: 65)],
            [.resize(width: 10, height: 10), .stainNormalization(.reinhard(mean: [1], deviation: [1]))],
            [
                .maskCorner(widthFraction: 1.5, heightFraction: 0, red: 0, green: 0, blue: 0),
                .resize(width: 9, height: 9),
            ],
        ])
    func `impossible steps are refused`(steps: [PreprocessingStep]) {
        let error = #expect(throws: ImagingError.self) { try PreprocessingPipeline(steps: steps) }
        #expect(error?.code == .invalidParameter)
    }

    @Test func `unknown steps in JSON are refused`() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(PreprocessingPipeline.self, from: Data(#"[{"step":"sharpen"}]"#.utf8))
        }
    }

    @Test func `the trace shows the original and the picture after each step`() throws {
        let image = ImageFixture.textured(width: 120, height: 90)
        let pipeline = PreprocessingPipeline.standard(side: 64)
        let pictures = try pipeline.trace(image)
        #expect(pictures.map(\.name) == ["original", "mask-corner", "resize", "normalize"])
        #expect(pictures[0].image == image)
        #expect(pictures[1].image.width == 120)
        #expect(pictures[2].image == (try pipeline.image(from: image)))
        #expect(pictures[3].image.width == 64)
        #expect(pictures[2].parameters == "64 × 64 pixels")
    }
}
