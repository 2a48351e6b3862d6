import Findings
import Testing

@Suite struct DecisionFactsTests {
    private static func facts(_ change: (inout DecisionFacts) -> Void = { _ in }) -> DecisionFacts {
        var facts = DecisionFacts(
            quality: ImageQuality(
                sharpness: 100, brightness: 0.5, contrast: 0.1, stainedFraction: 0.2, backgroundFraction: 0.5,
                clippedFraction: 0),
            missing: nil, novelty: 0.2, aspect: .colours, label: .preB, confidence: 0.9, predictionSet: [.preB],
            limits: .init(
                quality: QualityLimits(
                    minimumSharpness: 10, minimumBrightness: 0.1, maximumBrightness: 0.9, minimumContrast: 0.05,
                    minimumStainedFraction: 0.01),
                novelty: 0.5, coverage: 0.95, minimumConfidence: 0.6))
        change(&facts)
        return facts
    }

    @Test func `one sure, familiar, sharp answer is reported`() {
        let facts = Self.facts()
        #expect(facts.decision == .report)
        #expect(facts.reasons == [.standsOut(label: .preB, confidence: 0.9, coverage: 0.95)])
    }

    @Test func `a value on its limit is accepted`() {
        let facts = Self.facts {
            $0.limits.quality.minimumSharpness = 100
            $0.limits.quality.maximumBrightness = 0.5
            $0.limits.novelty = 0.2
            $0.limits.minimumConfidence = 0.9
        }
        #expect(facts.decision == .report)
    }

    @Test func `doubts leave an answer open, and all of them are told`() {
        let facts = Self.facts {
            $0.predictionSet = [.benign, .preB]
            $0.confidence = 0.55
        }
        #expect(facts.decision == .uncertain)
        #expect(facts.reasons.map(\.code) == ["several-classes", "low-confidence"])
        #expect(Self.facts { $0.predictionSet = [] }.decision == .report)
    }

    @Test func `a screen's dots refuse the picture, whatever else it is like`() {
        let facts = Self.facts {
            $0.pattern = 3.6
            $0.novelty = 0.6
        }
        #expect(facts.decision == .rejected)
        #expect(facts.reasons == [.screen(found: 3.6, limit: 3.5)])
        #expect(Self.facts { $0.pattern = 3.5 }.decision == .report)
    }

