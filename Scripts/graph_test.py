#!/usr/bin/env python3
"""Tests of graph.py: what is drawn, which arrows are left out, and that the page keeps everything else."""

import unittest

from graph import BEGIN, END, drawn_targets, mermaid, page_with, reduced


def target(name: str, *declares: str, kind: str = "regular", path: str | None = None) -> dict:
    return {"name": name, "type": kind, "path": path, "dependencies": [{"byName": [each, None]} for each in declares]}


PACKAGE = {"targets": [
    target("COpenVINO", kind="system"), target("CVision"), target("Imaging", "CVision"),
    target("Packaging", "Imaging", "Crypto"), target("Inference", "COpenVINO", "Packaging", "Imaging"),
    target("leukoscope-lab", "Inference", "CVision", kind="executable"),
    target("ImagingTests", "Imaging", kind="test"), target("NetworkFixtures", "Imaging", path="Tests/NetworkFixtures")]}


class GraphTest(unittest.TestCase):
    def setUp(self):
        self.targets = drawn_targets(PACKAGE, lambda name: name == "CVision")

    def test_tests_and_their_fixtures_are_not_drawn(self):
        self.assertEqual(sorted(self.targets),
                         ["COpenVINO", "CVision", "Imaging", "Inference", "Packaging", "leukoscope-lab"])

    def test_an_arrow_that_follows_from_others_is_left_out(self):
        self.assertEqual(reduced(self.targets), [
            ("Imaging", "CVision"), ("Inference", "COpenVINO"), ("Inference", "Packaging"), ("Packaging", "Imaging"),
            ("leukoscope-lab", "Inference")])

    def test_programs_native_targets_and_outside_packages_are_marked(self):
        text = mermaid(self.targets)
        for line in ['  leukoscope_lab(["leukoscope-lab"]):::program', '  CVision[["CVision"]]:::native',
                     '  COpenVINO[["COpenVINO"]]:::native', '  Packaging["Packaging<br/><small>Crypto</small>"]',
                     "  leukoscope_lab --> Inference"]:
            self.assertIn(line, text.split("\n"))

    def test_the_page_keeps_all_but_the_picture(self):
        page = f"# Head\n{BEGIN}\nold\n{END}\ntail\n"
        self.assertEqual(page_with("new", page), f"# Head\n{BEGIN}\nnew\n{END}\ntail\n")
        self.assertEqual(page_with("new", page_with("new", page)), page_with("new", page))


if __name__ == "__main__":
    unittest.main()
