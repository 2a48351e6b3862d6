"""A microscope is added, qualified with control fields and suspended by its watch, in a real browser.

All pictures are drawn smears, read by the demonstration model; what drifts is their stain.
"""

import csv
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from PIL import Image, ImageEnhance
from playwright.sync_api import sync_playwright

import run

PROGRAM = os.environ.get("LEUKOSCOPE_BINARY", str(run.ROOT / ".build/release/leukoscope"))
LAB = str(Path(PROGRAM).with_name("leukoscope-lab"))
MODEL = str(run.ROOT / "Models/demonstration")
PASSWORD = "three violet blasts under oil"
EMAIL = "admin@example.org"
# People of each kind whose fields the command screens; one more of each kind comes through the page.
PEOPLE = 24
# Cases after the qualification, by which the watch must have spoken; each is stained more strongly than the one before.
CASES = 14


class SitesTest(run.Walk):
    def setUp(self):
        super().setUp()
        self.data = ["--data-dir", str(self.folder / "data")]

    def command(self, *arguments: str, text: str | None = None, code: int = 0) -> str:
        done = subprocess.run(arguments, input=text, text=True, capture_output=True)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def draw(self, count: int, first: int, into: str) -> Path:
        folder = self.folder / into
        self.command(LAB, "draw", "--count", str(count), "--first", str(first), "--into", str(folder))
        return folder

    # MARK: Control fields

    def control_folder(self) -> Path:
        """A field of each person; the stages but one are left away, so that both kinds have as many people."""
        folder = self.draw(4 * PEOPLE, 300_000, "controls")
        for name in ["Early", "Pro"]:
            shutil.rmtree(folder / name)
        with open(folder / "persons.csv", "w", newline="") as table:
            rows = csv.writer(table)
            rows.writerow(["file", "person", "known_by"])
            for number, file in enumerate(sorted(folder.glob("*/*.png"))):
                rows.writerow([file.relative_to(folder).as_posix(), f"P{number}", "flow-cytometry"])
        return folder

    def send_control(self, page, image: Path, person: str, label: str) -> None:
        page.check("#purpose-qualification")
        page.fill("#person", person)
        page.select_option("#control-label", label)
        page.select_option("#control-method", "flow-cytometry")
        page.set_input_files("#control-images", str(image))
        self.submit(page, "#controls", "controlsAdded")

    def submit(self, page, part: str, notice: str = "") -> None:
        """Sends a form of a page, and waits for the page that comes then."""
        with page.expect_navigation():
            page.click(f"{part} button[type=submit]")
        self.assertIn(f"notice={notice}" if notice else self.address, page.url)

    # MARK: The stream

    def stained(self, images: list[Path], day: int) -> list[str]:
        """The fields of one case: a little more strongly stained, and darker, each day."""
        files = []
        for number, image in enumerate(images):
            picture = ImageEnhance.Color(Image.open(image).convert("RGB")).enhance(1 + 0.12 * (day + 1))
            picture = ImageEnhance.Brightness(picture).enhance(1 - 0.02 * (day + 1))
            target = self.folder / f"day-{day}-{number}.png"
            picture.save(target)
            files.append(str(target))
        return files

    def send_case(self, page, files: list[str], site: str) -> None:
        """A case of ten fields at the site: the first field makes it, and then staff says where it was made."""
        page.goto(self.address + "/")
        page.set_input_files("#case-images", files[:1])
        page.click("#case-upload button[type=submit]")
        page.wait_for_url("**/cases/*")
        self.wait_for_answers(page, 1)
        page.select_option("#site-choice", site)
        self.submit(page, "#microscope")
        self.assertEqual(page.input_value("#site-choice"), site)
        page.set_input_files("#case-images", files[1:])
        page.click("#case-upload button[type=submit]")
        self.wait_for_answers(page, len(files))

    def wait_for_answers(self, page, count: int) -> None:
        page.wait_for_function(
            "count => document.querySelectorAll('.image-card .card-head a').length === count "
            "&& !document.querySelector('#live[data-pending]')", arg=count, timeout=180_000)

    # MARK: The walk

    def test_a_microscope_is_qualified_and_a_drifting_stain_suspends_it(self):
        controls = self.control_folder()
        stream = sorted((self.draw(44, 400_000, "stream") / "Benign").glob("*.png"))[:10]
        extra = self.draw(4, 500_000, "extra")
        self.command(PROGRAM, "users", "create", "--email", EMAIL, "--role", "administrator", "--agreed", "en", *self.data,
                     text=PASSWORD + "\n")
        with run.server(PROGRAM, [*self.data, "--model", MODEL, "--images-per-minute", "6000"]) as self.address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
            page = browser.new_context(viewport={"width": run.WIDTHS["desk"], "height": 800}).new_page()
            run.watch(page, self.checks, "sites")
            run.log_in(page, self.address, EMAIL, PASSWORD)
            address = self.qualify(page, controls, extra)
            site = address.rsplit("/", 1)[1]
            for day in range(CASES):
                self.send_case(page, self.stained(stream, day), site)
                case = page.url
                page.goto(address)
                if page.locator("#site-state.is-wrong").count():
                    break
            self.assertIn("no longer", page.inner_text("#site-state"), "the watch has not spoken")
            self.checks.page(page, "sites-suspended")
            self.assertGreater(page.locator("#doubted li").count(), 0)
            self.follow(page, case)
            page.set_viewport_size({"width": run.WIDTHS["phone"], "height": 800})
            for path, name in [("", "sites-phone"), ("/changes", "sites-changes-phone"), (f"/{site}", "site-phone")]:
                page.goto(f"{self.address}/admin/sites{path}")
                self.checks.page(page, name)
            browser.close()
        self.assertEqual(self.checks.failures, [])

    def qualify(self, page, controls: Path, extra: Path) -> str:
        """Adds the microscope and qualifies it; its page's address."""
        page.goto(self.address + "/admin/sites")
        for field, value in [("name", "Stand 2"), ("objective", "100x oil"), ("camera", "Drawn"), ("stain", "Drawn")]:
            page.fill(f"#site-{field}", value)
        self.submit(page, "#create", "siteCreated")
        address = page.url.split("?")[0]
        self.assertEqual(page.get_attribute("#site-state", "data-qualified"), "no")
        for field, value in [("sensitivity", "50"), ("specificity", "50"), ("wrongReports", "25")]:
            page.fill(f"#{field}", value)
        self.submit(page, "#change", "siteChanged")
        self.send_control(page, next((extra / "Benign").glob("*.png")), "page-1", "benign")
        self.send_control(page, next((extra / "Pre").glob("*.png")), "page-2", "pre-b")
        self.assertIn("1 people, 1 fields", page.inner_text("#figures"))
        self.command(PROGRAM, "sites", "qualify", "Stand 2", "--data", str(controls), "--model", MODEL, *self.data)
        page.goto(address)
        self.assertEqual(page.get_attribute("#site-state", "data-qualified"), "yes")
        self.checks.page(page, "sites-qualified")
        page.fill("#qualify-password", PASSWORD)
        self.submit(page, "#figures", "siteQualified")
        return address

    def follow(self, page, case: str) -> None:
        """What the administrator is told, and what the case says now."""
        page.goto(self.address + "/")
        self.assertIn("The microscope Stand 2 was suspended.", page.inner_text("main"))
        page.goto(case)
        self.assertIn("marked anew", page.inner_text("main"))
        self.assertEqual(page.locator(".verdict-panel.kind-benign").count(), 0)
        self.checks.page(page, "sites-case")


if __name__ == "__main__":
    unittest.main()
