#!/usr/bin/env python3
"""Measures what the first start, which loads towns and postcodes, costs those who use the server meanwhile.

A program with a token asks for predictions at a set pace, and another writes; first while towns and postcodes are loaded,
then as long again when they are there. Both times a backup runs beside it. Memory is the most that was seen.

    Benchmarks/first_start.py [--binary …] [--places …/places.tsv] [--pace 10]

Writes Benchmarks/results/first-start.json; Benchmarks/report.py puts it into docs/benchmarks.md.
"""

import argparse
import http.client
import re
import sqlite3
import sys
import threading
import time
from pathlib import Path

import measure

sys.path.insert(0, str(measure.ROOT / "Tests" / "Server"))
import program  # noqa: E402

IMAGES = 16
WRITES_A_SECOND = 2
QUIET_SECONDS = 5


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, help="by default the built one")
    parser.add_argument("--model", type=Path, default=measure.ROOT / "Models" / "release")
    parser.add_argument("--places", type=Path, default=measure.ROOT / ".deps" / "places" / "places.tsv")
    parser.add_argument("--pace", type=float, default=10, help="predictions a second")
    return parser.parse_args()


class Asker(threading.Thread):
    """Asks again and again at a pace, on one connection, until it is told to end."""

    def __init__(self, site: program.Site, token: str, pace: float, request):
        super().__init__(daemon=True)
        self.site, self.token, self.pause, self.request = site, token, 1 / pace, request
        self.milliseconds: list[float] = []
        self.failures: list[str] = []
        self.ended = threading.Event()
        self.start()

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=300)
        due, number = time.perf_counter(), 0
        while not self.ended.wait(max(0.0, due - time.perf_counter())):
            method, path, body, headers = self.request(number)
            begin = time.perf_counter()
            connection.request(method, path, body, {**headers, "Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            answer.read()
            self.milliseconds.append(1000 * (time.perf_counter() - begin))
            if answer.status not in (200, 201):
                self.failures.append(f"{path}: {answer.status}")
            # What was missed while one took long is not made up for.
            due, number = max(due + self.pause, time.perf_counter()), number + 1
        connection.close()

    def end(self) -> dict:
        self.ended.set()
        self.join()
        if self.failures:
            sys.exit(f"{len(self.failures)} requests failed, such as {self.failures[0]}")
        times = sorted(self.milliseconds)
        return {"count": len(times), "p50": times[len(times) // 2], "p99": times[min(len(times) - 1, int(0.99 * len(times)))],
                "most": times[-1]}


def is_loaded(site: program.Site) -> bool:
    """Asked of the tables, as every build of the server fills them last."""
    with sqlite3.connect(f"file:{site.folder}/leukoscope.sqlite?mode=ro", uri=True, timeout=60) as database:
        found = database.execute("SELECT COUNT(*) FROM postcode_editions").fetchone()[0]
    database.close()
    return found > 0


def part(site: program.Site, token: str, folder: Path, pace: float, is_over) -> dict:
    """One part of the trial: predictions, writes, a backup, and memory until it is over."""
    forms = [program.form(program.png(224, seed)) for seed in range(IMAGES)]

    def predict(number: int):
        body, headers = forms[number % IMAGES]
        return "POST", "/api/v1/predict", body, headers

    def write(number: int):
        return "POST", "/api/v1/cases", b'{"title": "A case"}', {"Content-Type": "application/json"}

    begin, memory, backup = time.perf_counter(), [], {}

    def save() -> None:
        started = time.perf_counter()
        done = site.command("backup", "--into", str(folder))
        backup["seconds"] = time.perf_counter() - started
        if done.returncode != 0:
            sys.exit(f"the backup failed: {done.stderr}")

    askers = {"predict": Asker(site, token, pace, predict), "write": Asker(site, token, WRITES_A_SECOND, write)}
    saving = threading.Thread(target=save, daemon=True)
    saving.start()
    while not is_over(time.perf_counter() - begin) or saving.is_alive():
        memory.append(site.megabytes())
        time.sleep(0.2)
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "megabytes": max(memory), "backupSeconds": backup["seconds"],
            **{name: asker.end() for name, asker in askers.items()}}


def main() -> None:
    options = arguments()
    program.BINARY, program.MODEL = str(options.binary or measure.executable("leukoscope")), options.model
    work = measure.other_work()
    with measure.temporary_folder() as folder:
        site = program.Site(folder / "data")
        site.places = str(options.places)
        site.make_user()
        token = site.make_token()
        site.start()
        try:
            loading = part(site, token, folder / "backup-1", options.pace, lambda _: is_loaded(site))
            time.sleep(QUIET_SECONDS)
            afterwards = part(site, token, folder / "backup-2", options.pace, lambda seconds: seconds > min(60, loading["seconds"]))
        finally:
            site.stop()
    result = {"model": options.model.name, "pace": options.pace, "writesASecond": WRITES_A_SECOND, "loading": loading,
              "afterwards": afterwards, "otherWork": measure.spread([work])}
    for name, found in (("loading", loading), ("afterwards", afterwards)):
        print(name, found)
    measure.write("first-start", result)


if __name__ == "__main__":
    main()
