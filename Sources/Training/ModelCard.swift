import Evaluation
import Foundation
import Packaging

/// The model card, in the sections of Mitchell et al. 2019 ("Model Cards for Model Reporting", figure 1).
///
/// Every figure comes from the results it is given.
struct ModelCard {
    let description: ModelDescription
    let configuration: TrainingConfiguration
    let figures: ModelFigures
    let parameterCount: Int
    let trainingImages: Int
    let validationImages: Int

    var markdown: String {
        [
            "# \(description.name) \(description.version)", details, use, data, metrics, limits,
        ].joined(separator: "\n\n") + "\n"
    }

    private var details: String {
        """
        **Screening aid for qualified readers, not a diagnosis.**

        ## Model details
        - Network: `\(description.architecture)`, \(parameterCount) parameters, input \
        \(description.input.width) × \(description.input.height) pixels, RGB.
        - Classes: \(description.classes.map(\.displayName).joined(separator: "; ")).
        - Preprocessing: \(configuration.preprocessing.steps.map(\.parametersInWords).joined(separator: "; ")).
        - Trained by `leukoscope-lab train` for \(description.provenance.epochs) epochs, seed \(configuration.seed); \
        configuration SHA-256 `\(description.provenance.configurationSHA256)`, data manifest SHA-256 \
        `\(description.provenance.dataManifestSHA256)`.
        """
    }

    private var use: String {
        guard !description.demonstration else {
            return """
                ## Intended use
                To show how Leukoscope works, on images that Leukoscope draws itself. It has never seen a blood cell and \
                must not be used on photographs.
                """
        }
        return """
            ## Intended use
            Fields of stained peripheral blood smears, photographed through a microscope, of people in whom B-cell acute \
            lymphoblastic leukaemia is asked about; read together with a qualified person. One field is never a verdict \
            on a patient.

            The class Benign holds **haematogones**, benign B-cell precursors. The network has never seen the smear of a \
            healthy adult: such images should come back as outside what the model was validated on, and an answer to \
            them means nothing.
            """
    }

    private var data: String {
        guard !description.demonstration else {
            return """
                ## Data
                \(trainingImages) drawn smears for training and \(validationImages) for validation, made by \
                `leukoscope-lab draw`; the classes differ in morphology only.
                """
        }
        return """
            ## Data
            \(trainingImages) images for training, \(validationImages) for validation (calibration and thresholds), from \
            the *Acute Lymphoblastic Leukemia (ALL) image dataset* of Aria, Ghaderzadeh, Bashash, Abolghasemi, Asadi and \
            Hosseini, 2021, DOI 10.34740/KAGGLE/DSV/2175623 (Ghaderzadeh et al. 2022, DOI 10.1002/int.22753): Taleqani \
            Hospital, Tehran, 89 patients. The authors are credited for the images; none is contained here. The public \
            files carry no patient numbers, so no split can be by patient.
            """
    }

    private var metrics: String {
        let header = """
            ## Figures
            | protocol | accuracy | macro-F1 | malignant sensitivity | benign specificity | AUROC | ECE |
            |---|---|---|---|---|---|---|
            """
        var rows: [String] = []
        if let cross = figures.crossValidation {
            rows.append(row("`\(cross.split)`, \(cross.folds.count) folds, mean", cross.mean))
            rows.append(row("`\(cross.split)`, \(cross.folds.count) folds, worst", cross.worst))
        }
        let validation = figures.validation
        var own = ["accuracy": validation.accuracy, "macroF1": validation.macroF1, "ece15": validation.ece15]
        own["malignantSensitivity"] = validation.malignantSensitivity
        own["benignSpecificity"] = validation.benignSpecificity
        own["auroc"] = validation.auroc
        rows.append(row("validation images (also used for calibration)", own))
        return ([header] + rows + ["", interval]).joined(separator: "\n")
    }

    private var interval: String {
        guard let pooled = figures.crossValidation?.pooled else {
            return "No cross-validation of this recipe is recorded with the package."
        }
        guard let interval = pooled.confidenceIntervals95["macroF1"] else { return "" }
        let (low, high) = (format(interval.lower), format(interval.upper))
        return "All \(pooled.images) test images together: macro-F1 \(format(pooled.macroF1)), "
            + "95 % interval \(low) to \(high) (bootstrap over duplicate groups)."
    }

    private func row(_ name: String, _ values: [String: Double]) -> String {
        let keys = ["accuracy", "macroF1", "malignantSensitivity", "benignSpecificity", "auroc", "ece15"]
        return "| \(name) | " + keys.map { values[$0].map(format) ?? "–" }.joined(separator: " | ") + " |"
    }

    private func format(_ value: Double) -> String { String(format: "%.3f", value) }

    private var limits: String {
        """
        ## Limits
        - Confidence is calibrated by one temperature (\(format(description.calibration.temperature))) on images of \
        the same laboratory; elsewhere it may be wrong.
        - An image is refused when its quality is beyond that of the training images, when it cannot be a stained smear, or \
        when its novelty is above \(format(description.novelty.threshold)). Novelty is about how an image looks; the smear \
        of another laboratory that looks like these may pass.
        - Contiguous blocks of files limit leakage between training and test images, but they are not patients.
        """
    }
}
