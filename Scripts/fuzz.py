#!/usr/bin/env python3
"""Feeds every reader of outside bytes with inputs that libFuzzer makes, under AddressSanitizer.

Builds the readers apart from the package, with coverage and checks of memory, into .build/fuzz: the Swift ones, and the C++
that decodes images; the libraries under it are the system's as they are. Seeds are Fuzz/corpus (Scripts/fuzz_corpus.py)
and Tests/Fixtures/images; what is found goes to .build/fuzz/corpus, what crashes to .build/fuzz/crashes.

    Scripts/fuzz.py [--parser NAME] [--seconds N] [--runs N] [--seed N] [--replay]

`--runs` and `--seconds` together end at whichever comes first. With `--seed` a run from an empty .build/fuzz makes the same inputs
each time. `--replay` runs the seeds alone. Ends with 1 after a crash, a leak, or an input that takes more than 10 seconds.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build/fuzz"
SOURCES = ROOT / "Sources"
PARSERS = ["header", "image", "archive", "safetensors", "csv", "multipart"]
# In the order of what they stand on: module and files. Only what reads, so that it builds in a minute.
MODULES = {
    "Findings": ["Findings/*.swift"],
    "NativeCalls": ["NativeCalls/*.swift"],
    "Formats": ["Formats/*.swift"],
    "Tensors": ["Tensors/*.swift"],
    "Imaging": ["Imaging/Decoding/*.swift", "Imaging/ImagingError.swift", "Imaging/Native.swift", "Imaging/RGBImage.swift"],
    "Packaging": ["Packaging/Inflation.swift", "Packaging/PackageFiles.swift", "Packaging/PackagingError.swift",
                  "Packaging/TarReader.swift", "Packaging/ZipReader.swift"],
    "Fuzz": ["../Fuzz/*.swift", "Web/Uploads/MultipartParser.swift", "Web/Uploads/HeaderParameters.swift"],
}
NATIVE = ["CStatus/*.c*", *(f"CVision/{name}.cpp" for name in
                            ("bmp", "colour", "decode", "heif", "jpeg", "png", "preprocess", "remarks", "tiff", "tiff_samples",
                             "turn"))]
LIBRARIES = ["opencv_core", "opencv_imgproc", "opencv_imgcodecs", "opencv_photo", "jpeg", "png16", "tiff", "heif", "lcms2", "z", "stdc++"]
SWIFT = ["swiftc", "-sanitize=fuzzer,address", "-parse-as-library", "-wmo", "-O", "-g", "-swift-version", "6", "-I", str(BUILD)]
for name, header in (("CZlib", "module.modulemap"), ("CStatus", "include/module.modulemap"), ("CVision", "include/module.modulemap")):
    SWIFT += ["-Xcc", f"-fmodule-map-file={SOURCES / name / header}", "-Xcc", f"-I{SOURCES / name / 'include'}"]
CXX = ["clang++", "-x", "c++", "-std=c++20", "-O1", "-g", "-fsanitize=fuzzer-no-link,address", "-I/usr/include/opencv4",
       f"-I{SOURCES / 'CStatus/include'}", f"-I{SOURCES / 'CVision/include'}"]


def files(patterns: list[str]) -> list[Path]:
    return sorted(path.resolve() for pattern in patterns for path in SOURCES.glob(pattern) if path.suffix in (".swift", ".c", ".cpp"))


def run(command: list, **options):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:6]))} …\n{done.stdout}{done.stderr}")


def is_newer(target: Path, sources: list[Path]) -> bool:
    return target.exists() and all(target.stat().st_mtime > source.stat().st_mtime for source in sources)


def build() -> Path:
    BUILD.mkdir(parents=True, exist_ok=True)
    program, objects, rebuilt = BUILD / "fuzz", [], False

    def native(source: Path) -> Path:
        target = BUILD / (source.stem + ".cpp.o")
        if not is_newer(target, [source, *source.parent.glob("*.hpp"), *source.parent.glob("include/*.h")]):
            run([*CXX, "-c", source, "-o", target])
        return target

    with ThreadPoolExecutor(2) as pool:
        waiting = pool.map(native, files(NATIVE))
        for module, patterns in MODULES.items():
            sources, target = files(patterns), BUILD / f"{module}.o"
            if rebuilt or not is_newer(target, sources):
                rebuilt = True
                run([*SWIFT, "-module-name", module, "-emit-module", "-emit-module-path", BUILD / f"{module}.swiftmodule",
                     "-c", *sources, "-o", target])
            objects.append(target)
        objects += waiting
    if not is_newer(program, objects):
        run(["swiftc", "-sanitize=fuzzer,address", "-use-ld=lld", "-emit-executable", *objects, "-o", program,
             *(f"-l{name}" for name in LIBRARIES)])
    return program


def seeds(parser: str) -> list[Path]:
    own = ROOT / "Fuzz/corpus" / parser
    folders = [own] if own.exists() else []
    return folders + ([ROOT / "Tests/Fixtures/images"] if parser in ("header", "image") else [])


def fuzz(program: Path, parser: str, arguments: argparse.Namespace) -> tuple[bool, int]:
    """Whether nothing crashed, and how many inputs were read."""
    found, crashes = BUILD / "corpus" / parser, BUILD / "crashes" / parser
    for folder in (found, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    options = ["-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={crashes}/", "-print_final_stats=1", "-max_len=65536"]
    if arguments.replay:
        command = [program, *options, "-runs=0", *seeds(parser)]
    else:
        limit = [f"-runs={arguments.runs}"] if arguments.runs else []
        seconds = arguments.seconds or (0 if arguments.runs else 60)
        limit += [f"-max_total_time={seconds}"] if seconds else []
        limit += [f"-seed={arguments.seed}"] if arguments.seed else []
        command = [program, *options, *limit, found, *seeds(parser)]
    environment = os.environ | {"LEUKOSCOPE_FUZZ": parser, "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1"}
    done = subprocess.run([str(each) for each in command], env=environment, capture_output=True, text=True, errors="replace")
    count = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    inputs = int(count[1]) if count else 0
    print(f"{parser}: {inputs:,} inputs, " + ("no crash" if done.returncode == 0 else "CRASHED"), flush=True)
    if done.returncode:
        print(done.stderr[-6000:])
    return done.returncode == 0, inputs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parser", choices=PARSERS, action="append")
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--replay", action="store_true")
    arguments = parser.parse_args()
    program = build()
    held = [fuzz(program, name, arguments)[0] for name in arguments.parser or PARSERS]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
