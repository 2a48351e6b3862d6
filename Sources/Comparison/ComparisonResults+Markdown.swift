import Foundation
import Training

extension ComparisonResults {
    /// The document of the comparison: one table, what it says about the default, and where each method comes from.
    /// - Parameter command: The command that made it, for readers who want to make it again.
    public func markdown(command: String) -> String {
        ([
            "# Methods side by side", "", "Written by `\(command)`; change nothing by hand. \(protocolWords)", "",
            "| " + columns.map(\.0).joined(separator: " | ") + " |",
            "|---|" + String(repeating: "---:|", count: columns.count - 1),
        ]
            + methods.map { method in
                "| " + columns.map { $0.1(method) }.joined(separator: " | ") + " |"
            }
            + [
                "",
                sets, "",
                "Losses are points of macro-F1, mean over the folds, against the same images unchanged; the stain shifts are "
                    + "those of the audit (hue, saturation, white balance). Numbers are all that the fitted method stores: weights, "
                    + "support vectors, remembered images, trees. Milliseconds are processor time from the decoded image to the "
                    + "answer, one image at a time on one thread, the networks through libtorch in single precision (the server "
                    + "answers through OpenVINO and is faster, see [benchmarks](benchmarks.md)). Training is of one fold: of networks "
                    + "the time by the clock, of other methods processor time of one thread, the choice of settings included. Settings of every method, and what the validation part chose, are in the results file.",
                "", "## The default", "", verdict, "", "## The methods", "",
            ] + methods.map(sourceLine)).joined(separator: "\n") + "\n"
    }

    private var columns: [(String, (Method) -> String)] {
        [
            ("method", { "`\($0.name)`" }), ("accuracy", { Self.share($0.mean["accuracy"]) }),
            ("macro-F1 (worst fold)", { "\(Self.share($0.macroF1)) (\(Self.share($0.worst["macroF1"])))" }),
            ("malignant sensitivity", { Self.share($0.mean["malignantSensitivity"]) }),
            ("benign specificity", { Self.share($0.mean["benignSpecificity"]) }),
            ("AUROC", { Self.share($0.mean["auroc"]) }), ("ECE", { Self.share($0.mean["ece15"]) }),
            (
                "least covered class (quantile alone)",
                {
                    "\(Self.share($0.predictionSets.used?.leastCovered)) "
                        + "(\(Self.share($0.predictionSets.plain?.leastCovered)))"
                }
            ),
            ("sets of one class", { Self.share($0.predictionSets.used?.singles) }),
            ("loss in greyscale", { Self.points($0.greyscaleLoss) }),
            ("worst stain shift", { one in one.worstStain.map { "\(Self.points($0.loss)) (\($0.name))" } ?? "–" }),
            ("numbers stored", { Self.count($0.parameters) }),
            ("ms an image", { String(format: "%.1f", $0.millisecondsPerImage) }),
            ("training, min", { String(format: "%.1f", $0.trainingSeconds / 60) }),
        ]
    }

    private var sets: String {
        guard let found = methods.first?.predictionSets else { return "" }
        return "Covered is an image whose prediction set holds its class, stated "
            + "\(Self.percent(found.coverage)) in each class; a set holds what the quantile of its class does not exclude"
            + (found.alwaysPossible.map { ", and every class of at least \(Self.percent($0))" } ?? "") + "."
    }

    private var protocolWords: String {
        let which =
            folds.count == foldCount
            ? "all \(foldCount) folds" : "folds \(folds.map(String.init).joined(separator: ", ")) of \(foldCount)"
        let calibration =
            folds.count > 1
            ? "each fold's temperature is fitted on the answers to the other folds"
            : "its temperature is fitted on its validation part"
        return
            "Split `\(split)`, \(which), \(images) test images, each answered by a method that had not seen it. Settings are "
            + "chosen by the validation part of each training side; \(calibration), the same for all methods. Figures are "
            + "means over the folds."
    }

    private func sourceLine(_ method: Method) -> String {
        let members =
            method.members.isEmpty ? "" : " Here of \(method.members.map { "`\($0)`" }.joined(separator: ", "))."
        return "- **`\(method.name)`**: \(MethodSources.words[method.name] ?? "no source is recorded.")\(members)"
    }
}

/// Where each method comes from, and how it differs from its source here.
enum MethodSources {
    static let words: [String: String] = [
        "small-cnn":
            "a network of this project with under 0.1 million parameters, made for drawn smears; from scratch.",
        "mobilenet-v2":
            "Sandler et al. 2018 (CVPR), table 2, width 1.0; from scratch, where the paper trains on ImageNet.",
        "efficientnet-lite0":
            "Tan and Le 2019 (ICML), in the Lite variant without squeeze-and-excitation; ImageNet weights, fine-tuned by the "
            + "release recipe, the only one here that starts from another task.",
        "googlenet":
            "Szegedy et al. 2015 (CVPR), table 1, with batch normalisation; from scratch, without auxiliary classifiers.",
        "se-resnet-18":
            "residual network of 18 layers (He et al. 2016, CVPR) with squeeze-and-excitation (Hu et al. 2018, CVPR); from "
            + "scratch.",
        "mobilenet":
            "Howard et al. 2017 (arXiv:1704.04861), table 1, width 1.0; from scratch.",
        "inception-v3":
            "Szegedy et al. 2016 (CVPR), table 1 and figures 5 to 7; from scratch, at 128 pixels where the paper has 299, without "
            + "the auxiliary classifier.",
        "sparse-cascade":
            "after SBCDNet (Das, Sahu and Meher 2023): blocks of sparse (grouped) convolutions, each reading what all before it gave; "
            + "layers and channels are this project's.",
        "attention-cnn":
            "after A2M-LEUK (Talaat and Gamel 2023, Neural Computing and Applications): a convolutional network whose blocks are "
            + "weighed by channel and by place; layers and channels are this project's.",
        "colour-stacking":
            "stacked generalisation (Wolpert 1992, Neural Networks 5) over 16-bin histograms and three moments (Stricker and Orengo "
            + "1995) of nine colour channels; one-against-rest support vector machines with a Gaussian kernel, a random forest, "
            + "nearest neighbours and logistic regression below, logistic regression above. It reads no shape: what it reaches "
            + "is what colour alone gives away.",
        "sift-bovw-svm":
            "bags of key points (Csurka et al. 2004, ECCV workshop) with SIFT (Lowe 2004, IJCV 60), its difference-of-Gaussians key "
            + "points instead of Csurka's affine regions; descriptors and histograms rooted (Arandjelović and Zisserman 2012, "
            + "CVPR); one-against-rest support vector machines with a Gaussian kernel on the rooted histograms.",
        "autoencoder-relm":
            "codes of a convolutional autoencoder (four strided convolutions; sub-pixel decoder of Shi et al. 2016, CVPR, equation 4) "
            + "that sees no label; instead of the flattened code, which changes wherever a cell lies, mean and deviation of each "
            + "channel over its places are read, by the regularised extreme learning machine of Huang et al. 2012 (IEEE Trans. "
            + "SMC-B 42) with a logistic hidden layer, solved by Cholesky's factors.",
        "fuzzy-rank-fusion":
            "Gompertz fuzzy ranks of Kundu et al. 2021 (Scientific Reports 11:14133), related to Manna et al. 2021 (Scientific "
            + "Reports 11:14538); the two foremost classes of each network are ranked as there, and nothing is trained. Times and "
            + "sizes are sums over the networks. Its score is no probability: the temperature makes one of it.",
    ]
}
