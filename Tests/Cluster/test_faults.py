"""Nodes of each kind killed, held and, those of Galera, parted from the others at random under load, on three nodes of
Leukoscope, three of Galera, the store and HAProxy.

Afterwards every image that was acknowledged is there and was screened exactly once, the nodes of Galera hold the same rows, the
audit log and the stored files verify, and pages that were open went on.

    make cluster                                          ten minutes
    LEUKOSCOPE_CLUSTER_MINUTES=2 LEUKOSCOPE_SEED=7 …      shorter, other blows
    LEUKOSCOPE_CLUSTER_DATABASE=proxy …                   the database through HAProxy, not by the list of its hosts
"""

import json
import os
import random
import sys
import tempfile
import time
import unittest
from pathlib import Path

import load

sys.path.insert(0, str(load.ROOT / "deploy" / "cluster"))
import cluster  # noqa: E402

MINUTES = float(os.environ.get("LEUKOSCOPE_CLUSTER_MINUTES", "10"))
SEED = load.program.SEED
SENDERS = 3
PAUSE = 0.5
# What a page may miss: Galera agrees after 5 s, a pool looks after 6 s, the proxy after 2 s, and the stream comes again after 3 s;
# an image waits for the lease of a killed worker, 30 s.
LONGEST_SILENCE = 60
THROUGH_PROXY = os.environ.get("LEUKOSCOPE_CLUSTER_DATABASE") == "proxy"
REPORT = os.environ.get("LEUKOSCOPE_CLUSTER_REPORT", "")


