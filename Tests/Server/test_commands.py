"""Commands beside a server that runs, or ran."""

import sqlite3
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import program


class Commands(unittest.TestCase):
    def link(self, site: program.Site, *options: str) -> str:
        done = site.command("users", "reset-link", "--email", "robust@example.org", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_a_reset_link_has_the_address_that_the_server_has(self):
        with program.site() as site:
            site.make_user()
            alone = site.command("users", "reset-link", "--email", "robust@example.org")
            self.assertTrue(alone.stdout.startswith("http://127.0.0.1:8080/reset/"), alone.stdout)
            self.assertIn("--public-url", alone.stderr)
            site.start()
            deadline = time.monotonic() + 120
            while not self.link(site).startswith(f"http://127.0.0.1:{site.port}/reset/"):
                self.assertLess(time.monotonic(), deadline, "the server did not write its address down")
                time.sleep(0.2)
            self.assertEqual(site.ask("GET", self.link(site).split(str(site.port))[1]).status, 200)
            named = self.link(site, "--public-url", "https://smears.example.org/")
            self.assertTrue(named.startswith("https://smears.example.org/reset/"), named)
            self.assertEqual(site.stop(), 0, site.errors())

    def test_a_bad_data_folder_is_told_in_one_sentence(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "file"
            file.write_text("x")
            for place, words in [(file, "it is a file, not a folder"), (Path(folder) / "a" / "b", "is not there"),
                                 (Path("/proc/self"), "no file can be made in it")]:
                done = program.Site(place).command("users", "list")
                self.assertEqual(done.returncode, 69, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
            self.assertEqual(sorted(path.name for path in Path(folder).iterdir()), ["file"])

    def test_a_command_waits_while_another_opens_the_database_for_the_first_time(self):
        with tempfile.TemporaryDirectory() as folder:
            # A new file has no write-ahead log yet, and whoever changes it to one has to be alone.
            first = sqlite3.connect(f"{folder}/leukoscope.sqlite", isolation_level=None)
            first.execute("BEGIN IMMEDIATE")
            second = subprocess.Popen([program.BINARY, "migrate", "--data-dir", folder],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            with self.assertRaises(subprocess.TimeoutExpired):
                second.wait(2)
            first.execute("ROLLBACK")
            first.close()
            _, errors = second.communicate(timeout=60)
            self.assertEqual(second.returncode, 0, errors)

    def test_commands_that_begin_at_once_in_a_new_folder_share_what_the_first_of_them_makes(self):
        for _ in range(3):
            with tempfile.TemporaryDirectory() as folder:
                running = [subprocess.Popen([program.BINARY, "users", "list", "--data-dir", f"{folder}/data"],
                                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(4)]
                told = [(one.communicate(timeout=120)[1], one.returncode) for one in running]
                self.assertEqual(told, [("", 0)] * 4)
                self.assertEqual(program.Site(Path(folder) / "data").command("audit", "verify").returncode, 0)


if __name__ == "__main__":
    unittest.main()
