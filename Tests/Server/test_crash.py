"""kill -9 of the server, and on MariaDB of mariadbd, at random moments while images come in.

Afterwards every image that was acknowledged is there and was screened exactly once, no file is cut short, and the audit log
verifies. `make test` kills three times on SQLite; `make robustness` 25 times on each database.
"""

import random
import shutil
import sqlite3
import tempfile
import threading
import time
import unittest
from pathlib import Path

import program
from mariadb import MariaDB

SEED = program.SEED
ROUNDS = 25 if program.FULL else 3
SENDERS = 4
# A person may add so many images a day; after these rounds another one goes on.
ROUNDS_OF_A_USER = 10
# A lease of a killed worker has to run out before its work is taken up again.
PATIENCE = 240


class Load:
    """Senders that add images to a case, each with a key of its own, and remember what was acknowledged.

    What got no answer is sent again with the same key, as a client on a poor network does.
    """

    def __init__(self, site: program.Site, token: str, case: str, pictures: list[bytes]):
        self.site, self.token, self.case, self.pictures = site, token, case, pictures
        self.acknowledged: dict[str, str] = {}  # key to screening
        self.tried: set[str] = set()
        self.surprises: list[str] = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []

    def begin(self, number: int) -> None:
        self.stopping.clear()
        self.threads = [threading.Thread(target=self.send, args=(number, sender)) for sender in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def send(self, number: int, sender: int) -> None:
        index = 0
        while not self.stopping.is_set():
            key = f"r{number}-s{sender}-i{index}"
            if not self.send_one(key, self.pictures[(number * 7 + sender + index) % len(self.pictures)]):
                if self.stopping.wait(0.05):
                    return
                continue  # the same key again
            index += 1
            self.stopping.wait(0.02)

    def send_one(self, key: str, picture: bytes) -> bool:
        body, headers = program.form(picture)
        with self.lock:
            self.tried.add(key)
        try:
            answer = self.site.ask("POST", f"/api/v1/cases/{self.case}/images", body,
                                   {**headers, "Idempotency-Key": key}, self.token, timeout=20)
            if answer.status == 201:
                with self.lock:
                    self.acknowledged[key] = answer.json()["screening"]["id"]
                return True
            # Full, used up, or the database is away: not acknowledged. Anything else is a fault.
            if answer.status not in (429, 500, 503) or answer.status == 500 and not self.site.database:
                self.surprises.append(f"{answer.status}: {answer.body[:300]!r}")
        except (OSError, EOFError, ValueError, program.http.client.HTTPException):
            pass  # killed in the midst of it
        return False


class Crash(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_on_sqlite(self):
        with program.site() as site:
            self.walk(site, lambda source: site.kill())
            with sqlite3.connect(f"file:{site.folder}/leukoscope.sqlite?mode=ro", uri=True) as database:
                self.check_rows(site, lambda text: [[str(cell) for cell in row] for row in database.execute(text)])
            database.close()

    @unittest.skipUnless(program.FULL, "make robustness kills mariadbd too")
    @unittest.skipUnless(shutil.which("mariadbd"), "mariadb-server is not installed")
    def test_nothing_acknowledged_is_lost_on_mariadb(self):
        with tempfile.TemporaryDirectory(prefix="leukoscope-mariadb-") as folder:
            mariadb = MariaDB(Path(folder) / "server")
            try:
                mariadb.install()
                with program.site(mariadb.url) as site:
                    self.walk(site, lambda source: self.kill_one_or_both(source, site, mariadb))
                    self.check_rows(site, mariadb.sql)
            finally:
                mariadb.stop()

    @staticmethod
    def kill_one_or_both(source: random.Random, site: program.Site, mariadb: MariaDB) -> None:
        victim = source.choice(["server", "mariadbd", "both"])
        if victim != "server":
            mariadb.kill()
        if victim != "mariadbd":
            site.kill()
        time.sleep(source.uniform(0, 0.5))
        if victim != "server":
            mariadb.start()

    def walk(self, site: program.Site, strike) -> None:
        """The rounds: load, a blow at a random moment, up again; at the end everything must have come to rest."""
        source = random.Random(SEED)
        pictures = [program.png(64, seed) for seed in range(12)]
        site.start()
        loads: list[Load] = []
        for number in range(ROUNDS):
            if number % ROUNDS_OF_A_USER == 0:
                loads.append(self.new_load(site, len(loads), pictures))
            loads[-1].begin(number)
            time.sleep(source.uniform(0.3, 2.5))
            strike(source)
            if not site.alive():
                site.start()
            time.sleep(source.uniform(0.2, 1.0))
            loads[-1].end()
        for load in loads:
            self.check_images(site, load)
        self.assertEqual(site.stop(), 0, site.errors())
        print(f"\n{ROUNDS} blows: {sum(len(load.acknowledged) for load in loads)} images acknowledged, "
              f"{sum(len(load.tried) for load in loads)} tried", flush=True)

    @staticmethod
    def new_load(site: program.Site, number: int, pictures: list[bytes]) -> Load:
        email = f"robust-{number}@example.org"
        site.make_user(email)
        token = site.make_token(email)
        case = site.ask_json("POST", "/api/v1/cases", {"title": f"Load {number}"}, token).json()["id"]
        return Load(site, token, case, pictures)

    def check_images(self, site: program.Site, load: Load) -> None:
        self.assertEqual(load.surprises, [])
        self.assertGreater(len(load.acknowledged), 0, "nothing was acknowledged: the load was none")
        images = site.wait_until_screened(load.case, load.token, PATIENCE)["images"]
        found = {image["uploadKey"]: image["screening"] for image in images}
        self.assertEqual(len(found), len(images), "an image is there twice")
        self.assertLessEqual(set(found), load.tried)
        lost = {key: screening for key, screening in load.acknowledged.items()
                if found.get(key, {}).get("id") != screening}
        self.assertEqual(lost, {}, "acknowledged and lost, or under another screening")
        undone = {key: screening for key, screening in found.items() if screening["state"] != "done"}
        self.assertEqual(undone, {}, site.errors())

    def check_rows(self, site: program.Site, sql) -> None:
        """What the interface does not show: answers per screening, files, the chain of the audit log."""
        twice = sql("SELECT object, COUNT(*) FROM audit_log WHERE action = 'screening.done' GROUP BY object HAVING COUNT(*) <> 1")
        self.assertEqual(twice, [], "screened more than once")
        undone = sql("SELECT id FROM screenings WHERE id NOT IN (SELECT object FROM audit_log WHERE action = 'screening.done')")
        self.assertEqual(undone, [])
        archive = site.folder / "archive"
        for (key,) in sql("SELECT archive_key FROM images"):
            data = (archive / key).read_bytes()
            self.assertTrue(data.startswith(b"\x89PNG") and data.endswith(b"IEND\xaeB`\x82"), f"{key} is cut short")
        for path in archive.rglob("*.png"):  # also those of uploads that were not acknowledged
            if not path.name.startswith("."):
                self.assertTrue(path.read_bytes().endswith(b"IEND\xaeB`\x82"), f"{path.name} is cut short")
        done = site.command("audit", "verify")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
