"""A whole case in a real browser: a patient shares it, a doctor signs once with a session that is too old, and the patient
sees the reading first everywhere, down to the PDF. Each page at phone and desk width, axe on all of them.
"""

import unittest

import run
import test_doctor_walk as doctor_walk

COMMENT = "Large nuclei with open chromatin.\nPlease see me today."


class QuietChecks(run.Checks):
    """Looks at pages only after the way there is made, which another test looks at."""

    is_quiet = True

    def page(self, page, name, axe=True):
        if self.is_quiet:
            return
        for width, pixels in run.WIDTHS.items():
            page.set_viewport_size({"width": pixels, "height": 800})
            super().page(page, f"{name}-{width}", axe)


class CaseWalk(doctor_walk.DoctorWalk):
    test_on_sqlite_at_desk_width = None
    test_on_sqlite_at_phone_width = None
    test_on_mariadb_at_desk_width = None
    test_on_mariadb_at_phone_width = None

    def setUp(self):
        super().setUp()
        self.checks = QuietChecks(run.SCREENSHOTS)

    def age_sessions(self) -> None:
        """Lets twenty minutes pass since everybody's login."""
        self.alter("UPDATE sessions SET created_at = created_at - 1200000")

    def steps(self, administrator, doctor, patient) -> None:
        self.enter_directory(doctor)
        self.verify(administrator)
        self.open_hours(doctor)
        self.screen(patient, self.smears)
        case = patient.page.locator("nav.crumbs a[href^='/cases/']").first.get_attribute("href")
        self.find_and_book(patient)
        self.checks.is_quiet = False
        self.tell_of_the_person(patient, case)
        self.share_case(patient, case)
        self.read_case(doctor, case)
        self.see_it(patient, case)

    def tell_of_the_person(self, patient, case: str) -> None:
        patient.go(case)
        patient.page.click("details:has(#person-form) summary")
        patient.page.fill("#person-ageYears", "6")
        patient.page.fill("#person-haemoglobin", "7.2")
        patient.page.select_option("#person-sex", "female")
        patient.looks("person-form")
        patient.page.click("#person-form button[type=submit]")
        patient.page.wait_for_selector("#person-title")
        patient.sees("7.2 g/dL")

    def share_case(self, patient, case: str) -> None:
        patient.press("a[href^='/sharing?case=']", "**/sharing?case=*")
        patient.press(".share-doctors a", "**/sharing?doctor=*")
        patient.looks("share-case")
        patient.page.click("#share-case button[type=submit]")
        patient.page.wait_for_selector(".share-case")
        patient.looks("sharing-case")

    def read_case(self, doctor, case: str) -> None:
        doctor.go("/readings")
        self.checks.that(doctor.page.locator(".reading-group").count() == 1, f"{self.name}: one case to read")
        doctor.sees("Age in years: 6")
        doctor.looks("readings-case")
        doctor.press(".reading-group .share-head a", "**/readings/cases/*")
        doctor.looks("reading-case")
        doctor.page.check("input[name=label][value=pro-b]")
        doctor.page.fill("#comment", COMMENT)
        doctor.page.check("input[name=confirm]")
        self.age_sessions()
        doctor.page.click("button[value=sign]")
        doctor.page.wait_for_selector("#sign-password")
        self.checks.that(doctor.page.input_value("#comment") == COMMENT, f"{self.name}: not a word is lost")
        self.checks.that(
            doctor.page.is_checked("input[name=label][value=pro-b]"), f"{self.name}: the answer is still chosen")
        doctor.looks("reading-case-password")
        doctor.page.fill("#sign-password", doctor_walk.PASSWORD)
        doctor.page.check("input[name=confirm]")
        doctor.press("button[value=sign]", "**notice=signed")
        doctor.sees("Please see me today.")
        doctor.looks("reading-case-signed")

    def see_it(self, patient, case: str) -> None:
        patient.go("/")
        patient.sees("Kavya Example signed a reading")
        self.checks.that(patient.page.locator(".news-count").count() == 1, f"{self.name}: a count in the navigation")
        patient.looks("home-told")
        patient.go("/cases")
        patient.sees("Malignant Pro-B", ".case-row .case-verdict")
        patient.looks("list-read")
        patient.go("/")
        patient.press(".news-item a", "**/cases/*")
        patient.sees("Malignant Pro-B", ".verdict-head")
        patient.sees("Please see me today.")
        patient.looks("case-read")
        patient.go("/")
        self.checks.that(patient.page.locator(".news-count").count() == 0, f"{self.name}: what was opened was seen")
        patient.go(f"{case}/print")
        patient.sees("Malignant Pro-B", ".verdict-head")
        patient.sees("7.2 g/dL")
        patient.looks("print-read")
        patient.go(case)
        with patient.page.expect_download() as download:
            patient.page.click("a[href$='/report.pdf']")
        self.checks.that(
            download.value.path().read_bytes().startswith(b"%PDF"), f"{self.name}: the PDF comes from the page")

    def test_on_sqlite(self):
        self.server = None
        self.walk("case", "desk")

    def test_on_mariadb(self):
        self.on_mariadb("case-mariadb", "phone")


if __name__ == "__main__":
    unittest.main()
