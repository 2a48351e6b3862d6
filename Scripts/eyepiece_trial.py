#!/usr/bin/env python3
"""Counts how many photographs through an eyepiece get the answer of the field itself.

    Scripts/eyepiece_trial.py DATA --seed 11

Of the images in DATA that are reported, 50 are drawn; each is photographed through the drawn eyepiece of
eyepiece_photographs.py, and both are screened. Prints the photographs whose decision or class differs, and the count;
the exit status is 1 where fewer than 45 agree.

The seed draws the images and everything about each photograph, evenly, among it: a vignette down to 50 % of the light at the
rim, a tilt of up to 10 degrees, a shake of up to 3 pixels, 3 to 12 megapixels. The header of eyepiece_photographs.py has all ranges.
The same seed is the same photographs: what was measured while limits were set says less than a seed that nobody has run.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2

from eyepiece_photographs import photograph

ROOT = Path(__file__).resolve().parents[1]
BINARY = os.environ.get("LEUKOSCOPE_BINARY", str(ROOT / ".build/release/leukoscope"))


def screened(folder, model):
    """The answers to all images below a folder, by path."""
    done = subprocess.run([BINARY, "predict", "--json", "--model", model, str(folder)], capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {answer["file"]: (answer.get("decision"), answer.get("label")) for answer in answers}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--model", default=str(ROOT / "Models/release"))
    options = parser.parse_args()
    draw = random.Random(options.seed)
    fields = {path: answer for path, answer in screened(options.data, options.model).items() if answer[0] == "report"}
    agreeing = 0
    chosen = draw.sample(sorted(fields), options.count)
    with tempfile.TemporaryDirectory(prefix="eyepiece-") as folder:
        for number, path in enumerate(chosen):
            image = photograph(cv2.imread(path, cv2.IMREAD_COLOR)[:, :, ::-1], draw)
            quality = [cv2.IMWRITE_JPEG_QUALITY, draw.randint(85, 95)]
            cv2.imwrite(f"{folder}/{number:03}.jpg", image[:, :, ::-1], quality)
        answers = screened(folder, options.model)
        for number, path in enumerate(chosen):
            answer = answers[f"{folder}/{number:03}.jpg"]
            agreeing += answer == fields[path]
            if answer != fields[path]:
                print(f"{path}: {fields[path]}, through the eyepiece {answer}")
    print(f"{agreeing} of {options.count} photographs through an eyepiece have the answer of their field")
    sys.exit(agreeing < options.count * 9 / 10)


if __name__ == "__main__":
    main()
