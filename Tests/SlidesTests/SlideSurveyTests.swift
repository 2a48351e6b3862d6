import Foundation
import Imaging
import Slides
import Testing

@Suite struct SlideSurveyTests {
    @Test func `finds thick part, monolayer and edge of a drawn smear`() async throws {
        try await DrawnSlide.lend { slide in
            let file = try SlideFile(path: slide.path)
            let survey = try file.survey(micrometresPerPixel: DrawnSlide.micrometresPerPixel)
            #expect(survey.side == 269)
            // Fields over two parts may be either.
            func parts(_ columns: Range<Int>) -> Set<SlideSurvey.Part> {
                Set(
                    survey.fields.filter {
                        columns.contains($0.column * survey.side) && columns.contains(($0.column + 1) * survey.side)
                    }.map(\.part))
            }
            #expect(parts(0..<DrawnSlide.monolayer.lowerBound) == [.thick])
            #expect(parts(DrawnSlide.monolayer) == [.monolayer])
            #expect(parts(DrawnSlide.monolayer.upperBound..<DrawnSlide.width).isSubset(of: [.edge, .empty]))
        }
    }

    @Test func `the best fields lie in the monolayer, show white cells, and are the same each time`() async throws {
        try await DrawnSlide.lend { slide in
            let file = try SlideFile(path: slide.path)
            let fields = try file.survey(micrometresPerPixel: DrawnSlide.micrometresPerPixel).best(6)
            #expect(fields.count == 6)
            for field in fields {
                #expect(DrawnSlide.monolayer.contains(field.place.x), "\(field)")
                #expect(DrawnSlide.monolayer.contains(field.place.x + field.place.width - 1), "\(field)")
                #expect(field.nuclei > 0.002, "\(field)")
            }
            #expect(Set(fields.map(\.place)).count == 6)
            let again = try SlideFile(path: slide.path)
                .survey(micrometresPerPixel: DrawnSlide.micrometresPerPixel).best(6)
            #expect(again == fields)
        }
    }

    @Test func `a survey that would read too much is refused with the remedy`() async throws {
        try await DrawnSlide.lend { slide in
            var limits = SlideLimits()
            limits.surveyPixels = 100_000
            let file = try SlideFile(path: slide.path, limits: limits)
            let found = #expect(throws: SlideError.self) {
                try file.survey(micrometresPerPixel: DrawnSlide.micrometresPerPixel)
            }
            #expect(found?.code == .beyondLimits && found?.message.contains("--pyramid") == true)
        }
    }

    @Test func `glass alone has no field`() {
        let glass = SlideGlass(red: 240, green: 238, blue: 240)
        let empty = RGBImage(width: 8, height: 8, pixels: [UInt8](repeating: 240, count: 192))
        let survey = SlideSurvey(
            looks: [nil, FieldLook(empty, glass: glass), nil, nil], side: 10, columns: 2)
        #expect(survey.counts == [.empty: 1] && survey.best(3).isEmpty && survey.layerAbsorption == nil)
    }

    @Test func `absorption is the logarithm of glass over light`() {
        let glass = SlideGlass(red: 240, green: 240, blue: 240)
        // Three quarters red cell (green halved), one quarter nucleus (red and green to a quarter).
        let pixels: [UInt8] = [240, 120, 200, 240, 120, 200, 240, 120, 200, 60, 60, 160]
        let look = FieldLook(RGBImage(width: 2, height: 2, pixels: pixels), glass: glass)
        #expect(look.coverage == 1 && look.nuclei == 0.25)
        // ln 2 is 0.693: between 0.65 and 0.70.
        #expect(abs(look.absorption - 0.675) < 1e-9)
        #expect(look.share(above: 0.5) == 1 && look.share(above: 0.8) == 0)
    }
}
