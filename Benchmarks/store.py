#!/usr/bin/env python3
"""Fills SQLite and MariaDB with generated accounts, screenings, doctors and places and times what the pages ask of them.

    Benchmarks/store.py [--users 100000] [--screenings 1000000] [--doctors 100000] [--places 33000] [--rounds 300]
                        [--only sqlite|mariadb]

The rows are written as a backup, which `leukoscope restore` puts into each database: so the restore is timed too. The
MariaDB server is one of this program's own, in a temporary folder on loopback, ended at the end.
Writes Benchmarks/results/store.json; Benchmarks/report.py puts it into docs/benchmarks.md.
"""

import argparse
import base64
import contextlib
import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import generated_directory
import measure

HEAVY = "heavy0@example.org"
HEAVY_OWNERS, HEAVY_CASES, IMAGES_OF_A_CASE = 5, 20_000, 2
DAY = 86_400_000  # milliseconds
START = 1_700_000_000_000  # milliseconds
SPACING = 60_000  # milliseconds between two cases: half a million of them in a year
LABELS = ["benign", "early-pre-b", "pre-b", "pro-b"]
WORDS = "smear sample monday morning control second clinic north child adult repeat slide stain field review".split()
RESULT = json.dumps({"label": "benign", "reasons": ["generated"], "text": "x" * 500})
NAMES = """users sessions one_time_tokens api_tokens cases images screenings screening_shares readings screening_facts doctors
doctor_documents appointments reviews review_reports installed_models model_activations places place_names audit_log
audit_head""".split()
BUFFER_POOL_MB = 1024


class Table:
    """A table of the backup; its rows stand in the order of their keys, as in a real one."""

    def __init__(self, folder: Path, name: str):
        self.name, self.lines, self.last = name, [], []
        self.file = folder / "database" / f"{name}.jsonl"

    def add(self, row: list) -> None:
        self.last = row
        self.lines.append((json.dumps(row, separators=(",", ":")) + "\n").encode())

    def finish(self) -> tuple[int, str]:
        """Writes the rows; gives their count and the file's checksum."""
        count, data = len(self.lines), b"".join(sorted(self.lines))
        self.lines = []
        self.file.write_bytes(data)
        return count, hashlib.sha256(data).hexdigest()


def identifier(kind: str, number: int) -> str:
    """22 characters, the same each time, spread as random ones are."""
    return base64.urlsafe_b64encode(hashlib.md5(f"{kind}{number}".encode()).digest()).decode().rstrip("=")


def owners(generator: random.Random, users: int, cases: int):
    """The owner's number of each case."""
    for number in range(cases):
        yield number % HEAVY_OWNERS if number < HEAVY_OWNERS * HEAVY_CASES else generator.randrange(users)


def generate(folder: Path, users: int, screenings: int, doctors: int, places: int, moment: int) -> None:
    """Writes the backup; free slots and appointments lie after the moment, in milliseconds since 1970."""
    generator = random.Random(20260131)
    (folder / "database").mkdir(parents=True)
    tables = {name: Table(folder, name) for name in NAMES}
    for number in range(users):
        heavy = number < HEAVY_OWNERS
        tables["users"].add([
            identifier("user", number), f"heavy{number}@example.org" if heavy else f"person{number}@example.org",
            f"Person {number}", f"person {number}", "patient", "x", None, None, None, None, 0, START + number])
    cases = screenings // IMAGES_OF_A_CASE
    order = list(range(cases))
    generator.shuffle(order)  # so that a person's cases are spread over the time
    for number, owner in enumerate(owners(generator, users, cases)):
        add_case(tables, generator, number, identifier("user", owner), START + order[number] * SPACING)
    for row in generated_directory.doctors(doctors, identifier, moment):
        tables["doctors"].add(row)
    for row in generated_directory.appointments(min(50_000, 10 * doctors), doctors, users, identifier, moment):
        tables["appointments"].add(row)
    for name, rows in zip(("places", "place_names"), generated_directory.places(places)):
        for row in rows:
            tables[name].add(row)
    tables["audit_head"].add([1, 0, "", ""])
    finish(folder, tables)


