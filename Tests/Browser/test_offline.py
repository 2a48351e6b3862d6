"""Without a network, in a real browser: pages seen before open as copies, and cases taken then are sent once.

A hundred cuts at seeded places: before a request leaves, in the middle of its body, and after the server has answered but
before the browser hears of it. Afterwards each case and each image is on the server once. Another login on the same
telephone sees none of it.
"""

import random
import select
import socket
import sys
import threading
import unittest
from pathlib import Path

from playwright.sync_api import sync_playwright

import run

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Server"))
import program  # noqa: E402

PASSWORD = "correct horse battery"
# What `wait_for_function` gets is a function: an expression would be evaluated anew at each look, which the pages' policy allows at the
# first one alone.
CUTS = 100
SIDE = 96


class CuttingProxy:
    """Hands bytes on between browser and server, and breaks connections that carry a form as often as it is told."""

    def __init__(self, port: int):
        self.target = port
        self.random = random.Random(16)
        self.cuts = 0
        self.is_cutting = False
        # Nothing of a case gets through, which is no cut.
        self.is_shut = False
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def plan(self) -> str | None:
        with self.lock:
            if self.is_shut:
                return "before"
            if not self.is_cutting or self.cuts >= CUTS:
                return None
            self.cuts += 1
            return self.random.choice(["before", "middle", "after"])

    def carry(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.target)) as server:
            plan = None
            try:
                while True:
                    ready, _, _ = select.select([client, server], [], [], 30)
                    if not ready:
                        return
                    for one in ready:
                        data = one.recv(65536)
                        if not data:
                            return
                        if one is client and data.startswith(b"POST /cases"):
                            plan = self.plan()
                            if plan == "before":
                                return
                            if plan == "middle":
                                server.sendall(data[: max(1, len(data) // 2)])
                                return
                        elif one is server and plan == "after":
                            return
                        (server if one is client else client).sendall(data)
            except OSError:
                return

    def close(self) -> None:
        self.listener.close()


class Offline(run.Walk):
    def test_nothing_is_lost_and_nothing_is_there_twice(self) -> None:
        with program.site() as site, sync_playwright() as playwright:
            for email in ("first@example.org", "second@example.org"):
                made = site.command("users", "create", "--email", email, "--role", "patient", "--agreed", "en", text=PASSWORD + "\n")
                self.assertEqual(made.returncode, 0, made.stderr)
            site.start()
            proxy = CuttingProxy(site.port)
            self.addCleanup(proxy.close)
            address = f"http://127.0.0.1:{proxy.port}"
            # A profile that outlives the browser.
            profile = self.folder / "profile"

            def browser():
                return playwright.chromium.launch_persistent_context(
                    profile, executable_path=run.shutil.which("chromium"), args=["--no-sandbox"],
                    viewport={"width": 360, "height": 800})

            context = browser()
            page = context.new_page()
            self.log_in(page, address, "first@example.org")
            page.goto(address)
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.reload()
            page.goto(f"{address}/learn")
            self.wait_for_copies(page, ["/", "/waiting", "/learn"])
            self.installable(context, page)

            context.set_offline(True)
            page.goto(f"{address}/learn")
            self.checks.that(page.locator("#copy-note").is_visible(), "a copy says that it is one")
            page.goto(f"{address}/doctors")
            self.checks.that(page.locator("h1").inner_text() == "No network", "a page never seen says so")
            names = [f"Ward {number}" for number in range(4)]
            for number, name in enumerate(names):
                page.goto(address)
                self.take(page, name, [program.png(SIDE, 10 * number + image) for image in range(3)])
            page.wait_for_function("() => document.querySelectorAll('.waiting-row').length === 4")
            self.checks.page(page, "offline-waiting")
            context.close()

            # Another login on the same telephone, while the first one's cases still wait.
            proxy.is_shut = True
            context = browser()
            page = context.new_page()
            page.goto(address)
            self.log_out(page)
            kept = page.evaluate("caches.keys().then(names => names.filter(name => name.startsWith('pages ')).length)")
            self.checks.that(kept <= 1, "copies go at the log-out")
            self.log_in(page, address, "second@example.org")
            page.goto(f"{address}/waiting")
            proxy.is_shut = False
            page.evaluate("waitingCases.sendAll({failedToo: true})")
            self.checks.that(page.evaluate(STORED) == 4, "they are still on the device")
            self.checks.that(page.locator(".waiting-row").count() == 0, "another login sees nothing")
            second = site.make_token("second@example.org")
            self.checks.that(not self.cases(site, second), "and sends nothing")
            self.log_out(page)

            # The owner again, through a network that breaks a hundred times.
            self.log_in(page, address, "first@example.org")
            proxy.is_cutting = True
            number = len(names)
            page.goto(f"{address}/waiting")
            while proxy.cuts < CUTS:
                if page.evaluate(STORED) < 2:
                    name = f"Ward {number}"
                    names.append(name)
                    page.evaluate(KEEP, [name, list(program.png(SIDE, 10 * number))])
                    number += 1
                page.evaluate("waitingCases.sendAll({failedToo: true})")
            proxy.is_cutting = False
            page.goto(f"{address}/waiting")
            page.evaluate("waitingCases.sendAll({failedToo: true})")
            page.wait_for_function("() => document.querySelectorAll('.waiting-row').length === 0", timeout=180_000)
            first = site.make_token("first@example.org")
            found = self.cases(site, first)
            self.checks.that(sorted(case["title"] for case in found) == sorted(names), f"each case once: {found}")
            for case in found:
                images = site.ask_json("GET", f"/api/v1/cases/{case['id']}", token=first).json()["images"]
                wanted = 3 if case["title"] in names[:4] else 1
                hashes = {image["sentSHA256"] for image in images}
                self.checks.that(len(images) == wanted == len(hashes), f"{case['title']}: {len(images)} images")
            self.checks.that(proxy.cuts == CUTS, f"{proxy.cuts} cuts")
            context.close()
        self.assertEqual(self.checks.failures, [])

    def test_a_consent_that_lacks_holds_up_nobody_else(self) -> None:
        """A case of a child for whom the guardian has withdrawn says so and stays; the one behind it is sent."""
        with program.site() as site, sync_playwright() as playwright:
            email = "guardian@example.org"
            made = site.command("users", "create", "--email", email, "--role", "patient", "--agreed", "en", text=PASSWORD + "\n")
            self.assertEqual(made.returncode, 0, made.stderr)
            site.start()
            browser = playwright.chromium.launch(executable_path=run.shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            address = f"http://127.0.0.1:{site.port}"
            self.log_in(page, address, email)
            page.goto(f"{address}/people")
            page.fill("#care-name", "Meena")
            page.fill("#care-ageYears", "6")
            page.check("#care-consent")
            page.click("#care-form button[type=submit]")
            page.wait_for_url("**/people?notice=added")
            page.locator(".people-list a").click()
            child = page.url.split("/")[-1]
            page.click("button[value=withdrawn]")
            page.wait_for_url("**notice=withdrawn")
            page.goto(f"{address}/waiting")
            for name, whose in [("Of the child", child), ("My own", "")]:
                page.evaluate(KEEP, [name, list(program.png(SIDE, 3)), whose])
            run.wait_until(page, "async () => await waitingCases.sendAll() === 'sent'")
            row = page.locator(".waiting-row")
            page.wait_for_function(
                "() => [...document.querySelectorAll('.waiting-row')].map(row => row.dataset.state).join() === 'failed'")
            self.assertIn("Of the child", row.inner_text())
            self.assertIn("without the consent of their guardian", row.inner_text())
            token = site.make_token(email)
            self.assertEqual([case["title"] for case in self.cases(site, token)], ["My own"])
            # With the consent it is sent as it is.
            page.goto(f"{address}/people/{child}")
            page.click("button[value=given]")
            page.wait_for_url("**notice=given")
            page.goto(f"{address}/waiting")
            run.wait_until(page, "async () => await waitingCases.sendAll({failedToo: true}) === 'sent'")
            page.wait_for_function("() => document.querySelectorAll('.waiting-row').length === 0")
            self.assertEqual(sorted(case["title"] for case in self.cases(site, token)), ["My own", "Of the child"])
            browser.close()

    def log_in(self, page, address: str, email: str) -> None:
        page.goto(f"{address}/login")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda url: "/login" not in url)

    def log_out(self, page) -> None:
        with page.expect_navigation():
            page.evaluate("document.querySelector('form[action=\"/logout\"]').requestSubmit()")

    def wait_for_copies(self, page, paths: list[str]) -> None:
        run.wait_until(
            page, "async paths => (await Promise.all(paths.map(path => caches.match(path, {ignoreVary: true})))).every(Boolean)",
            paths)

    def installable(self, context, page) -> None:
        session = context.new_cdp_session(page)
        errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
        session.detach()
        self.checks.that(errors == [], f"can be installed: {errors}")

    def take(self, page, name: str, images: list[bytes]) -> None:
        page.fill("#case-title", name)
        page.set_input_files("#case-images", [
            {"name": f"{number}.png", "mimeType": "image/png", "buffer": image} for number, image in enumerate(images)])
        page.click("#case-upload button[type=submit]")
        page.wait_for_url("**/waiting")

    def cases(self, site, token: str) -> list[dict]:
        return site.ask_json("GET", "/api/v1/cases?limit=100", token=token).json()["cases"]


# How many cases are on the device, whoever took them.
STORED = """new Promise((resolve, reject) => {
  const opening = indexedDB.open("waiting-cases", 1);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const counting = opening.result.transaction("cases").objectStore("cases").count();
    counting.onsuccess = () => { opening.result.close(); resolve(counting.result); };
    counting.onerror = () => reject(counting.error);
  };
})"""

# Takes a case as the form does, without its page.
KEEP = """([title, bytes, whose]) => waitingCases.keep({
  id: waitingCases.newID(), account: document.documentElement.dataset.account, title, for: whose ?? "",
  images: [{key: crypto.randomUUID(), name: "smear.png", file: new File([new Uint8Array(bytes)], "smear.png", {type: "image/png"})}],
})"""


if __name__ == "__main__":
    unittest.main()
