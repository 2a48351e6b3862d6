#!/usr/bin/env python3
"""Measures whole slides on one of 20 gigapixels, glass but for a smear of 115 megapixels at 0.25 µm a pixel.

1. The same 200 squares of 1024 pixels of level 0 are read through `leukoscope slides-worker` and by OpenSlide's C library called
   straight (ctypes), in turns, each in a process of its own. Target: at least 0.8 of the rate of the bare library.
2. `leukoscope slides read --white-cells 50`: seconds from the start of the program, search of the slide included, to its end.
3. The search: seconds, and the peak of the worker's memory beside that over a slide of 0.2 gigapixels.

    Benchmarks/slides.py                      writes Benchmarks/results/slides.json
    Benchmarks/slides.py --gigapixels 0.5     only prints: a try of a minute

Needs `vips` (libvips-tools) and `leukoscope-lab`, which draws the smear; writing the large slide takes some minutes and 2 GB of
the disk.
"""

import argparse
import ctypes
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import measure

SIDE = 1024
TARGET = 0.8
SEED = 20
CELLS = 50
GIGAPIXELS, SMALL = 20, 0.2
MICROMETRES = 0.25
# A drawn image shows what a field of the survey does, 134.4 µm, at any size.
FIELD, DRAWN, ACROSS, TIMES = round(134.4 / MICROMETRES), 16, 4, 5
SMEAR = FIELD * ACROSS * TIMES


