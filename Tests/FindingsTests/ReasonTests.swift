import Findings
import Foundation
import Testing
import Wording

/// The sentences are those that programs have had in `reasons` since the first release: nothing in them may change.
@Suite struct ReasonTests {
    private static let cases: [(reason: Reason, code: String, sentence: String)] = [
        (
            .blurred(found: 20.0453, limit: 21.3), "blurred",
            "The image is blurred. Focus and take it again (sharpness 20.0, at least 21.3 needed)."
        ),
        (
            .blurred(found: 21.2999, limit: 21.3001), "blurred",
            "The image is blurred. Focus and take it again (sharpness 21.2999, at least 21.3001 needed)."
        ),
        (
            .tooDark(found: 0.04, limit: 0.2), "too-dark",
            "The image is too dark. Turn up the lamp and take it again (brightness 0.0400, at least 0.200 needed)."
        ),
        (
            .tooBright(found: 0.99, limit: 0.95), "too-bright",
            "The image is too bright. Turn down the lamp and take it again (brightness 0.990, at most 0.950 accepted)."
        ),
        (
            .lowContrast(found: 0, limit: 0.0566), "low-contrast",
            "The image shows almost nothing. Move to a field with cells and take it again "
                + "(contrast 0.0, at least 0.0566 needed)."
        ),
        (
            .littleStained(found: 0.001, limit: 0.01), "little-stained",
            "Too little of the image is stained. Move to a field with cells and take it again "
                + "(stained part 0.00100, at least 0.0100 needed)."
        ),
        (
            .screen(found: 4.2, limit: 3.5), "screen",
            "This looks like a photograph of a screen. Send the picture file itself, or take the photograph through the "
                + "eyepiece (pattern of dots 4.20, at most 3.50 accepted)."
        ),
        (
            .readersDisagree(label: .benign, evidence: 0.83, limit: 0.4), "readers-disagree",
            "The two readings disagree: the picture as a whole looks benign, but its white cells look like lymphoblasts "
                + "(evidence 83.0 %, at most 40.0 % would agree)."
        ),
        (
            .unchecked(missing: .cells), "unchecked",
            "The picture as a whole looks benign, but its white cells could not confirm it: no white cell was found."
        ),
        (
            .unchecked(missing: .scale), "unchecked",
            "The picture as a whole looks benign, but its white cells could not confirm it: nothing in the picture tells how "
                + "large they are."
        ),
        (
            .readersDisagree(label: .proB, evidence: 0.1, limit: 0.2), "readers-disagree",
            "The two readings disagree: the picture as a whole looks like Malignant Pro-B, but its white cells do not look "
                + "like lymphoblasts (evidence 10.0 %, at least 20.0 % would agree)."
        ),
        (
            .notASmear(missing: .brightGround), "not-a-smear",
            "This does not look like a stained blood smear: its brightest parts are too dark for the ground between cells."
        ),
        (
            .notASmear(missing: .colourlessGround), "not-a-smear",
            "This does not look like a stained blood smear: the ground between the cells is too strongly coloured."
        ),
        (
            .notASmear(missing: .evenGround), "not-a-smear",
            "This does not look like a stained blood smear: there is no even ground between cells."
        ),
        (
            .notASmear(missing: .stain), "not-a-smear",
            "This does not look like a stained blood smear: nothing in it is stained as cell nuclei are."
        ),
        (
            .notASmear(missing: .unstainedParts), "not-a-smear",
            "This does not look like a stained blood smear: nearly all of it is stained."
        ),
        (
            .unfamiliar(found: 0.533, limit: 0.5, aspect: .directions), "unfamiliar",
            "The image does not look like the smears that this model was tested on. What differs most is the "
                + "direction of its lines, which cells do not have (novelty 0.533, at most 0.500 accepted)."
        ),
        (
            .unfamiliar(found: 0.7, limit: 0.5, aspect: nil), "unfamiliar",
            "The image does not look like the smears that this model was tested on (novelty 0.700, at most 0.500 accepted)."
        ),
        (
            .noUsableField(fields: 24), "no-usable-field",
            "None of the 24 fields of this image can be read: move to a thin, even part of the smear with white cells and take "
                + "it again."
        ),
        (
            .fieldsDisagree(malignant: 1, read: 20), "fields-disagree",
            "The fields of this image disagree: as a whole it looks benign, but not in 1 of the 20 that were read."
        ),
        (
            .severalClasses(classes: [.benign, .preB], coverage: 0.95), "several-classes",
            "The model could not choose between several classes (95.0 % method): Benign (haematogones), Malignant Pre-B."
        ),
        (
            .lowConfidence(found: 0.4476, limit: 0.5), "low-confidence",
            "The confidence of 44.8 % is below the minimum of 50.0 %."
        ),
        (
            .tooUnfamiliarForBenign(found: 0.4471, limit: 0.4137), "too-unfamiliar-for-benign",
            "The image looks benign. But it is too unlike the smears that this model knows to be called so "
                + "(novelty 0.447, at most 0.414 accepted for benign)."
        ),
        (
            .standsOut(label: .earlyPreB, confidence: 0.9994, coverage: 0.95), "stands-out",
            "Malignant early Pre-B stands out with a calibrated confidence of 99.9 %; all other classes were ruled out "
                + "(95.0 % method)."
        ),
        (.told(sentence: "As it was {found}."), "told", "As it was {found}."),
    ]