    @Test func `refusals go before doubts, and hide them`() {
        let facts = Self.facts {
            $0.predictionSet = [.benign, .preB]
            $0.limits.quality = QualityLimits(
                minimumSharpness: 101, minimumBrightness: 0.6, maximumBrightness: 0.4, minimumContrast: 0.2,
                minimumStainedFraction: 0.3)
            $0.novelty = 0.6
        }
        #expect(facts.decision == .rejected)
        #expect(
            facts.reasons.map(\.code) == [
                "blurred", "too-dark", "too-bright", "low-contrast", "little-stained", "unfamiliar",
            ])
    }

    @Test func `what is no smear is not called unfamiliar too`() {
        let facts = Self.facts {
            $0.missing = .evenGround
            $0.novelty = 0.9
        }
        #expect(facts.decision == .rejected)
        #expect(facts.reasons == [.notASmear(missing: .evenGround)])
    }

    @Test func `what was not measured refuses nothing`() {
        #expect(
            Self.facts {
                $0.quality = nil
                $0.limits.quality.minimumSharpness = 1e9
            }.decision == .report)
        #expect(Self.facts { $0.limits.quality = QualityLimits() }.decision == .report)
    }

    @Test(arguments: [
        (SmearClass.benign, 0.4, Decision.report), (.benign, 0.41, .uncertain), (.preB, 0.3, .report),
        (.preB, 0.29, .uncertain),
    ])
    func `a class is told only where the cells do not contradict it`(
        label: SmearClass, evidence: Double, decision: Decision
    ) {
        let facts = Self.facts {
            ($0.label, $0.predictionSet, $0.cells) = (label, [label], CellFacts(evidence: evidence))
            $0.limits.agreement = AgreementLimits(benignMaximum: 0.4, malignantMinimum: 0.3)
        }
        #expect(facts.decision == decision)
        let limit = label == .benign ? 0.4 : 0.3
        #expect(
            facts.reasons.contains(.readersDisagree(label: label, evidence: evidence, limit: limit))
                == (decision == .uncertain))
    }

    @Test(arguments: MissingCheck.allCases)
    func `nothing is told benign that no cell at a known scale has confirmed`(missing: MissingCheck) {
        func facts(_ label: SmearClass) -> DecisionFacts {
            Self.facts {
                ($0.label, $0.predictionSet) = (label, [label])
                $0.cells = CellFacts(evidence: 0.35, missing: missing)
                $0.limits.agreement = AgreementLimits(benignMaximum: 0.4, malignantMinimum: 0.3)
            }
        }
        #expect(facts(.benign).decision == .uncertain)
        #expect(facts(.benign).reasons == [.unchecked(missing: missing)])
        #expect(facts(.preB).decision == .report)
    }

    @Test(
        arguments: [
            (.benign, 0.4, .report), (.benign, 0.401, .uncertain), (.benign, 0.5, .uncertain),
            (.earlyPreB, 0.401, .report), (.preB, 0.5, .report), (.proB, 0.5, .report),
        ] as [(SmearClass, Double, Decision)])
    func `benign is told only of images that look familiar, leukaemia up to the limit of refusal`(
        label: SmearClass, novelty: Double, decision: Decision
    ) {
        let facts = Self.facts {
            ($0.label, $0.predictionSet, $0.novelty) = (label, [label], novelty)
            $0.limits.benignNovelty = 0.4
        }
        #expect(facts.decision == decision)
        let told: Reason =
            decision == .report
            ? .standsOut(label: label, confidence: 0.9, coverage: 0.95)
            : .tooUnfamiliarForBenign(found: novelty, limit: 0.4)
        #expect(facts.reasons == [told])
    }

    @Test func `the limit for benign refuses nothing, hides no other doubt, and need not be there`() {
        func benign(_ novelty: Double, _ limit: Double?, _ change: (inout DecisionFacts) -> Void = { _ in })
            -> DecisionFacts
        {
            Self.facts {
                ($0.label, $0.predictionSet, $0.novelty) = (.benign, [.benign], novelty)
                $0.limits.benignNovelty = limit
                change(&$0)
            }
        }
        #expect(benign(0.6, 0.4).reasons == [.unfamiliar(found: 0.6, limit: 0.5, aspect: .colours)])
        #expect(benign(0.45, 0.4).refusals.isEmpty && !benign(0.45, 0.4).isUnfamiliar)
        let doubtful = benign(0.45, 0.4) {
            ($0.predictionSet, $0.confidence) = ([.benign, .preB], 0.55)
            $0.fields = FieldFacts(all: 12, judged: 11, read: 10, malignant: 1)
        }
        #expect(
            doubtful.reasons.map(\.code) == [
                "several-classes", "low-confidence", "too-unfamiliar-for-benign", "fields-disagree",
            ])
        #expect(benign(0.5, nil).decision == .report)
    }

    @Test func `benign is told only where every field of a large image is benign`() {
        func facts(_ label: SmearClass, malignant: Int) -> DecisionFacts {
            Self.facts {
                ($0.label, $0.predictionSet) = (label, [label])
                $0.fields = FieldFacts(all: 12, judged: 11, read: 10, malignant: malignant)
            }
        }
        #expect(facts(.benign, malignant: 0).decision == .report)
        #expect(facts(.benign, malignant: 1).reasons == [.fieldsDisagree(malignant: 1, read: 10)])
        #expect(facts(.benign, malignant: 1).decision == .uncertain)
        #expect(facts(.preB, malignant: 4).decision == .report)
    }

    @Test func `an image without a usable field is rejected, and novelty is told only where it was looked at`() {
        func facts(judged: Int, novelty: Double) -> DecisionFacts {
            Self.facts {
                $0.novelty = novelty
                $0.fields = FieldFacts(all: 12, judged: judged, read: 0, malignant: 0)
            }
        }
        #expect(facts(judged: 0, novelty: 0.9).reasons == [.noUsableField(fields: 12)])
        #expect(facts(judged: 5, novelty: 0.9).reasons.map(\.code) == ["no-usable-field", "unfamiliar"])
        #expect(facts(judged: 5, novelty: 0.9).decision == .rejected)
        let most = Self.facts {
            $0.novelty = 0.9
            $0.fields = FieldFacts(all: 12, judged: 12, read: 5, malignant: 0)
        }
        #expect(most.reasons.map(\.code) == ["unfamiliar"])
    }

    @Test func `the usual quality of several passes every limit that all of them pass`() {
        let all = [0.3, 0.5, 0.9, 0.4].map {
            ImageQuality(
                sharpness: 100 * $0, brightness: $0, contrast: $0 / 2, stainedFraction: $0, backgroundFraction: $0,
                clippedFraction: 0)
        }
        let usual = ImageQuality.median(of: all)
        #expect(usual.brightness == 0.4 && usual.sharpness == 40)
        let limits = QualityLimits(
            minimumSharpness: 30, minimumBrightness: 0.3, maximumBrightness: 0.9, minimumContrast: 0.15,
            minimumStainedFraction: 0.3)
        #expect((all + [usual]).allSatisfy { limits.failures(of: $0).isEmpty })
        #expect(QualityLimits(minimumSharpness: 31).failures(of: all[0]) == [.blurred(found: 30, limit: 31)])
    }

    @Test func `cells that nobody read, or a package without limits, contradict nothing`() {
        #expect(
            Self.facts { $0.limits.agreement = AgreementLimits(benignMaximum: 0, malignantMinimum: 1) }.decision
                == .report)
        #expect(Self.facts { $0.cells = CellFacts(evidence: 0) }.decision == .report)
    }
}
