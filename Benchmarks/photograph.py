#!/usr/bin/env python3
"""Measures a whole answer to a photograph of 12 megapixels with 40 white cells on two cores: `leukoscope predict --json`, from the
start of the process to its answer, with the peak of its memory.

The photograph is put together of twelve drawn fields of 1000 pixels (`Tests/Browser/drawn_cells.py`), whose red cells are 44 pixels
wide, with the noise of a sensor, and saved as JPEG. The image is cut into fields, and every white cell is found and typed: the
answer is held against what was drawn. Needs NumPy, Pillow and opencv-python.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import measure
import numpy

sys.path.insert(0, str(measure.ROOT / "Tests" / "Browser"))

RED_CELL, SIDE, COLUMNS, ROWS = 44, 1000, 4, 3
WHITE_CELLS = 40
CORES = 2
SECONDS, MEGABYTES = 1.5, 500


def photograph(file: Path, seed: int = 1) -> Path:
    """A JPEG file of 4000 by 3000 pixels."""
    import cv2
    import drawn_cells

    drawn_cells.RED = RED_CELL
    count = COLUMNS * ROWS
    tiles, left = [], WHITE_CELLS
    for number in range(count):
        each = left // (count - number)
        left -= each
        kinds = [drawn_cells.KINDS[(number + place) % len(drawn_cells.KINDS)] for place in range(each)]
        tiles.append(numpy.asarray(drawn_cells.DrawnField(seed + number, kinds, side=SIDE).image))
    rows = [numpy.hstack(tiles[start:start + COLUMNS]) for start in range(0, count, COLUMNS)]
    whole = numpy.vstack(rows)
    noise = numpy.random.default_rng(seed).normal(0, 5, whole.shape)
    pixels = numpy.clip(whole + noise, 0, 255).astype(numpy.uint8)
    cv2.imwrite(str(file), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return file


def answer(command: list) -> tuple[measure.Run, dict]:
    """One run of the program, and its answer; exits this program where the answer is not whole."""
    run = measure.run(command)
    found = measure.last_json(run.output)
    missing = {"probabilities", "decision", "scale", "fields", "cells", "blastEvidence"} - set(found)
    if missing:
        sys.exit(f"the answer lacks {', '.join(sorted(missing))}")
    if found["fields"]["read"] + found["fields"]["refused"] < 2:
        sys.exit(f"the photograph was not cut: its scale is {json.dumps(found['scale'])}")
    return run, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a model package; else the release model")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--draw", type=Path, help="only draws the photograph into this file")
    options = parser.parse_args()
    if options.draw:
        photograph(options.draw)
        return
    model = (options.model or measure.ROOT / "Models" / "release").resolve()
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    command = ["taskset", "-c", ",".join(map(str, cores)), measure.executable("leukoscope"), "predict", "--model", model, "--json"]
    with measure.temporary_folder() as folder:
        image = folder / "photograph.jpg"
        # By another process: a program's peak begins with that of whoever starts it (exec(2) keeps ru_maxrss).
        subprocess.run([sys.executable, __file__, "--draw", str(image)], check=True)
        busy, runs = [], []
        answer([*command, image])  # the files of the program are read for the first time
        for _ in range(options.rounds):
            busy.append(measure.other_work())
            runs.append(answer([*command, image]))
            print(f"{runs[-1][0].seconds:.2f} s, {runs[-1][0].peakMegabytes:.0f} MB", flush=True)
        size = image.stat().st_size
    found = runs[0][1]
    parts = ("decodeMs", "preprocessMs", "inferenceMs", "cellsMs")
    measure.write("photograph", {
        "model": model.name, "cores": len(cores), "rounds": options.rounds, "width": COLUMNS * SIDE, "height": ROWS * SIDE,
        "bytes": size, "redCellPixels": RED_CELL, "whiteCells": WHITE_CELLS, "secondsTarget": SECONDS, "megabytesTarget": MEGABYTES,
        "otherWork": measure.spread(busy),
        "seconds": measure.spread([run.seconds for run, _ in runs]),
        "peakMegabytes": measure.spread([run.peakMegabytes for run, _ in runs]),
        "parts": {part: measure.spread([told["timings"][part] for _, told in runs]) for part in parts},
        "fields": found["fields"], "scale": found["scale"], "found": found["cells"]["found"],
        "typed": sum(found["cells"]["differential"].values()) - found["cells"]["differential"].get("unsure", 0),
    })


if __name__ == "__main__":
    main()
