#!/usr/bin/env python3
"""What several nodes cost, and what the queue costs when a million images wait; the constants of the estimate for many nodes.

All nodes share this machine's processors, so three nodes can be no faster than one: what they lose is the cost of coordination.
Senders add drawn smears to cases over the API, and the clock stops when the last one is screened.

    Benchmarks/cluster.py                       needs what `Scripts/bootstrap.sh test` installs
    Benchmarks/cluster.py --only queue --waiting 100000
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import measure

sys.path[:0] = [str(measure.ROOT / "Tests" / "Cluster"), str(measure.ROOT / "Tests" / "Server"),
                str(measure.ROOT / "deploy" / "cluster")]
import cluster  # noqa: E402
import galera  # noqa: E402
import load  # noqa: E402

SENDERS = 6
OWNERS = 1000
# Rows of one statement: a node of Galera sends its transaction whole.
CHUNK = 20_000
# For the pages of each database; a million images that wait fit into it.
MEMORY = "1G"


def cpu(process: subprocess.Popen) -> float:
    """Seconds of processor time that it has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Plain:
    """One node of Leukoscope on one MariaDB without Galera, in the shape of `cluster.Cluster`."""

    class Server(galera.Node):
        """A server alone: the same options but those of the cluster."""

        def options(self, peers: list) -> list[str]:
            return ["--wsrep-on=OFF"]

        def recovered(self) -> list[str]:
            return []

        def wait(self, seconds: float = 60) -> None:
            deadline = time.monotonic() + seconds
            while not self.status():
                if time.monotonic() > deadline:
                    raise RuntimeError(f"MariaDB did not come up: {(self.folder / 'log').read_text()[-2000:]}")
                time.sleep(0.1)


def settings(folder: Path, model: Path) -> list[tuple[str, cluster.Cluster]]:
    flags = ("--model", str(model), "--images-per-minute", "1000000")
    alone = cluster.Cluster(folder / "alone", nodes=1, flags=flags, store=False)
    alone.galera.nodes = [Plain.Server(alone.galera, 1)]
    found = [("alone", alone),
             ("oneOnGalera", cluster.Cluster(folder / "one", nodes=1, flags=flags, store=False)),
             ("threeOnGalera", cluster.Cluster(folder / "three", nodes=3, flags=flags, store=False))]
    for _, parts in found:
        parts.galera.memory = MEMORY
    return found


def counters(parts: cluster.Cluster) -> dict[str, float]:
    """What has happened so far, at all nodes together; the processor's time of the server that is written at apart."""
    names = ("Questions", "Com_commit", "wsrep_local_cert_failures", "wsrep_local_bf_aborts", "wsrep_replicated_bytes")
    found = dict.fromkeys(names, 0.0)
    for node in parts.galera.nodes:
        rows = dict(node.sql("SHOW GLOBAL STATUS", database=""))
        for name in names:
            found[name] += float(rows.get(name, 0))
    found["audited"] = float(parts.galera.nodes[0].sql("SELECT sequence FROM audit_head")[0][0])
    found["storedBytes"] = float(parts.galera.nodes[0].sql("SELECT COALESCE(SUM(byte_count), 0) FROM stored_objects")[0][0])
    found["nodeSeconds"] = sum(cpu(node.process) for node in parts.nodes)
    found["databaseSeconds"] = cpu(parts.galera.nodes[0].process)
    found["otherDatabaseSeconds"] = sum(cpu(node.process) for node in parts.galera.nodes[1:])
    return found


