import Evaluation
import Findings
import Packaging

/// The sections that hold figures.
extension ModelCard {
    private static let names: [(key: String, title: String)] = [
        ("accuracy", "accuracy"), ("macroF1", "macro-F1"), ("malignantSensitivity", "malignant sensitivity"),
        ("benignSpecificity", "benign specificity"), ("auroc", "AUROC of malignancy"), ("ece15", "ECE"),
        ("brier", "Brier score"),
    ]

    private static func interval(_ found: ConfidenceInterval?) -> String {
        found.map { "\(number($0.lower)) to \(number($0.upper))" } ?? "–"
    }

    var analyses: String {
        let parts = [
            "## Quantitative analyses", crossValidated, classes, calibration, predictionSets, selection, subgroups,
            leftOut, validationFigures,
        ]
        return parts.compactMap { $0 }.joined(separator: "\n\n")
    }

    private var crossValidated: String {
        guard let found = figures.crossValidation else {
            return "No cross-validation of this recipe is recorded with the package."
        }
        let rows = Self.names.map { key, title in
            [
                title, Self.number(found.mean[key]), Self.number(found.worst[key]),
                Self.number(CrossValidationResults.figures.first { $0.0 == key }?.1(found.pooled)),
                Self.interval(found.pooled.confidenceIntervals95[key]),
            ]
        }
        return "Split `\(found.split)`, \(found.folds.count) folds:\n\n"
            + Self.table(["figure", "mean", "worst fold", "all \(found.pooled.images) images", "95 % interval"], rows)
    }

    private var classes: String? {
        guard let found = figures.crossValidation else { return nil }
        let rows = found.classKeys.map { key in
            let own = found.pooled.perClass[key]
            return [
                "`\(key)`", "\(own?.support ?? 0)",
                "\(Self.number(own?.recall)) (\(Self.interval(found.pooled.confidenceIntervals95["sensitivity.\(key)"])))",
                Self.interval(found.pooled.confidenceIntervals95["specificity.\(key)"]),
                Self.percent(found.conformalCoverage[key]),
            ]
        }
        let head = [
            "class", "images", "sensitivity (95 % interval)", "95 % interval of specificity",
            "coverage of the prediction set",
        ]
        return "Unitary results, each class:\n\n" + Self.table(head, rows)
    }

    private var calibration: String? {
        guard let found = figures.crossValidation?.calibration else { return nil }
        let rows = found.candidates.map {
            [
                "`\($0.method.rawValue)`" + ($0.method == found.method ? " (used)" : ""),
                Self.number($0.negativeLogLikelihood, places: 4), Self.number($0.ece15, places: 4),
                Self.number($0.brier, places: 4),
            ]
        }
        return "Calibration, fitted on other folds than it is measured on:\n\n"
            + Self.table(["method", "negative log-likelihood (nats)", "ECE", "Brier score"], rows)
    }

    private var predictionSets: String? {
        guard let found = figures.crossValidation?.predictionSets else { return nil }
        return "Prediction sets, stated coverage \(Self.percent(found.coverage, places: 0)) in each class: mean size "
            + "\(Self.number(found.summary.meanSize, places: 2)), coverage of all images "
            + "\(Self.percent(found.summary.coverage)), the class farthest from the stated coverage is "
            + "\(Self.number(found.largestGap * 100, places: 1)) points away. A set is never empty: the most probable class "
            + "is always in it"
            + (found.alwaysPossible.map { ", and so is every class of at least \(Self.percent($0, places: 0))" } ?? "")
            + "."
    }

    private var selection: String? {
        guard let found = figures.crossValidation?.selection else { return nil }
        let rows = found.curve.map {
            [Self.percent($0.coverage), Self.number($0.confidence), Self.percent($0.risk, places: 2)]
        }
        let told = found.decisions
        return "Answering only the surer images:\n\n"
            + Self.table(["images answered", "confidence at least", "wrong among them"], rows)
            + "\n\nOf \(told.images) test images \(told.report) would have been reported, \(told.uncertain) left uncertain and "
            + "\(told.rejected) refused as novel. Of the reports \(told.wrongReports) named another class than the true one; "
            + "\(told.missedMalignant) malignant images were reported as benign and \(told.falseMalignant) benign ones as "
            + "malignant."
    }

    private var subgroups: String? {
        guard let series = figures.crossValidation?.series, !series.isEmpty else { return nil }
        return "By acquisition series (each series also in the training part):\n\n" + Self.seriesTable(series)
    }

