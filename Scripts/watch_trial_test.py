#!/usr/bin/env python3
"""Tests of watch_trial.py and results_watch.py: what is stored anew, which fields are drawn, and the table."""

import unittest

import results_watch
import watch_trial


class StainTests(unittest.TestCase):
    def test_a_factor_of_one_changes_nothing(self):
        for ground in (150, 220, 255):
            self.assertEqual(watch_trial.curve(ground, 1), list(range(256)))

    def test_the_ground_stays_and_stain_gets_weaker_or_stronger(self):
        for ground in (180, 240):
            weaker, stronger = watch_trial.curve(ground, 0.8), watch_trial.curve(ground, 1.2)
            self.assertEqual((weaker[ground], stronger[ground]), (ground, ground))
            self.assertTrue(all(weaker[value] > value > stronger[value] for value in range(20, ground - 20)))
            self.assertEqual(weaker, sorted(weaker))
        # By hand: (239 + 1) · (59 + 1) / (239 + 1) = 60 with density 1; half the density is the root.
        self.assertEqual(watch_trial.curve(239, 0.5)[59], 119)

    def test_a_day_changes_the_density_of_the_first_day_by_a_hundredth(self):
        self.assertEqual([watch_trial.factor("weaker", day, 1) for day in (0, 1, 30)], [1, 0.99, 0.7])
        self.assertEqual(watch_trial.factor("stronger", 30, 1), 1.3)
        self.assertEqual(watch_trial.factor("unchanged", 30, 1), 1)


class DrawTests(unittest.TestCase):
    def test_a_case_is_ten_consecutive_fields_of_one_fifth_and_shares_none(self):
        files = [f"Pre/{number}" for number in range(137)]
        parts = watch_trial.fifths(files)
        self.assertEqual(sorted(set(parts.values())), [0, 1, 2, 3, 4])
        self.assertEqual([parts[file] for file in files], sorted(parts.values()))
        for count in (1, 4, 9):
            drawn = watch_trial.blocks(files, count)
            self.assertEqual(len(drawn), count)
            self.assertEqual(len({file for block in drawn for file in block}), 10 * count)
            for block in drawn:
                start = files.index(block[0])
                self.assertEqual(block, files[start:start + 10])
                self.assertEqual(len({parts[file] for file in block}), 1)
        self.assertEqual(watch_trial.blocks(files[:7], 4), [files[:7]])
        self.assertEqual(watch_trial.blocks([], 4), [])

    def test_only_answers_that_tell_of_the_microscope_count(self):
        for decision, codes, expected in [
            ("report", [], True), ("uncertain", ["unchecked"], True), ("rejected", ["unfamiliar"], True),
            ("rejected", ["unfamiliar", "no-usable-field"], True), ("rejected", ["unfamiliar", "blurred"], False),
            ("rejected", ["little-stained"], False), ("rejected", ["no-usable-field"], False),
        ]:
            answer = {"decision": decision, "reasonCodes": codes, "novelty": 0.1}
            self.assertEqual(watch_trial.counts(answer), expected, codes)
        self.assertFalse(watch_trial.counts({"error": "no image"}))

    def test_a_row_has_what_the_simulation_reads(self):
        answer = {"label": "pro-b", "novelty": 0.25, "blastEvidence": 0.5}
        self.assertEqual(
            watch_trial.row("Pre/a.jpg", "pre-b-1", "weaker@3", "2", answer),
            "pre-b-1\tpre-b\tweaker@3\t2\tpro-b\t0.250000\t0.500000")
        self.assertEqual(len(watch_trial.HEAD), 7)

    def test_the_first_day_of_a_drift_is_the_unchanged_picture(self):
        self.assertEqual(watch_trial.stored("weaker", 0, "Pre/a.jpg"), watch_trial.stored("unchanged", 0, "Pre/a.jpg"))
        self.assertEqual(watch_trial.stored("weaker", 2, "Pre/a.jpg"), "weaker-2/Pre/a.png")


class TableTests(unittest.TestCase):
    RESULTS = {
        "fields": 2604, "days": 30, "percentADay": 1, "drift": {"cases": 39, "fields": 390, "lacking": {"weaker": 7}},
        "watch": {
            "seed": 3, "runs": 12, "familiar": {"streams": 1000, "casesEach": 300, "alarms": 4},
            "series": [{"name": "red-100", "streams": 998, "noticed": 990, "medianCases": 9, "ninetiethCases": 21}],
            "drifts": [
                {"name": "weaker", "casesPerDay": 20, "streams": 999, "noticed": 900, "medianCases": 210, "ninetiethCases": 260},
                {"name": "weaker", "casesPerDay": 2, "streams": 997, "noticed": 300},
            ]},
    }

    def test_the_table_says_what_the_file_says(self):
        text = results_watch.block(self.RESULTS)
        self.assertIn("| series `red-100`, left out | – | 990 of 998 | 9 | 21 |", text)
        few = "| stain weaker by 1 % a day | 2 | 300 of 997 | – | – |"
        many = "| stain weaker by 1 % a day | 20 | 900 of 999 | 210 (day 11) | 260 (day 13) |"
        self.assertLess(text.index(few), text.index(many))
        self.assertIn("7 fields of the weaker ones", text)
        self.assertIn("watch.json", results_watch.block(None))

    def test_only_the_part_between_the_marks_is_written(self):
        page = results_watch.page(f"a\n{results_watch.BEGIN}\nold\n{results_watch.END}\nb\n", None)
        self.assertTrue(page.startswith("a\n") and page.endswith("\nb\n"))
        self.assertNotIn("old", page)
        with self.assertRaises(SystemExit):
            results_watch.page("no marks", None)


if __name__ == "__main__":
    unittest.main()
