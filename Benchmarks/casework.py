#!/usr/bin/env python3
"""Measures screening into a case, before a change and after it: images a second, and memory at its height.

Two builds of the server take turns, one loaded at a time, each round in another order, once both have loaded their places.
Four senders add images to a case over the API; the clock stops when the last is screened, so that taking in, decoding, the
network, all pictures and their storing count. Images are drawn smears of 224 pixels (PNG), and photographs of 12 megapixels
(JPEG) put together of drawn smears.

    Benchmarks/casework.py --baseline-binary ../before/.build/release/leukoscope [--binary …]

Without --baseline-binary the one build is measured alone. Needs NumPy and opencv-python.
"""

import argparse
import concurrent.futures
import re
import sys
import time
from pathlib import Path

import measure

sys.path.insert(0, str(measure.ROOT / "Tests" / "Server"))
import program  # noqa: E402

SENDERS = 4
TARGET = 1.6


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, help="by default the built one")
    parser.add_argument("--baseline-binary", type=Path)
    parser.add_argument("--model", type=Path, default=measure.ROOT / "Models" / "release")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=150, help="small ones in a round, at most 300")
    parser.add_argument("--photographs", type=int, default=16, help="of 12 megapixels in a round")
    return parser.parse_args()


def small(count: int) -> list[bytes]:
    return [path.read_bytes() for path in measure.images_in(measure.drawn_smears(count))[:count]]


def photographs() -> list[bytes]:
    """Two photographs, each another."""
    import cv2
    import decoding
    with measure.temporary_folder() as folder:
        image = decoding.photograph(folder / "drawn")
        return [cv2.imencode(".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes() for view in (image, image[::-1])]


class Build:
    """One build of the server with data of its own."""

    def __init__(self, name: str, binary: Path, model: Path, folder: Path):
        self.name = name
        program.BINARY, program.MODEL = str(binary), model
        self.site = program.Site(folder / name)
        self.site.start()

    def settle(self) -> None:
        """Waits until the first start has loaded its towns and postcodes, which would be measured with the images."""
        def ticks() -> int:
            fields = Path(f"/proc/{self.site.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        quiet, before = 0, ticks()
        while quiet < 3:
            time.sleep(1)
            now = ticks()
            quiet, before = quiet + 1 if now - before < 5 else 0, now

    def peak(self) -> float:
        text = Path(f"/proc/{self.site.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) / 1024

    def load(self, number: int, kind: str, images: list[bytes], program_binary: str) -> float:
        """Adds the images to a new case of a new person; returns images a second."""
        program.BINARY = program_binary
        address = f"{kind}-{number}@example.org"
        self.site.make_user(address)
        token = self.site.make_token(address)
        case = self.site.ask_json("POST", "/api/v1/cases", {"title": f"{kind} {number}"}, token).json()["id"]
        begin = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(lambda entry: self.send(case, token, *entry), enumerate(images)))
        while self.site.ask("GET", f"/api/v1/cases/{case}", token=token, timeout=120).json()["verdict"]["pending"] > 0:
            time.sleep(0.2)  # each question is work for the server too
        return len(images) / (time.perf_counter() - begin)

    def send(self, case: str, token: str, index: int, image: bytes) -> None:
        body, headers = program.form(image)
        headers["Idempotency-Key"] = f"benchmark-{index}"
        while True:
            answer = self.site.ask("POST", f"/api/v1/cases/{case}/images", body, headers, token, timeout=120)
            if answer.status in (200, 201, 202):
                return
            if answer.status not in (429, 503):
                sys.exit(f"{self.name} answered {answer.status}: {answer.body[:300]!r}")
            # So many may wait; the queue moves on.
            time.sleep(0.05)


def main() -> None:
    options = arguments()
    binaries = {"after": options.binary or measure.executable("leukoscope")}
    if options.baseline_binary:
        binaries["before"] = options.baseline_binary
    pictures = {"small": small(options.images), "photograph": photographs() * (options.photographs // 2)}
    work = []
    speeds: dict = {kind: {name: [] for name in binaries} for kind in pictures}
    peaks: dict = {}
    with measure.temporary_folder() as folder:
        builds = {name: Build(name, path, options.model, folder) for name, path in binaries.items()}
        try:
            for build in builds.values():
                build.settle()
            for kind, images in pictures.items():
                for name, build in builds.items():  # warm: everything compiled, memory had
                    build.load(-1, kind, images[:4], str(binaries[name]))
                for number in range(options.rounds):
                    work.append(measure.other_work())
                    order = list(builds) if number % 2 == 0 else list(builds)[::-1]
                    for name in order:
                        speed = builds[name].load(number, kind, images, str(binaries[name]))
                        speeds[kind][name].append(speed)
                        print(f"{kind}, {name}: {speed:.2f} images a second", flush=True)
                peaks[kind] = {name: build.peak() for name, build in builds.items()}
        finally:
            for build in builds.values():
                build.site.stop()
    kinds = {kind: {name: {"imagesASecond": measure.spread(values), "peakMegabytes": peaks[kind][name]}
                    for name, values in found.items()} for kind, found in speeds.items()}
    for kind, found in kinds.items():
        if "before" in found:
            found["gain"] = found["after"]["imagesASecond"]["median"] / found["before"]["imagesASecond"]["median"]
            print(f"{kind}: {found['gain']:.2f} times as many images a second")
    measure.write("casework", {"rounds": options.rounds, "images": options.images, "photographs": options.photographs,
                               "senders": SENDERS, "target": TARGET, "otherWork": measure.spread(work), "kinds": kinds})


if __name__ == "__main__":
    main()
