#!/usr/bin/env python3
"""Counts images whose answer changes when they are stored in other colours, with the profile that says so.

    Scripts/colour_trial.py DATA --json docs/results/colour.json

160 images of DATA, evenly over its folders, are stored in linear light, Adobe RGB (1998), ProPhoto RGB and Display P3, each as a
PNG with its ICC profile, of 16 bits where 8 would lose the dark or the fine steps (linear, ProPhoto) and of 8 bits otherwise.
The conversion is this script's own arithmetic, none of the program's library. Prints what changed; the exit status is 1 where
the decision, or the class of a report, did.
"""

import argparse
import json
import struct
import sys
import tempfile
import zlib
from pathlib import Path

import cv2
import numpy as np

from eyepiece_trial import ROOT, screened

# Red, green and blue in XYZ as columns, adapted to D50 as profiles hold them.
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
ADOBE = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
PROPHOTO = np.array([[0.79767, 0.13519, 0.03134], [0.28804, 0.71188, 0.00009], [0.0, 0.0, 0.82490]])
DISPLAY_P3 = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
SRGB_STEPS = 4096  # of the curve of sRGB, which is no plain power

# Name, primaries, exponent (None: the curve of sRGB), bits.
COLOURS = [("linear", SRGB, 1.0, 16), ("adobe-rgb", ADOBE, 563 / 256, 8), ("prophoto", PROPHOTO, 1.8, 16),
           ("display-p3", DISPLAY_P3, None, 8)]


def decoded(values):
    """Of sRGB, 0 to 1, to linear light."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encoded(light, exponent):
    light = np.clip(light, 0, 1)
    if exponent is None:
        return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return light ** (1 / exponent)


def xyz(column):
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in column)


def profile(primaries, exponent):
    """An ICC profile, version 2.4, of three primaries and one curve."""
    if exponent is None:
        steps = decoded(np.linspace(0, 1, SRGB_STEPS))
        curve = b"curv\0\0\0\0" + struct.pack(">I", SRGB_STEPS) + np.round(steps * 65535).astype(">u2").tobytes()
    elif exponent == 1:
        curve = b"curv\0\0\0\0" + struct.pack(">I", 0)
    else:
        curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(exponent * 256)) + b"\0\0"
    text = b"made for a trial\0"
    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(79), b"cprt": b"text\0\0\0\0none\0",
            b"wtpt": xyz([0.9642, 1, 0.8249]), b"rXYZ": xyz(primaries[:, 0]), b"gXYZ": xyz(primaries[:, 1]),
            b"bXYZ": xyz(primaries[:, 2]), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    header = struct.pack(">I", 128 + len(table) + len(data)) + b"none" + struct.pack(">I", 0x02400000)
    header += b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + xyz([0.9642, 1, 0.8249])[8:]
    return header + bytes(128 - len(header)) + table + data


def stored(image, primaries, exponent, bits):
    """The image (RGB, 8 bits, sRGB) as a PNG in other colours, with their profile."""
    light = decoded(image / 255) @ (np.linalg.inv(primaries) @ SRGB).T
    whole = 2**bits - 1
    values = np.round(encoded(light, exponent) * whole).astype(np.uint16 if bits == 16 else np.uint8)
    file = cv2.imencode(".png", values[:, :, ::-1])[1].tobytes()
    body = b"iCCPtrial\0\0" + zlib.compress(profile(primaries, exponent))
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return file[:33] + chunk + file[33:]  # behind the header


def chosen(data, count):
    """Evenly over the folders, and evenly over each one's order."""
    folders = sorted(path for path in data.iterdir() if path.is_dir())
    for folder in folders:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".png", ".bmp", ".tif"})
        share = min(count // len(folders), len(paths))
        yield from (paths[index * len(paths) // share] for index in range(share))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--count", type=int, default=160)
    parser.add_argument("--model", default=str(ROOT / "Models/release"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory(prefix="colour-") as name:
        folder = Path(name)
        paths = list(chosen(options.data, options.count))
        for number, path in enumerate(paths):
            image = cv2.imread(str(path), cv2.IMREAD_COLOR)[:, :, ::-1]
            cv2.imwrite(f"{folder}/{number:03}-srgb.png", image[:, :, ::-1])
            for colour, primaries, exponent, bits in COLOURS:
                (folder / f"{number:03}-{colour}.png").write_bytes(stored(image, primaries, exponent, bits))
        answers = screened(folder, options.model)
        for colour, *_ in COLOURS:
            counts = {"decision": 0, "class": 0}
            for number, path in enumerate(paths):
                before, after = (answers[f"{folder}/{number:03}-{kind}.png"] for kind in ("srgb", colour))
                if before[0] != after[0]:
                    counts["decision"] += 1
                elif before[0] == "report" and before != after:
                    counts["class"] += 1
                else:
                    continue
                print(f"{path}: {before}, in {colour} {after}")
            found[colour] = counts
            print(f"{colour}: {counts['decision']} decisions and {counts['class']} classes of {len(paths)} differ")
    if options.json:
        options.json.write_text(json.dumps({"images": len(paths), "changed": found}, indent=2) + "\n")
    sys.exit(any(sum(counts.values()) for counts in found.values()))


if __name__ == "__main__":
    main()
