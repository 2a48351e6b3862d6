#!/usr/bin/env python3
"""Fills SQLite and MariaDB with generated doctors and times recommendations of them.

    Benchmarks/recommendation.py [--doctors 100000] [--rounds 200] [--only sqlite|mariadb]

The doctors of one large city are moved together until all of them lie within 5 km. Each question is a whole recommendation as
the page asks for it: widening the circle, reading who comes into question, ranking, and reading the twelve that are shown.
Writes Benchmarks/results/recommendation.json; Benchmarks/report.py puts it into docs/benchmarks.md.
"""

import argparse
import json
import math
import struct
import subprocess
import time
from pathlib import Path

import generated_directory
import measure
import store

DENSE = ("Delhi", 28.65, 77.23)
TARGET = 20  # milliseconds
# Places in a row of `doctors`.
CITY, LATITUDE, LONGITUDE, CELL = 18, 20, 21, 22


def generate(folder: Path, doctors: int) -> int:
    """Writes the backup; gives how many doctors the dense city has."""
    original, dense = generated_directory.doctors, 0

    def gathered(*arguments, **more):
        nonlocal dense
        name, latitude, longitude = DENSE
        for row in original(*arguments, **more):
            if row[CITY] == name:
                dense += 1
                north = (row[LATITUDE]["real"] - latitude) * generated_directory.KILOMETRES_OF_A_DEGREE
                east = ((row[LONGITUDE]["real"] - longitude) * generated_directory.KILOMETRES_OF_A_DEGREE
                        * math.cos(math.radians(latitude)))
                # From 0 to any distance becomes from 0 to 5 km, the order kept.
                distance = math.hypot(north, east) or 1e-9
                shrunk = 5 * distance / (distance + 4)
                row[LATITUDE] = {"real": round(latitude + (row[LATITUDE]["real"] - latitude) * shrunk / distance, 5)}
                row[LONGITUDE] = {"real": round(longitude + (row[LONGITUDE]["real"] - longitude) * shrunk / distance, 5)}
                row[CELL] = generated_directory.cell(row[LATITUDE]["real"], row[LONGITUDE]["real"])
            yield row

    generated_directory.doctors = gathered
    try:
        store.generate(folder, users=1000, screenings=0, doctors=doctors, places=1000,
                       moment=int(time.time()) // 3600 * 3_600_000)
    finally:
        generated_directory.doctors = original
    return dense


def measured(backup: Path, data: Path, options: list[str], rounds: int) -> dict:
    """Restores the backup and times the questions."""
    program = measure.executable("leukoscope")
    print("restoring", *options, flush=True)
    subprocess.run([program, "restore", backup, "--data-dir", data, *options], check=True, stdout=subprocess.DEVNULL)
    print("asking", flush=True)
    answer = subprocess.run([program, "recommendation-benchmark", "--data-dir", data, *options, "--rounds", str(rounds)],
                            check=True, stdout=subprocess.PIPE)
    return json.loads(answer.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--doctors", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--only", choices=["sqlite", "mariadb"])
    chosen = parser.parse_args()
    file = measure.RESULTS / "recommendation.json"
    databases = json.loads(file.read_text())["databases"] if chosen.only and file.exists() else {}
    with measure.temporary_folder() as temporary:
        folder = Path(temporary)
        dense = generate(folder / "backup", chosen.doctors)
        work = []
        if chosen.only != "mariadb":
            work.append(measure.other_work())
            databases["SQLite"] = measured(folder / "backup", folder / "sqlite", [], chosen.rounds)
        if chosen.only != "sqlite":
            work.append(measure.other_work())
            with store.mariadb(folder) as url:
                databases["MariaDB"] = measured(
                    folder / "backup", folder / "data", ["--database", url], chosen.rounds)
    measure.write("recommendation", {
        "doctors": chosen.doctors, "denseCity": dense, "rounds": chosen.rounds, "target": TARGET,
        "otherWork": measure.spread(work), "bufferPoolMegabytes": store.BUFFER_POOL_MB, "databases": databases})


if __name__ == "__main__":
    main()
