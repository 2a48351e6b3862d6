#!/usr/bin/env python3
"""The long runs that no change has to wait for: a hundred thousand seeds of the simulation, a million inputs a parser, a thousand kills, a
hundred thousand malformed requests, an hour of full load. Each goes in parts, is written down after each part, and goes on
where it was stopped; after a change of the code that it tries it begins anew.

    Scripts/assurance.py --all | --only NAME    runs what is missing (the programs are built: make assurance)
    Scripts/assurance.py --table                writes the table of docs/assurance.md from docs/results/assurance.json
    Scripts/assurance.py --check                fails when the two differ
"""

import argparse
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "docs/results/assurance.json", ROOT / "docs/assurance.md"
SIMULATE = ROOT / ".build/release/leukoscope-simulate"
PARSERS = ["header", "image", "archive", "safetensors", "csv", "multipart"]
BEGIN, END = "<!-- long runs: written by Scripts/assurance.py -->", "<!-- end of long runs -->"
SERVER = ["Sources", "Tests/Server"]
# Name: what is counted, the goal, how much a part is, and the folders whose change makes it begin anew.
RUNS = {
    "seeds": ("seeds of the simulation", 100_000, 2_000, ["Sources/Clinic", "Sources/Casework", "Sources/Store", "Tests/Simulation"]),
    **{f"fuzz-{name}": (f"inputs to `{name}`", 1_000_000, 100_000,
                        ["Fuzz/Parsers.swift", "Sources/CVision", "Sources/Formats", "Sources/Imaging/Decoding", "Sources/Packaging",
                         "Sources/Tensors", "Sources/Web/Uploads"]) for name in PARSERS},
    "kills": ("kills of server and MariaDB under load", 1_000, 50, SERVER),
    "malformed": ("malformed requests", 100_000, 5_000, SERVER),
    "soak": ("minutes at full load with flat memory", 60, 60, SERVER),
}


def digest(folders: list[str]) -> str:
    """Of all files in them, by their names and contents."""
    found = hashlib.sha256()
    for folder in folders:
        path = ROOT / folder
        for each in sorted([path] if path.is_file() else path.rglob("*")):
            if each.is_file() and "__pycache__" not in each.parts:
                found.update(f"{each.relative_to(ROOT)}\0".encode() + hashlib.sha256(each.read_bytes()).digest())
    return found.hexdigest()


def read() -> dict:
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def done_of(results: dict, name: str) -> dict:
    """What stands of a run for the code as it is now."""
    known = results.get(name)
    code = digest(RUNS[name][3])
    return known if known and known["code"] == code else {"code": code, "done": 0}


def part(name: str, done: int, count: int) -> int:
    """Runs one part after so much was done; returns how much it was. Ends the program where something does not hold."""
    tests = [sys.executable, "-m", "unittest", "-v"]
    environment = os.environ | {"LEUKOSCOPE_SEED": str(20_261_124 + done), "PYTHONDONTWRITEBYTECODE": "1"}
    if name == "seeds":
        command = [SIMULATE, "--first", str(done), "--seeds", str(count)]
    elif name.startswith("fuzz-"):
        # libFuzzer reads the corpus, which grows, before it makes inputs of its own: what it read counts.
        command = [sys.executable, ROOT / "Scripts/fuzz.py", "--parser", name.removeprefix("fuzz-"), "--runs", str(count),
                   "--seed", str(done + 1)]
    elif name == "kills":
        environment["LEUKOSCOPE_ROBUSTNESS"] = "full"
        command = [*tests, "test_crash"]
    elif name == "malformed":
        environment["LEUKOSCOPE_REQUESTS"] = str(count)
        command = [*tests, "test_malformed.MalformedRequests.test_each_is_refused_and_leaves_nothing_behind"]
    else:
        command = [sys.executable, "soak.py", "--minutes", str(count)]
    inside = ROOT / "Tests/Server" if name in ("kills", "malformed", "soak") else ROOT
    ran = subprocess.run([str(each) for each in command], cwd=inside, env=environment, capture_output=True, text=True, errors="replace")
    output = ran.stdout + ran.stderr
    if ran.returncode or "skipped" in output:
        sys.exit(f"{name} does not hold after {done:,}:\n{output[-6000:]}")
    told = re.search(r": ([\d,]+) inputs", output)
    return int(told[1].replace(",", "")) if told else count


def run(name: str) -> None:
    what, goal, step, _ = RUNS[name]
    while True:
        results = read()
        own = done_of(results, name)
        if own["done"] >= goal:
            print(f"{name}: {own['done']:,} {what}", flush=True)
            return
        own["done"] += part(name, own["done"], min(step, goal - own["done"]))
        own["on"] = datetime.date.today().isoformat()
        # Read once more: another run may have written meanwhile.
        RESULTS.write_text(json.dumps(read() | {name: own}, indent=1, sort_keys=True) + "\n")
        write_table()
        print(f"{name}: {own['done']:,} of {goal:,}", flush=True)


def table(results: dict) -> str:
    lines = [BEGIN, "| what | asked | shown | on |", "|---|---|---|---|"]
    for name, (what, goal, _, _) in RUNS.items():
        own = results.get(name, {"done": 0})
        lines.append(f"| {what} | {goal:,} | {own['done']:,} | {own.get('on', 'not yet')} |")
    return "\n".join([*lines, END])


def page(text: str, results: dict) -> str:
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"{PAGE.name} has no place for the table of long runs")
    return text[:text.index(BEGIN)] + table(results) + text[text.index(END) + len(END):]


def write_table() -> None:
    PAGE.write_text(page(PAGE.read_text(), read()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true")
    what.add_argument("--only", choices=sorted(RUNS))
    what.add_argument("--table", action="store_true")
    what.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.check:
        if page(PAGE.read_text(), read()) != PAGE.read_text():
            sys.exit("docs/assurance.md is not what docs/results/assurance.json says: Scripts/assurance.py --table")
    elif arguments.table:
        write_table()
    else:
        for name in RUNS if arguments.all else [arguments.only]:
            run(name)


if __name__ == "__main__":
    main()