    @Test(arguments: cases.indices) func `a reason reads as it always did, in English`(index: Int) throws {
        let (reason, code, sentence) = Self.cases[index]
        let text = try TextCatalogue(language: "en")
        #expect(text(reason.message) == sentence)
        #expect(reason.code == code)
    }

    @Test(arguments: AppearanceAspect.allCases) func `each aspect has its words`(aspect: AppearanceAspect) throws {
        let text = try TextCatalogue(language: "en")
        #expect(text.find("reasons.aspects.\(aspect.rawValue)") != nil)
    }

    @Test func `rows of today are read tomorrow`() throws {
        let rows: [(String, Reason)] = [
            (#"{"blurred":{"found":20.5,"limit":21}}"#, .blurred(found: 20.5, limit: 21)),
            (#"{"tooDark":{"found":0.1,"limit":0.2}}"#, .tooDark(found: 0.1, limit: 0.2)),
            (#"{"tooBright":{"found":0.9,"limit":0.8}}"#, .tooBright(found: 0.9, limit: 0.8)),
            (#"{"lowContrast":{"found":0.1,"limit":0.2}}"#, .lowContrast(found: 0.1, limit: 0.2)),
            (#"{"littleStained":{"found":0.1,"limit":0.2}}"#, .littleStained(found: 0.1, limit: 0.2)),
            (#"{"notASmear":{"missing":"even-ground"}}"#, .notASmear(missing: .evenGround)),
            (
                #"{"unfamiliar":{"found":0.6,"limit":0.5,"aspect":"fine-detail"}}"#,
                .unfamiliar(found: 0.6, limit: 0.5, aspect: .fineDetail)
            ),
            (#"{"unfamiliar":{"found":0.6,"limit":0.5}}"#, .unfamiliar(found: 0.6, limit: 0.5, aspect: nil)),
            (#"{"noUsableField":{"fields":24}}"#, .noUsableField(fields: 24)),
            (#"{"fieldsDisagree":{"malignant":1,"read":20}}"#, .fieldsDisagree(malignant: 1, read: 20)),
            (
                #"{"severalClasses":{"classes":["benign","pre-b"],"coverage":0.95}}"#,
                .severalClasses(classes: [.benign, .preB], coverage: 0.95)
            ),
            (#"{"lowConfidence":{"found":0.4,"limit":0.5}}"#, .lowConfidence(found: 0.4, limit: 0.5)),
            (
                #"{"tooUnfamiliarForBenign":{"found":0.45,"limit":0.4}}"#,
                .tooUnfamiliarForBenign(found: 0.45, limit: 0.4)
            ),
            (
                #"{"standsOut":{"label":"pro-b","confidence":0.9,"coverage":0.95}}"#,
                .standsOut(label: .proB, confidence: 0.9, coverage: 0.95)
            ),
            (#"{"told":{"sentence":"As it was."}}"#, .told(sentence: "As it was.")),
        ]
        for (row, reason) in rows {
            #expect(try JSONDecoder().decode(Reason.self, from: Data(row.utf8)) == reason)
        }
        for (reason, _, _) in Self.cases {
            #expect(try JSONDecoder().decode(Reason.self, from: JSONEncoder().encode(reason)) == reason)
        }
        let unknown = Data(#"{"ofTomorrow":{"found":1}}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Reason.self, from: unknown) }
    }
}
