#!/usr/bin/env python3
"""Measures how long a page takes over a poor network: 400 kbit/s and 400 ms, as Chromium imitates it.

The start page of somebody who is logged in, first with an empty cache and then again, until its largest part is painted; and how
many bytes of pictures the page of a case of 40 images fetches when it is opened a second time and read to its end.

    Benchmarks/poor_network.py [--binary …] [--chromium …] [--check]

Needs Playwright with Chromium, and Pillow. With --check it ends with 1 where a target is missed.
"""

import argparse
import secrets
import shutil
import statistics
import sys
from pathlib import Path

import measure
import page_weight

KILOBITS, LATENCY = 400, 400
FIRST, REPEAT = 2.0, 0.5
RUNS = 5
PAINTED = """() => new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, help="by default the built one")
    parser.add_argument("--model", type=Path, default=measure.ROOT / "Models" / "release")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def seconds(page, address: str) -> float:
    page.goto("about:blank")
    page.goto(address, wait_until="load")
    return page.evaluate(PAINTED) / 1000


def views(browser, address: str, password: str) -> tuple[float, float]:
    """First and repeat view of the start page, in a browser of its own."""
    with browser.new_context(viewport=page_weight.WINDOW, service_workers="block") as context:
        page = context.new_page()
        page_weight.log_in(page, address, password)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        session.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": LATENCY, "downloadThroughput": KILOBITS * 125, "uploadThroughput": KILOBITS * 125})
        return seconds(page, address), seconds(page, address)


def main() -> None:
    from playwright.sync_api import sync_playwright

    options = arguments()
    if not options.chromium:
        sys.exit("Chromium is not installed (apt-get install chromium).")
    program = page_weight.program
    program.BINARY = str(options.binary or measure.executable("leukoscope"))
    program.MODEL = options.model
    password = secrets.token_urlsafe(16)
    busy = measure.other_work()
    with program.site() as site:
        page_weight.password_user(site, password)
        site.start()
        address = f"http://127.0.0.1:{site.port}"
        case = page_weight.add_case(site, site.make_token(page_weight.EMAIL), "Forty fields", page_weight.smears(None))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
            taken = [views(browser, address, password) for _ in range(RUNS)]
            forty = page_weight.weigh(browser, site, password, f"/cases/{case['id']}")
            browser.close()
    first, repeat = (statistics.median(column) for column in zip(*taken))
    pictures = forty["repeat"]["pictureBodyBytes"]
    if forty["first"]["pictureBodyBytes"] == 0:
        sys.exit("the case showed no picture the first time either")
    print(f"first view {first:.2f} s of {FIRST}, repeat view {repeat:.2f} s of {REPEAT} (medians of {RUNS}); "
          f"pictures of a case of {page_weight.IMAGES} opened again: {pictures} bytes")
    measure.write("poor-network", {
        "kilobitsPerSecond": KILOBITS, "latencyMilliseconds": LATENCY, "runs": RUNS,
        "targets": {"firstSeconds": FIRST, "repeatSeconds": REPEAT, "repeatPictureBytes": 0},
        "firstSeconds": measure.spread([one for one, _ in taken]), "repeatSeconds": measure.spread([two for _, two in taken]),
        "images": page_weight.IMAGES, "firstPictureBytes": forty["first"]["pictureBodyBytes"], "repeatPictureBytes": pictures,
        "otherWork": busy})
    is_met = first < FIRST and repeat < REPEAT and pictures == 0
    sys.exit(1 if options.check and not is_met else 0)


if __name__ == "__main__":
    main()
