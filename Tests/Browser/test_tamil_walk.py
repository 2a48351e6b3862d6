"""Somebody who reads only Tamil, on a telephone of 360 pixels: registers and agrees, takes a child into care, photographs a field with
Chromium's fake camera, reads the result, finds a doctor by a town typed in Tamil letters, books, and takes the report along. A picture of every page.

On each page the language is Tamil, and no heading, label or button is left in English.
"""

import json
import os
import re
import shutil
import sys
import unittest
from pathlib import Path
from unittest import mock

from playwright.sync_api import sync_playwright

import live_film
import run

sys.path.insert(0, str(run.ROOT / "Scripts"))
import places_india  # noqa: E402

PROGRAM = os.environ.get("LEUKOSCOPE_BINARY", str(run.ROOT / ".build/release/leukoscope"))
PASSWORD = "three violet blasts under oil"
# Where the fictional doctors of the demonstration are, as people there write it, and a town that has none of them.
TOWN, OTHER_TOWN = "பெங்களூரு", "வேலூர்"
TOWNS = [
    {"geonameid": 1277333, "name": "Bengaluru", "countrycode": "IN", "admin1code": "19", "population": 8_495_492,
     "position": (12.97194, 77.59369)},
    {"geonameid": 1253286, "name": "Vellore", "countrycode": "IN", "admin1code": "25", "population": 484_690,
     "position": (12.9184, 79.13255)},
]
TEXTS = json.loads((run.ROOT / "Sources/Wording/Resources/Texts/ta.json").read_text(encoding="utf-8"))
TAMIL = re.compile("[\u0b80-\u0bff]")
ENGLISH = re.compile("[A-Za-z]{4,}")
# Said in Latin letters in every language.
NAMES = [*(one["name"] for one in TEXTS["classes"].values()), "Leukoscope"]


def is_foreign(words: str) -> bool:
    """Whether words are of English alone, but for names."""
    for name in NAMES:
        words = words.replace(name, "")
    return bool(ENGLISH.search(words)) and not TAMIL.search(words)


def write_towns(file: Path) -> None:
    """A file of towns as Scripts/places.py writes it, with the names that Scripts/places_india.py has for them."""
    lines = [f"leukoscope-places\t1\t{len(TOWNS)}"]
    for town in TOWNS:
        native = list(places_india.native_names(town))
        names = native + list(places_india.names_with_state(town, native))
        fields = [town["geonameid"], town["name"], town["countrycode"], *town["position"], town["population"], "Asia/Kolkata"]
        lines.append("\t".join([*map(str, fields), "|".join(names)]))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


