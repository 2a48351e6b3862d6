#!/usr/bin/env python3
"""Tries the watch of a microscope on recorded fields: series that were left out, and a stain that drifts by 1 % a day.

    Scripts/watch_trial.py DATA --series SERIES.tsv --work FOLDER --json docs/results/watch.json

DATA holds the labelled fields (Benign, Early, Pre, Pro), SERIES.tsv the series of each file. What is asked is the novelty of a field
to a package that did not learn from it: copies of the package get their appearance fitted anew (`leukoscope-lab novelty fit`), on four
fifths of every run for the fields of the other fifth, which are familiar, and on all other series for the fields of a series that is
left out. Networks and cells stay those of the package, so evidence and answers are those of a model that learned from them.

The drift: up to --cases cases of each run, each of ten consecutive fields, are stored anew for each day, their stain weaker or stronger
by --percent of the first day's for every day: the optical density of each colour over the empty ground (Beer and Lambert), times a
factor. The same fields stored anew with the factor 1 are a third drift, `unchanged`: what the draw of a few cases does alone.

`leukoscope sites simulate` then draws the streams. What is in FOLDER already is not asked again. Scripts/results.py writes the table.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = os.environ.get("LEUKOSCOPE_BINARY", str(ROOT / ".build/release/leukoscope"))
LAB = os.environ.get("LEUKOSCOPE_LAB_BINARY", str(ROOT / ".build/release/leukoscope-lab"))
CLASSES = {"Benign": "benign", "Early": "early-pre-b", "Pre": "pre-b", "Pro": "pro-b"}
HEAD = ["run", "class", "series", "case", "answer", "novelty", "evidence"]
FIFTHS, FIELDS = 5, 10  # parts of a run; fields of a case
LEFT_OUT = ["boxed-200", "red-100"]
CASES_A_DAY = [2, 5, 10, 20, 50]
# The answers to pictures that are only unfamiliar count, other refusals do not (`ScreeningOutcome.isOfMicroscope`).
STRANGE = {"unfamiliar", "no-usable-field"}


def column(path: Path) -> dict[str, str]:
    """The second column of a table with a head, by the first."""
    return dict(line.split("\t")[:2] for line in path.read_text().splitlines()[1:])


def curve(ground: int, factor: float) -> list[int]:
    """What each value of a colour becomes whose empty ground is `ground`, its density times `factor`."""
    return [min(255, max(0, round((ground + 1) * ((value + 1) / (ground + 1)) ** factor - 1))) for value in range(256)]


def factor(drift: str, day: int, percent: float) -> float:
    """Of the density of the first day, day 0."""
    return 1 + {"weaker": -1, "stronger": 1, "unchanged": 0}[drift] * day * percent / 100


def fifths(files: list[str]) -> dict[str, int]:
    """The contiguous part of its run that each file is in, from 0."""
    return {file: place * FIFTHS // len(files) for place, file in enumerate(files)}


def blocks(files: list[str], count: int) -> list[list[str]]:
    """Up to so many cases of ten consecutive files, evenly over the run, each within one fifth; of a short run its first files."""
    parts = fifths(files)
    whole = [files[start:start + FIELDS] for start in range(0, len(files) - FIELDS + 1)
             if len({parts[file] for file in files[start:start + FIELDS]}) == 1]
    if not whole:
        return [files[:FIELDS]] if files else []
    # A start every ten fields, so that cases do not overlap.
    apart, last = [], -FIELDS
    for block in whole:
        if files.index(block[0]) >= last + FIELDS:
            apart.append(block)
            last = files.index(block[0])
    share = min(count, len(apart))
    return [apart[place * len(apart) // share] for place in range(share)]


def counts(answer: dict) -> bool:
    """Whether the watch takes the answer."""
    codes = set(answer.get("reasonCodes", []))
    return "novelty" in answer and (answer["decision"] != "rejected" or ("unfamiliar" in codes and codes <= STRANGE))


def row(file: str, run: str, series: str, case: str, answer: dict) -> str:
    return "\t".join([run, CLASSES[file.split("/")[0]], series, case, answer["label"], f"{answer['novelty']:.6f}",
                      f"{answer['blastEvidence']:.6f}"])


def told(folder: Path, model: Path, kept: Path) -> dict[str, dict]:
    """The answers to all images below a folder, by their paths in it."""
    if not kept.exists():
        done = subprocess.run([BINARY, "predict", "--json", "--model", str(model), str(folder)], capture_output=True, text=True)
        if done.returncode not in (0, 65):
            sys.exit(f"{BINARY} predict: {done.stderr}")
        part = kept.with_suffix(".part")
        part.write_text(done.stdout)
        part.rename(kept)
    answers = [json.loads(line) for line in kept.read_text().splitlines()]
    return {str(Path(answer["file"]).relative_to(folder)): answer for answer in answers}


class Trial:
    def __init__(self, options):
        self.data, self.work, self.model = options.data, options.work, options.model
        runs = column(options.runs)
        self.runs: dict[str, list[str]] = {}
        for file, run in runs.items():
            if run != "unassigned":
                self.runs.setdefault(run, []).append(file)
        self.series = column(options.series)
        self.files = [file for files in self.runs.values() for file in files]
        self.fifth = {file: part for files in self.runs.values() for file, part in fifths(files).items()}
        self.run = {file: run for run, files in self.runs.items() for file in files}

    def folder(self, name: str, files: list[str]) -> Path:
        folder = self.work / name
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            if not (folder / file).exists():
                shutil.copyfile(self.data / file, folder / file)
        return folder

    def package(self, name: str, learned: list[str]) -> Path:
        """A copy of the package whose appearance is that of these files."""
        package, ready = self.work / f"model-{name}", self.work / f"model-{name}.ready"
        if not ready.exists():
            print(f"fitting the appearance of {len(learned)} fields ({name})", flush=True)
            shutil.rmtree(package, ignore_errors=True)
            shutil.copytree(self.model, package)
            # The limit for Benign alone goes with the scores that it was chosen on; the watch looks at every class alike.
            described = package / "model.json"
            description = json.loads(described.read_text())
            description["novelty"].pop("benignThreshold", None)
            described.write_text(json.dumps(description))
            subprocess.run([LAB, "novelty", "fit", str(package), "--data", str(self.folder(f"learned-{name}", learned))], check=True)
            ready.touch()
        return package

    def asked(self, name: str, package: Path, folder: Path) -> dict[str, dict]:
        print(f"reading {sum(path.is_file() for path in folder.rglob('*'))} fields ({name})", flush=True)
        return told(folder, package, self.work / f"answers-{name}.jsonl")

    def known(self) -> list[str]:
        """A row of each field that counts, by the package that lacks its fifth; in the order of the runs."""
        answers: dict[str, dict] = {}
        for part in range(FIFTHS):
            package = self.package(f"fifth-{part}", [file for file in self.files if self.fifth[file] != part])
            own = [file for file in self.files if self.fifth[file] == part]
            answers |= self.asked(f"fifth-{part}", package, self.folder(f"fifth-{part}", own))
        return [row(file, self.run[file], self.series[file], "", answers[file]) for file in self.files
                if file in answers and counts(answers[file])]

    def left_out(self, series: str) -> list[str]:
        own = [file for file in self.files if self.series[file] == series]
        package = self.package(f"without-{series}", [file for file in self.files if self.series[file] != series])
        answers = self.asked(f"without-{series}", package, self.folder(f"only-{series}", own))
        return [row(file, self.run[file], series, "", answers[file]) for file in own
                if file in answers and counts(answers[file])]

    def drifted(self, days: int, percent: float, cases: int) -> tuple[list[str], dict]:
        """Rows of every drift and day, and how many fields of it have no answer that counts."""
        chosen = {(run, str(number)): block for run, files in self.runs.items()
                  for number, block in enumerate(blocks(files, cases))}
        rows, lacking = [], {}
        for part in range(FIFTHS):
            own = [(run, case, file) for (run, case), block in chosen.items() for file in block if self.fifth[file] == part]
            if not own:
                continue
            folder = self.work / f"drift-{part}"
            for _, _, file in own:
                stained(self.data / file, folder, file, days, percent)
            answers = self.asked(f"drift-{part}", self.work / f"model-fifth-{part}", folder)
            for drift, day in [("weaker", day) for day in range(days)] + [("stronger", day) for day in range(days)] + [("unchanged", 0)]:
                for run, case, file in own:
                    answer = answers.get(stored(drift, day, file))
                    if answer is not None and counts(answer):
                        rows.append(row(file, run, f"{drift}@{day}", case, answer))
                    else:
                        lacking[drift] = lacking.get(drift, 0) + 1
        return rows, {"cases": len(chosen), "fields": sum(map(len, chosen.values())), "lacking": lacking}


def stored(drift: str, day: int, file: str) -> str:
    # The first day of every drift is the same picture.
    return f"{'unchanged' if day == 0 else drift}-{day}/{file.rsplit('.', 1)[0]}.png"


def stained(source: Path, folder: Path, file: str, days: int, percent: float) -> None:
    """Stores an image as it looks on every day of every drift."""
    import cv2
    import numpy

    image = None
    for drift, day in [("unchanged", 0)] + [(drift, day) for drift in ("weaker", "stronger") for day in range(1, days)]:
        target = folder / stored(drift, day, file)
        if target.exists():
            continue
        if image is None:
            image = cv2.imread(str(source), cv2.IMREAD_COLOR)
            # The brightest twentieth is empty ground.
            grounds = [int(numpy.percentile(image[:, :, channel], 95)) for channel in range(3)]
        table = numpy.array([curve(ground, factor(drift, day, percent)) for ground in grounds], dtype=numpy.uint8)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part.png")
        cv2.imwrite(str(part), cv2.LUT(image, numpy.ascontiguousarray(table.T.reshape(1, 256, 3))))
        part.rename(target)


def write(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(["\t".join(HEAD)] + rows) + "\n")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--series", type=Path, required=True)
    parser.add_argument("--runs", type=Path, default=ROOT / "docs/results/acquisition-runs.tsv")
    parser.add_argument("--model", type=Path, default=ROOT / "Models/release")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--percent", type=float, default=1)
    parser.add_argument("--cases", type=int, default=4)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    trial = Trial(options)
    known = trial.known()
    drifts, drift = trial.drifted(options.days, options.percent, options.cases)
    answers = write(options.work / "known.tsv", known + drifts)
    left = write(options.work / "left-out.tsv", [line for series in LEFT_OUT for line in trial.left_out(series)])
    command = [BINARY, "sites", "simulate", "--answers", str(answers), "--left-out", str(left), "--streams", str(options.streams)]
    for number in CASES_A_DAY:
        command += ["--cases-per-day", str(number)]
    print("drawing streams", flush=True)
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{BINARY} sites simulate: {done.stderr}")
    found = json.loads(done.stdout)
    for place in ("answers", "leftOut"):
        del found[place]
    results = {"fields": len(known), "days": options.days, "percentADay": options.percent, "drift": drift, "watch": found}
    options.json.write_text(json.dumps(results, indent=2) + "\n")
    print(f"wrote {options.json}")


if __name__ == "__main__":
    main()