def throughput(parts: cluster.Cluster, images: list[bytes], rounds: int) -> dict:
    """Images a second, from the first that is sent to the last that is screened, and what one takes."""
    people = [load.Person(parts.nodes[0], f"127.0.0.1:{parts.nodes[number % len(parts.nodes)].port}", number)
              for number in range(SENDERS)]
    rates, before = [], counters(parts)
    for number in range(rounds):
        begin = time.perf_counter()
        threads = [threading.Thread(target=send, args=(person, images[index::SENDERS], f"{number}"))
                   for index, person in enumerate(people)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while int(parts.galera.nodes[0].sql("SELECT COUNT(*) FROM screenings WHERE state <> 'done'")[0][0]):
            time.sleep(0.05)
        rates.append(len(images) / (time.perf_counter() - begin))
    after = counters(parts)
    count = rounds * len(images)
    each = {name: (after[name] - before[name]) / count for name in after}
    time.sleep(3)
    idle, begin = counters(parts), time.perf_counter()
    time.sleep(20)
    asked = (counters(parts)["Questions"] - idle["Questions"]) / (time.perf_counter() - begin)
    return {"imagesPerSecond": measure.spread(rates), "perImage": each,
            "idleQuestionsPerSecondAndNode": asked / len(parts.nodes)}


def send(person: load.Person, images: list[bytes], name: str) -> None:
    """As fast as they are taken."""
    sender = load.Sender(0, [person], images, 0)
    case = sender.make_case(person, f"case-{name}")
    sender.case = case
    for index, image in enumerate(images):
        while sender.send(person, f"{name}-{index}", image) is None:
            time.sleep(0.05)
    if sender.surprises:
        sys.exit(f"an image was refused: {sender.surprises[0]}")


def commit_seconds(node: galera.Node, count: int = 500) -> float:
    """How long a transaction of one row takes by itself: what follows another one in the audit log waits so long."""
    node.sql("CREATE TABLE IF NOT EXISTS commit_trial (id INT PRIMARY KEY, turn INT NOT NULL); REPLACE INTO commit_trial VALUES (1, 0)")
    text = "UPDATE commit_trial SET turn = turn + 1 WHERE id = 1;" * count
    begin = time.perf_counter()
    node.sql(text, seconds=120)
    seconds = (time.perf_counter() - begin) / count
    node.sql("DROP TABLE commit_trial")
    return seconds


class Queue:
    """Images that wait, made in the database of one that came over the API."""

    def __init__(self, parts: cluster.Cluster, picture: bytes):
        self.parts, self.node = parts, parts.galera.nodes[0]
        person = load.Person(parts.nodes[0], f"127.0.0.1:{parts.nodes[0].port}", 0)
        send(person, [picture], "template")
        while self.one("SELECT COUNT(*) FROM screenings WHERE state <> 'done'") != "0":
            time.sleep(0.1)
        self.image = self.one("SELECT id FROM images")
        self.key = self.one("SELECT archive_key FROM images")
        self.case = self.one("SELECT case_id FROM images")
        self.owner = self.one("SELECT owner_id FROM images")
        self.copy("users", f"id = '{self.owner}'", f"1_to_{OWNERS}", {
            "id": self.name("u", "seq"), "email": "CONCAT('q', seq, '@example.org')"})
        self.copy("cases", f"id = '{self.case}'", f"1_to_{OWNERS}", {
            "id": self.name("c", "seq"), "owner_id": self.name("u", "seq"), "last_number": "2000000"})
        self.there = 0

    def one(self, text: str) -> str:
        return self.node.sql(text)[0][0]

    @staticmethod
    def name(letter: str, number: str) -> str:
        """An identifier of 22 characters."""
        return f"CONCAT('{letter}', LPAD({number}, 20, '0'), 'A')"

    def copy(self, table: str, which: str, sequence: str, changes: dict[str, str]) -> None:
        """One row many times, with other values where they are named."""
        columns = [row[0] for row in self.node.sql(
            f"SELECT column_name FROM information_schema.columns WHERE table_schema = 'leukoscope' AND table_name = '{table}'")]
        values = ", ".join(changes.get(column, f"{table}.{column}") for column in columns)
        self.node.sql(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} JOIN seq_{sequence} WHERE {which}",
                      seconds=300)

    def fill(self, count: int, with_files: int) -> float:
        """Adds so many; the first ones have a file, the others are never come to. Returns the seconds."""
        begin = time.perf_counter()
        owner, case = self.name("u", f"seq % {OWNERS} + 1"), self.name("c", f"seq % {OWNERS} + 1")
        key = f"REPLACE('{self.key}', '{self.image}', {self.name('i', 'seq')})"
        number = f"seq DIV {OWNERS} + 1"
        for start in range(self.there + 1, self.there + count + 1, CHUNK):
            sequence = f"{start}_to_{min(start + CHUNK - 1, self.there + count)}"
            self.copy("images", f"id = '{self.image}'", sequence, {
                "id": self.name("i", "seq"), "case_id": case, "owner_id": owner, "number": number,
                "upload_key": "CONCAT('q', seq)", "archive_key": key})
            self.copy("screenings", f"image_id = '{self.image}'", sequence, {
                "id": self.name("s", "seq"), "image_id": self.name("i", "seq"), "case_id": case, "owner_id": owner,
                "number": number, "state": "'queued'", "attempts": "0", "turn": number, "created_at": "created_at + seq",
                **dict.fromkeys(("decision", "label", "confidence", "result_json", "analytics_json", "finished_at"), "NULL")})
        archive = self.parts.shared
        with_files = min(with_files, count)
        self.copy("stored_objects", f"archive_key = '{self.key}'", f"{self.there + 1}_to_{self.there + with_files}",
                  {"archive_key": key})
        for index in range(self.there + 1, self.there + with_files + 1):
            path = archive / self.key.replace(self.image, f"i{index:020}A")
            path.parent.mkdir(parents=True, exist_ok=True)
            os.link(archive / self.key, path)
        self.there += count
        return time.perf_counter() - begin

    def lease_milliseconds(self, count: int = 300) -> float:
        """The statements of `ScreeningRows.claimScreening`, each in a transaction that is taken back."""
        columns = "SELECT id, turn, created_at, worker_id FROM screenings"
        text = f"""
            SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION;
            {columns} WHERE state = 'running' AND lease_until <= 0 ORDER BY worker_id IS NULL, turn, created_at, id LIMIT 1
                FOR UPDATE SKIP LOCKED;
            SELECT id INTO @next FROM screenings FORCE INDEX (screenings_turn) WHERE state = 'queued'
                ORDER BY turn, created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED;
            UPDATE screenings SET state = 'running', attempts = attempts + 1, worker_id = 'trial', lease_until = 1 WHERE id = @next;
            ROLLBACK;"""
        begin = time.perf_counter()
        self.node.sql(text * count, seconds=300)
        return (time.perf_counter() - begin) / count * 1000

    def count_milliseconds(self, count: int = 20) -> float:
        """What each image that is sent asks about the queue as a whole (`countPendingScreenings`)."""
        begin = time.perf_counter()
        self.node.sql("SELECT COUNT(*) FROM screenings WHERE state IN ('queued', 'running');" * count, seconds=300)
        return (time.perf_counter() - begin) / count * 1000

    def screened_per_second(self, seconds: float = 20) -> float:
        """By the node itself, from the queue as it is."""
        self.parts.nodes[0].start()
        self.parts.nodes[0].wait()
        done = "SELECT COUNT(*) FROM screening_facts"
        before, begin = int(self.one(done)), time.perf_counter()
        time.sleep(seconds)
        rate = (int(self.one(done)) - before) / (time.perf_counter() - begin)
        self.parts.nodes[0].stop()
        return rate


