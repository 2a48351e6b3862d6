"""`make browser-test`: the walk of run.py as a unit test."""

import os
import shutil
import unittest
from pathlib import Path

import run


class SiteTest(unittest.TestCase):
    def test_every_page_in_every_variant(self):
        program = os.environ.get("LEUKOSCOPE_BINARY", str(run.ROOT / ".build/release/leukoscope"))
        screenshots = Path(os.environ.get("LEUKOSCOPE_SCREENSHOTS", run.ROOT / ".build/browser-test"))
        checks = run.run(program, shutil.which("chromium"), screenshots)
        self.assertGreater(checks.count, 100)
        self.assertEqual(checks.failures, [])


if __name__ == "__main__":
    unittest.main()
