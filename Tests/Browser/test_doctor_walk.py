"""The way of four people in a real browser, each new to the site: from a result to a doctor, and back.

A doctor enters the directory and is verified, a patient with a result finds the doctor, books and shares, the doctor
confirms, reads the smear and signs, the visit takes place, a review is held and moderated, the share is withdrawn. At
phone and desk width, on SQLite and on MariaDB.
"""

import os
import shutil
import sqlite3
import sys
import unittest

from playwright.sync_api import sync_playwright

import run
import viewer_walk

sys.path.insert(0, str(run.ROOT / "Tests" / "Server"))
import mariadb  # noqa: E402  (the test server is shared with the tests of that folder)
import program  # noqa: E402

PROGRAM = os.environ.get("LEUKOSCOPE_BINARY", str(run.ROOT / ".build/release/leukoscope"))
PASSWORD = "three violet blasts under oil"
PLACE = "12.9716, 77.5946"
# Long enough for any slot of the two weeks that are open to lie in the past.
PAST = 20 * 86_400_000


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, walk, browser, name: str, email: str):
        self.walk, self.name, self.email = walk, name, email
        self.page = browser.new_context(viewport={"width": run.WIDTHS[walk.width], "height": 800}).new_page()
        run.watch(self.page, walk.checks, f"{walk.name}: {name}")

    def register(self) -> None:
        self.go("/register")
        self.page.fill("#name", self.name)
        self.page.fill("#email", self.email)
        self.page.fill("#password", PASSWORD)
        self.page.check("#consent")
        self.page.click("main form button[type=submit]")
        self.page.wait_for_selector("#case-upload")

    def log_in(self) -> None:
        self.go("/login")
        self.page.fill("#email", self.email)
        self.page.fill("#password", PASSWORD)
        self.page.click("main form button[type=submit]")
        self.page.wait_for_selector("#case-upload")

    def go(self, path: str) -> int:
        return self.page.goto(path if path.startswith("http") else self.walk.address + path).status

    def press(self, selector: str, until: str) -> None:
        """Clicks, and waits for the page that this leads to."""
        self.page.click(selector)
        self.page.wait_for_url(until)

    def sees(self, words: str, where: str = "main") -> None:
        seen = self.page.inner_text(where)
        self.walk.checks.that(
            words.lower() in seen.lower(), f"{self.walk.name}: {self.name} sees “{words}” at {self.page.url}")

    def looks(self, name: str) -> None:
        """One heading, nothing wider than the window, nothing that axe finds; and a picture."""
        self.walk.checks.that(self.page.locator("h1").count() == 1, f"{self.walk.name}-{name}: one heading")
        self.walk.checks.page(self.page, f"{self.walk.name}-{name}")