class TamilWalk(run.Walk):
    def looks(self, name: str) -> None:
        """One heading, in Tamil as everything that is pressed or filled in; nothing too wide, nothing that axe finds."""
        page = self.page
        self.checks.that(page.get_attribute("html", "lang") == "ta", f"{name}: is in Tamil")
        self.checks.that(page.locator("h1").count() == 1, f"{name}: one heading")
        words = page.locator("main h2:visible, main label:visible, main legend:visible, main .btn:visible").all_inner_texts()
        foreign = [one for one in words if is_foreign(one)]
        self.checks.that(not foreign, f"{name}: not in Tamil: {foreign}")
        self.checks.page(page, f"tamil-{name}")

    def press(self, selector: str, until: str) -> None:
        self.page.locator(selector).first.click()
        self.page.wait_for_url(until)

    def register(self) -> None:
        page = self.page
        page.goto(f"{self.address}/register")
        notice = page.inner_text(".consent-notice")
        for line in TEXTS["consent"]["notice"]:
            self.checks.that(line in notice, f"the notice says: {line}")
        page.fill("#name", "செல்வி")
        page.fill("#email", "selvi@example.org")
        page.fill("#password", PASSWORD)
        self.looks("register")
        page.check("#consent")
        page.click("main form button[type=submit]")
        page.wait_for_selector("#case-upload")
        self.looks("home")

    def take_into_care(self) -> None:
        page = self.page
        page.goto(f"{self.address}/people")
        page.fill("#care-name", "மீனா")
        page.fill("#care-ageYears", "6")
        page.check("#care-consent")
        self.looks("people-new")
        page.click("#care-form button[type=submit]")
        page.wait_for_url("**/people?notice=added")
        self.checks.that("மீனா" in page.inner_text(".people-list"), "the child is in care")
        self.looks("people")

    def photograph(self) -> str:
        """One field by the camera; the address of its case, once it is screened."""
        page = self.page
        page.goto(f"{self.address}/live")
        page.select_option("#case-for", label="மீனா")
        page.click("#scope-start")
        page.wait_for_function(
            "() => Number(document.getElementById('microscope').dataset.fields) === 1", timeout=180_000)
        self.looks("live")
        page.click("#scope-stop")
        self.press("#scope-case a", "**/cases/*")
        page.wait_for_function(
            "() => document.querySelector('.image-card .card-head a') && !document.querySelector('#live[data-pending]')",
            timeout=180_000)
        self.checks.that("மீனா" in page.inner_text("main"), "the case says whose it is")
        self.looks("case")
        return page.url.split("?")[0].split("#")[0]

    def book(self) -> None:
        """From the result to a visit."""
        page = self.page
        self.press("#image-1 .card-head a", "**/screenings/*")
        self.checks.that(TEXTS["site"]["notDiagnosis"] in page.inner_text("main"), "the result says that it is no diagnosis")
        self.looks("result")
        self.checks.that(
            page.locator("#doctors input[name=child][value='1']").count() == 1, "doctors of children are looked for")
        # The towns are loaded beside everything else.
        run.wait_until(
            page, "async town => (await (await fetch(`/places?q=${encodeURIComponent(town)}`)).json()).places.length > 0", OTHER_TOWN)
        page.locator("#doctors [name=place]").press_sequentially(TOWN)
        option = page.locator("#doctors .place-list [role=option]").first
        option.wait_for()
        self.checks.that("Bengaluru" in option.inner_text(), f"a town typed in Tamil letters is offered: {option.inner_text()}")
        option.click()
        self.press("#doctors .doctor-ask button[type=submit]", "**/doctors?*")
        page.wait_for_selector(".doctor-card")
        self.looks("doctors")
        # Sent as it is typed, without a choice from the list.
        typed = page.request.get(f"{self.address}/doctors", params={"place": OTHER_TOWN})
        self.checks.that(typed.status == 200 and 'value="Vellore, ' in typed.text(), "a town in Tamil letters is found as it is sent")
        self.press(".doctor-card a[href*='/book']", "**/book*")
        self.looks("book")
        page.locator(".slots .slot").nth(1).click()  # the first may be too near by then
        page.wait_for_selector("#note")
        page.fill("#note", "இரண்டு வாரங்களாகக் காய்ச்சல்.")
        self.looks("book-ask")
        self.press("main form .btn-primary", "**/appointments/*")
        self.checks.that("இரண்டு வாரங்களாகக் காய்ச்சல்" in page.inner_text("main"), "the visit has the note")
        self.looks("appointment")

    def take_along(self, case: str) -> None:
        page = self.page
        page.goto(case)
        self.checks.that(
            bool(TAMIL.search(page.inner_text("a[href$='/report.pdf']"))), "the link to the report is in Tamil")
        report = page.request.get(f"{case}/report.pdf")
        self.checks.that(
            report.status == 200 and report.body().startswith(b"%PDF") and len(report.body()) > 10_000,
            f"the report is a file of {len(report.body())} bytes, status {report.status}")
        (run.SCREENSHOTS / "tamil-report.pdf").write_bytes(report.body())

    def test_reads_only_tamil(self):
        film = self.folder / "film.y4m"
        # One field in focus, over and over.
        with mock.patch.object(live_film, "SCENES", [("rest", 0, 4.0)]):
            live_film.write(live_film.drawn(self.folder), film)
        models = run.ROOT / "Models/demonstration"
        arguments = ["--data-dir", str(self.folder / "data"), "--demo", "--model", str(models),
                     "--demonstration-model", str(models)]
        towns = self.folder / "places.tsv"
        write_towns(towns)
        self.enterContext(mock.patch.dict(os.environ, {"LEUKOSCOPE_PLACES": str(towns)}))
        with run.server(PROGRAM, arguments) as self.address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[
                "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film}"])
            context = browser.new_context(viewport={"width": run.WIDTHS["phone"], "height": 800}, locale="ta-IN")
            self.page = context.new_page()
            run.watch(self.page, self.checks, "tamil")
            self.register()
            self.take_into_care()
            case = self.photograph()
            self.book()
            self.take_along(case)
            browser.close()
        self.assertEqual(self.checks.failures, [])


if __name__ == "__main__":
    unittest.main()
