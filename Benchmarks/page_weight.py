#!/usr/bin/env python3
"""Measures what pages weigh in a real browser: bytes over the wire of a first view and of a repeat view.

The page of an image of 448 pixels and that of a case of 40 such images, on a telephone 360 pixels wide. Counted is what Chromium
received, header fields and bodies as they were compressed, until nothing more came: with what it fetches ahead below the window,
and beside it what reading on to the page's end costs more. The first view begins with an empty cache; the repeat view is the same
address opened again in the same browser, and read as far.

    Benchmarks/page_weight.py [--binary …] [--images FOLDER] [--chromium …] [--check]

Images are drawn fields of cells, or the first ones of a folder of real smears, brought to 448 pixels; in the results is which.
Needs Playwright with Chromium, and Pillow. With --check it ends with 1 where a target is missed.
"""

import argparse
import io
import secrets
import shutil
import sys
from pathlib import Path

import measure

for folder in ("Server", "Browser"):
    sys.path.insert(0, str(measure.ROOT / "Tests" / folder))
import drawn_cells  # noqa: E402
import program  # noqa: E402

SIDE = 448
IMAGES = 40
FIRST, REPEAT = 150_000, 30_000
WINDOW = {"width": 360, "height": 800}
EMAIL = "weight@example.org"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, help="by default the built one")
    parser.add_argument("--model", type=Path, default=measure.ROOT / "Models" / "release")
    parser.add_argument("--images", type=Path, help="a folder of real smears; without it fields are drawn")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def smears(folder: Path | None) -> list[bytes]:
    """The images that are sent, as PNG files of 448 pixels."""
    from PIL import Image

    def file(image) -> bytes:
        output = io.BytesIO()
        image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(output, "PNG")
        return output.getvalue()

    if folder is None:
        kinds = drawn_cells.KINDS * 2
        return [file(drawn_cells.DrawnField(seed, kinds, side=SIDE).image) for seed in range(1, IMAGES + 1)]
    found = measure.images_in(folder)
    if len(found) < IMAGES:
        sys.exit(f"{folder} holds {len(found)} images, {IMAGES} are needed")
    # Spread over the classes, which lie in folders one after the other.
    return [file(Image.open(found[index * len(found) // IMAGES])) for index in range(IMAGES)]


class Wire:
    """Counts what a page receives."""

    def __init__(self, page):
        self.page = page
        self.loads: dict[str, dict] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self.received)
        session.on("Network.dataReceived", self.got)
        session.on("Network.loadingFinished", self.finished)

    def received(self, event: dict) -> None:
        self.loads[event["requestId"]] = {"address": event["response"]["url"], "type": event["type"], "bytes": 0, "body": 0}

    def got(self, event: dict) -> None:
        # Of what lay in the cache and was only asked for again, no byte comes here.
        if event["requestId"] in self.loads:
            self.loads[event["requestId"]]["body"] += int(event["encodedDataLength"])

    def finished(self, event: dict) -> None:
        if event["requestId"] in self.loads:
            self.loads[event["requestId"]]["bytes"] = int(event["encodedDataLength"])

    def view(self, address: str) -> dict:
        """Opens an address and tells the bytes by kind, and those of reading on to the page's end."""
        self.loads.clear()
        self.page.goto(address, wait_until="networkidle")
        opened = self.kinds()
        height = self.page.evaluate("document.documentElement.scrollHeight")
        for top in range(0, height + WINDOW["height"], WINDOW["height"]):
            self.page.evaluate("top => scrollTo({top, behavior: 'instant'})", top)
            self.page.wait_for_timeout(60)
        self.page.wait_for_load_state("networkidle")
        if not self.page.evaluate("[...document.images].every(image => image.complete || image.offsetParent === null)"):
            sys.exit(f"{address}: pictures were not loaded")
        size = sum(opened.values())
        if size == 0:
            sys.exit(f"{address}: nothing came over the wire")
        return {"bytes": size, "kinds": opened, "furtherBytes": sum(self.kinds().values()) - size,
                "pictureBodyBytes": sum(load["body"] for load in self.loads.values() if load["type"] == "Image")}

    def kinds(self) -> dict[str, int]:
        """The bytes so far, by what they are for."""
        kinds: dict[str, int] = {}
        for load in self.loads.values():
            if not load["address"].startswith("data:"):
                kinds[load["type"]] = kinds.get(load["type"], 0) + load["bytes"]
        return kinds


def password_user(site: program.Site, password: str) -> None:
    done = site.command("users", "create", "--email", EMAIL, "--role", "patient", "--agreed", "en", text=password + "\n")
    if done.returncode != 0:
        sys.exit(f"the user could not be made: {done.stderr}{done.stdout}")


def add_case(site: program.Site, token: str, title: str, images: list[bytes]) -> dict:
    """A case whose images are all answered, as the API tells it."""
    case = site.ask_json("POST", "/api/v1/cases", {"title": title}, token).json()["id"]
    for index, image in enumerate(images):
        body, headers = program.form(image)
        headers["Idempotency-Key"] = f"weight-{index}"
        answer = site.ask("POST", f"/api/v1/cases/{case}/images", body, headers, token, timeout=120)
        if answer.status not in (200, 201, 202):
            sys.exit(f"image {index + 1} was answered with {answer.status}: {answer.body[:300]!r}")
    return site.wait_until_screened(case, token, seconds=600)


def log_in(page, address: str, password: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#email", EMAIL)
    page.fill("#password", password)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)


def weigh(browser, site: program.Site, password: str, path: str) -> dict:
    """First and repeat view of a page, in a browser of its own."""
    address = f"http://127.0.0.1:{site.port}"
    # What a service worker hands on would be counted as nothing.
    with browser.new_context(viewport=WINDOW, service_workers="block") as context:
        page = context.new_page()
        log_in(page, address, password)
        # What the way in had loaded is no part of a first view.
        session = context.new_cdp_session(page)
        session.send("Network.clearBrowserCache")
        session.detach()
        page.goto("about:blank")
        wire = Wire(page)
        first = wire.view(address + path)
        page.goto("about:blank")
        return {"first": first, "repeat": wire.view(address + path)}


def main() -> None:
    from playwright.sync_api import sync_playwright

    options = arguments()
    if not options.chromium:
        sys.exit("Chromium is not installed (apt-get install chromium).")
    program.BINARY = str(options.binary or measure.executable("leukoscope"))
    program.MODEL = options.model
    images = smears(options.images)
    password = secrets.token_urlsafe(16)
    with program.site() as site:
        password_user(site, password)
        site.start()
        token = site.make_token(EMAIL)
        case = add_case(site, token, "Forty fields", images)
        shown = next((image for image in case["images"] if image["screening"].get("decision") != "rejected"), None)
        if shown is None:
            sys.exit("the model rejected every image, so no page has a heat map to weigh")
        pages = {"result": f"/screenings/{shown['screening']['id']}", "case": f"/cases/{case['id']}"}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
            found = {name: weigh(browser, site, password, path) for name, path in pages.items()}
            browser.close()
    is_met = True
    for name, views in found.items():
        for view, target in (("first", FIRST), ("repeat", REPEAT)):
            size = views[view]["bytes"]
            is_met = is_met and size < target
            parts = ", ".join(f"{kind} {part / 1000:.1f}" for kind, part in sorted(views[view]["kinds"].items()))
            print(f"{name}, {view} view: {size / 1000:.1f} kB of {target / 1000:.0f} ({parts}); "
                  f"to the page's end {views[view]['furtherBytes'] / 1000:.1f} more")
    measure.write("page-weight", {
        "side": SIDE, "images": IMAGES, "width": WINDOW["width"], "source": "real smears" if options.images else "drawn fields",
        "targets": {"first": FIRST, "repeat": REPEAT}, "pages": found})
    sys.exit(1 if options.check and not is_met else 0)


if __name__ == "__main__":
    main()
