import Evaluation
import Findings
import Imaging

extension EvaluationReport {
    /// The whole page.
    ///
    /// - Throws: `EvaluationError` when the predictions cannot be measured.
    func html() throws -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Evaluation of \(Markup.escape(model)) – Leukoscope</title>
        <style>
        \(Self.styleSheet)
        </style>
        </head>
        <body>
        <main>
        <h1>Evaluation of \(Markup.escape(model))</h1>
        <p class="notice"><strong>Screening aid for qualified readers, not a diagnosis.</strong>\
        \(notice.map { " \(Markup.escape($0))" } ?? "")</p>
        \(summary())
        \(classTable())
        <h2>Confusion matrix</h2>
        \(ConfusionTable(classNames: classes.map(\.displayName), counts: metrics.confusion).html())
        <h2>Charts</h2>
        <div class="charts">
        \(try charts())
        </div>
        \(mistakeSection())
        \(excludedSection())
        <h2>How this page was made</h2>
        <dl>
        <dt>Model</dt><dd>\(Markup.escape(model))</dd>
        <dt>Images</dt><dd>\(Markup.escape(data))</dd>
        <dt>Command</dt><dd><code>\(Markup.escape(command))</code></dd>
        </dl>
        </main>
        </body>
        </html>

        """
    }

    private func summary() -> String {
        let groups = Set(predictions.map(\.group)).count
        let figures: [(name: String, value: Double?, key: String, explanation: String)] = [
            ("Accuracy", metrics.accuracy, "accuracy", "images classified correctly"),
            ("Macro-F1", metrics.macroF1, "macroF1", "mean over the classes"),
            (
                "Malignant sensitivity", metrics.malignantSensitivity, "malignantSensitivity",
                "malignant images called malignant"
            ),
            (
                "Benign specificity", metrics.benignSpecificity, "benignSpecificity", "benign images called benign"
            ),
            ("AUROC", metrics.auroc, "auroc", "malignant against benign"),
        ]
        let cards = figures.map { figure in
            """
            <div class="card"><h3>\(figure.name)</h3><p class="figure">\(Markup.percent(figure.value))</p>\
            <p>\(interval(figure.key))</p><p class="quiet">\(figure.explanation)</p></div>
            """
        }
        return """
            <p>\(metrics.images) images in \(groups) groups. Intervals hold 95 % of bootstrap resamples of the groups.\
            \(decisionText())</p>
            <div class="cards">
            \(cards.joined(separator: "\n"))
            </div>
            """
    }

    private func decisionText() -> String {
        guard let decisions = metrics.decisions else { return "" }
        return " The whole screening would report \(decisions.report) of them, leave \(decisions.uncertain) "
            + "uncertain and reject \(decisions.rejected); the figures here are of the network on all of them."
    }

    private func interval(_ key: String) -> String {
        guard let interval = metrics.confidenceIntervals95[key] else { return "no interval" }
        return "95 %: \(Markup.number(interval.lower * 100, places: 1)) to "
            + "\(Markup.number(interval.upper * 100, places: 1)) %"
    }

    private func classTable() -> String {
        let rows = classes.map { name in
            let figures = metrics.perClass[name.key]
            return "<tr><th scope=\"row\">\(Markup.escape(name.displayName))</th>"
                + "<td>\(figures?.support ?? 0)</td><td>\(Markup.percent(figures?.precision))</td>"
                + "<td>\(Markup.percent(figures?.recall))<small>\(interval("sensitivity.\(name.key)"))</small></td>"
                + "<td>\(Markup.percent(figures?.f1))</td></tr>"
        }
        return """
            <h2>Classes</h2>
            <div class="scroll"><table>
            <caption>Calibration: expected error \(Markup.number(metrics.ece15, places: 4)), \
            Brier score \(Markup.number(metrics.brier, places: 4)).</caption>
            <thead><tr><th scope="col">Class</th><th scope="col">Images</th><th scope="col">Precision</th>\
            <th scope="col">Sensitivity</th><th scope="col">F1</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private func charts() throws -> String {
        var curves: [ROCChart.Curve] = []
        if let roc = try ReceiverOperatingCharacteristic.malignancy(predictions) {
            curves.append(.init(name: "Malignant", characteristic: roc))
        }
        for (index, name) in classes.enumerated() where SmearClass.isMalignant(index) {
            if let roc = try ReceiverOperatingCharacteristic.oneVersusRest(predictions, class: index) {
                curves.append(.init(name: name.displayName, characteristic: roc))
            }
        }
        return [
            ROCChart(title: "ROC", curves: curves).svg(),
            ReliabilityDiagram(title: "Reliability", calibration: try Calibration(predictions)).svg(),
            RiskCoverageChart(title: "Risk and coverage", curve: try RiskCoverageCurve(predictions)).svg(),
        ].map { "<figure>\($0)</figure>" }.joined(separator: "\n")
    }

    private func mistakeSection() -> String {
        let wrong = predictions.count { $0.predicted != $0.label }
        guard !mistakes.isEmpty else {
            return "<h2>Mistakes</h2>\n<p>\(wrong == 0 ? "None." : "\(wrong) wrong answers, not pictured.")</p>"
        }
        let cards = mistakes.enumerated().map { index, mistake in mistakeCard(index, mistake) }
        return """
            <h2>Worst mistakes</h2>
            <p>\(mistakes.count) of \(wrong) wrong answers: missed malignancies first, then the most confident.</p>
            <div class="mistakes">
            \(cards.joined(separator: "\n"))
            </div>
            """
    }

    private func mistakeCard(_ index: Int, _ mistake: Mistake) -> String {
        let prediction = mistake.prediction
        let truth = Markup.escape(classes[prediction.label].displayName)
        let answer = Markup.escape(classes[prediction.predicted].displayName)
        func picture(_ heatmap: Bool, _ words: String) -> String {
            "<img src=\"\(Self.pictureName(index, heatmap: heatmap))\" width=\"\(mistake.image.width)\" "
                + "height=\"\(mistake.image.height)\" alt=\"\(words)\">"
        }
        return """
            <article><div class="pictures">\(picture(false, "Image of class \(truth), taken for \(answer)"))\
            \(mistake.heatmap == nil ? "" : picture(true, "Where the network looked"))</div>
            <p><strong>\(truth)</strong> taken for <strong>\(answer)</strong> \
            (\(Markup.percent(prediction.confidence)); true class \
            \(Markup.percent(prediction.probabilities[prediction.label])))</p>
            <p class="quiet">\(Markup.escape(prediction.id))</p></article>
            """
    }

    private func excludedSection() -> String {
        guard !excluded.isEmpty else { return "" }
        let rows = excluded.map { "<li><code>\(Markup.escape($0.path))</code>: \(Markup.escape($0.reason))</li>" }
        return """
            <h2>Files left out</h2>
            <p>Files that could not be measured: \(excluded.count).</p>
            <ul>
            \(rows.joined(separator: "\n"))
            </ul>
            """
    }
}
