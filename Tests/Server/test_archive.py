"""A server that is started with the wrong database: it must not start, and no stored file may be touched."""

import sqlite3
import subprocess
import time
import unittest

import program

AWAY_IMAGES = 6
AWAY_SECONDS = 8


class Archive(unittest.TestCase):
    def refused(self, site: program.Site, *words: str) -> None:
        """The server ends at once, with its reason."""
        done = subprocess.run(
            [program.BINARY, "serve", "--port", "0", "--model", str(program.MODEL), "--data-dir", str(site.folder)],
            capture_output=True, text=True, timeout=60, env=site.environment())
        self.assertEqual(done.returncode, 64, done.stdout + done.stderr)
        for word in (*words, "Nothing was changed."):
            self.assertIn(word, done.stderr)

    def files(self, site: program.Site) -> dict[str, bytes]:
        folder = site.folder / "archive"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def fill(self, site: program.Site) -> tuple[str, str]:
        site.start()
        site.make_user()
        token = site.make_token()
        case = site.ask_json("POST", "/api/v1/cases", {"title": "Kept"}, token).json()["id"]
        body, headers = program.form(program.png(64, 1))
        answer = site.ask("POST", f"/api/v1/cases/{case}/images", body, {**headers, "Idempotency-Key": "one"}, token)
        self.assertEqual(answer.status, 201, answer.body)
        site.wait_until_screened(case, token)
        self.assertEqual(site.stop(), 0, site.errors())
        return case, token

    def databases(self, site: program.Site) -> list:
        return sorted(site.folder.glob("leukoscope.sqlite*"))

    def test_an_empty_database_is_refused_beside_stored_images(self):
        with program.site() as site:
            case, token = self.fill(site)
            before = self.files(site)
            kept = {path: path.read_bytes() for path in self.databases(site)}
            for path in kept:
                path.unlink()
            self.refused(site, "does not belong to", "LEUKOSCOPE_DATABASE", "leukoscope archive adopt")
            self.assertEqual(self.databases(site), [], "a database was left behind")
            # One that is there and empty, as another program or a hasty hand makes it.
            sqlite3.connect(site.folder / "leukoscope.sqlite").close()
            (site.folder / "leukoscope.sqlite").touch()
            self.refused(site, "does not belong to", "LEUKOSCOPE_DATABASE")
            self.assertEqual(self.files(site), before)
            self.assertIn("identity", before)
            for path in self.databases(site):
                path.unlink()
            for path, data in kept.items():
                path.write_bytes(data)
            site.start()
            self.assertEqual(site.ask("GET", f"/api/v1/cases/{case}", token=token).status, 200)
            self.assertEqual(site.stop(), 0, site.errors())
            self.assertEqual(self.files(site), before)

    def test_images_wait_while_the_archive_is_away_and_none_fails(self):
        with program.site() as site:
            site.start()
            site.make_user()
            token = site.make_token()
            case = site.ask_json("POST", "/api/v1/cases", {"title": "Waits"}, token).json()["id"]
            archive, away = site.folder / "archive", site.folder / "away"
            for number in range(AWAY_IMAGES):
                body, headers = program.form(program.png(64, number + 1))
                answer = site.ask("POST", f"/api/v1/cases/{case}/images", body, headers, token)
                self.assertEqual(answer.status, 201, answer.body)
            archive.rename(away)
            archive.mkdir()  # what is left of a disk that came off
            refused = site.ask("POST", f"/api/v1/cases/{case}/images", *program.form(program.png(64, 99)), token)
            self.assertIn(refused.status, (500, 503), refused.body)
            ready = site.ask("GET", "/readyz")
            self.assertEqual((ready.status, ready.body), (503, b"not ready: archive\n"))
            time.sleep(AWAY_SECONDS)
            self.assertEqual(list(archive.iterdir()), [], "something was stored beside the archive")
            archive.rmdir()
            away.rename(archive)
            site.wait_until_screened(case, token)
            site.wait_until_ready()
            found = site.ask("GET", f"/api/v1/cases/{case}", token=token).json()
            self.assertEqual(found["verdict"]["failed"], 0, found)
            self.assertIn("interrupted", site.errors())
            self.assertEqual(site.stop(), 0, site.errors())

    def test_an_archive_is_adopted_by_an_act_that_is_written_down(self):
        with program.site() as site:
            self.fill(site)
            before = self.files(site)
            for path in self.databases(site):
                path.unlink()
            done = site.command("archive", "adopt")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"{len(before) - 1} of its files are not known there", done.stdout)
            with sqlite3.connect(f"file:{site.folder}/leukoscope.sqlite?mode=ro", uri=True) as database:
                actions = [row[0] for row in database.execute("SELECT action FROM audit_log")]
            database.close()
            self.assertEqual(actions, ["archive.adopt"])
            site.start()
            self.assertEqual(site.stop(), 0, site.errors())
            self.assertEqual({name for name in self.files(site)}, set(before))
            self.assertEqual(site.command("archive", "orphans").stdout.split(), sorted(set(before) - {"identity"}))


if __name__ == "__main__":
    unittest.main()