def add_case(tables: dict[str, Table], generator: random.Random, number: int, owner: str, at: int) -> None:
    case = identifier("case", number)
    title = " ".join(generator.sample(WORDS, 3)) + f" {number}"
    if generator.random() < 0.0005:
        title += f" rare{number % 10}"
    tables["cases"].add([case, owner, title, "", IMAGES_OF_A_CASE, at, at + 500])
    for image in range(IMAGES_OF_A_CASE):
        place = number * IMAGES_OF_A_CASE + image
        key, screening = identifier("image", place), identifier("screening", place)
        created = at + image
        tables["images"].add([key, case, owner, image + 1, key, 224, 224, 90_000, "0" * 64, f"images/{key}.png", created])
        if generator.random() < 0.001:  # the queue
            tables["screenings"].add([screening, key, case, owner, image + 1, "queued", 0, None, None, None, None, None,
                                      created, None, None, None, None])
            continue
        decision = generator.choices(["report", "uncertain", "rejected"], [0.8, 0.195, 0.005])[0]
        tables["screenings"].add([
            screening, key, case, owner, image + 1, "done", 1, None, None, decision, generator.choice(LABELS),
            {"real": round(generator.uniform(0.5, 1), 4)}, created, created + 400, None, RESULT, "[]"])
        done = tables["screenings"].last
        tables["screening_facts"].add([
            created + 400, screening, created // DAY * DAY, *done[9:12], {"real": 0.1}, "generated", "1.0", {"real": 400},
            {"real": 12}])


def finish(folder: Path, tables: dict[str, Table]) -> None:
    sums, counts = {}, {}
    for table in tables.values():
        counts[table.name], sums[f"database/{table.name}.jsonl"] = table.finish()
    manifest = {"formatVersion": 1, "schemaVersion": 2, "createdAt": 0, "files": 0, "rows": counts}
    for name, data in (("manifest.json", json.dumps(manifest).encode()), ("secret.key", b"k" * 32)):
        (folder / name).write_bytes(data)
        sums[name] = hashlib.sha256(data).hexdigest()
    (folder / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))


@contextlib.contextmanager
def mariadb(folder: Path):
    """A server; gives the URL of an empty database."""
    user = ["--user=root"] if os.geteuid() == 0 else []
    data = folder / "mariadb"
    subprocess.run(["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
                    f"--datadir={data}", *user], check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}",
         "--bind-address=127.0.0.1", f"--socket={folder}/socket", f"--innodb-buffer-pool-size={BUFFER_POOL_MB}M",
         "--innodb-log-file-size=1G", f"--log-error={folder}/log", *user])
    try:
        for _ in range(300):
            created = subprocess.run(["mariadb", "--no-defaults", f"--socket={folder}/socket", "-uroot", "-e",
                                      "CREATE DATABASE leukoscope CHARACTER SET utf8mb4"], stderr=subprocess.DEVNULL)
            if created.returncode == 0:
                break
            time.sleep(0.2)
        else:
            sys.exit("mariadbd did not start")
        yield f"mysql://root@127.0.0.1:{port}/leukoscope"
    finally:
        server.terminate()
        server.wait(timeout=120)


def measured(backup: Path, data: Path, options: list[str], rounds: int) -> dict:
    """Restores the backup and times the questions."""
    program = measure.executable("leukoscope")
    print("restoring", *options, flush=True)
    restored = measure.run([program, "restore", backup, "--data-dir", data, *options])
    print(f"restored in {restored.seconds:.0f} s", flush=True)
    asked = measure.run([program, "store-benchmark", "--heavy", HEAVY, "--rounds", rounds, "--data-dir", data, *options])
    commit = subprocess.run(["git", "-C", measure.ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return {"commit": commit.stdout.strip(), "restoreSeconds": restored.seconds, "milliseconds": json.loads(asked.output)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--screenings", type=int, default=1_000_000)
    parser.add_argument("--doctors", type=int, default=100_000)
    parser.add_argument("--places", type=int, default=33_000)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--only", choices=["sqlite", "mariadb"])
    chosen = parser.parse_args()
    path = measure.RESULTS / "store.json"
    previous = json.loads(path.read_text()) if path.exists() else {}
    result = {"users": chosen.users, "screenings": chosen.screenings, "doctors": chosen.doctors,
              "places": chosen.places, "heavyCases": HEAVY_CASES, "rounds": chosen.rounds,
              "bufferPoolMegabytes": BUFFER_POOL_MB, "databases": previous.get("databases", {}) if chosen.only else {}}
    with measure.temporary_folder() as folder:
        folder = Path(folder)
        backup = folder / "backup"
        generate(backup, chosen.users, chosen.screenings, chosen.doctors, chosen.places, int(time.time()) // 3600 * 3_600_000)
        print("generated", flush=True)
        if chosen.only != "mariadb":
            result["databases"]["SQLite"] = measured(backup, folder / "sqlite", [], chosen.rounds)
        if chosen.only != "sqlite":
            with mariadb(folder) as url:
                result["databases"]["MariaDB"] = measured(backup, folder / "files", ["--database", url], chosen.rounds)
    measure.write("store", result)


if __name__ == "__main__":
    main()
