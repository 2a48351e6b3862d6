"""The first start, which loads towns and postcodes beside everything else: nobody notices but by the lists being short."""

import random
import sqlite3
import tempfile
import time
import unittest
from pathlib import Path

import program

TOWNS, POSTCODES = 40_000, 30_000
SYLLABLES = "ba be bo da de do ka ke ki la le lo ma me mi na ni no ra re ri sa se so ta te ti va vi vo".split()


def write_places(folder: Path) -> Path:
    """Files of towns and postcodes as the scripts make them, of made-up names."""
    source = random.Random(20261130)

    def name() -> str:
        return "".join(source.choices(SYLLABLES, k=source.randrange(2, 6))).capitalize()

    lines = [f"leukoscope-places\t1\t{TOWNS}"]
    lines += [f"{number * 7919 % 1_000_003}\t{name()}\tIN\t{source.uniform(-80, 80):.5f}\t{source.uniform(-179, 179):.5f}\t"
              f"{TOWNS - number}\tAsia/Kolkata\t{name()}|{name()}|{name()}" for number in range(TOWNS)]
    (folder / "places.tsv").write_text("\n".join(lines) + "\n")
    lines = [f"leukoscope-postcodes\t1\t{POSTCODES}\t0123456789abcde"]
    lines += [f"{number:06}\tIN\t\t12.5\t77.5\ttown\t{name()}" for number in range(POSTCODES)]
    (folder / "postcodes.tsv").write_text("\n".join(lines) + "\n")
    return folder / "places.tsv"


class FirstStart(unittest.TestCase):
    def rows(self, site: program.Site, *tables: str) -> list[int]:
        with sqlite3.connect(f"file:{site.folder}/leukoscope.sqlite?mode=ro", uri=True, timeout=30) as database:
            counts = [database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]
        database.close()
        return counts

    def wait_until(self, event: str, holds, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), deadline, f"{event} did not come within {seconds} s")
            time.sleep(0.1)

    def is_loading(self, site: program.Site) -> bool:
        return self.rows(site, "place_editions", "postcode_editions") != [1, 1]

    def test_predictions_backups_and_erasure_go_on_while_towns_are_loaded(self):
        with program.site() as site, tempfile.TemporaryDirectory() as folder:
            site.make_user()
            token = site.make_token()
            site.places = str(write_places(Path(folder)))
            site.start()
            self.wait_until("the first towns", lambda: self.rows(site, "places") != [0])
            body, headers = program.form(program.png(64, 1))
            self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers, token).status, 200)
            case = site.ask_json("POST", "/api/v1/cases", {"title": "xolotl"}, token).json()["id"]
            self.assertTrue(self.is_loading(site), "all was loaded too soon for this test")
            self.assertEqual(site.ask("DELETE", f"/api/v1/cases/{case}", token=token).status, 204)
            self.wait_until("the end of the deleted word", lambda: self.where(site, b"xolotl") == [], 120)
            done = site.command("backup", "--into", f"{folder}/backup")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(self.is_loading(site), "all was loaded too soon for this test")
            self.assertEqual(list(Path(folder).glob("backup/database/place*")), [])
            self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers, token).status, 200)
            self.wait_until("the last postcode", lambda: not self.is_loading(site))
            self.assertEqual(site.stop(), 0, site.errors())

    def test_a_server_that_is_killed_while_loading_begins_again_and_adds_nothing_twice(self):
        with program.site() as site, tempfile.TemporaryDirectory() as folder:
            site.places = str(write_places(Path(folder)))
            for table in ("places", "place_names", "place_endings", "postcodes"):
                site.start()
                self.wait_until(f"rows of {table}", lambda: self.rows(site, table) != [0])
                self.assertTrue(self.is_loading(site), "all was loaded too soon for this test")
                site.kill()
            site.start()
            self.wait_until("the last postcode", lambda: not self.is_loading(site))
            names, ranks = self.rows(site, "place_names", "place_ranks")
            self.assertEqual(names, ranks)
            self.assertGreater(names, 3 * TOWNS)
            self.assertEqual(self.rows(site, "places", "place_positions", "postcodes"), [TOWNS, TOWNS, POSTCODES])
            self.assertEqual(site.stop(), 0, site.errors())
            # Nothing is asked of the files again.
            done = site.command("places", "load", site.places)
            self.assertEqual((done.returncode, done.stdout.strip()), (0, f"0 places added, {TOWNS} were there."), done.stderr)
            self.assertEqual(self.rows(site, "place_names", "place_ranks"), [names, names])

    def where(self, site: program.Site, word: bytes) -> list[str]:
        """The files of the data folder that hold a word."""
        return [path.name for path in site.folder.rglob("*") if path.is_file() and word in path.read_bytes()]


if __name__ == "__main__":
    unittest.main()
