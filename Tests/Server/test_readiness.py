"""What the server says of itself, and whom it still serves, while what it stands on hangs, is full, or takes no writes.

The real things: mariadbd stopped in the midst of its work, and made a copy that only reads; a data folder on a small disk.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import program
from mariadb import MariaDB

DISK_MEGABYTES = 24
# Within it the server answers, whatever hangs; at least one of three answers, as a busy machine has pauses of its own.
PATIENCE_SECONDS = 2


class Readiness(unittest.TestCase):
    def ready(self, site: program.Site) -> tuple[int, str, float]:
        begin = time.monotonic()
        answer = site.ask("GET", "/readyz")
        return answer.status, answer.body.decode(), time.monotonic() - begin

    @unittest.skipUnless(shutil.which("mariadbd"), "mariadb-server is not installed")
    def test_a_database_that_hangs_or_only_reads_is_named_and_needs_no_restart(self):
        body, headers = program.form(program.png(64, 1))
        with tempfile.TemporaryDirectory(prefix="leukoscope-mariadb-") as folder, contextlib.ExitStack() as ended:
            mariadb = MariaDB(Path(folder) / "server")
            ended.callback(mariadb.stop)
            mariadb.install()
            site = ended.enter_context(program.site(mariadb.url))
            site.start()
            site.make_user()
            token = site.make_token()
            case = site.ask_json("POST", "/api/v1/cases", {"title": "Copy"}, token).json()["id"]
            site.wait_until_ready(180)

            mariadb.process.send_signal(signal.SIGSTOP)
            try:
                time.sleep(1.1)  # an answer stays good for a second
                answers = [self.ready(site) for _ in range(3)]
                self.assertEqual([answer[:2] for answer in answers], [(503, "not ready: database\n")] * 3)
                self.assertLess(min(seconds for *_, seconds in answers), PATIENCE_SECONDS)
                self.assertEqual(site.ask("GET", "/healthz").status, 200)
                self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers).status, 200)
            finally:
                mariadb.process.send_signal(signal.SIGCONT)
            site.wait_until_ready(180)

            # A server that another was promoted over: connections stay, and no write is taken (error 1290).
            mariadb.sql("SET GLOBAL read_only = ON")
            time.sleep(1.1)
            self.assertEqual(self.ready(site)[:2], (503, "not ready: database\n"))
            refused = site.ask("POST", f"/api/v1/cases/{case}/images", body, {**headers, "Idempotency-Key": "k"}, token)
            self.assertEqual(refused.status, 503, refused.body)
            mariadb.sql("SET GLOBAL read_only = OFF")
            site.wait_until_ready(180)
            taken = site.ask("POST", f"/api/v1/cases/{case}/images", body, {**headers, "Idempotency-Key": "k"}, token)
            self.assertEqual(taken.status, 201, taken.body)
            images = site.wait_until_screened(case, token)["images"]
            self.assertEqual([image["screening"]["state"] for image in images], ["done"])
            self.assertEqual(site.stop(), 0, site.errors())

    def test_a_full_disk_loses_no_image_and_is_told_until_there_is_room(self):
        with program.site() as site:
            site.folder.mkdir(parents=True)
            site.before = ("unshare", "--map-root-user", "--mount", "sh", "-c",
                           f'mount -t tmpfs -o size={DISK_MEGABYTES}m tmpfs "$0" && exec "$@"', str(site.folder))
            if subprocess.run([*site.before, "true"], capture_output=True).returncode:
                self.skipTest("no disk of its own can be mounted here")
            site.start()
            inside = Path(f"/proc/{site.process.pid}/root{site.folder}")
            email, password = "disk@example.org", "three quiet herons"
            made = site.command_inside("users", "create", "--email", email, "--role", "patient", "--agreed", "en", text=password + "\n")
            self.assertEqual(made.returncode, 0, made.stderr)
            made = site.command_inside("tokens", "create", "--user", email, "--name", "t", "--scope", "predict,read,write")
            self.assertEqual(made.returncode, 0, made.stderr)
            token = made.stdout.strip()
            case = site.ask_json("POST", "/api/v1/cases", {"title": "Full"}, token).json()["id"]
            kept = {}
            for number in range(6):  # some of them wait when the disk is full
                kept[number] = self.send(site, case, token, number).json()["screening"]["id"]
            self.fill(inside / "filler")
            time.sleep(1.1)
            answers = [self.ready(site) for _ in range(3)]
            for status, text, _ in answers:
                self.assertEqual(status, 503, text)
                self.assertIn("archive", text)
            self.assertLess(min(seconds for *_, seconds in answers), PATIENCE_SECONDS)
            refused = self.send(site, case, token, 6)
            self.assertIn(refused.status, (500, 503), refused.body)
            body, headers = program.form(program.png(64, 1))
            self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers).status, 200)
            time.sleep(3)
            (inside / "filler").unlink()
            site.wait_until_ready(180)
            self.assertEqual(self.send(site, case, token, 6).status, 201)
            images = site.wait_until_screened(case, token)["images"]
            self.assertEqual([image["screening"]["state"] for image in images], ["done"] * 7)
            self.assertLessEqual(set(kept.values()), {image["screening"]["id"] for image in images})
            self.assertEqual(site.stop(), 0, site.errors())

    def send(self, site: program.Site, case: str, token: str, number: int) -> program.Answer:
        body, headers = program.form(program.png(224, number))
        return site.ask("POST", f"/api/v1/cases/{case}/images", body, {**headers, "Idempotency-Key": f"k{number}"}, token)

    @staticmethod
    def fill(path: Path) -> None:
        """Writes until the disk takes no more."""
        with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(os.urandom(4096)):
                pass


if __name__ == "__main__":
    unittest.main()