class DoctorWalk(run.Walk):
    # MARK: The parts of the way

    def draw(self, visitor) -> list[str]:
        """Two of the drawn examples of the home page, as files."""
        visitor.go("/")
        sources = [image.get_attribute("src") for image in visitor.page.locator(".example img").all()][1:3]
        smears = [self.folder / f"smear-{number}.jpg" for number in range(2)]
        for smear, source in zip(smears, sources, strict=True):
            smear.write_bytes(visitor.page.request.get(self.address + source).body())
        return [str(smear) for smear in smears]

    def enter_directory(self, doctor) -> None:
        doctor.go("/practice")
        doctor.looks("practice-new")
        fields = {
            "name": "Dr. Kavya Example", "qualifications": "MD, DM (Clinical Haematology)", "council": "Example Council",
            "registrationNumber": "EX 4711", "practiceSince": "2009", "languages": "English, Kannada",
            "clinicName": "Lake Clinic", "street": "Lake Road 5", "city": "Bengaluru", "timeZone": "Asia/Kolkata",
            "fee": "500", "currency": "INR", "phone": "+91 80 0000 0000",
        }
        for name, value in fields.items():
            doctor.page.fill(f"#entry-{name}", value)
        doctor.page.select_option("#entry-specialty", "haematology")
        doctor.page.select_option("#entry-country", "IN")
        doctor.page.fill("#practice-form [name=place]", PLACE)
        doctor.page.click(".practice-submit button")
        doctor.page.wait_for_selector(".practice-state.state-pending")
        paper = self.folder / "licence.png"
        paper.write_bytes(program.png(120, 5))
        doctor.page.set_input_files("#document", str(paper))
        doctor.page.click("#documents button.btn-primary")
        doctor.page.wait_for_selector("#documents .tokens li")
        doctor.looks("practice-pending")

    def verify(self, administrator) -> None:
        administrator.go("/admin")
        administrator.looks("admin")
        administrator.go("/admin/doctors")
        administrator.looks("admin-doctors")
        administrator.press(".admin-list a:has-text('Kavya Example')", "**/admin/doctors/*")
        self.checks.that(administrator.page.locator(".papers li").count() == 1, f"{self.name}: the paper is there")
        administrator.looks("admin-doctor")
        administrator.page.fill("#approve-password", PASSWORD)
        administrator.page.click("form[action$='/approve'] button")
        administrator.page.wait_for_selector("form[action$='/approve']", state="detached")

    def open_hours(self, doctor) -> None:
        # Another role, another session.
        doctor.log_in()
        doctor.go("/practice/hours")
        for day in range(1, 8):
            doctor.page.fill(f"[name=d{day}s1]", "08:00")
            doctor.page.fill(f"[name=d{day}e1]", "18:00")
        doctor.page.fill("#horizonDays", "14")
        with doctor.page.expect_navigation():
            doctor.page.click("main form .btn-primary")
        doctor.looks("hours")

    def screen(self, patient, smears: list[str]) -> str:
        """Sends the smears as one case; the page of the first one's result."""
        patient.go("/")
        patient.page.set_input_files("#case-images", smears)
        patient.press("#case-upload button[type=submit]", "**/cases/*")
        patient.page.wait_for_function(
            "() => document.querySelectorAll('.image-card .card-head a').length === 2 "
            "&& !document.querySelector('#live[data-pending]')", timeout=180_000)
        patient.press("#image-1 .card-head a", "**/screenings/*")
        return patient.page.url.split("?")[0]

    def find_and_book(self, patient) -> str:
        """From the result to a slot: the appointment's page."""
        patient.page.wait_for_selector("#doctors")
        patient.page.fill("#doctors [name=place]", PLACE)
        patient.press("#doctors .doctor-ask button[type=submit]", "**/doctors?*")
        patient.page.wait_for_selector(".doctor-card")
        patient.sees("Kavya Example")
        patient.sees("haematologist", ".doctor-card .doctor-reason")
        patient.sees("km", ".doctor-card .doctor-reason")
        patient.looks("doctors")
        patient.press(".doctor-card .doctor-actions .btn", "**/book*")
        patient.looks("book")
        # The first one may be too near by the time it is asked for.
        patient.press(".slots .slot >> nth=1", "**/book")
        patient.looks("book-ask")
        patient.press("main form .btn-primary", "**/appointments/*")
        patient.looks("appointment")
        return patient.page.url.split("?")[0]

    def share(self, patient) -> None:
        patient.press("a[href^='/sharing?doctor=']", "**/sharing?*")
        patient.page.locator("input[name=screening]").first.check()
        patient.looks("share")
        patient.page.click("main form .btn-primary")
        patient.page.wait_for_selector(".share-item")
        self.checks.that(patient.page.locator(".share-item").count() == 1, f"{self.name}: one screening is shared")
        patient.looks("sharing")

    def read(self, doctor) -> str:
        doctor.go("/readings")
        self.checks.that(doctor.page.locator(".case-row").count() == 1, f"{self.name}: one screening to read")
        doctor.looks("readings")
        doctor.press(".case-row a", "**/readings/*")
        doctor.looks("reading")
        viewer_walk.scrolls_past(doctor.page, self.name, self.checks)
        doctor.page.keyboard.press("h")
        self.checks.that(
            doctor.page.locator("#toggle-heat").get_attribute("aria-pressed") == "true", f"{self.name}: H shows the map")
        doctor.page.keyboard.press("3")
        self.checks.that(doctor.page.locator("input[data-key='3']").is_checked(), f"{self.name}: 3 chooses a class")
        doctor.page.fill("#comment", "Larger nuclei than the network saw.")
        doctor.page.locator("#reading-stage").focus()
        doctor.page.keyboard.press("Enter")
        doctor.page.wait_for_selector("#sign-dialog[open]")
        doctor.looks("sign")
        doctor.page.click("#sign-now")
        doctor.page.wait_for_selector(".signed-reading, .readings-signed, #reading .notice")
        doctor.sees("Larger nuclei")
        return doctor.page.url.split("?")[0]

    def let_time_pass(self) -> None:
        """The day of the visit comes and goes."""
        self.alter(f"UPDATE appointments SET starts_at = starts_at - {PAST}, ends_at = ends_at - {PAST}, "
                   f"slot = slot - {PAST}")

    def alter(self, change: str) -> None:
        """Changes the database behind the server's back."""
        if self.server:
            self.server.sql(change)
        else:
            with sqlite3.connect(self.folder / "data/leukoscope.sqlite", timeout=30) as database:
                database.execute(change)
            database.close()

    def review(self, patient, administrator, appointment: str, profile: str) -> None:
        patient.go(appointment)
        patient.press("a[href$='/review']", "**/review")
        patient.page.click("label[for=stars-5]")
        patient.page.fill("main textarea", "Took time for us. See www.cheap-cures.example for more")
        patient.looks("review")
        with patient.page.expect_navigation():
            patient.page.click("main form .btn-primary")
        patient.looks("review-held")
        administrator.go(profile)
        self.checks.that("Took time" not in administrator.page.inner_text("main"), f"{self.name}: held reviews are hidden")
        administrator.go("/admin/reviews")
        administrator.sees("Took time for us")
        administrator.looks("admin-reviews")
        administrator.page.fill("[name=reason]", "The address does no harm.")
        with administrator.page.expect_navigation():
            administrator.page.click("form[action$='/publish'] .btn-primary")
        administrator.go(profile)
        administrator.sees("Took time for us")
        administrator.looks("profile")

    # MARK: The way

    def walk(self, name: str, width: str, database: str | None = None) -> None:
        self.name, self.width = name, width
        data = ["--data-dir", str(self.folder / "data"), *(["--database", database] if database else [])]
        run.make_user(PROGRAM, "admin@example.org", PASSWORD, "administrator", data)
        arguments = [*data, "--model", str(run.ROOT / "Models/demonstration")]
        with run.server(PROGRAM, arguments) as self.address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            administrator = Person(self, browser, "Administrator", "admin@example.org")
            doctor = Person(self, browser, "Kavya Example", "kavya@example.org")
            patient = Person(self, browser, "Meena Example", "meena@example.org")
            self.smears = self.draw(patient)
            administrator.log_in()
            doctor.register()
            patient.register()
            self.steps(administrator, doctor, patient)
            browser.close()
        self.assertEqual(self.checks.failures, [])

    def steps(self, administrator, doctor, patient) -> None:
        self.enter_directory(doctor)
        patient.go(f"/doctors?place={PLACE}")
        self.checks.that(patient.page.locator(".doctor-card").count() == 0, f"{self.name}: nobody is shown unverified")
        self.verify(administrator)
        self.open_hours(doctor)
        result = self.screen(patient, self.smears)
        appointment = self.find_and_book(patient)
        profile = patient.page.locator("a[href^='/doctors/']").first.get_attribute("href")
        self.checks.that(
            patient.page.request.get(f"{appointment}/calendar").text().startswith("BEGIN:VCALENDAR"),
            f"{self.name}: the calendar file")
        doctor.go("/readings")
        self.checks.that(doctor.page.locator(".case-row").count() == 0, f"{self.name}: nothing is shared yet")
        self.checks.that(doctor.go(result) == 404, f"{self.name}: the doctor cannot see what is not shared")
        self.share(patient)
        doctor.go("/practice/appointments")
        doctor.looks("agenda")
        with doctor.page.expect_navigation():
            doctor.page.click("form[action$='/confirm'] button")
        reading = self.read(doctor)
        patient.go(result)
        patient.sees("Larger nuclei")
        patient.sees("Kavya Example")
        patient.looks("result-read")
        self.let_time_pass()
        doctor.go(appointment)
        with doctor.page.expect_navigation():
            doctor.page.click("form[action$='/complete'] button")
        self.review(patient, administrator, appointment, profile)
        patient.go("/sharing")
        with patient.page.expect_navigation():
            patient.page.click("form[action='/sharing/withdraw'] button >> nth=0")
        for page in (reading, result):
            self.checks.that(doctor.go(page) == 404, f"{self.name}: withdrawn, {page} is gone for the doctor")
        administrator.go("/admin/audit")
        administrator.sees("reading.sign")
        administrator.looks("audit")

    def test_on_sqlite_at_desk_width(self):
        self.server = None
        self.walk("doctor-desk", "desk")

    def test_on_sqlite_at_phone_width(self):
        self.server = None
        self.walk("doctor-phone", "phone")

    def on_mariadb(self, name: str, width: str):
        self.server = mariadb.MariaDB(self.folder / "mariadb")
        self.server.install()
        self.addCleanup(self.server.stop)
        self.walk(name, width, database=self.server.url)

    def test_on_mariadb_at_desk_width(self):
        self.on_mariadb("doctor-mariadb-desk", "desk")

    def test_on_mariadb_at_phone_width(self):
        self.on_mariadb("doctor-mariadb-phone", "phone")


if __name__ == "__main__":
    unittest.main()
