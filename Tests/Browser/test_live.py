"""Somebody looks through a microscope live: Chromium's fake camera plays a film of drawn stages (`live_film`).

Five fields are to be taken by themselves, one that comes back is to be refused, blurred and dark views are never taken, and the median time
from a frame to its hint stays under 250 ms.
"""

import os
import shutil
import time
import unittest

from playwright.sync_api import sync_playwright

import live_film
import run

PROGRAM = os.environ.get("LEUKOSCOPE_BINARY", str(run.ROOT / ".build/release/leukoscope"))
PASSWORD = "three violet blasts under oil"
EMAIL = "viewer@example.org"


class LiveTest(run.Walk):
    def test_takes_each_field_once(self):
        film = self.folder / "film.y4m"
        seconds = live_film.write(live_film.drawn(self.folder), film)
        run.make_user(PROGRAM, EMAIL, PASSWORD, "patient", ["--data-dir", str(self.folder / "data")])
        with run.server(PROGRAM, ["--data-dir", str(self.folder / "data")]) as address, sync_playwright() as playwright:
            # The film begins when the camera is opened for the first time, and again at its end.
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[
                "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film}"])
            page = browser.new_context(viewport={"width": run.WIDTHS["desk"], "height": 900}).new_page()
            run.watch(page, self.checks, "live")
            self.look(page, address, seconds)
            self.refuse(browser, page, address)
            self.ask_the_guardian(browser, page, address)
            browser.close()
        self.assertEqual(self.checks.failures, [])

    def number(self, page, name):
        return int(page.get_attribute("#microscope", f"data-{name}") or 0)

    def look(self, page, address, seconds):
        """One whole film, and the beginning of the next, in which nothing is new."""
        run.log_in(page, address, EMAIL, PASSWORD)
        page.click("a[href='/live']")
        self.checks.page(page, "live-before")
        page.click("#scope-start")
        began = time.monotonic()
        fields = live_film.distinct()
        page.wait_for_function(
            f"() => Number(document.getElementById('microscope').dataset.fields) === {fields}",
            timeout=1000 * (2 * seconds + 60))
        # The field that came back, before the last one was taken; a busy machine needs a second film for all.
        refused, latencies = self.number(page, "refused"), [self.number(page, "latency")]
        is_first = time.monotonic() - began < seconds + 10
        self.checks.that(refused == 1 or refused > 1 and not is_first, f"refused: {refused} and not 1")
        page.mouse.move(1, 1)
        page.wait_for_timeout(400)  # off the button, whose colour fades
        self.checks.page(page, "live-desk")
        page.set_viewport_size({"width": run.WIDTHS["phone"], "height": 800})
        self.checks.page(page, "live-phone")
        page.wait_for_function("() => Number(document.getElementById('microscope').dataset.refused) >= 2", timeout=180_000)
        # By hand a field that was taken is refused as well.
        page.locator("h1").click()
        page.keyboard.press("Space")
        page.wait_for_timeout(800)
        self.checks.that(self.number(page, "fields") == fields, f"{self.number(page, 'fields')} fields and not {fields}")
        latency, hints = min([*latencies, self.number(page, "latency")]), self.number(page, "hints")
        print(f"  median from frame to hint {latency} ms, {hints} hints", flush=True)
        self.checks.that(0 < latency < 250, f"the median from frame to hint is {latency} ms")
        rows = page.locator("#scope-fields li").all_inner_texts()
        self.checks.that(len(rows) == fields, f"what was taken is listed: {rows}")
        page.wait_for_selector("#scope-verdict h3")
        self.together(page)
        page.click("#scope-stop")
        self.checks.that(page.locator("#scope-start").is_visible(), "the camera can be opened again")
        page.click("#scope-case a")
        page.wait_for_selector(".image-card")
        page.wait_for_load_state()
        cards = page.locator(".image-card").count()
        self.checks.that(cards == fields, f"the case has {cards} images and not {fields}")

    def together(self, page):
        """Somebody without an account watches by a link, talks, and is sent away when it ends."""
        page.set_viewport_size({"width": run.WIDTHS["desk"], "height": 900})
        page.click("#invite button[type=submit]")
        page.wait_for_selector("#invited:not([hidden])")
        link = page.input_value("#invite-link")
        context = page.context.browser.new_context(viewport={"width": run.WIDTHS["phone"], "height": 800})
        other = context.new_page()
        run.watch(other, self.checks, "watching")
        other.goto(link)
        self.checks.page(other, "watch-before")
        other.click("#watch-start")
        other.wait_for_function("() => Number(document.getElementById('watch').dataset.frames) >= 3")
        other.fill("#talk-name", "Meera")
        other.fill("#talk-text", "Is the third one a blast?")
        other.click("#talk-form button")
        page.wait_for_selector("#talk li:has-text('third one')")
        page.fill("#talk-text", "It has a nucleolus")
        page.click("#talk-form button")
        other.wait_for_selector("#talk li:has-text('nucleolus')")
        page.wait_for_selector("#together[data-watchers='1']")
        self.checks.page(other, "watch-phone")
        # Another page of the owner, which does not know the link's address, lists it and ends it.
        again = page.context.new_page()
        run.watch(again, self.checks, "live again")
        again.goto(page.url)
        again.wait_for_selector("#open-link-list li")
        self.checks.that(again.locator("#open-link-list li").count() == 1, "the one link is listed")
        self.checks.page(again, "live-links")
        again.click("#open-link-list button")
        other.wait_for_function("() => document.getElementById('watch-status').textContent.includes('ended')")
        self.checks.that(not other.locator("#watch-frame").is_visible(), "nothing is seen any more")
        again.wait_for_selector("#open-links", state="hidden")
        page.wait_for_selector("#invited", state="hidden")
        again.close()
        context.close()

    def refuse(self, browser, page, address):
        """Without the right to the camera the page says what to do."""
        context = browser.new_context(storage_state=page.context.storage_state())
        other = context.new_page()
        run.watch(other, self.checks, "live without camera")
        other.add_init_script(
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))")
        other.goto(address + "/live")
        other.click("#scope-start")
        other.wait_for_selector("#scope-trouble:not([hidden])")
        told = other.inner_text("#scope-trouble")
        self.checks.that("not allowed" in told, f"says that the camera was not allowed: {told}")
        self.checks.page(other, "live-denied")
        context.close()

    def ask_the_guardian(self, browser, page, address):
        """Of a child for whom the guardian has withdrawn no frame is looked at, and the page says what to do."""
        context = browser.new_context(storage_state=page.context.storage_state())
        other = context.new_page()
        run.watch(other, self.checks, "live without consent")
        other.goto(address + "/people")
        other.fill("#care-name", "Meena")
        other.fill("#care-ageYears", "6")
        other.check("#care-consent")
        other.click("#care-form button[type=submit]")
        other.wait_for_url("**/people?notice=added")
        other.click(".people-list a")
        other.click("button[value=withdrawn]")
        other.wait_for_url("**notice=withdrawn")
        other.goto(address + "/live")
        other.select_option("#case-for", label="Meena")
        other.click("#scope-start")
        other.wait_for_selector("#scope-trouble:not([hidden])")
        told = other.inner_text("#scope-trouble")
        self.checks.that("without the consent of their guardian" in told, f"says whose consent lacks: {told}")
        self.checks.that(self.number(other, "hints") == 0, "no frame was looked at")
        self.checks.page(other, "live-no-consent")
        other.select_option("#case-for", value="")
        other.click("#scope-start")
        other.wait_for_function("() => Number(document.getElementById('microscope').dataset.hints) >= 1")
        self.checks.that(not other.locator("#scope-trouble").is_visible(), "one's own blood can be looked at")
        context.close()


if __name__ == "__main__":
    unittest.main()
