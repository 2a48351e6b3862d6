"""`make browser-test`: the walk of run.py, and the viewer of a stored image, as unit tests."""

import os
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from playwright.sync_api import sync_playwright

import run
import viewer_walk

PROGRAM = os.environ.get("LEUKOSCOPE_BINARY", str(run.ROOT / ".build/release/leukoscope"))


class SiteTest(unittest.TestCase):
    def test_every_page_in_every_variant(self):
        checks = run.run(PROGRAM, shutil.which("chromium"), run.SCREENSHOTS)
        self.assertGreater(checks.count, 100)
        self.assertEqual(checks.failures, [])

    def test_the_viewer_of_a_stored_image(self):
        run.SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        checks = run.Checks(run.SCREENSHOTS)
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--data-dir", f"{folder}/data", "--model", str(run.ROOT / "Models/demonstration")]
            with run.server(PROGRAM, arguments) as address, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                result = self.result(browser, address, Path(folder))
                for width in run.WIDTHS:
                    context = browser.new_context(
                        viewport={"width": run.WIDTHS[width], "height": 800}, storage_state=self.login,
                        has_touch=width == "phone")
                    page = context.new_page()
                    run.watch(page, checks, f"viewer-{width}")
                    page.goto(result)
                    viewer_walk.walk(page, f"viewer-{width}", checks)
                    context.close()
                browser.close()
        self.assertGreater(checks.count, 40)
        self.assertEqual(checks.failures, [])

    def result(self, browser, address: str, folder: Path) -> str:
        """The page of a drawn smear in a new person's case."""
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        smear = run.drawn_smear(page, address, folder)
        page.goto(f"{address}/register")
        page.fill("#name", "Meena Example")
        page.fill("#email", "meena@example.org")
        page.fill("#password", "three violet blasts under oil")
        page.check("#consent")
        page.click("main form button[type=submit]")
        page.wait_for_selector("#case-upload")
        page.fill("#case-title", "Slide 12")
        page.set_input_files("#case-images", str(smear))
        page.click("#case-upload button[type=submit]")
        page.wait_for_url("**/cases/*")
        page.wait_for_selector(".image-card .card-head a", timeout=180_000)
        page.click(".image-card .card-head a")
        page.wait_for_selector("#result")
        self.assertTrue(re.search(r"/screenings/[^/]+$", page.url), page.url)
        self.login = context.storage_state()
        result = page.url
        context.close()
        return result


if __name__ == "__main__":
    unittest.main()