def queue(folder: Path, model: Path, waiting: list[int], picture: bytes) -> list[dict]:
    rows = []
    with settings(folder / "queue", model)[0][1] as parts:
        made = Queue(parts, picture)
        parts.nodes[0].stop()
        for count in waiting:
            seconds = made.fill(count - made.there, with_files=5000)
            rows.append({"waiting": count, "fillSeconds": seconds, "leaseMilliseconds": made.lease_milliseconds(),
                         "countMilliseconds": made.count_milliseconds(), "imagesPerSecond": made.screened_per_second()})
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["nodes", "queue"])
    parser.add_argument("--model", type=Path, default=measure.ROOT / "Models" / "release")
    parser.add_argument("--images", type=int, default=120, help="of a round, at most 300")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--waiting", type=int, nargs="+", default=[10_000, 1_000_000])
    options = parser.parse_args()
    if cluster.missing():
        sys.exit(f"not installed: {cluster.missing()}")
    cluster.BINARY = os.environ.get("LEUKOSCOPE_BINARY", str(measure.executable("leukoscope")))
    images = [path.read_bytes() for path in measure.images_in(measure.drawn_smears(options.images))[:options.images]]
    result = {"images": options.images, "rounds": options.rounds, "model": options.model.name,
              "cores": os.cpu_count(), "otherWork": measure.spread([measure.other_work() for _ in range(3)])}
    with measure.temporary_folder() as folder:
        if options.only != "queue":
            for name, parts in settings(folder, options.model):
                with parts:
                    result[name] = throughput(parts, images, options.rounds)
                    result[name]["commitSeconds"] = commit_seconds(parts.galera.nodes[0])
                    print(name, result[name], flush=True)
        if options.only != "nodes":
            result["queue"] = queue(folder, options.model, options.waiting, images[0])
    if options.only is None:
        measure.write("cluster", result)


if __name__ == "__main__":
    main()
