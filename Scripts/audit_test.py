#!/usr/bin/env python3
"""Tests of audit.py: every figure of the page comes from the file, and a missed target is called missed."""

import copy
import json
import tempfile
import unittest
from pathlib import Path

import audit
import results


def figures(mean: float, worst: float) -> dict:
    one = {"images": 7, "accuracy": mean, "macroF1": mean, "malignantSensitivity": 0.9123, "benignSpecificity": None}
    return {
        "folds": [one, one], "mean": {"accuracy": mean + 0.001, "macroF1": mean, "malignantSensitivity": 0.9123},
        "worst": {"accuracy": worst + 0.001, "macroF1": worst},
    }


def recipe(name: str, loss: float) -> dict:
    stain = {"hue-forward", "hue-backward", "saturated", "desaturated", "warmer", "cooler"}
    return {
        "name": name, "split": "blocks", "architecture": "small-cnn", "configurationSHA256": "ab" * 32,
        "variations": [
            {"name": key, "isStainShift": key in stain, "figures": figures(0.9 - loss, 0.8),
             "loss": {"macroF1": 0 if key == "as-they-are" else loss, "accuracy": 0},
             **({} if key == "as-they-are" else {"macroF1LossInterval95": [loss - 0.02, loss + 0.01]})}
            for key in audit.VARIATIONS
        ],
        "orientations": {
            "name": "orientations", "isStainShift": False, "figures": figures(0.9123 if name == "audited" else 0.7, 0.8765),
            "loss": {"macroF1": -0.0345}, "macroF1LossInterval95": [-0.041, 0.002]},
        "attention": {"images": 31, "withoutNuclei": 2, "mapShare": 0.512, "areaShare": 0.234, "meanRatio": 2.19,
                      "medianRatio": 2.11, "attainableRatio": 2.87,
                      "erasure": {"images": 29, "probability": 0.941, "withoutNuclei": 0.357, "withoutOther": 0.929,
                                  "keptWithoutNuclei": 0.276, "keptWithoutOther": 0.966}},
        "explanations": {
            "images": 12,
            "orders": [
                {"name": "activation-map", "deletion": [1, 0], "insertion": [0, 1], "deletionArea": 0.312,
                 "insertionArea": 0.789},
                {"name": "random-order", "deletion": [1, 1], "insertion": [0, 0], "deletionArea": 0.654,
                 "insertionArea": 0.543, "deletionWins": 0.917, "insertionWins": 0.833},
            ],
            "randomisation": [{"stages": 1, "rankCorrelation": 0.21, "structuralSimilarity": 0.13}],
        },
    }


def audited(loss: float = 0.015) -> dict:
    return {
        "manifestSHA256": "cd", "images": 40, "classKeys": ["benign"],
        "baselines": [
            {"name": "colour-histogram", "inputs": 48,
             "splits": {"blocks": figures(0.9481, 0.8891), "random": figures(0.9801, 0.9701)}}
        ],
        "recipes": [recipe("audited", loss), recipe("naive", 0.071)],
    }


class AuditTest(unittest.TestCase):
    def test_every_part_holds_its_figures(self):
        page = audit.page(audited())
        for text in [
            "94.8 % (88.9 %)", "98.0 % (97.0 %)", "| 48 |", "0.885 (0.800) | 1.5 (−0.5 to 2.5) |", "| 7.1 (5.1 to 8.1) |", "51.2 %", "23.4 %", "2.19",
            "2.11", "2.87", "| 29 | 0.941 | 0.357 | 0.929 | 27.6 % | 96.6 % |", "0.312", "0.789", "91.7 %", "83.3 %", "0.21", "0.13",
            "| 0.912 (0.876) | 0.912 | – | −3.5 (−4.1 to 0.2) |", audit.NONE,
        ]:
            self.assertIn(text, page)

    def test_targets_are_judged_by_the_figures(self):
        self.assertNotIn("**no**", audit.targets(audited(0.015)["recipes"][0]))
        self.assertEqual(audit.targets(audited(0.031)["recipes"][0]).count("**no**"), 2)
        blind = audited()["recipes"][0]
        blind["attention"]["meanRatio"] = 1.79
        self.assertEqual(audit.targets(blind).count("**no**"), 1)

    def test_one_bad_stain_shift_is_enough(self):
        bad = copy.deepcopy(audited(0.01)["recipes"][0])
        next(own for own in bad["variations"] if own["name"] == "cooler")["loss"]["macroF1"] = 0.034
        self.assertIn("| the worst of the stain shifts | 3.4 | at most 3 | **no** |", audit.targets(bad))

    def test_parts_that_were_left_out_have_no_heading(self):
        lean = audited()
        lean["baselines"] = []
        for own in lean["recipes"]:
            del own["explanations"], own["attention"]["erasure"], own["orientations"]
        page = audit.page(lean)
        self.assertNotIn("lies open", page)
        self.assertNotIn("believed", page)
        self.assertNotIn("painted", page)
        self.assertNotIn("orientations", page)
        self.assertEqual(audit.page({**lean, "recipes": []}), audit.HEAD)

    def test_a_gain_is_no_minus_zero(self):
        self.assertEqual([audit.points(value) for value in (-0.0001, -0.012, 0.02, None)], ["0.0", "−1.2", "2.0", "–"])

    def test_the_page_belongs_to_what_is_generated(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "docs/results").mkdir(parents=True)
            (root / "README.md").write_text(f"{results.BEGIN}\n{results.END}\n")
            self.assertNotIn(root / "docs/audit.md", results.generated(root))
            (root / "docs/results/audit.json").write_text(json.dumps(audited()))
            self.assertEqual(results.generated(root)[root / "docs/audit.md"], audit.page(audited()))


if __name__ == "__main__":
    unittest.main()
