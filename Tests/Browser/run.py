"""Tests the site in a real browser: every page at phone and desk width, light and dark, with and without scripts.

Each page must hold its width, satisfy axe (WCAG 2.2 A and AA), and raise no console error or CSP violation.
Screenshots land in --screenshots. Run by `make browser-test`; needs Scripts/requirements-test.txt and Chromium.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

import drawn_cells

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = Path(os.environ.get("LEUKOSCOPE_SCREENSHOTS", ROOT / ".build/browser-test"))
WIDTHS = {"phone": 360, "desk": 1280}
CLASSES = ["benign", "early-pre-b", "pre-b", "pro-b"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def server(program, arguments):
    """Runs the server on a free port and yields its address; afterwards it must stop cleanly on SIGTERM."""
    # Towns and postcodes would be loaded beside the walk.
    process = subprocess.Popen([program, "serve", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True,
                               env={"LEUKOSCOPE_PLACES": "none", **os.environ})
    try:
        line = process.stdout.readline()
        match = re.search(r"http://\S+", line)
        if not match:
            raise SystemExit(f"the server did not start: {line!r}")
        yield match.group(0)
    finally:
        process.terminate()
        status = process.wait(timeout=120)
        process.stdout.close()
    if status != 0:
        raise SystemExit(f"the server ended with status {status}")


class Checks:
    """Collects what is wrong, so that one run tells everything."""

    def __init__(self, screenshots):
        self.failures = []
        self.count = 0
        self.screenshots = screenshots

    def that(self, condition, message):
        self.count += 1
        if not condition:
            self.failures.append(message)
            print(f"  FAILED {message}", flush=True)

    def page(self, page, name, axe=True):
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.that(overflow <= 0, f"{name}: {overflow} px wider than the window")
        if axe:
            options = {"runOnly": {"type": "tag", "values": TAGS}}
            for violation in Axe().run(page, options=options).response["violations"]:
                targets = [node["target"] for node in violation["nodes"]][:4]
                self.that(False, f"{name}: {violation['id']} ({violation['help']}) at {targets}")
            self.count += 1
        page.screenshot(path=self.screenshots / f"{name}.png", full_page=True)


class Walk(unittest.TestCase):
    """A walk through pages, with a folder of its own and its checks."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.checks = Checks(SCREENSHOTS)


def make_user(program, email, password, role, data):
    """Makes an account whose owner has agreed to the notice.

    `data` are the options that name the database.
    """
    made = subprocess.run(
        [program, "users", "create", "--email", email, "--role", role, "--agreed", "en", *data],
        input=password + "\n", text=True, capture_output=True)
    if made.returncode != 0:
        raise AssertionError(made.stderr)


def log_in(page, address, email, password):
    page.goto(address + "/login")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("main form button[type=submit]")
    page.wait_for_selector("#case-upload")


def watch(page, checks, name):
    """Counts console errors (a CSP violation is one) and uncaught exceptions as failures."""
    page.set_default_timeout(120_000)  # what is waited for comes, on a busy machine later
    page.on("pageerror", lambda error: checks.that(False, f"{name}: {error}"))

    def console(message):
        expected = "status of 4" in message.text  # A refused upload is answered with its status.
        if message.type == "error" and not expected:
            checks.that(False, f"{name}: console: {message.text}")

    page.on("console", console)


def wait_until(page, words, arg=None, seconds=120):
    """Waits until an asynchronous function of the page answers with true; `wait_for_function` would take its promise for that."""
    end = time.monotonic() + seconds
    while page.evaluate(words, arg) is not True:
        if time.monotonic() > end:
            raise AssertionError(f"not true within {seconds} s: {words}")
        page.wait_for_timeout(100)


def drawn_smear(page, address, folder):
    """Saves the drawn example of a class as a file to upload."""
    source = page.locator(".example img").nth(1).get_attribute("src")
    target = folder / "smear.jpg"
    target.write_bytes(page.request.get(address + source).body())
    return target


