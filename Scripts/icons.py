#!/usr/bin/env python3
"""Draws the icons of the installed web app: Sources/Web/Resources/Assets/icon-192.png and icon-512.png, as icon.svg looks.

    Scripts/icons.py [--check]

With --check nothing is written; it ends with 1 where a file is not what would be drawn. Needs nothing but Python.
"""

import argparse
import math
import struct
import sys
import zlib
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "Sources/Web/Resources/Assets"
SIDES = (192, 512)
# Samples a pixel, along each side.
SAMPLES = 4
PAPER, CELL, LINE, NUCLEOLUS = (255, 255, 255), (0xDB, 0xE8, 0xFB), (0x15, 0x53, 0xB0), (0xBC, 0xD4, 0xF7)
# The nucleus of icon.svg as cubic curves: two control points and an end, absolute, in its 32 units.
START = (16, 6.5)
CURVES = [
    ((22, 6.5), (25.8, 10.7), (25.2, 16.1)), ((24.7, 21.1), (20.9, 25.1), (15.8, 24.9)),
    ((10.5, 24.7), (7, 20.7), (7.2, 15.7)), ((7.4, 10.5), (10.7, 6.5), (16, 6.5)),
]


def circle(x, y, radius):
    return [(x + radius * math.cos(angle * math.pi / 90), y + radius * math.sin(angle * math.pi / 90)) for angle in range(180)]


def nucleus():
    points, begin = [], START
    for one, two, end in CURVES:
        for step in range(24):
            t = step / 24
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3)
            points.append(tuple(sum(w * p[axis] for w, p in zip(weights, (begin, one, two, end))) for axis in (0, 1)))
        begin = end
    return points


SHAPES = [
    (circle(16, 16, 15.5), LINE), (circle(16, 16, 13.5), CELL), (nucleus(), LINE),
    (circle(13, 14, 2.2), NUCLEOLUS), (circle(19, 18, 1.6), NUCLEOLUS),
]


def png(side):
    """The bytes of the icon: opaque RGB, each pixel the mean of its samples."""
    scale = side * SAMPLES / 32
    rows = []
    for y in range(side):
        sums = [[0, 0, 0] for _ in range(side)]
        for sample in range(SAMPLES):
            line = bytearray(PAPER * (side * SAMPLES))
            height = (y * SAMPLES + sample + 0.5) / scale
            for points, colour in SHAPES:
                crossings = sorted(
                    x1 + (height - y1) / (y2 - y1) * (x2 - x1)
                    for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1]) if (y1 <= height) != (y2 <= height))
                for left, right in zip(crossings[::2], crossings[1::2]):
                    first, end = max(0, round(left * scale)), min(side * SAMPLES, round(right * scale))
                    line[3 * first:3 * end] = bytes(colour) * (end - first)
            for x in range(side):
                for channel in range(3):
                    begin = 3 * x * SAMPLES + channel
                    sums[x][channel] += sum(line[begin:begin + 3 * SAMPLES:3])
        rows.append(b"\0" + bytes(value // SAMPLES ** 2 for pixel in sums for value in pixel))

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b"")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    for side in SIDES:
        path = ASSETS / f"icon-{side}.png"
        if not check:
            path.write_bytes(png(side))
        elif not path.exists() or path.read_bytes() != png(side):
            sys.exit(f"{path} is not what Scripts/icons.py draws: run it again")


if __name__ == "__main__":
    main()