    private var leftOut: String? {
        guard let found = figures.leftOutSeries else {
            return
                "Leaving whole acquisition series out, which is what another microscope would meet, is not recorded with "
                + "the package."
        }
        return "By acquisition series, **each left out of training**: what a laboratory with another microscope would "
            + "meet.\n\n" + Self.seriesTable(found.series)
    }

    static func seriesTable(_ series: [SubgroupFigures]) -> String {
        let rows = series.map { one in
            let malignancy = one.malignancy
            func figure(_ value: Double?, _ name: String) -> String {
                value.map { "\(number($0)) (\(interval(malignancy.confidenceIntervals95[name])))" } ?? "–"
            }
            return [
                "`\(one.name)`", "\(malignancy.images)", figure(malignancy.auroc, "auroc"),
                figure(malignancy.sensitivity, "sensitivity"), figure(malignancy.specificity, "specificity"),
                number(one.fourClass?.accuracy),
                one.unknownClasses.isEmpty ? "–" : one.unknownClasses.joined(separator: ", "),
                percent(Double(one.decisions.rejected) / Double(max(1, one.decisions.images))),
                "\(one.decisions.wrongReports) of \(one.decisions.report)",
            ]
        }
        let head = [
            "series", "images", "AUROC of malignancy (95 % interval)", "sensitivity", "specificity",
            "accuracy, known classes", "classes not trained on", "refused as novel", "wrong reports",
        ]
        return table(head, rows)
    }

    var validationFigures: String {
        let found = figures.validation
        let own = Self.names.compactMap { key, title in
            CrossValidationResults.figures.first { $0.0 == key }?.1(found).map { "\(title) \(Self.number($0))" }
        }
        return "The shipped network on its \(found.images) validation images, which are no test: "
            + own.joined(separator: ", ") + "."
    }

    var failures: String {
        guard let found = figures.crossValidation else {
            return "## Failure analysis\nNo cross-validation of this recipe is recorded with the package."
        }
        let shown = found.mistakes.prefix(15)
        guard !shown.isEmpty else {
            return "## Failure analysis\nNone of the \(found.pooled.images) test images was answered wrongly."
        }
        let rows = shown.map {
            [
                "`\($0.file)`", "`\($0.label)`", "`\($0.answer)`", Self.number($0.confidence), $0.series ?? "–",
                $0.fold,
                $0.decision.rawValue,
            ]
        }
        let head = ["file", "true class", "answered as", "confidence", "series", "fold", "would have been"]
        return """
            ## Failure analysis
            \(found.mistakeCount) of \(found.pooled.images) test images were answered wrongly. The most confident of them:

            \(Self.table(head, Array(rows)))
            """
    }

    var refusal: String {
        let limits = description.quality
        let checks = [
            ("sharpness", limits.minimumSharpness != nil), ("darkness", limits.minimumBrightness != nil),
            ("brightness", limits.maximumBrightness != nil), ("contrast", limits.minimumContrast != nil),
            ("stained area", limits.minimumStainedFraction != nil),
        ].filter(\.1).map(\.0)
        let measured = figures.crossValidation.map {
            " It would have refused \(Self.percent($0.refusedAsNovel)) of the test images of the same data set."
        }
        return """
            ## How inputs are refused
            - Files that are no whole picture of a supported format, under 32 pixels a side or over 60 megapixels, are refused \
            before they are decoded.
            - **Quality**: \(checks.isEmpty ? "nothing is checked" : checks.joined(separator: ", ")), each against limits from \
            the training images.
            - **Novelty**: method `\(description.novelty.method.rawValue)`, refused above \
            \(Self.number(description.novelty.threshold)).\(measured ?? "") Smears of other laboratories may \
            pass.\(limitForBenign)
            - What is not refused may still be left open: \(decisionInShort)
            """
    }

    private var limitForBenign: String {
        description.novelty.benignThreshold.map {
            " Benign is told up to \(Self.number($0, places: 4)) only, else the answer is `uncertain`: where images are strange, networks miss "
                + "leukaemia. The limit was chosen on benign images held out of training; no test image has a part in it."
        } ?? ""
    }

    private var decisionInShort: String {
        "several classes in the prediction set, or a confidence under \(Self.percent(description.decision.minimumConfidence)), "
            + "give `uncertain`."
    }
}
