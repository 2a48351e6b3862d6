#!/usr/bin/env python3
"""Measures which lines and branches of the Swift sources the tests run, and writes docs/coverage.md.

Builds everything once more with counters, optimised as always, into .build/coverage, and runs the Swift tests on it; those of
the browser, of the server as a process and of training are not counted. llvm-cov and llvm-profdata are the toolchain's.

    Scripts/coverage.py [--skip-build]
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD, PAGE = ROOT / ".build/coverage", ROOT / "docs/coverage.md"
COUNTERS = ["-Xswiftc", "-profile-generate", "-Xswiftc", "-profile-coverage-mapping"]
SKIPPED = ["TorchTests", "CommandTests", "SimulationTests"]


def swift(*arguments: str, **variables: str):
    subprocess.run(["swift", *arguments, "-c", "release", "--scratch-path", BUILD, *COUNTERS], cwd=ROOT, check=True,
                   env=os.environ | variables)


def totals(files: list[dict]) -> dict[str, dict[str, list[int]]]:
    """Covered and all lines, functions and regions (each end of a branch begins one) of every target."""
    found: dict[str, dict[str, list[int]]] = {}
    for each in files:
        path = Path(each["filename"])
        if not path.is_relative_to(ROOT / "Sources"):
            continue
        sums = found.setdefault(path.relative_to(ROOT / "Sources").parts[0], {})
        for kind in ("lines", "functions", "regions", "branches"):
            pair = sums.setdefault(kind, [0, 0])
            pair[0] += each["summary"][kind]["covered"]
            pair[1] += each["summary"][kind]["count"]
    return found


def share(pair: list[int]) -> str:
    return f"{100 * pair[0] / pair[1]:.1f} % of {pair[1]:,}" if pair[1] else "none"


def page(found: dict[str, dict[str, list[int]]]) -> str:
    lines = ["# Coverage", "", "Written by `make coverage` (`Scripts/coverage.py`): what the Swift tests run of the Swift sources. Not counted are the",
             f"tests of the browser and of the server as a process, and {', '.join(f'`{name}`' for name in SKIPPED)}.",
             "A region is what a branch leads to; Swift's compiler counts these, and branches by themselves only where it says so.", "",
             "| target | lines | regions | branches | functions |", "|---|---|---|---|---|"]
    kinds = ("lines", "regions", "branches", "functions")
    for name in sorted(found):
        lines.append(f"| `{name}` | " + " | ".join(share(found[name][kind]) for kind in kinds) + " |")
    everything = {kind: [sum(each[kind][i] for each in found.values()) for i in (0, 1)] for kind in kinds}
    lines.append("| all | " + " | ".join(share(everything[kind]) for kind in kinds) + " |")
    return "\n".join(lines) + "\n"


def main():
    if "--skip-build" not in sys.argv:
        swift("build", "--build-tests")
    profiles = BUILD / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    swift("test", "--skip-build", "--disable-xctest", *(each for name in SKIPPED for each in ("--skip", name)),
          LLVM_PROFILE_FILE=str(profiles / "%p-%m.profraw"))
    merged = BUILD / "tests.profdata"
    subprocess.run(["llvm-profdata", "merge", "-sparse", *profiles.glob("*.profraw"), "-o", merged], check=True)
    program = BUILD / "release/LeukoscopePackageTests.xctest"
    told = subprocess.run(["llvm-cov", "export", "-summary-only", f"-instr-profile={merged}", program], check=True,
                          capture_output=True, text=True)
    PAGE.write_text(page(totals(json.loads(told.stdout)["data"][0]["files"])))


if __name__ == "__main__":
    main()
