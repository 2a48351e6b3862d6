import Imaging
import Testing
import Wording

@Suite struct StepWordsTests {
    @Test(
        arguments: [
            (.denoise(strength: 12.5, method: .bilateral), "bilateral filter, strength 12.5"),
            (.denoise(strength: 3, method: .nonLocalMeans), "non-local means, strength 3.0"),
            (.contrast(clipLimit: 2, tiles: 8), "clip limit 2.0, 8 × 8 fields"),
            (
                .maskCorner(widthFraction: 0.2, heightFraction: 0.1, red: 0, green: 0, blue: 0),
                "lower right corner, 20 % × 10 %"
            ),
            (.resize(width: 224, height: 112), "224 × 112 pixels"),
            (
                .normalize(mean: [0, 0, 0], deviation: [1, 1, 1]),
                "mean and deviation of the pretraining images"
            ),
        ] as [(PreprocessingStep, String)])
    func `the parameters of a step are told by the catalogue as its English says them`(
        step: PreprocessingStep, words: String
    ) throws {
        let text = try TextCatalogue(language: "en")
        #expect(text(step.told) == words)
        #expect(step.parametersInWords == words)
    }
}
