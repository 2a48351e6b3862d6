#!/usr/bin/env python3
"""Measures how long `make run` takes on a fresh checkout until the server answers, step by step.

    Benchmarks/first_run.py --name NAME [--checkout FOLDER] [--inside "COMMAND …" --seen-as FOLDER]

FOLDER gets a clone with a build folder and a .deps of its own. For a machine that has none of the packages, make a bare
Debian root (debootstrap), put the Swift toolchain into it, and say how to run a command there (`--inside "chroot ROOT"`)
and what the checkout is called there.

Writes Benchmarks/results/first-run.json under NAME; Benchmarks/report.py puts it into docs/benchmarks.md.
"""

import argparse
import json
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure

PORT = 18479
# What a line of the output says has begun.
MARKS = (
    (r"bootstrap: installing Debian packages", "Debian packages"),
    (r"bootstrap: unpacking the pinned wheels", "OpenVINO's wheel"),
    (r"bootstrap: making the files of towns", "files of towns and postcodes"),
    (r"bootstrap: compiling what needs no more", "compiling Swift packages meanwhile"),
    (r"Building for production", "compiling"),
    (r"ready at http", "the server answers"),
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="what is measured, such as a commit's")
    parser.add_argument("--checkout", type=Path, help="where to clone to; by default a temporary folder")
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--inside", default="", help="a command that runs what follows it on the machine to measure")
    parser.add_argument("--seen-as", help="the checkout's path there; by default the same")
    return parser.parse_args()


def run(command: list[str], log: Path) -> list[dict]:
    """The marks, each with the seconds from the start at which it came."""
    begin, marks = time.monotonic(), []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    with log.open("w") as lines:
        for line in process.stdout:
            seconds = time.monotonic() - begin
            print(f"{seconds:7.1f} {line}", end="", file=lines, flush=True)
            for pattern, step in MARKS:
                if re.search(pattern, line):
                    marks.append({"step": step, "seconds": round(seconds, 1)})
            if "ready at http" in line:
                break
    process.send_signal(signal.SIGTERM)
    subprocess.run(["kill", "-TERM", "--", f"-{process.pid}"], check=False)
    process.stdout.close()
    process.wait(timeout=60)
    if not marks or marks[-1]["step"] != MARKS[-1][1]:
        sys.exit(f"the server never answered; see {log}")
    return marks


def main() -> None:
    options = arguments()
    checkout = options.checkout or Path(tempfile.mkdtemp(prefix="leukoscope-first-run-")) / "leukoscope"
    subprocess.run(["git", "clone", "--quiet", str(measure.ROOT), str(checkout)], check=True)
    subprocess.run(["git", "-C", str(checkout), "checkout", "--quiet", options.commit], check=True)
    seen_as = options.seen_as or str(checkout)
    command = [*shlex.split(options.inside), "make", "-C", seen_as, "run", f"PORT={PORT}", "SERVE_FLAGS=--data-dir /tmp/first-run-data"]
    busy = measure.other_work()
    marks = run(command, checkout.parent / f"first-run-{options.name}.log")
    commit = subprocess.run(["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True)
    path = measure.RESULTS / "first-run.json"
    runs = json.loads(path.read_text())["runs"] if path.exists() else {}
    runs[options.name] = {"commit": commit.stdout.strip(), "otherWork": round(busy, 2), "marks": marks}
    measure.write("first-run", {"runs": runs})


if __name__ == "__main__":
    main()
