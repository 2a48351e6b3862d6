"""Somebody sends a whole slide: the connection is cut and the browser closed in the middle, the same file goes on where it was, its
fields are screened, and the viewer shows them, down to one pixel a pixel.

The slide is a pyramid that libvips makes of drawn fields (`drawn_cells`).
"""

import os
import shutil
import subprocess
import unittest

from PIL import Image
from playwright.sync_api import sync_playwright

import drawn_cells
import run

PROGRAM = os.environ.get("LEUKOSCOPE_BINARY", str(run.ROOT / ".build/release/leukoscope"))
PASSWORD = "three violet blasts under oil"
EMAIL = "slides@example.org"
# A red cell of 7.5 µm is as wide as `drawn_cells` draws it.
MICROMETRES = 7.5 / drawn_cells.RED
COLUMNS, ROWS, SIDE = 4, 3, 480
FIELDS = 3


def slide(folder):
    """Twelve drawn fields beside each other; not compressed, so that it is sent in two parts."""
    picture = Image.new("RGB", (COLUMNS * SIDE, ROWS * SIDE))
    for number in range(COLUMNS * ROWS):
        field = drawn_cells.DrawnField(number, drawn_cells.KINDS[:4])
        picture.paste(field.image, (number % COLUMNS * SIDE, number // COLUMNS * SIDE))
    picture.save(folder / "smear.png")
    target = folder / "smear.tif"
    subprocess.run(
        ["vips", "tiffsave", str(folder / "smear.png"), str(target), "--pyramid", "--tile", "--xres",
         str(1000 / MICROMETRES), "--yres", str(1000 / MICROMETRES)], check=True)
    return target


class SlidesTest(run.Walk):
    def test_sends_and_shows_a_slide(self):
        file = slide(self.folder)
        self.assertGreater(file.stat().st_size, 8 << 20, "one part would hold it")
        data = str(self.folder / "data")
        run.make_user(PROGRAM, EMAIL, PASSWORD, "patient", ["--data-dir", data])
        model = str(run.ROOT / "Models/demonstration")
        with run.server(PROGRAM, ["--data-dir", data, "--model", model]) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            # Requests that go by way of the service worker would not be cut.
            context = browser.new_context(viewport={"width": run.WIDTHS["desk"], "height": 900}, service_workers="block")
            page = context.new_page()
            run.log_in(page, address, EMAIL, PASSWORD)
            case = self.begin(page, file)
            page = self.go_on(context, page, case, file)
            self.read(page)
            self.look(page)
            browser.close()
        self.assertEqual(self.checks.failures, [])

    def send(self, page, file):
        page.set_input_files("#slide-file", str(file))
        page.fill("#slide-fields", str(FIELDS))
        page.click("#slide-send")

    def begin(self, page, file):
        """Sends the first part; then the connection is cut."""
        page.click("a[href='/slides']")
        self.checks.page(page, "slides-start")
        page.fill("#slide-title", "A whole slide")
        page.click("main form button[type=submit]")
        page.wait_for_selector("#slide-upload")
        case = page.url.split("#")[0]
        wrong = self.folder / "photo.jpg"
        wrong.write_bytes(b"no slide")
        self.send(page, wrong)
        self.checks.that("no slide" in page.inner_text("#slide-status"), "another kind of file is told before it is sent")
        page.route("**/parts?offset=0", lambda route: route.continue_())
        page.route(lambda url: "/parts?offset=" in url and not url.endswith("=0"), lambda route: route.abort())
        self.send(page, file)
        page.wait_for_function("() => Number(document.getElementById('slide-upload').dataset.received) > 0")
        page.wait_for_function("() => document.getElementById('slide-status').textContent.includes('broke')")
        self.checks.page(page, "slides-cut")
        return case

    def go_on(self, context, page, case, file):
        """The browser is closed; a new page goes on with the second part."""
        page.close()
        page = context.new_page()
        run.watch(page, self.checks, "slides")
        page.goto(case)
        line = page.inner_text(".slide-line")
        self.checks.that("%" in line and "same file" in line, f"the list says how much is here: {line}")
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "/parts?" in request.url else None)
        self.send(page, file)
        page.wait_for_selector("#slide-list li:not([data-moving='true']), #slide-list li .slide-line:has-text('screened'), "
                               "#slide-list li .slide-line:has-text('read'), #slide-list li .slide-line:has-text('searched')",
                               timeout=180_000)
        self.checks.that(len(asked) == 1 and not asked[0].endswith("offset=0"), f"only the rest was sent: {asked}")
        return page

    def read(self, page):
        """Fields appear in the case, and their answers in the list of slides."""
        page.wait_for_selector(".image-card", timeout=180_000)
        page.wait_for_selector("#slide-list li[data-moving='false']", timeout=180_000)
        line = page.inner_text(".slide-line")
        self.checks.that("fields screened" in line, f"the slide is read: {line}")
        self.checks.page(page, "slides-case-desk")
        page.set_viewport_size({"width": run.WIDTHS["phone"], "height": 800})
        self.checks.page(page, "slides-case-phone")
        page.click("#slide-list a")
        page.wait_for_selector("#slide-stage")

    def number(self, page, name):
        return float(page.get_attribute("#slide-stage", f"data-{name}") or 0)

    def look(self, page):
        page.wait_for_function("() => Number(document.getElementById('slide-stage').dataset.loaded) > 0")
        page.wait_for_function("() => Number(document.getElementById('slide-stage').dataset.fields) > 0")
        self.checks.page(page, "slides-viewer-phone")
        whole = self.number(page, "zoom")
        self.checks.that(0 < whole < 1, f"the whole slide is seen first: {whole}")
        page.set_viewport_size({"width": run.WIDTHS["desk"], "height": 900})
        page.click("#slide-full")
        page.wait_for_function("() => document.getElementById('slide-stage').dataset.zoom === '1'")
        before = self.number(page, "loaded")
        page.wait_for_function(f"() => Number(document.getElementById('slide-stage').dataset.loaded) >= {before}")
        page.wait_for_timeout(500)
        self.checks.that(self.number(page, "failed") == 0, "every tile came")
        bar = page.inner_text("#slide-bar")
        self.checks.that("µm" in bar, f"a bar says how long it is: {bar}")
        self.measure(page)
        # By keys alone: the whole slide, larger, moved.
        page.focus("#slide-stage")
        page.keyboard.press("0")
        page.wait_for_timeout(200)
        fitted = self.number(page, "zoom")
        page.keyboard.press("+")
        page.wait_for_timeout(200)
        self.checks.that(self.number(page, "zoom") > fitted, "a key makes it larger")
        page.click("[data-show='1']")
        page.wait_for_timeout(600)
        self.checks.that(self.number(page, "zoom") > fitted, "a field of the list is shown")
        # A mark is drawn: the canvas has its colour somewhere.
        count = """() => {
            const canvas = document.getElementById("slide-canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            // Of what is malignant, other, declined or not answered yet.
            const colours = [[179, 38, 30], [21, 83, 176], [77, 91, 107], [138, 151, 166]];
            let count = 0;
            for (let at = 0; at < data.length; at += 4)
                if (colours.some(([r, g, b]) => Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b) < 12)) count += 1;
            return count;
        }"""
        drawn = 0
        for _ in range(50):  # the tiles come when they have been read
            drawn = page.evaluate(count)
            if drawn > 50:
                break
            page.wait_for_timeout(200)
        self.checks.that(drawn > 50, f"the field has a frame: {drawn} pixels")
        self.checks.page(page, "slides-viewer-desk")
        self.checks.that(page.locator(".slide-fields a").count() >= 1, "fields lead to their images")

    def measure(self, page):
        """A length of 100 pixels at 1 : 1."""
        page.click("#slide-measure")
        box = page.locator("#slide-stage").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 100, y, steps=4)
        page.mouse.up()
        page.wait_for_function("() => document.getElementById('slide-where').textContent.includes('pixels')")
        length = self.number(page, "length")
        expected = 100 * MICROMETRES
        self.checks.that(abs(length - expected) < 0.03 * expected, f"{length} µm and not {expected}")
        page.click("#slide-measure")


if __name__ == "__main__":
    unittest.main()