def vips(*command) -> None:
    done = subprocess.run(["vips", *(str(part) for part in command)], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"vips {command[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def smear(folder: Path) -> Path:
    """Drawn fields of all four classes beside each other, again and again."""
    measure.run([measure.executable("leukoscope-lab"), "draw", "--count", DRAWN, "--side", FIELD, "--into", folder / "drawn"])
    fields = " ".join(map(str, measure.images_in(folder / "drawn")))
    vips("arrayjoin", fields, folder / "fields.v", "--across", ACROSS)
    vips("replicate", folder / "fields.v", folder / "smear.v", TIMES, TIMES)
    return folder / "smear.v"


def slide(smear: Path, file: Path, gigapixels: float) -> Path:
    """Glass with the smear in its corner."""
    side, resolution = max(SMEAR, round((gigapixels * 1e9) ** 0.5)), 1000 / MICROMETRES
    # Never whole in memory, nor on the disk before it is compressed: libvips makes it strip by strip.
    vips("embed", smear, f"{file}[pyramid,tile,tile-width=256,tile-height=256,bigtiff,compression=jpeg,Q=90,"
         f"xres={resolution},yres={resolution}]", 0, 0, side, side, "--extend", "background", "--background", "240 238 241")
    return file


class Worker:
    """`leukoscope slides-worker`, as the server talks to it."""

    def __init__(self, slide: Path):
        self.process = subprocess.Popen([measure.executable("leukoscope"), "slides-worker"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.ask({"open": {"path": str(slide)}})

    def ask(self, request: dict) -> dict:
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the worker ended with {self.process.wait()}")
        reply = json.loads(line)
        if "failed" in reply:
            sys.exit(f"the worker answered: {reply['failed']}")
        return reply

    def read(self, x: int, y: int) -> bytes:
        place = {"x": x, "y": y, "width": SIDE, "height": SIDE}
        size = self.ask({"read": {"_0": place, "downsample": 1}})["picture"]
        return self.process.stdout.read(size["width"] * size["height"] * 3)

    def end(self) -> tuple[float, float]:
        """Ends it; its peak memory in MB, and its processor time in seconds."""
        self.process.stdin.close()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def bare(slide: Path, places: list[tuple[int, int]]) -> tuple[float, float]:
    """Regions a second of the library alone, in a process of its own, and the processor time of that."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        library = ctypes.CDLL("libopenslide.so.0")
        library.openslide_open.restype = ctypes.c_void_p
        library.openslide_open.argtypes = [ctypes.c_char_p]
        library.openslide_read_region.argtypes = [
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int32, ctypes.c_int64, ctypes.c_int64]
        library.openslide_get_error.restype = ctypes.c_char_p
        library.openslide_get_error.argtypes = [ctypes.c_void_p]
        opened = library.openslide_open(str(slide).encode())
        words = ctypes.create_string_buffer(SIDE * SIDE * 4)
        begin = time.perf_counter()
        for x, y in places:
            library.openslide_read_region(opened, words, x, y, 0, SIDE, SIDE)
        seconds = time.perf_counter() - begin
        error = library.openslide_get_error(opened)
        os.write(write_end, error or str(len(places) / seconds).encode())
        os._exit(1 if error else 0)
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        rate = answer.read()
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"OpenSlide cannot read the slide: {rate}")
    return float(rate), usage.ru_utime + usage.ru_stime


def through_worker(slide: Path, places: list[tuple[int, int]]) -> tuple[float, float]:
    """As `bare`."""
    worker = Worker(slide)
    begin = time.perf_counter()
    for x, y in places:
        worker.read(x, y)
    rate = len(places) / (time.perf_counter() - begin)
    return rate, worker.end()[1]


def search(slide: Path) -> tuple[float, float]:
    """The worker's peak memory in MB over the search of a slide, and its seconds."""
    worker = Worker(slide)
    begin = time.perf_counter()
    found = worker.ask({"survey": {"fields": 20}})["surveyed"]["_0"]
    seconds = time.perf_counter() - begin
    if len(found["fields"]) < 20:
        sys.exit(f"the search found {len(found['fields'])} fields: {found['parts']}")
    return worker.end()[0], seconds


def reading(slide: Path, regions: int, rounds: int) -> dict:
    """Squares a second, in turns."""
    picker = random.Random(SEED)
    places = [(picker.randrange(SMEAR - SIDE), picker.randrange(SMEAR - SIDE)) for _ in range(regions)]
    kinds = {"bare": bare, "worker": through_worker}
    bare(slide, places)  # the file is read for the first time
    rates: dict = {kind: [] for kind in kinds}
    processor: dict = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in sorted(kinds, reverse=number % 2 == 1):
            rate, seconds = kinds[kind](slide, places)
            rates[kind].append(rate)
            processor[kind].append(seconds)
    share = [worker / alone for worker, alone in zip(rates["worker"], rates["bare"])]
    return {"regions": regions, "side": SIDE, "rounds": rounds, "ofBare": measure.spread(share), "target": TARGET,
            "regionsPerSecond": {kind: measure.spread(values) for kind, values in rates.items()},
            # On a machine with other work this tells the two apart more surely than the clock does.
            "processorSeconds": {kind: measure.spread(values) for kind, values in processor.items()}}


def first_cells(slide: Path, model: Path) -> dict:
    """The time to the first white cells."""
    run = measure.run([measure.executable("leukoscope"), "slides", "read", slide, "--fields", 100, "--all", "--white-cells",
                       CELLS, "--json", "--model", model])
    told = measure.last_json(run.output)
    if told["whiteCells"] < CELLS:
        sys.exit(f"no {CELLS} white cells were found: {json.dumps(told)}")
    return {"wanted": CELLS, "found": told["whiteCells"], "fields": told["fields"]["read"], "seconds": run.seconds,
            "firstFieldSeconds": run.firstLineSeconds, "model": model.name}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=measure.ROOT / "Models" / "demonstration")
    parser.add_argument("--gigapixels", type=float, default=GIGAPIXELS, help="of the large slide; another size is not written down")
    parser.add_argument("--regions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with measure.temporary_folder() as folder:
        drawn = smear(folder)
        small = slide(drawn, folder / "small.tif", SMALL)
        begin = time.perf_counter()
        large = slide(drawn, folder / "large.tif", options.gigapixels)
        print(f"wrote {large.stat().st_size / 1e6:.0f} MB in {time.perf_counter() - begin:.0f} s", flush=True)
        busy = measure.other_work()
        results = {"gigapixels": options.gigapixels, "smallGigapixels": SMALL, "micrometresPerPixel": MICROMETRES,
                   "bytes": large.stat().st_size, "otherWork": measure.spread([busy])}
        results |= reading(large, options.regions, options.rounds)
        results["firstCells"] = first_cells(large, options.model.resolve())
        (small_megabytes, _), (megabytes, seconds) = search(small), search(large)
        results["search"] = {"seconds": seconds, "megabytes": megabytes, "smallMegabytes": small_megabytes}
    print(json.dumps(results, indent=2))
    if options.gigapixels == GIGAPIXELS:
        measure.write("slides", results)
    if results["ofBare"]["median"] < TARGET:
        sys.exit(f"through the worker {results['ofBare']['median']:.2f} of the bare library's rate; {TARGET} is the target")


if __name__ == "__main__":
    main()
