#!/usr/bin/env python3
"""Tests of assurance.py: runs go on where they were stopped, and begin anew after a change."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import assurance


class LongRuns(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "code").mkdir()
        (self.root / "code/a.swift").write_text("one")
        (self.root / "page.md").write_text(f"before\n{assurance.BEGIN}\nold\n{assurance.END}\nafter\n")
        for name, value in {"ROOT": self.root, "RESULTS": self.root / "results.json", "PAGE": self.root / "page.md",
                            "RUNS": {"seeds": ("seeds", 10, 4, ["code"])}}.items():
            patch = mock.patch.object(assurance, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def parts(self, fails_at: int | None = None) -> list[tuple[int, int]]:
        asked = []

        def part(name: str, done: int, count: int) -> int:
            asked.append((done, count))
            if done == fails_at:
                raise SystemExit("does not hold")
            return count

        with mock.patch.object(assurance, "part", part), mock.patch("builtins.print"):
            try:
                assurance.run("seeds")
            except SystemExit:
                pass
        return asked

    def test_goes_on_where_it_was_stopped_and_tells_it(self):
        self.assertEqual(self.parts(fails_at=4), [(0, 4), (4, 4)])
        self.assertIn("| seeds | 10 | 4 |", assurance.PAGE.read_text())
        self.assertEqual(self.parts(), [(4, 4), (8, 2)])
        text = assurance.PAGE.read_text()
        self.assertIn("| seeds | 10 | 10 |", text)
        self.assertTrue(text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text)
        self.assertEqual(self.parts(), [])

    def test_begins_anew_after_a_change(self):
        self.parts()
        (self.root / "code/a.swift").write_text("two")
        self.assertEqual(self.parts(), [(0, 4), (4, 4), (8, 2)])

    def test_a_page_without_a_place_is_refused(self):
        with self.assertRaises(SystemExit):
            assurance.page("nothing", {})


if __name__ == "__main__":
    unittest.main()
