"""The whole way of a new person in a real browser: register, upload, watch, result, analytics, history, compare, delete.

On SQLite at phone and desk width, on MariaDB at desk width, and without scripts for one image. Real smears are taken
where the data set lies beside the project; the drawn ones and the demonstration model stand in for them elsewhere.
"""

import os
import shutil
import struct
import sys
import unittest
from pathlib import Path

from playwright.sync_api import sync_playwright

import run

sys.path.insert(0, str(run.ROOT / "Tests" / "Server"))
import mariadb  # noqa: E402  (the test server is shared with the tests of that folder)

PROGRAM = os.environ.get("LEUKOSCOPE_BINARY", str(run.ROOT / ".build/release/leukoscope"))
REAL = run.ROOT.parent / "shared/data/all-taleqani"
PASSWORD = "three violet blasts under oil"


def real_images() -> list[Path]:
    """Three images of different classes of the data set; none where it is not there."""
    folders = sorted(folder for folder in REAL.glob("*") if folder.is_dir()) if REAL.is_dir() else []
    images = [next(iter(sorted(folder.glob("*.jpg"))), None) for folder in folders]
    return [image for image in images if image][:3]


class AccountWalk(run.Walk):
    def start(self, *, drawn: bool, database: str | None = None):
        arguments = ["--data-dir", str(self.folder / "data")]
        arguments += ["--database", database] if database else []
        arguments += ["--model", str(run.ROOT / "Models/demonstration")] if drawn else []
        return run.server(PROGRAM, arguments)

    def images(self, page, address: str, drawn: bool) -> list[str]:
        if not drawn:
            return [str(path) for path in real_images()]
        page.goto(address)
        sources = [image.get_attribute("src") for image in page.locator(".example img").all()][:3]
        paths = [self.folder / f"smear-{number}.jpg" for number in range(len(sources))]
        for path, source in zip(paths, sources):
            path.write_bytes(page.request.get(address + source).body())
        return [str(path) for path in paths]

    def register(self, page, address: str, email: str) -> None:
        page.goto(f"{address}/register")
        page.fill("#name", "Meena Example")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.check("#consent")
        page.click("main form button[type=submit]")
        page.wait_for_selector("#case-upload")

    def upload(self, page, address: str, title: str, images: list[str]) -> str:
        """Sends the images as one case and returns its address once all are answered."""
        page.goto(address)
        page.fill("#case-title", title)
        page.set_input_files("#case-images", images)
        page.click("#case-upload button[type=submit]")
        page.wait_for_url("**/cases/*")
        page.wait_for_function(
            "count => document.querySelectorAll('.image-card .card-head a').length === count "
            "&& !document.querySelector('#live[data-pending]')", arg=len(images), timeout=180_000)
        return page.url.split("#")[0]

    def refuse(self, page, name: str) -> None:
        """What cannot be taken is named before anything is sent, and does not come along."""
        files = {
            "film.gif": (b"GIF89a" + bytes(40), "GIF"), "nothing.jpg": (b"", "empty"), "letter.png": (b"Dear doctor", "as a picture"),
            "dot.bmp": (self.dot(), "each side needs at least 32"), "heavy.tif": (b"II*\0" + bytes(20_000_001), "20 MB"),
        }
        page.set_input_files("#case-images", [
            {"name": file, "mimeType": "application/octet-stream", "buffer": content} for file, (content, _) in files.items()])
        page.wait_for_function(
            "count => document.querySelectorAll('.upload-row[data-state=unfit]').length === count", arg=len(files))
        for row, (file, (_, words)) in zip(page.locator(".upload-row").all(), files.items()):
            self.checks.that(words in row.inner_text(), f"{name}: {file} is named: {row.inner_text()}")
        self.checks.page(page, f"{name}-refused")
        page.click("#case-upload button[type=submit]")
        page.wait_for_function("() => document.getElementById('upload-status').textContent.includes('at least one')")
        for _ in files:
            page.locator(".upload-row button").first.click()
        self.checks.that(page.locator(".upload-row").count() == 0, f"{name}: what was refused can be taken away")

    @staticmethod
    def dot() -> bytes:
        """A bitmap of 8 by 8 pixels."""
        header = struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 24, 0, 192, 0, 0, 0, 0)
        return b"BM" + struct.pack("<IHHI", 54 + 192, 0, 0, 54) + header + bytes(192)

    def result(self, page, name: str, scripts: bool = True) -> None:
        self.checks.that(page.locator("h1").count() == 1, f"{name}: one heading")
        self.checks.that("not a diagnosis" in page.inner_text("main"), f"{name}: says that it is no diagnosis")
        self.checks.page(page, f"{name}-result", axe=scripts)

    def header(self, page, name: str) -> None:
        """One row on a telephone, with the account in sight, whose menu closes by Escape and by a tap elsewhere."""
        window = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        height = page.evaluate("document.querySelector('.site-header').getBoundingClientRect().height")
        self.checks.that(height <= 72, f"{name}: the header is {height} px high at 360 px")
        menu = page.locator(".account-menu")
        box = menu.bounding_box()
        self.checks.that(box["x"] >= 0 and box["x"] + box["width"] <= 360, f"{name}: the account is in sight: {box}")
        for close in (lambda: page.keyboard.press("Escape"), lambda: page.mouse.click(20, 600)):
            page.click(".account-menu > summary")
            self.checks.that(page.locator(".account-panel").is_visible(), f"{name}: the account menu opens")
            panel = page.locator(".account-panel").bounding_box()
            self.checks.that(panel["x"] >= 0 and panel["x"] + panel["width"] <= 360, f"{name}: it fits: {panel}")
            close()
            self.checks.that(not page.locator(".account-panel").is_visible(), f"{name}: the account menu closes")
        if window:
            page.set_viewport_size(window)

    def languages(self, page, address: str, name: str) -> None:
        """Into Tamil and back, each time on the page where one is."""
        page.click(".language-menu button[value=ta]")
        page.wait_for_selector("html[lang=ta]")
        self.checks.that(page.url.endswith("/account"), f"{name}: the menu of languages came back to {page.url}")
        self.checks.that(
            page.inner_text(".language-menu [aria-current]") == "தமிழ்", f"{name}: the menu says that the page is in Tamil")
        self.checks.that(
            page.locator(".footer-unchecked").count() == 1, f"{name}: says that a native reader has yet to check the wording")
        self.checks.page(page, f"{name}-tamil")
        page.goto(f"{address}/cases")
        self.checks.that(page.get_attribute("html", "lang") == "ta", f"{name}: the next page is in Tamil as well")
        page.click(".language-menu button[value=en]")
        page.wait_for_selector("html[lang=en]")

    def walk(self, name: str, width: str, *, drawn: bool, database: str | None = None) -> None:
        with self.start(drawn=drawn, database=database) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_context(viewport={"width": run.WIDTHS[width], "height": 800}).new_page()
            run.watch(page, self.checks, name)
            images = self.images(page, address, drawn)
            self.assertEqual(len(images), 3)
            self.register(page, address, "meena@example.org")
            self.checks.page(page, f"{name}-home")
            self.refuse(page, name)
            first = self.upload(page, address, "Slide 12, before treatment", images)
            self.checks.page(page, f"{name}-case")

            page.click("#image-1 .card-head a")
            page.wait_for_selector("#result")
            self.result(page, name)
            if page.locator("#opacity").count():
                page.locator("#opacity").fill("30")
                opacity = page.locator("#heat").evaluate("e => getComputedStyle(e).opacity")
                self.checks.that(abs(float(opacity) - 0.3) < 0.01, f"{name}: opacity is {opacity}")
            page.click("#zoom-open")
            self.checks.that(page.locator("#zoom").is_visible(), f"{name}: the full view opens")
            page.keyboard.press("Escape")
            page.wait_for_function("() => !document.getElementById('zoom').open && !history.state?.isFullView")
            page.click(".tabs a >> nth=1")
            page.wait_for_selector(".tabs a:nth-child(2)[aria-current=page]")
            for words in ("decode", "preprocess"):
                self.checks.that(words in page.inner_text("main").lower(), f"{name}: the analytics tell of {words}")
            self.checks.that(page.locator("main table").count() >= 1, f"{name}: the analytics have a table")
            broken = page.evaluate(
                "Promise.all([...document.images].map(i => {i.loading = 'eager'; return i.decode().then(() => '', () => i.src)}))"
                ".then(all => all.filter(Boolean))")
            self.checks.that(not broken, f"{name}: pictures that do not load: {broken}")
            self.checks.page(page, f"{name}-analytics")

            second = self.upload(page, address, "Slide 31, after treatment", images[:1])
            page.goto(f"{address}/cases")
            self.checks.that(page.locator(".case-row").count() == 2, f"{name}: the history has both cases")
            self.checks.page(page, f"{name}-history")
            page.fill("#search", "aft 31")
            page.press("#search", "Enter")
            page.wait_for_url("**search=*")
            self.checks.that(page.locator(".case-row").count() == 1, f"{name}: the search finds one of them")
            page.goto(f"{address}/cases")
            for box in page.locator(".case-row input[type=checkbox]").all():
                box.check()
            page.click("#compare-form button[type=submit]")
            page.wait_for_selector(".compare-grid")
            self.checks.that(page.locator(".compare-side").count() == 2, f"{name}: two sides are compared")
            self.checks.page(page, f"{name}-compare")
            page.goto(f"{first}/print")
            self.checks.page(page, f"{name}-print")
            page.goto(f"{address}/account")
            self.checks.page(page, f"{name}-account")
            self.header(page, name)
            self.languages(page, address, name)

            page.goto(f"{second}/delete")
            page.click("main form button[type=submit]")
            page.wait_for_url(f"{address}/cases*")
            self.checks.that(page.locator(".case-row").count() == 1, f"{name}: the deleted case is gone")
            self.checks.that(page.request.get(second).status == 404, f"{name}: its address answers 404")
            browser.close()
        self.assertEqual(self.checks.failures, [])

    def test_on_sqlite_at_desk_width(self):
        self.walk("account-desk", "desk", drawn=True)

    def test_on_sqlite_at_phone_width(self):
        self.walk("account-phone", "phone", drawn=True)

    @unittest.skipUnless(len(real_images()) == 3, f"the labelled images are not at {REAL}")
    def test_real_smears_by_the_release_model(self):
        self.walk("account-real", "desk", drawn=False)

    def test_on_mariadb(self):
        server = mariadb.MariaDB(self.folder / "mariadb")
        server.install()
        self.addCleanup(server.stop)
        self.walk("account-mariadb", "desk", drawn=True, database=server.url)

    def test_one_image_without_scripts(self):
        with self.start(drawn=True) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_context(
                viewport={"width": run.WIDTHS["phone"], "height": 800}, java_script_enabled=False).new_page()
            images = self.images(page, address, True)
            self.register(page, address, "no-scripts@example.org")
            page.set_input_files("#case-images", images[:1])
            page.click("#case-upload button[type=submit]")
            page.wait_for_url("**/cases/*")
            for _ in range(60):
                if page.locator(".image-card .card-head a").count():
                    break
                page.wait_for_timeout(500)
                page.reload()
            page.click("#image-1 .card-head a")
            page.wait_for_selector("#result")
            self.result(page, "account-noscript", scripts=False)
            page.click(".tabs a >> nth=1")
            self.checks.that(page.locator("main table").count() >= 1, "account-noscript: the analytics have a table")
            browser.close()
        self.assertEqual(self.checks.failures, [])


if __name__ == "__main__":
    unittest.main()