@unittest.skipIf(cluster.missing(), f"not installed: {cluster.missing()}")
class Faults(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_and_everything_is_screened_once(self):
        with tempfile.TemporaryDirectory(prefix="leukoscope-cluster-") as folder:
            flags = ("--model", str(load.program.MODEL), "--images-per-minute", "1000000")
            with cluster.Cluster(Path(folder) / "cluster", through_proxy=THROUGH_PROXY, flags=flags) as parts:
                self.walk(parts)

    def walk(self, parts: cluster.Cluster) -> None:
        source = random.Random(SEED)
        address = f"127.0.0.1:{parts.proxy.pages}"
        each = int(MINUTES * 60 / PAUSE / load.IMAGES_OF_A_PERSON) + 1
        people = [load.Person(parts.nodes[0], address, number) for number in range(SENDERS * each)]
        pictures = [load.program.png(64, seed) for seed in range(12)]
        senders = [load.Sender(number, people[number * each:(number + 1) * each], pictures, PAUSE)
                   for number in range(SENDERS)]
        readers = [load.Reader(sender) for sender in senders]
        begin = time.monotonic()
        for one in (*senders, *readers):
            one.thread.start()
        blows = self.strike(parts, source, begin + MINUTES * 60)
        end = time.monotonic()
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.thread.join()
        silences = [reader.longest_silence(begin, end) for reader in readers]
        for reader in readers:
            reader.stopping.set()
        report = self.check(parts, senders, readers, silences) | {"minutes": MINUTES, "seed": SEED, "blows": blows,
                                                          "store": "SeaweedFS" if parts.store else "folder"}
        print("\n" + json.dumps(report), flush=True)
        if REPORT:
            Path(REPORT).write_text(json.dumps(report, indent=1) + "\n")

    def strike(self, parts: cluster.Cluster, source: random.Random, until: float) -> dict[str, int]:
        """Blow after blow, one part at a time, each whole again before the next."""
        blows: dict[str, int] = {}
        kinds = ["leukoscope", "galera", "haproxy", *(["store"] if parts.store else [])]
        order: list[str] = []
        while time.monotonic() < until:
            order = order or source.sample(kinds, len(kinds))  # each kind as often as the others
            kind = order.pop()
            time.sleep(source.uniform(1, 5))
            part = {"leukoscope": lambda: source.choice(parts.nodes), "galera": lambda: source.choice(parts.galera.nodes),
                    "haproxy": lambda: parts.proxy, "store": lambda: parts.store}[kind]()
            act = source.choice(["killed", "held", *(["parted"] if kind == "galera" else [])])
            if act == "killed":
                part.kill()
                time.sleep(source.uniform(0, 12))
                part.start()
            elif act == "parted":
                part.part()
                time.sleep(source.uniform(3, 20))
                part.rejoin()
            else:
                part.pause()
                time.sleep(source.uniform(3, 20))
                part.resume()
            part.wait()
            blows[f"{kind} {act}"] = blows.get(f"{kind} {act}", 0) + 1
        return blows

    def check(self, parts: cluster.Cluster, senders: list[load.Sender], readers: list[load.Reader],
              silences: list[float]) -> dict:
        acknowledged = 0
        for sender in senders:
            self.assertEqual(sender.surprises, [])
            for case, keys in sender.acknowledged.items():
                found = self.screened(sender.owners[case], case)
                lost = {key for key, screening in keys.items() if found.get(key, {}).get("id") != screening}
                self.assertEqual(lost, set(), "acknowledged and lost, or under another screening")
                self.assertLessEqual(set(found), sender.tried)
                self.assertEqual([key for key, one in found.items() if one["state"] != "done"], [])
                acknowledged += len(keys)
        self.assertGreater(acknowledged, 0)
        for node in parts.galera.nodes:
            node.wait()
        galera = parts.galera.nodes[0]
        done = "SELECT object FROM audit_log WHERE action = 'screening.done'"
        self.assertEqual(galera.sql(f"{done} GROUP BY object HAVING COUNT(*) <> 1"), [], "screened more than once")
        self.assertEqual(galera.sql(f"SELECT id FROM screenings WHERE id NOT IN ({done})"), [], "never screened")
        parts.nodes[0].command("audit", "verify")
        self.check_files(parts.nodes[0])
        for node in parts.nodes:
            node.stop()
        self.assertEqual(len({json.dumps(self.sums(node)) for node in parts.galera.nodes}), 1, "the nodes differ")
        self.assertTrue(all(reader.heard for reader in readers), "a page that was open heard nothing at all")
        self.assertLess(max(silences), LONGEST_SILENCE, "a page that was open heard nothing for too long")
        waits = sorted(seconds for sender in senders for _, seconds in sender.times)
        return {"acknowledged": acknowledged, "longestSilence": round(max(silences), 1),
                "medianSeconds": round(waits[len(waits) // 2], 3), "longestSeconds": round(waits[-1], 1)}

    @staticmethod
    def screened(person: load.Person, case: str, seconds: float = 240) -> dict[str, dict]:
        deadline = time.monotonic() + seconds
        while True:
            answer = person.with_token("GET", f"/api/v1/cases/{case}")
            if answer.status == 200 and answer.json()["verdict"]["pending"] == 0:
                return {image["uploadKey"]: image["screening"] for image in answer.json()["images"]}
            if time.monotonic() > deadline:
                raise AssertionError(f"still waiting after {seconds} s: {answer.status} {answer.body[:500]!r}")
            time.sleep(0.5)

    @staticmethod
    def sums(node) -> list[list[str]]:
        """A checksum of each table, after all that the others committed was applied here."""
        tables = [row[0] for row in node.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'leukoscope' ORDER BY table_name")]
        return node.sql(f"SET SESSION wsrep_sync_wait = 1; CHECKSUM TABLE {', '.join(tables)}", seconds=120)

    def check_files(self, node) -> None:
        """A file without a row is what a killed upload leaves; a row without its file would be a loss."""
        try:
            text = node.command("archive", "verify", "--json")
        except RuntimeError as error:
            text = str(error)
        for word in ("missing", "changed", "unreadable"):
            self.assertNotRegex(text, rf'"{word}"\s*:\s*\[\s*[^\]\s]')


if __name__ == "__main__":
    unittest.main()
