#!/usr/bin/env python3
"""Tests of results.py: every figure comes from the files, and --check notices one that does not."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import results

KEYS = ["benign", "early-pre-b", "pre-b", "pro-b"]


def metrics(accuracy: float) -> dict:
    """Figures that differ from one another, so that a mix-up shows."""
    return {
        "images": 40, "accuracy": accuracy, "macroF1": accuracy - 0.01, "malignantSensitivity": 0.9876,
        "benignSpecificity": None, "auroc": 0.9543, "ece15": 0.0321, "brier": 0.0654,
        "confusion": [[9, 1, 0, 0], [2, 8, 0, 0], [0, 0, 10, 0], [0, 0, 3, 7]],
        "perClass": {key: {"precision": 0.8, "recall": 0.7, "f1": 0.75, "support": 10} for key in KEYS},
        "confidenceIntervals95": {"accuracy": [0.8111, 0.9222], "sensitivity.pro-b": [0.6333, 0.7444]},
    }


def cross_validation(split: str) -> dict:
    return {
        "split": split, "configuration": {"architecture": "small-cnn", "epochs": 3, "seed": 7}, "classKeys": KEYS,
        "manifestSHA256": "abc", "folds": [metrics(0.85), metrics(0.95)], "pooled": metrics(0.9),
        "mean": {"accuracy": 0.9, "macroF1": 0.8899}, "worst": {"accuracy": 0.85, "macroF1": 0.8401},
        "conformalCoverage": {"benign": 0.9456}, "refusedAsNovel": 0.0123, "trainingSeconds": 600,
    }


def series(name: str, **malignancy) -> dict:
    return {
        "name": name, "classes": {"benign": 8}, "unknownClasses": ["pro-b"],
        "malignancy": {"images": 20, "confidenceIntervals95": {"auroc": [0.8771, 0.9876]}} | malignancy,
        "fourClass": {"images": 12, "accuracy": 0.7531, "ece15": 0.1, "brier": 0.2},
        "decisions": decisions(20, 4),
    }


def coverage(folds: list[list[str]]) -> dict:
    """Two classes, one of which has enough runs."""
    runs = [{"name": f"benign-{number}", "images": 15} for number in (1, 2)]
    return {"images": 40, "assigned": 39, "folds": folds, "classes": [
        {"key": "benign", "images": 30, "assigned": 30, "isMeasurable": True, "runs": runs},
        {"key": "pro-b", "images": 10, "assigned": 9, "isMeasurable": False, "reason": "1 of the 3 runs needed",
         "runs": [{"name": "pro-b-1", "images": 9}]}]}


def decisions(images: int, rejected: int) -> dict:
    return {
        "images": images, "report": images - rejected - 3, "uncertain": 3, "rejected": rejected, "wrongReports": 2,
        "missedMalignant": 1, "falseMalignant": 0,
    }


def calibrated(split: str) -> dict:
    """A cross-validation with everything that is fitted after training."""
    summary = {"coverage": 0.9877, "coveragePerClass": [0.9834, None, 0.9911, 0.9922], "meanSize": 1.1234, "sizes": [0, 9, 1]}
    rule = {"maximumRisk": 0.005, "minimumCoverage": 0.9, "lowestConfidence": 0.5}
    return cross_validation(split) | {
        "calibration": {
            "method": "temperature", "source": "other-folds", "temperatures": [0.4321, 0.5432],
            "candidates": [{"method": "none", "negativeLogLikelihood": 0.1567, "ece15": 0.0511, "brier": 0.07},
                           {"method": "temperature", "negativeLogLikelihood": 0.1231, "ece15": 0.0063, "brier": 0.06}]},
        "predictionSets": {
            "coverage": 0.99, "score": "lac", "alwaysPossible": 0.05, "largestGap": 0.0066, "summary": summary,
            "candidates": [
                {"score": "lac", "alwaysPossible": 0.05, "summary": summary, "singles": 0.8567, "wrongSingles": 0.0091},
                {"score": "lac", "summary": summary, "singles": 0.8765, "wrongSingles": 0.0123}]},
        "selection": {
            "area": 0.00123, "decisions": decisions(80, 5),
            "curve": [{"coverage": 0.9001, "confidence": 0.7654, "risk": 0.0044}]},
        "shipped": {"selection": {
            "rule": rule, "minimumConfidence": 0.7123, "coverage": 0.9345, "risk": 0.0049, "isReached": True}},
        "series": [series("boxed-500", specificity=0.9375)], "mistakeCount": 7,
        "mistakes": [{"file": "Pre/a.jpg", "label": "pre-b", "answer": "early-pre-b", "confidence": 0.9987,
                      "fold": "fold 2", "decision": "report"}],
    }


def near_domain(benign: int, alarms: int, reported: int, images: int = 20_000) -> dict:
    """Ten fields of each class, one change."""
    def row(kind: str, change: str, malignant: bool, **counts) -> dict:
        return {"set": "ours", "kind": kind, "change": change, "isMalignant": malignant, "images": 10, "untouched": 0,
                "reported": 0, "uncertain": 0, "rejected": 0, "reportedBenign": 0, "reportedMalignant": 0} | counts

    return {
        "model": {"name": "small-cnn", "folds": 5, "split": "blocks"}, "seed": 3, "manifestSHA256": "abc",
        "reference": {"width": 299, "height": 224, "redCellPixels": 16.84},
        "rows": [
            row("benign", "unchanged", False, reported=reported, reportedBenign=reported, rejected=10 - reported),
            row("benign", "warmer+turned", False, images=1000, reported=900, reportedMalignant=alarms),
            row("pre-b", "unchanged", True, reported=9, reportedMalignant=9, uncertain=1),
            row("pre-b", "warmer+turned", True, images=images, reported=5000, reportedBenign=benign),
            row("healthy", "warmer+turned", False, images=200, rejected=200),
        ],
        "fields": [{"set": "ours", "kind": "benign", "isMalignant": False, "fields": 10, "everWrong": min(alarms, 10)},
                   {"set": "ours", "kind": "pre-b", "isMalignant": True, "fields": 10, "everWrong": benign}],
        "wrong": [{"image": "a.jpg", "change": "warmer+turned", "label": "benign", "novelty": 0.25}] if benign else [],
    }


class ResultsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "docs/results").mkdir(parents=True)
        (self.root / "README.md").write_text(f"before\n{results.BEGIN}\nold\n{results.END}\nafter\n")

    def run_script(self, *arguments: str) -> tuple[int, str]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            return results.main(list(arguments), self.root), output.getvalue()

    def put(self, path: str, value: dict):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))

    def text(self, path: str) -> str:
        return (self.root / path).read_text()

    def test_says_what_is_not_measured_yet(self):
        self.assertEqual(self.run_script()[0], 0)
        self.assertIn("Not measured yet: `blocks`", self.text("docs/results.md"))
        self.assertIn("Not measured yet: `random`", self.text("docs/results.md"))
        self.assertIn("No cross-validation of the release recipe is recorded yet", self.text("README.md"))
        self.assertEqual(self.run_script("--check")[0], 0)

    def test_the_choice_of_the_recipe_is_shown(self):
        self.put("docs/results/blocks.json", cross_validation("blocks"))
        folder = self.root / "docs/results/selection"
        folder.mkdir()
        head = "epoch,validation_loss,validation_accuracy,validation_macro_f1\n"
        (folder / "first-1.csv").write_text(head + "1,0.9,0.7,0.6\n2,0.5,0.8123,0.7123\n")
        (folder / "release-1.csv").write_text(head + "1,0.1,0.9123,0.8987\n")
        self.run_script()
        page = self.text("docs/results.md")
        self.assertIn("| fold 1 | `first` | 0.812 | 0.712 | 0.500 |", page)
        self.assertIn("| fold 1 | `release` | 0.912 | 0.899 | 0.100 |", page)
        self.assertIn("It was run once on each fold", page)

    def test_experiments_name_recipes_series_and_adaptations(self):
        self.put("docs/results/experiments/moderate-blocks.json", cross_validation("blocks"))
        self.put("docs/results/experiments/moderate-random.json", cross_validation("random"))
        left_out = cross_validation("series") | {"series": [series("boxed-200", auroc=0.9123, specificity=0.8123)]}
        self.put("docs/results/series.json", left_out)
        figures = {"metrics": {"auroc": 0.9234, "malignantSensitivity": 0.9, "benignSpecificity": 0.8},
                   "specificityAtSensitivity97": 0.7}
        after = {"metrics": {"auroc": 0.9987, "malignantSensitivity": 0.95, "benignSpecificity": 0.9},
                 "specificityAtSensitivity97": None}
        self.put("docs/results/adapt-boxed-200.json", {
            "learningPerClass": {"benign": 16, "pre-b": 16}, "heldBackPerClass": {"benign": 60}, "method": "temperature",
            "before": figures, "after": after})
        figures = {"testRefused": 0.0123, "unfamiliar": {
            "pbc": {"images": 160, "auroc": 0.98765, "confidentMalignancy": 0.0321, "refused": 0.9}}}
        self.put("docs/results/novelty.json", {"mean": {"energy": figures}, "worst": {"energy": figures}, "folds": {}})
        figures = {"mean": {"macroF1": 0.9712, "malignantSensitivity": 0.9923, "benignSpecificity": 0.9634}}
        self.put("docs/results/experiments/nuclei-audit.json", {"recipes": [{
            "variations": [{"name": name, "figures": figures} for name in ("as-they-are", "greyscale")],
            "attention": {"meanRatio": 1.934, "erasure": {
                "probability": 0.9812, "withoutNuclei": 0.3123, "keptWithoutNuclei": 0.6512}}}]})
        self.run_script()
        page = self.text("docs/experiments.md")
        self.assertIn("| `nuclei` | 0.971 | 0.992 | 0.963 | 0.971 | 1.93 | 0.981 | 0.312 | 65.1 % |", page)
        self.assertIn("| `energy` | 1.2 % (1.2 %) |", page)
        self.assertIn("| method | pbc, 160 |", page)
        self.assertIn("| `energy` | 0.9877 (0.9877) |", page)
        self.assertIn("| `energy` | 3.2 % (3.2 %) |", page)
        self.assertIn("| `moderate` | `blocks` |", page)
        self.assertIn("| `moderate` | `random` |", page)
        self.assertNotIn("| `release` | `random` |", page)
        self.assertIn("| `boxed-200` | 20 | 0.896 | 0.95 | 0.68 | 0.912 |", page)
        self.assertIn("| `boxed-200` | 32 | 60 | temperature | 0.923 → 0.999 | 0.700 → – |", page)

    def test_figures_come_from_the_files(self):
        self.put("docs/results/blocks.json", cross_validation("blocks"))
        self.run_script()
        page, readme = self.text("docs/results.md"), self.text("README.md")
        row = "| accuracy | 0.900 | 0.850 | 0.900 (0.811 to 0.922) |"
        for text in (page, readme):
            self.assertIn(row, text)
            self.assertIn("Of 30 malignant images 2 were called benign, of 10 benign ones 1 malignant.", text)
        self.assertIn("| benign specificity | – | – | – (–) |", page)
        self.assertIn("| fold 2 | 40 | 0.950 | 0.940 |", page)
        # Specificity of pro-b: all 30 images of other classes are answered as another class.
        self.assertIn("| `pro-b` | 10 | 0.800 | 0.700 (0.633 to 0.744) | 1.000 (–) | 0.750 | – |", page)
        # Of pre-b: 3 of 30 are not.
        self.assertIn("| `pre-b` | 10 | 0.800 | 0.700 (–) | 0.900 (–) |", page)
        self.assertIn("| `early-pre-b` | 2 | 8 | 0 | 0 |", page)
        self.assertIn("| macro-F1, mean of the folds | 0.8899 | at least 0.980 | **no** |", page)
        self.assertIn("would refuse 1.2 % of these", page)
        self.assertNotIn("Not measured yet: `blocks`", page)
        self.assertIn("Not measured yet: `random`", page)
        self.assertTrue(readme.startswith("before\n") and readme.endswith("after\n"))

    def test_splits_stand_side_by_side(self):
        for split in ("blocks", "random"):
            self.put(f"docs/results/{split}.json", cross_validation(split))
        self.run_script()
        self.assertIn("| figure | `blocks` mean | `blocks` worst fold |", self.text("README.md"))
        self.assertIn("| `random` mean | `random` worst fold |", self.text("README.md"))
        for path in ("README.md", "docs/results.md"):
            self.assertIn("`random` leak: most of their test images", self.text(path))
        self.assertIn("is the headline, no figures are recorded yet", self.text("README.md"))

    def test_runs_come_first_with_intervals_over_runs_and_what_cannot_be_judged(self):
        runs = cross_validation("runs") | {"intervalUnit": "run", "runs": coverage([["benign-1"], ["benign-2", "pro-b-1"]])}
        self.put("docs/results/runs.json", runs)
        self.put("docs/results/blocks.json", cross_validation("blocks"))
        self.run_script()
        readme, page = self.text("README.md"), self.text("docs/results.md")
        self.assertIn("| figure | `runs` mean | `runs` worst fold | `runs` all images (95 % interval over runs) | `blocks` mean |", readme)
        self.assertIn("40 images with `runs`", readme)
        self.assertIn("`runs` leaves out whole acquisition runs (the headline). **On runs that", readme)
        self.assertIn("0.900 of its four-class answers are right", readme)
        self.assertLess(page.index("## Split `runs`"), page.index("## Split `blocks`"))
        self.assertIn("| 95 % interval over runs |", page)
        self.assertIn("39 of 40 images (97.50 %) are assigned to 3 runs.", page)
        self.assertIn("| `pro-b` | 9 of 10 | `pro-b-1` 9 | **no**: 1 of the 3 runs needed |", page)
        self.assertIn("- fold 2 leaves out `benign-2`, `pro-b-1`", page)

    def test_inferred_runs_have_a_section_of_their_own(self):
        self.run_script()
        self.assertNotIn("## Acquisition runs", self.text("docs/results.md"))
        lag = {"lag": 1, "pairs": 9, "sameRun": 0.125, "median": 8.1234}
        self.put("docs/results/acquisition-runs.json", {
            "coverage": coverage([]), "seed": 1,
            "stability": {"halves": [{"name": "half 1", "agreement": {"benign": 0.9123}, "mean": 0.8765}],
                          "without": [{"name": "without detail", "agreement": {"benign": 0.8}, "mean": 0.8}],
                          "halvesMean": 0.8765, "withoutMean": 0.8},
            "agreement": {"series": {"images": 40, "byClass": {"pro-b": 0.5123}, "mean": 0.5555}},
            "lags": {"rows": [{"key": "benign", "lags": [lag] * 4, "random": 7.81, "withinRuns": 3.35}]}})
        self.run_script()
        page = self.text("docs/results.md")
        self.assertIn("| half 1 | 0.912 | – | 0.876 |", page)
        self.assertIn("| with the table `series` | – | 0.512 | 0.555 |", page)
        self.assertIn("| 8.12 (12 %) | 7.81 | 3.35 | – |", page)
        self.assertIn("Mean of the halves 0.876, without parts of what is measured 0.800.", page)

    def test_check_notices_a_figure_that_is_not_in_the_files(self):
        self.put("docs/results/blocks.json", cross_validation("blocks"))
        self.run_script()
        self.assertEqual(self.run_script("--check")[0], 0)
        for path in ("docs/results.md", "README.md"):
            true = self.text(path)
            (self.root / path).write_text(true.replace("0.850", "0.990"))
            status, output = self.run_script("--check")
            self.assertEqual(status, 1)
            self.assertIn(f"{path} is not what the results files say", output)
            (self.root / path).write_text(true)

    def test_check_notices_new_results(self):
        self.run_script()
        self.put("docs/results/blocks.json", cross_validation("blocks"))
        self.assertEqual(self.run_script("--check")[0], 1)

    def test_shipped_models_show_their_validation_figures(self):
        self.put("Models/tiny/model.json", {
            "version": "2.0.0", "architecture": "small-cnn", "provenance": {"trainingImages": 123}})
        self.put("Models/tiny/metrics.json", {"validation": metrics(0.77)})
        self.run_script()
        self.assertRegex(self.text("docs/results.md"), r"\| `tiny` 2\.0\.0 .* \| 123 \| 40 \| 0\.770 \| 0\.760 \|")

    def test_refuses_a_release_with_other_figures(self):
        self.put("docs/results/blocks.json", cross_validation("blocks"))
        other = cross_validation("blocks") | {"refusedAsNovel": 0.5}
        self.put("Models/release/metrics.json", {"validation": metrics(0.9), "crossValidation": other})
        with self.assertRaises(SystemExit):
            self.run_script("--check")

    def test_what_is_fitted_after_training_is_told_with_its_protocol(self):
        self.put("docs/results/blocks.json", calibrated("blocks"))
        (self.root / "docs/results/blocks-reliability.svg").write_text("<svg/>")
        self.run_script()
        page = self.text("docs/results.md")
        for words in (
            "Temperatures: 0.432, 0.543.", "| one temperature (used) | 0.1231 | 0.0063 | 0.0600 |",
            "| least ambiguous (LAC): 1 − p, and every class of 5 % or more (used) | 98.77 % | 98.34 % | 99.22 % | 1.123 | 85.7 % | 0.91 % |",
            "stated one | 0.66 points | at most 1 point | yes |", "| 90.0 % | 0.7654 | 0.44 % |",
            "it gives 0.7123, which answers 93.5 % with\n0.49 % wrong.", "72 of 80 images would have been reported",
            "| `boxed-500` | 20 | – | – | 0.938 | 0.753 | – | `pro-b` | 20.0 % | – | 2 of 13 |", "7 in all",
            "| `Pre/a.jpg` | `pre-b` | `early-pre-b` | 0.999 | – | fold 2 | report |",
            "![Confidence against accuracy](results/blocks-reliability.svg)",
        ):
            self.assertIn(words, page)
        self.assertNotIn("blocks-risk-coverage.svg", page)
        self.assertNotIn("could not be met", page)

    def test_a_rule_that_was_not_met_and_a_gap_that_is_too_wide_are_told(self):
        results = calibrated("blocks")
        results["predictionSets"]["largestGap"] = 0.0123
        results["shipped"]["selection"]["isReached"] = False
        self.put("docs/results/blocks.json", results)
        self.run_script()
        self.assertIn("| 1.23 points | at most 1 point | **no** |", self.text("docs/results.md"))
        self.assertIn("could not be met", self.text("docs/results.md"))

    def test_series_left_out_have_a_section_of_their_own(self):
        self.run_script()
        self.assertNotIn("Split `series`", self.text("docs/results.md"))
        results = calibrated("series") | {"series": [
            series("boxed-100", auroc=0.9812, sensitivity=0.99, specificity=0.8), series("red-100", auroc=0.9701)]}
        self.put("docs/results/series.json", results)
        self.run_script()
        page = self.text("docs/results.md")
        self.assertIn("| `boxed-100` | 0.9812 | at least 0.985 | **no** |", page)
        self.assertIn("| `red-100` | 0.9701 | at least 0.970 | yes |", page)
        self.assertIn("| `boxed-100` | 20 | 0.981 (0.877 to 0.988) | 0.990 | 0.800 | 0.753 |", page)
        self.assertNotIn("| `series` mean |", page)
        self.assertNotIn("Rule for the smallest confidence", page)
        self.assertIn("72 of 80 images would have been reported", page)
        self.put("docs/results/series.json", calibrated("blocks"))
        with self.assertRaises(SystemExit):
            self.run_script()

    def test_near_domain_refusal_has_a_page_of_its_own(self):
        self.put("docs/results/near-domain.json", near_domain(benign=0, alarms=5, reported=9))
        self.run_script()
        page = self.text("docs/near-domain.md")
        self.assertIn("| malignant fields reported as Benign, changed | 0 of 20000 (0.000 %) | 0 of at least 20000 | yes |", page)
        self.assertIn("| benign fields reported as malignant, changed | 5 of 1000 (0.500 %) | at most 0.5 % | yes |", page)
        self.assertIn("| fields of healthy people reported as malignant, changed | 0 of 200 (0.000 %) | at most 0.5 % | yes |", page)
        self.assertIn("| labelled fields reported, as they are | 18 of 20 (90.000 %) | at least 90 % | yes |", page)
        self.assertIn("| malignant | 10 | 0 | 30.00 % |", page)
        self.assertIn("| warmer, turned | 20000 | 25.0 % | 0 | 1000 | 90.0 % | **5** | 200 | 0.0 % | 0 |", page)
        self.assertIn("| benign, `ours` | 10 | 90.0 % | 0.0 % | 10.0 % | 9 | 0 |", page)
        self.assertIn("16.8 pixels wide in fields of 299×224", page)
        self.assertNotIn("Confident and wrong", page)

    def test_near_domain_targets_that_are_missed_are_told(self):
        self.put("docs/results/near-domain.json", near_domain(benign=1, alarms=6, reported=8))
        self.run_script()
        page = self.text("docs/near-domain.md")
        self.assertIn("| 1 of 20000 (0.005 %) | 0 of at least 20000 | **no** |", page)
        self.assertIn("| 6 of 1000 (0.600 %) | at most 0.5 % | **no** |", page)
        self.assertIn("| 17 of 20 (85.000 %) | at least 90 % | **no** |", page)
        self.assertIn("| a.jpg | warmer, turned | `benign` | 0.25 |", page)
        self.put("docs/results/near-domain.json", near_domain(benign=0, alarms=0, reported=9, images=19_999))
        self.run_script()
        self.assertIn("| 0 of 19999 (0.000 %) | 0 of at least 20000 | **no** |", self.text("docs/near-domain.md"))

    def test_cells_have_a_page_of_their_own(self):
        finding = [
            {"laboratory": "home", "images": 10, "cells": 100, "recall": 0.99, "precision": 0.96},
            {"laboratory": "away", "images": 20, "cells": 50, "recall": 0.95, "precision": 0.94}]
        question = {"question": "blasts of home, normal cells of away", "positives": 3, "negatives": 4, "reader": 0.9612,
                    "size": 0.7, "darkness": 0.5}
        self.put("docs/results/cells.json", {
            "learnedFrom": ["home"], "finding": finding, "cells": [question], "fields": [{**question, "density": 0.61}],
            "typesMacroF1": 0.7648, "millisecondsOfField": 25.0, "rulers": [
                {"fields": "drawn", "factor": 0.8, "malignant": 75, "healthy": 25, "area": 0.91, "malignantMedian": 3.456,
                 "healthyMedian": -1}]})
        self.run_script()
        page = self.text("docs/cells-results.md")
        self.assertIn("| home | held out | 10 | 100 | 99.0 % | 96.0 % | no |", page)
        self.assertIn("| away | never seen | 20 | 50 | 95.0 % | 94.0 % | yes |", page)
        self.assertIn("| blasts of home, normal cells of away | 3 : 4 | **0.961** | 0.700 | 0.500 | – |", page)
        self.assertIn("| 0.500 | 0.610 |", page)
        self.assertIn("**0.765**", page)
        self.assertIn("| drawn | 0.8 | 75 : 25 | 0.910 | 3.46 | -1.00 |", page)

    def test_cases_have_a_section_and_tell_whether_the_targets_are_reached(self):
        def figures(ill: float, well: float) -> dict:
            rates = {"withLeukaemia": ill, "without": well, "benignWithLeukaemia": 0.0004}
            return {key: {"value": value, "low95": 0, "high95": 0.4321} for key, value in rates.items()}

        def put(rule: float, today: float = 0.03) -> str:
            size = {"fields": 10, "witnesses": 2, "today": figures(0.99, today), "rule": figures(0.9912, rule)}
            sparse = {"malignant": 2, "fields": 10} | {
                key: {"value": 0.5, "low95": 0.25, "high95": 0.75} for key in ("today", "rule", "benign")}
            source = {"name": "ours", "readers": "both", "parts": {"held-out": 12}, "withLeukaemia": {"a": 5, "b": 5},
                      "without": {"c": 2}, "sizes": [size], "sparse": [sparse]}
            self.put("docs/results/verdict.json", {
                "model": {"name": "m", "version": "1"}, "sets": 10000, "seed": 1, "sources": [source]})
            self.run_script()
            return self.text("docs/results.md")

        page = put(0.009)
        self.assertIn("2 runs with leukaemia, 1 without; answers: 12 held-out.", page)
        self.assertIn(
            "| 10 | 2 | 990 (0 to 432) | 991 (0 to 432) | 30 (0 to 432) | 9 (0 to 432) | 0 (0 to 432) |", page)
        self.assertIn("sensitivity not lower; 30 % as many false calls as by one report, the target of a third reached", page)
        self.assertIn("| 2 of 10 | 500 (250 to 750) |", page)
        self.assertIn("the target of a third **not reached**", put(0.02))
        self.assertIn("no set was called falsely by one report", put(0, 0))

    def test_refuses_a_release_with_other_series(self):
        self.put("docs/results/series.json", calibrated("series"))
        self.put("Models/release/metrics.json", {"validation": metrics(0.9), "leftOutSeries": calibrated("blocks")})
        with self.assertRaises(SystemExit):
            self.run_script("--check")

    def test_refuses_a_file_of_another_split(self):
        self.put("docs/results/blocks.json", cross_validation("random"))
        with self.assertRaises(SystemExit):
            self.run_script()


if __name__ == "__main__":
    unittest.main()
