"""Films of drawn stages for Chromium's fake camera: rests on fields, pans between them, returns to one, blurs.

Chromium plays a .y4m file (YUV 4:2:0) over and over. What the film shows, in which order and for how long, stands in `SCENES`, so
that a test knows what is to be taken and what is to be refused. The fields are those of `drawn_cells`, or any pictures that are given, such
as those of `leukoscope-lab draw`:

    python3 Tests/Browser/live_film.py [FIELD.png …] film.y4m
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

import drawn_cells

WIDTH, HEIGHT, RATE = 640, 480, 10
# (what, field, seconds): "rest" stands still on a field, "blur" shows it out of focus, "dark" with the lamp turned down.
# Between two scenes of different fields the stage is moved for `PAN` seconds.
PAN = 0.6
SCENES = [
    ("blur", 0, 1.5), ("rest", 0, 4.0), ("rest", 1, 4.0), ("blur", 1, 1.0), ("rest", 2, 4.0), ("dark", 2, 1.0),
    ("rest", 3, 4.0), ("rest", 0, 3.0), ("rest", 4, 4.0),
]


def distinct() -> int:
    """How many different fields the film rests on."""
    return len({field for what, field, _ in SCENES if what == "rest"})


def view(path: Path) -> np.ndarray:
    """A field as the camera sees it: the middle of the drawing in the camera's shape."""
    image = cv2.imread(str(path))
    if image is None:
        raise SystemExit(f"{path} is no image")
    side = image.shape[1]
    rows = side * HEIGHT // WIDTH
    top = (image.shape[0] - rows) // 2
    return cv2.resize(image[top:top + rows], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def pan(before: np.ndarray, after: np.ndarray) -> list[np.ndarray]:
    """The stage moves: one field leaves to the left, smeared by the movement, the next one comes from the right."""
    strip = np.concatenate([before, after], axis=1)
    count = round(PAN * RATE)
    frames = []
    for step in range(1, count + 1):
        left = WIDTH * step // (count + 1)
        frames.append(cv2.blur(strip[:, left:left + WIDTH], (WIDTH // count // 2 * 2 + 1, 1)))
    return frames


def frames(fields: list[np.ndarray], noise: np.random.Generator):
    """All frames of the film, with the noise of a camera."""
    before = None
    for what, field, seconds in SCENES:
        picture = fields[field]
        if before is not None and before != field:
            yield from pan(fields[before], picture)
        shown = {
            "rest": lambda one: one,
            "blur": lambda one: cv2.GaussianBlur(one, (0, 0), 18),
            "dark": lambda one: (one * 0.35).astype(np.uint8),
        }[what](picture)
        for _ in range(round(seconds * RATE)):
            yield np.clip(shown + noise.normal(0, 1.5, shown.shape), 0, 255).astype(np.uint8)
        before = field


def write(paths: list[Path], target: Path) -> float:
    """Writes the film; its length in seconds."""
    needed = 1 + max(field for _, field, _ in SCENES)
    if len(paths) < needed:
        raise SystemExit(f"{needed} fields are needed, {len(paths)} are given")
    fields = [view(path) for path in paths[:needed]]
    count = 0
    with target.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames(fields, np.random.default_rng(7)):
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420).tobytes())
            count += 1
    return count / RATE


def drawn(folder: Path) -> list[Path]:
    """Fields of drawn cells, one for each that the film shows."""
    count = 1 + max(field for _, field, _ in SCENES)
    return [
        drawn_cells.DrawnField(40 + number, drawn_cells.KINDS * 5, side=WIDTH).save(folder / f"field-{number}.png")
        for number in range(count)
    ]


if __name__ == "__main__":
    *given, out = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as place:
        print(f"{write(given or drawn(Path(place)), out)} seconds")
