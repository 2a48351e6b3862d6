"""Files that are altered on the disk behind the server's back: never served, told by backup and `archive verify`."""

import json
import sqlite3
import tempfile
import time
import unittest
from pathlib import Path

import program


class Stored(unittest.TestCase):
    def fill(self, site: program.Site, count: int) -> tuple[str, list[str]]:
        """A token, and the keys of the stored images."""
        site.start()
        site.make_user()
        token = site.make_token()
        case = site.ask_json("POST", "/api/v1/cases", {"title": "Kept"}, token).json()["id"]
        for number in range(count):
            body, headers = program.form(program.png(64, number + 1))
            answer = site.ask("POST", f"/api/v1/cases/{case}/images", body, headers, token)
            self.assertEqual(answer.status, 201, answer.body)
        found = site.wait_until_screened(case, token)
        self.assertEqual(found["verdict"]["failed"], 0, found)
        self.screenings = [image["screening"]["id"] for image in found["images"]]
        return token, sorted(f"images/{path.name}" for path in (site.folder / "archive/images").iterdir())

    def pictures(self, site: program.Site, name: str) -> list[Path]:
        return [site.folder / "archive/screenings" / screening / name for screening in self.screenings]

    def reports(self, site: program.Site, token: str) -> list[int]:
        """The status of each screening's report, which shows its picture."""
        return [site.ask("GET", f"/api/v1/screenings/{screening}/report.pdf", token=token).status
                for screening in self.screenings]

    def test_exchanged_and_cut_files_are_not_served_and_the_rest_is_saved(self):
        with program.site() as site, tempfile.TemporaryDirectory() as folder:
            token, images = self.fill(site, 4)
            self.assertEqual(self.reports(site, token), [200] * 4)
            self.assertEqual(site.command("archive", "verify").returncode, 0)
            first, second, third, _ = self.pictures(site, "display.jpg")
            kept = [path.read_bytes() for path in (first, second, third)]
            first.write_bytes(kept[1])
            second.write_bytes(kept[0])
            third.write_bytes(kept[2][:100])
            gone = site.folder / "archive" / images[0]
            image = gone.read_bytes()
            gone.unlink()
            refused = site.ask("GET", f"/api/v1/screenings/{self.screenings[0]}/report.pdf", token=token)
            self.assertIn(b"damaged or was replaced", refused.body)
            self.assertEqual(self.reports(site, token), [500, 500, 500, 200])
            self.assertIn('leukoscope_stored_files_refused_total{fault="changed"} 4',
                          site.ask("GET", "/metrics").body.decode())
            self.assertIn(f"screenings/{self.screenings[0]}/display.jpg", site.errors())

            changed = sorted(f"screenings/{screening}/display.jpg" for screening in self.screenings[:3])
            done = site.command("archive", "verify", "--json")
            self.assertEqual(done.returncode, 65, done.stderr)
            report = json.loads(done.stdout)
            self.assertEqual((report["changed"], report["missing"], report["withoutRow"]), (changed, images[:1], []))

            target = Path(folder) / "backup"
            done = site.command("backup", "--into", str(target))
            self.assertEqual(done.returncode, 65, done.stderr + done.stdout)
            for key in (*changed, *images[:1]):
                self.assertIn(key, done.stderr)
            manifest = json.loads((target / "manifest.json").read_text())
            self.assertEqual((manifest["changed"], manifest["missing"]), (changed, images[:1]))
            self.assertEqual(site.stop(), 0, site.errors())

            done = site.command("restore", str(target), "--replace")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"missing\t{images[0]}", done.stderr)
            site.start()
            self.assertEqual(self.reports(site, token), [500, 500, 500, 200])
            for path, data in zip((first, second, third, gone), (*kept, image)):
                path.write_bytes(data)
            self.assertEqual(self.reports(site, token), [200] * 4)
            self.assertEqual(site.command("archive", "verify").returncode, 0)
            self.assertEqual(site.stop(), 0, site.errors())

    def test_what_failed_is_tried_again_by_the_operator(self):
        with program.site() as site:
            token, _ = self.fill(site, 2)
            self.assertEqual(site.stop(), 0, site.errors())
            with sqlite3.connect(site.folder / "leukoscope.sqlite") as database:
                database.execute("UPDATE screenings SET state = 'failed', attempts = 9, failure = 'x', "
                                 "decision = NULL, label = NULL, confidence = NULL, result_json = NULL")
                database.execute("DELETE FROM screening_facts")
            database.close()
            self.assertEqual(site.command("screenings", "retry").returncode, 64)
            self.assertEqual(site.command("screenings", "retry", "--case", "A" * 22).returncode, 65)
            done = site.command("screenings", "retry", "--all")
            self.assertEqual((done.returncode, done.stdout), (0, "2 screenings are in the queue again.\n"), done.stderr)
            site.start()
            for screening in self.screenings:
                case = site.ask("GET", f"/api/v1/screenings/{screening}", token=token).json()["caseID"]
            found = site.wait_until_screened(case, token)
            self.assertEqual([image["screening"]["state"] for image in found["images"]], ["done", "done"])
            self.assertEqual(site.command("archive", "verify").returncode, 0)
            self.assertEqual(site.stop(), 0, site.errors())

            # One whose file is gone is given up, and the log says which.
            with sqlite3.connect(site.folder / "leukoscope.sqlite") as database:
                image, key = database.execute("SELECT id, archive_key FROM images ORDER BY number LIMIT 1").fetchone()
                database.execute("UPDATE screenings SET state = 'failed', failure = 'x', decision = NULL, label = NULL, "
                                 "confidence = NULL, result_json = NULL WHERE image_id = ?", (image,))
            database.close()
            (site.folder / "archive" / key).unlink()
            self.assertEqual(site.command("screenings", "retry", "--all").returncode, 0)
            site.start()
            found = site.wait_until_screened(case, token)
            self.assertEqual(sorted(image["screening"]["state"] for image in found["images"]), ["done", "failed"])
            self.assertEqual(site.stop(), 0, site.errors())
            lines = [line for line in site.errors().splitlines() if "screening failed" in line]
            self.assertEqual([f"image={image}" in line for line in lines], [True], site.errors())

    def test_what_is_deleted_leaves_nothing_and_does_not_come_back(self):
        with program.site() as site, tempfile.TemporaryDirectory() as folder:
            token, _ = self.fill(site, 1)
            words = {"title": "Axolotl", "note": "narwhal " * 300}
            case = site.ask_json("POST", "/api/v1/cases", words, token).json()["id"]
            target, anchors = Path(folder) / "backup", Path(folder) / "anchors"
            self.assertEqual(site.command("backup", "--into", str(target)).returncode, 0)
            self.assertTrue(self.where(site, b"xolotl"))
            self.assertEqual(site.ask("DELETE", f"/api/v1/cases/{case}", token=token).status, 204)
            # Out of the database's log it goes as soon as nobody reads that.
            deadline = time.monotonic() + 60
            while (left := self.where(site, b"xolotl") + self.where(site, b"narwhal")) and time.monotonic() < deadline:
                time.sleep(0.1)
            self.assertEqual(left, [])
            self.assertIn(case, (site.folder / "erased").read_text())
            self.assertEqual(site.command("audit", "anchor", "--file", str(anchors)).returncode, 0)
            self.assertEqual(site.command("audit", "verify", "--anchor", str(anchors)).returncode, 0)
            self.assertEqual(site.stop(), 0, site.errors())

            done = site.command("restore", str(target), "--replace")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("1 accounts, cases, images or documents", done.stderr)
            self.assertEqual(self.where(site, b"xolotl"), [])
            done = site.command("audit", "verify", "--anchor", str(anchors))
            self.assertEqual(done.returncode, 65, done.stdout)
            self.assertEqual(site.command("audit", "verify").returncode, 0)
            site.start()
            self.assertEqual(site.ask("GET", f"/api/v1/cases/{case}", token=token).status, 404)
            self.assertEqual(self.reports(site, token), [200])
            self.assertEqual(site.stop(), 0, site.errors())

    def where(self, site: program.Site, word: bytes) -> list[str]:
        """The files of the data folder that hold a word."""
        return [path.name for path in site.folder.rglob("*") if path.is_file() and word in path.read_bytes()]


if __name__ == "__main__":
    unittest.main()
