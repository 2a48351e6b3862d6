"""Two servers at two nodes of a Galera cluster of three, one of which is killed: the short form of Tests/Cluster.

Both start at once on an empty database, so both want to make the tables. Each likes another node, so that what they promise
cannot rest on the locks of one.
"""

import contextlib
import re
import secrets
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

import program
from test_crash import Load

sys.path.insert(0, str(program.ROOT / "deploy" / "cluster"))
import galera  # noqa: E402

EMAIL = "robust@example.org"
# Attempts at one account from one network, `LoginAttempts`.
ATTEMPTS = 5


def log_in(site: program.Site, email: str, password: str) -> int:
    """The status of the answer to the form of the login page, as a browser sends it."""
    page = site.ask("GET", "/login")
    token = re.search(r'name="csrf" value="([^"]+)"', page.body.decode())[1]
    cookie = page.headers["set-cookie"].split(";")[0]
    body = urllib.parse.urlencode({"csrf": token, "email": email, "password": password}).encode()
    return site.ask("POST", "/login", body, {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}).status


@unittest.skipIf(galera.missing(), f"not installed: {galera.missing()}")
class GaleraCluster(unittest.TestCase):
    def test_two_servers_at_two_nodes_screen_each_image_once_and_outlive_a_node(self):
        with tempfile.TemporaryDirectory(prefix="leukoscope-galera-") as folder, contextlib.ExitStack() as ended:
            cluster = galera.Galera(Path(folder) / "galera")
            ended.callback(cluster.stop)
            cluster.install()
            one, two, three = cluster.nodes
            sites = [self.make_site(Path(folder), name, cluster.url_of(*nodes), ended)
                     for name, nodes in (("first", (one, two, three)), ("second", (two, three, one)))]
            key = secrets.token_bytes(32)
            for site in sites:
                (site.folder / "secret.key").write_bytes(key)
                (site.folder / "secret.key").chmod(0o600)
            for site in sites:
                site.begin()
            for site in sites:
                site.wait(60)
            sites[0].make_user(EMAIL)
            token = sites[0].make_token(EMAIL)
            case = sites[0].ask_json("POST", "/api/v1/cases", {"title": "Load"}, token).json()["id"]

            # A wrong password at either server counts at both.
            # On a machine so busy that some attempts come back meanwhile there are a few more, and fewer than of two that count apart.
            statuses = []
            while len(statuses) < 2 * ATTEMPTS and 429 not in statuses:
                statuses.append(log_in(sites[len(statuses) % 2], EMAIL, "a wrong password"))
            self.assertGreater(len(statuses), ATTEMPTS)
            self.assertEqual(statuses, [422] * (len(statuses) - 1) + [429])

            pictures = [program.png(64, seed) for seed in range(6)]
            loads = [Load(site, token, case, pictures) for site in sites]
            for number, load in enumerate(loads):
                load.begin(number)
            deadline = time.monotonic() + 120
            time.sleep(1.5)
            while not loads[0].acknowledged and time.monotonic() < deadline:
                time.sleep(0.1)
            before = len(loads[0].acknowledged)
            one.kill()  # where the first server writes
            time.sleep(9)  # the others agree after five seconds that it is gone
            deadline = time.monotonic() + 120
            while len(loads[0].acknowledged) <= before and time.monotonic() < deadline:
                time.sleep(0.5)
            for load in loads:
                load.end()
            self.assertGreater(before, 0)
            self.assertGreater(len(loads[0].acknowledged), before, f"the first server did not go on: {sites[0].errors()}")
            self.check(sites, loads, case, token, two)
            for site in sites:
                self.assertEqual(site.stop(), 0, site.errors())

    @staticmethod
    def make_site(folder: Path, name: str, url: str, ended: contextlib.ExitStack) -> program.Site:
        """With a folder of its own, but for the archive, which all servers share."""
        site = program.Site(folder / name, url)
        site.folder.mkdir(mode=0o700)
        (folder / "archive").mkdir(exist_ok=True)
        (site.folder / "archive").symlink_to(folder / "archive")
        ended.callback(lambda: site.kill() if site.process and site.alive() else None)
        return site

    def check(self, sites: list[program.Site], loads: list[Load], case: str, token: str, node: galera.Node) -> None:
        for load in loads:
            self.assertEqual(load.surprises, [])
        images = sites[1].wait_until_screened(case, token)["images"]
        found = {image["uploadKey"]: image["screening"] for image in images}
        self.assertEqual(len(found), len(images), "an image is there twice")
        acknowledged = loads[0].acknowledged | loads[1].acknowledged
        lost = {key for key, screening in acknowledged.items() if found.get(key, {}).get("id") != screening}
        self.assertEqual(lost, set(), "acknowledged and lost, or under another screening")
        undone = {key: screening for key, screening in found.items() if screening["state"] != "done"}
        self.assertEqual(undone, {}, [site.errors()[-2000:] for site in sites])
        twice = node.sql("SELECT object, COUNT(*) FROM audit_log WHERE action = 'screening.done' GROUP BY object HAVING COUNT(*) <> 1")
        self.assertEqual(twice, [], "screened more than once")
        done = sites[1].command("audit", "verify")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        print(f"\na node of Galera killed under load: {len(acknowledged)} images acknowledged, {len(found)} there", flush=True)


if __name__ == "__main__":
    unittest.main()
