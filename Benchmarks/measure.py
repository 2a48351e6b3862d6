"""Running programs under the clock, and writing down what came out. Shared by the benchmarks of this folder."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "Benchmarks" / "results"
BINARIES = Path(os.environ.get("LEUKOSCOPE_BINARIES", ROOT / ".build" / "release"))


@dataclass
class Run:
    """One program's life, as seen from outside."""

    output: str
    seconds: float
    firstLineSeconds: float
    peakMegabytes: float


def run(command: list, allowed: tuple[int, ...] = (0,)) -> Run:
    """Runs a program to its end; its errors stay visible. Exits this program if it fails."""
    with tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=errors, text=True)
        first = process.stdout.readline()
        first_seconds = time.perf_counter() - begin
        output = first + process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in allowed:
            errors.seek(0)
            sys.exit(f"{command[0]} ended with {process.returncode}:\n{errors.read()[-2000:]}{output[-500:]}")
    return Run(output, seconds, first_seconds, usage.ru_maxrss / 1024)  # Linux counts in KiB


def last_json(output: str) -> dict:
    """The object on the last line of a program's output."""
    lines = output.strip().splitlines()
    if not lines:
        sys.exit("the program printed nothing, JSON was expected")
    return json.loads(lines[-1])


def executable(name: str) -> Path:
    """A built program; tells how to build it where it is missing."""
    path = BINARIES / name
    if not path.exists():
        sys.exit(f"{path} is missing: swift build -c release --product {name}")
    return path


def images_in(folder: Path) -> list[Path]:
    """All images below a folder, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})


def drawn_smears(count: int, kind: str = "png") -> Path:
    """A folder with at least this many drawn smears of 224 pixels in class folders, drawn once; png or jpeg."""
    folder = ROOT / "data" / (f"benchmark-{count}" if kind == "png" else f"benchmark-{count}-{kind}")
    if len(images_in(folder)) < count:
        run([executable("leukoscope-lab"), "draw", "--count", count, "--format", kind, "--into", folder])
    found = len(images_in(folder))
    if found < count:
        sys.exit(f"leukoscope-lab draw made {found} images of {count}")
    return folder


@contextlib.contextmanager
def temporary_folder():
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="leukoscope-benchmark-") as folder:
        yield Path(folder)


def processor() -> str:
    """The processor as Linux names it, with what matters to the kernels."""
    text = Path("/proc/cpuinfo").read_text()
    name = next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), "?")
    has = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {flag} " in text.replace("\n", " ")]
    return f"{name}, {os.cpu_count()} cores, {' '.join(has)}"


def other_work(seconds: float = 0.5) -> float:
    """The share of all cores, 0 to 1, that other programs keep busy while this one only waits."""
    def ticks() -> list[int]:
        return [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]

    before = ticks()
    time.sleep(seconds)
    passed = [now - then for now, then in zip(ticks(), before)]
    return 1 - (passed[3] + passed[4]) / max(1, sum(passed))  # idle, and waiting for a disk


def spread(values: list[float]) -> dict:
    """Median and extremes."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def write(name: str, result: dict) -> None:
    """Writes `Benchmarks/results/<name>.json`, with the machine and the commit that were measured."""
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    result = {"processor": processor(), "commit": commit.stdout.strip(), "date": time.strftime("%Y-%m-%d"), **result}
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"wrote {path.relative_to(ROOT)}")
