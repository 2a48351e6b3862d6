"""Fields of drawn cells whose type and place are known, for tests: no medical data, and no model of any cell.

Five kinds that differ in size, lobes of the nucleus, width of the body and its grains, among red cells of one size.
"""

import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

# Pixels of a red cell.
RED = 22
KINDS = ["blast", "lymphocyte", "monocyte", "neutrophil", "eosinophil"]


class DrawnField:
    """An image and the cells in it: type, middle in pixels, radius of the body."""

    def __init__(self, seed: int, kinds: list[str], side: int = 480):
        self.random = random.Random(seed)
        self.image = Image.new("RGB", (side, side), (238, 232, 236))
        self.cells: list[tuple[str, float, float, float]] = []
        self.draw = ImageDraw.Draw(self.image)
        places = self.places(len(kinds), side)
        for x, y in self.red_cells(side, places):
            self.red(x, y)
        for kind, (x, y) in zip(kinds, places, strict=True):
            self.cells.append((kind, x, y, getattr(self, kind)(x, y)))
        self.image = self.image.filter(ImageFilter.GaussianBlur(0.7))

    def places(self, count: int, side: int) -> list[tuple[float, float]]:
        """On a grid, a little aside, so that none touches another."""
        across = math.ceil(math.sqrt(count))
        step = side / across
        cells = [(column, row) for row in range(across) for column in range(across)][:count]
        shift = (step - 3.4 * RED) / 2
        return [((column + 0.5) * step + self.random.uniform(-shift, shift),
                 (row + 0.5) * step + self.random.uniform(-shift, shift)) for column, row in cells]

    def red_cells(self, side: int, places: list[tuple[float, float]]) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        for _ in range(900):
            x, y = self.random.uniform(0, side), self.random.uniform(0, side)
            if all(math.hypot(x - a, y - b) > 2.2 * RED for a, b in places) and all(
                    math.hypot(x - a, y - b) > 1.1 * RED for a, b in found):
                found.append((x, y))
        return found

    def disc(self, x: float, y: float, radius: float, colour: tuple, stretch: float = 1) -> None:
        self.draw.ellipse((x - radius * stretch, y - radius / stretch, x + radius * stretch, y + radius / stretch),
                          fill=colour)

    def red(self, x: float, y: float) -> None:
        self.disc(x, y, RED / 2, (221, 160, 158))
        self.disc(x, y, RED / 5, (230, 184, 182))

    def vary(self, colour: tuple, much: int = 6) -> tuple:
        shift = self.random.randint(-much, much)
        return tuple(max(0, min(255, part + shift)) for part in colour)

    def lymphocyte(self, x: float, y: float) -> float:
        radius = RED / 2 * self.random.uniform(0.95, 1.05)
        self.disc(x, y, radius * 1.14, (186, 190, 226))
        self.disc(x, y, radius, self.vary((88, 48, 130)), self.random.uniform(0.96, 1.04))
        return radius * 1.14

    def blast(self, x: float, y: float) -> float:
        radius = RED / 2 * self.random.uniform(1.5, 1.65)
        self.disc(x, y, radius * 1.12, (172, 176, 222))
        self.disc(x, y, radius, self.vary((124, 78, 158)), self.random.uniform(0.95, 1.05))
        for _ in range(2):
            angle = self.random.uniform(0, 6.28)
            self.disc(x + radius * 0.4 * math.cos(angle), y + radius * 0.4 * math.sin(angle), radius * 0.16, (158, 118, 184))
        return radius * 1.12

    def monocyte(self, x: float, y: float) -> float:
        body = RED / 2 * self.random.uniform(2.0, 2.15)
        self.disc(x, y, body, (190, 188, 210))
        turn = self.random.uniform(0, 6.28)
        colour = self.vary((116, 76, 150))
        for angle in range(-100, 101, 8):
            a = turn + math.radians(angle)
            self.disc(x + body * 0.48 * math.cos(a), y + body * 0.48 * math.sin(a), body * 0.3, colour)
        return body

    def lobes(self, x: float, y: float, body: float, count: int, colour: tuple) -> None:
        turn = self.random.uniform(0, 6.28)
        last = None
        for number in range(count):
            a = turn + number * (2.1 if count == 3 else 2.6)
            place = (x + body * 0.42 * math.cos(a), y + body * 0.42 * math.sin(a))
            if last:
                self.draw.line((*last, *place), fill=colour, width=3)
            self.disc(*place, body * (0.3 if count == 3 else 0.34), colour)
            last = place

    def neutrophil(self, x: float, y: float) -> float:
        body = RED / 2 * self.random.uniform(1.6, 1.7)
        self.disc(x, y, body, (226, 204, 218))
        self.lobes(x, y, body, 3, self.vary((84, 50, 130)))
        return body

    def eosinophil(self, x: float, y: float) -> float:
        body = RED / 2 * self.random.uniform(1.65, 1.75)
        self.disc(x, y, body, (226, 176, 176))
        for _ in range(60):
            angle, far = self.random.uniform(0, 6.28), body * math.sqrt(self.random.random()) * 0.92
            self.disc(x + far * math.cos(angle), y + far * math.sin(angle), 1.5, (214, 120, 110))
        self.lobes(x, y, body, 2, self.vary((96, 58, 140)))
        return body

    def save(self, file: Path) -> Path:
        self.image.save(file)
        return file


def fields(count: int, each: int, seed: int = 5) -> list[DrawnField]:
    """So many fields, each with so many cells, all kinds equally often in all of them together."""
    kinds = [KINDS[number % len(KINDS)] for number in range(count * each)]
    random.Random(seed).shuffle(kinds)
    return [DrawnField(seed + number, kinds[number * each:(number + 1) * each]) for number in range(count)]