def walk(context, address, name, scripts, folder, checks):
    page = context.new_page()
    watch(page, checks, name)
    page.goto(address)
    checks.that(page.locator("h1").count() == 1, f"{name}: one heading")
    # axe runs as a script in the page, so it needs scripts to be on.
    checks.page(page, f"{name}-screen", axe=scripts)
    smear = drawn_smear(page, address, folder)

    page.set_input_files("#image", str(smear))
    page.click("form#upload button[type=submit]")
    page.wait_for_selector("#result")
    checks.that(page.locator(".verdict").count() == 1, f"{name}: the verdict lies over the image")
    checks.that("not a diagnosis" in page.inner_text("main"), f"{name}: says that it is no diagnosis")
    checks.page(page, f"{name}-upload", axe=scripts)

    if "light" in name:
        large(page, address, name, scripts, folder, checks)

    for key in CLASSES:
        page.goto(f"{address}/examples/{key}")
        checks.that("Drawn image, demonstration model" in page.inner_text("main"), f"{name}: {key} is marked as drawn")
        has_map = page.locator("#heat").count() == 1
        checks.that(page.locator("#slider").is_visible() == (scripts and has_map), f"{name}: {key}: slider")
        if has_map:
            page.click("label[for=heat-check]")
            checks.that(not page.locator("#heat").is_visible(), f"{name}: {key}: the heat map can be taken away")
            page.click("label[for=heat-check]")
            checks.that(page.locator("#heat").is_visible(), f"{name}: {key}: and laid over the image")
        if scripts and has_map:
            page.locator("#opacity").fill("25")
            checks.that(page.locator("#heat").evaluate("e => e.style.opacity") == "0.25", f"{name}: {key}: opacity")
            page.locator("#opacity").fill("60")
        checks.page(page, f"{name}-example-{key}", axe=scripts and key == "pre-b")

    page.goto(f"{address}/learn")
    checks.page(page, f"{name}-learn", axe=scripts)
    page.goto(f"{address}/learn/quality")
    checks.page(page, f"{name}-quality", axe=scripts)

    page.goto(address)
    words = folder / "words.jpg"
    words.write_text("no image at all")
    page.set_input_files("#image", str(words))
    page.click("form#upload button[type=submit]")
    page.wait_for_selector(".problem")
    checks.that("not" in page.inner_text(".problem").lower(), f"{name}: says what is wrong with a text file")
    checks.page(page, f"{name}-problem", axe=scripts)
    keyboard(page, address, name, scripts, checks)
    page.close()


def large(page, address, name, scripts, folder, checks):
    """A large image tells how many of its fields were read, and shows where they lie when it is asked to."""
    page.goto(address)
    field = drawn_cells.DrawnField(9, drawn_cells.KINDS * 4, side=800)
    page.set_input_files("#image", str(field.save(folder / "large.png")))
    page.click("form#upload button[type=submit]")
    page.wait_for_selector("#result .fields-read")
    layer = page.locator(".layer-fields")
    checks.that(not layer.is_visible(), f"{name}: fields are shown only when asked for")
    page.click("label[for=fields-check]")
    checks.that(layer.is_visible() and layer.locator("rect").count() == 9, f"{name}: nine fields lie over the image")
    picture, drawn = (page.locator(place).bounding_box() for place in (".picture img >> nth=0", ".layer-fields"))
    checks.that(abs(picture["width"] - drawn["width"]) < 2 and abs(picture["height"] - drawn["height"]) < 2,
                f"{name}: the fields have the size of the image")
    checks.page(page, f"{name}-large", axe=scripts)


def keyboard(page, address, name, scripts, checks):
    """The first stops of the Tab key lead to the content and show where they are."""
    page.goto(address)
    page.keyboard.press("Tab")
    checks.that(page.evaluate("document.activeElement.className") == "skip-link", f"{name}: skip link comes first")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    checks.that(outline != "none", f"{name}: focus is visible")


def run(program, chromium, screenshots, model=None, demonstration_model=None):
    """Walks through the site in every variant and returns the `Checks`."""
    if not chromium:
        raise SystemExit("Chromium is not installed (apt-get install chromium).")
    screenshots.mkdir(parents=True, exist_ok=True)
    arguments = ["--model", model] if model else []
    if demonstration_model:
        arguments += ["--demonstration-model", demonstration_model]
    checks = Checks(screenshots)
    variants = [(width, scheme, scripts) for width in WIDTHS for scheme in ("light", "dark") for scripts in (True, False)]
    with (
        tempfile.TemporaryDirectory() as folder,
        server(program, [*arguments, "--data-dir", f"{folder}/data"]) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for width, scheme, scripts in variants:
            name = f"{width}-{scheme}{'' if scripts else '-noscript'}"
            context = browser.new_context(
                viewport={"width": WIDTHS[width], "height": 800}, color_scheme=scheme, java_script_enabled=scripts)
            walk(context, address, name, scripts, Path(folder), checks)
            context.close()
        browser.close()
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=str(ROOT / ".build/release/leukoscope"))
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--screenshots", type=Path, default=ROOT / ".build/browser-test")
    parser.add_argument("--model")
    parser.add_argument("--demonstration-model")
    checks = run(**vars(parser.parse_args()))
    print(f"{checks.count - len(checks.failures)} of {checks.count} checks passed; pictures in {checks.screenshots}")
    sys.exit(1 if checks.failures else 0)


if __name__ == "__main__":
    main()
