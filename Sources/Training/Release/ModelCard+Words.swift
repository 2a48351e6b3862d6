import Evaluation
import Findings
import Packaging

/// The sections that say for whom, on what and with what care.
extension ModelCard {
    var use: String {
        """
        ## Intended use
        - **Use**: fields of stained peripheral blood smears, photographed through a microscope, of people in whom B-cell \
        acute lymphoblastic leukaemia is asked about. It sorts fields for a reader and shows what it looked at.
        - **Users**: people who are trained to read smears. Patients see its answer only with the words that it is no \
        diagnosis.
        - **Haematogones**: the class Benign holds haematogones, benign B-cell precursors. The network has never seen the \
        smear of a healthy adult: such images should come back as outside what the model was validated on, and an answer \
        to them means nothing.
        - **Out of scope**: a verdict on a patient from one field or from this model alone; T-cell, mature B-cell and \
        myeloid leukaemias; counting blasts; follow-up under treatment; bone marrow sections, flow cytometry pictures and \
        single cells cut out; images of another laboratory before they were tried there with labelled ones.
        """
    }

    var factors: String {
        let series = figures.crossValidation?.series ?? []
        let found =
            series.isEmpty
            ? "The images carry no acquisition series, so nothing is told apart by microscope."
            : "Told apart below: the acquisition series, which stand for microscope, stain and camera."
        let whose = figures.data?.patients == nil ? ", and neither is who belongs to which image" : ""
        return """
            ## Factors
            - **Of the image**: laboratory, microscope, stain, light, focus, scale bars burned into a corner, crowding of \
            cells. \(found)
            - **Of the person**: age, sex and origin are not known for any image\(whose). No figure can be given by them, \
            and a difference between groups of people would not show.
            - **Of the reader**: answers are read with probability, prediction set, reasons, and a map of what weighed most.
            """
    }

    var metrics: String {
        """
        ## Metrics
        - Between the four classes: accuracy, macro-F1, sensitivity and specificity of each. For the question that matters \
        most, malignant or not: sensitivity, specificity, area under the ROC curve of 1 − p(benign).
        - Of the confidence: expected calibration error over 15 bins (ECE), Brier score, risk against coverage; of the \
        prediction sets: coverage in each class and size.
        - Intervals are 95 % bootstrap intervals that resample whole \(resampled). The worst fold stands beside the mean.
        - **Decision**: \(decisionRule)\(agreementRule)
        """
    }

    private var agreementRule: String {
        guard let limits = description.cells?.agreement else { return "" }
        let chosen = figures.cells.map {
            " The limits were chosen on \($0.benign) and \($0.malignant) fields that the cell model had not learned from: "
                + "the cells of \(Self.percent($0.benignKept)) and \(Self.percent($0.malignantKept)) do not contradict "
                + "their class."
        }
        return
            "\n- **Agreement**: the white cells are read on their own. Benign is reported only where their evidence of "
            + "blasts is at most \(Self.number(limits.benignMaximum)), a malignant class only where it is at least "
            + "\(Self.number(limits.malignantMinimum)).\(chosen ?? "")"
    }

    private var resampled: String {
        figures.crossValidation?.intervalUnit == "run" ? "acquisition runs" : "duplicate groups"
    }

    private var decisionRule: String {
        let limits = description.decision
        let smallest = "at least \(Self.percent(limits.minimumConfidence)) confidence"
        guard let chosen = limits.selection else {
            return
                "`report` needs one class in the prediction set and \(smallest); that limit was not chosen by measurement."
        }
        let outcome =
            "It gives \(Self.percent(chosen.risk, places: 2)) wrong among the "
            + "\(Self.percent(chosen.coverage)) answered of \(chosen.images) images."
        return "`report` needs one class in the prediction set and \(smallest). That limit is the smallest, from "
            + "\(Self.percent(chosen.lowestConfidence, places: 0)) up, from which on at most "
            + "\(Self.percent(chosen.maximumRisk)) of the answers are wrong while at least "
            + "\(Self.percent(chosen.minimumCoverage, places: 0)) of the images are answered. \(outcome)"
            + (chosen.isReached
                ? ""
                : " **The rule could not be met**: the confidence of least risk among those that answer enough was taken.")
    }

    /// The set that it was trained on, as its manifest tells.
    private var dataset: String {
        figures.data?.words
            ?? "The images of data manifest SHA-256 `\(description.provenance.dataManifestSHA256)`. What they are was not "
            + "recorded with the package."
    }

    var evaluationData: String {
        let protocols = [figures.crossValidation, figures.leftOutSeries].compactMap { $0 }.map { found in
            "- Split `\(found.split)`: \(found.folds.count) folds, \(found.selection.decisions.images) images, each answered "
                + "by a network of the same recipe that had no part of its fold in training or calibration."
        }
        let own =
            "- \(figures.validation.images) images held out of the shipped network's training; the novelty score was "
            + "fitted on them too, so they are no test."
        return """
            ## Evaluation data
            Of the same set as the training data below; duplicates and near duplicates stay on one side. Preprocessing is \
            that of the package.

            \((protocols + [own]).joined(separator: "\n"))
            """
    }

    var trainingData: String {
        """
        ## Training data
        \(dataset) \(figures.data?.acquisition ?? "")

        \(description.provenance.trainingImages) of them were trained on; none is contained here. Where the class goes with \
        the laboratory, microscope or stain, a network can learn these in place of the cell. What was done against that and \
        what remains of it is in the project's documentation on experiments and on the shortcut audit.
        """
    }

    var ethics: String {
        """
        ## Ethical considerations
        - **Data**: photographs of patients' blood. Whether consent and approval were given is for the source named under \
        “Training data” to say; it is not recorded with the package.
        - **Harm of a mistake**: a malignant image called benign may delay treatment, a benign one called malignant \
        frightens a family and costs a marrow puncture. Both are counted above, and every answer asks for a reader.
        - **Fairness**: nothing is known about the people in the data, so equal quality for all is neither shown nor \
        claimed.
        - **Privacy**: the package holds weights and directions in feature space, no image. Whether an image was in \
        training may be guessed from them.
        """
    }

    var limits: String {
        let collected =
            description.demonstration
            ? ["- Drawn smears are no blood: no figure here says anything about photographs."]
            : [
                "- Confidence and prediction sets hold for images like those of the data set. Elsewhere they may be wrong, and the "
                    + "coverage that is stated is not promised.",
                "- An acquisition run is not a patient, and blocks of contiguous files, where figures are of those, leak: most of "
                    + "their test images have images of the same run in training.",
                "- The shipped network is trained on all images but its validation part. It is not one of the networks that "
                    + "were measured, but made by the same recipe, and there are no images left to check its own thresholds on.",
                "- A laboratory should measure the model on labelled images of its own before anyone reads its answers, and "
                    + "again when microscope, stain or camera change.",
            ]
        return "## Caveats and recommendations\n" + collected.joined(separator: "\n")
    }
}
