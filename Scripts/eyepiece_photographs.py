#!/usr/bin/env python3
"""Makes photographs as a telephone takes them through the eyepiece of a microscope, from pictures of fields.

    Scripts/eyepiece_photographs.py OUT --seed 1 --count 50 FIELD [FIELD ...]

A field fills the bright circle (its corners are cut off), on black. For each, drawn evenly from these ranges:

    photograph            3 to 12 megapixels, 4:3, lying or standing
    circle                diameter 60 to 95 % of the shorter side, its centre up to 6 % of that away from the middle
    vignette              light at the rim down to 50 to 100 % of that in the middle
    tilt                  the telephone turned 0 to 10 degrees out of the plane, about an axis of any direction
    turn                  the telephone turned 0 to 360 degrees in the plane, in quarters
    chromatic edge        red and blue larger and smaller by up to 0.3 %
    shake                 a straight smear 0 to 3 pixels long
    light                 red and blue off by up to 8 %, brightness 85 to 100 %
    noise, JPEG           standard deviation of 2 levels; quality 85 to 95
"""

import argparse
import random
from pathlib import Path

import cv2
import numpy as np


def linear(image):
    value = image.astype(np.float32) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def encoded(light):
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def tilted(radius, degrees, direction):
    """The way of the picture's plane under a turn out of it, seen from four radii away: a homography about the middle."""
    angle, distance = np.radians(degrees), 4 * radius
    across, along = np.cos(direction), np.sin(direction)
    axes = np.array([[across, along, 0], [-along, across, 0], [0, 0, 1]])
    # x becomes shorter, and nearer or farther.
    turn = np.array([[np.cos(angle), 0, 0], [0, 1, 0], [np.sin(angle) / distance, 0, 1]])
    return axes.T @ turn @ axes


def photograph(field, draw):
    megapixels = draw.uniform(3, 12)
    height = int(round((megapixels * 1e6 * 3 / 4) ** 0.5))
    width = height * 4 // 3
    if draw.random() < 0.5:
        width, height = height, width
    short = min(width, height)
    radius = short * draw.uniform(0.60, 0.95) / 2
    middle = np.array([width, height]) / 2 + np.array([draw.uniform(-0.06, 0.06), draw.uniform(-0.06, 0.06)]) * short
    field = np.rot90(field, draw.randrange(4)).copy()
    tilt = tilted(radius, draw.uniform(0, 10), draw.uniform(0, 2 * np.pi))
    edge = draw.uniform(-0.003, 0.003)
    side = field.shape[0]
    to_place = np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1]])
    channels = []
    for channel, growth in enumerate((1 + edge, 1, 1 - edge)):  # red, green, blue
        scale = 2 * radius * growth / side
        from_field = np.array([[scale, 0, -radius * growth], [0, scale, -radius * growth], [0, 0, 1]])
        way = to_place @ tilt @ from_field
        light = cv2.warpPerspective(linear(field[:, :, channel]), way, (width, height), flags=cv2.INTER_CUBIC)
        disc = np.zeros((side, side), np.float32)
        cv2.circle(disc, (side * 8 - 8, side * 8 - 8), side * 8 - 16, 1.0, -1, cv2.LINE_AA, 4)
        channels.append(light * cv2.warpPerspective(disc, way, (width, height), flags=cv2.INTER_LINEAR))
    image = np.dstack(channels)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = ((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / radius**2
    image *= (1 - draw.uniform(0, 0.5) * np.clip(distance, 0, 1.5))[:, :, None]
    image *= draw.uniform(0.85, 1) * np.array([draw.uniform(0.92, 1.08), 1, draw.uniform(0.92, 1.08)], np.float32)
    length, direction = draw.uniform(0, 3), draw.uniform(0, np.pi)
    smear = np.zeros((5, 5), np.float32)
    for step in np.linspace(-length / 2, length / 2, 41):
        smear[int(round(2 + step * np.sin(direction))), int(round(2 + step * np.cos(direction)))] += 1
    image = cv2.filter2D(image, -1, smear / smear.sum())
    noise = np.random.default_rng(draw.randrange(2**32)).normal(0, 2, image.shape)
    return np.clip(encoded(image) + noise + 3, 0, 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("fields", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=50)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(draw.sample(options.fields, min(options.count, len(options.fields)))):
        field = cv2.imread(str(path), cv2.IMREAD_COLOR)[:, :, ::-1]
        image = photograph(field, draw)
        quality = [cv2.IMWRITE_JPEG_QUALITY, draw.randint(85, 95)]
        cv2.imwrite(str(options.out / f"{number:03}-{path.stem}.jpg"), image[:, :, ::-1], quality)


if __name__ == "__main__":
    main()
