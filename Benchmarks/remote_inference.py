#!/usr/bin/env python3
"""What asking an inference server costs over the engine of the same machine, by turns in one run.

Each round runs `leukoscope predict --json` over few and over many drawn smears, here and through each server and transport; an image
costs the difference of the two times by that of the counts, so that loading and proving fall out. Server and program share the
processors, so a server that infers on the same ones can only cost; what it saves on others is not measured here. The
figure is the ratio of a round: the time of an image through the server by that of one here.

    Benchmarks/remote_inference.py [--rounds 5] [--few 40] [--many 240] [--model DIR]

The servers are those of Tests/Cluster, unpacked into .deps when they are first wanted.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path

import measure

sys.path.insert(0, str(measure.ROOT / "Tests" / "Cluster" / "counterparts"))
import servers  # noqa: E402


def seconds(binary: Path, model: Path, images: list, flags: list) -> float:
    """From start to end; a run that this machine had to answer is none."""
    done = measure.run([binary, "predict", "--json", "--model", model, *flags, *images], allowed=(0,))
    if len(done.output.splitlines()) != len(images):
        sys.exit(f"{len(images)} images, {len(done.output.splitlines())} answers")
    return done.seconds


def check(binary: Path, model: Path, image: Path, flags: list) -> None:
    """That the server is used at all."""
    said = subprocess.run([binary, "predict", "--model", model, *flags, image], capture_output=True, text=True, timeout=120).stderr
    if "this machine answers" in said:
        sys.exit(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--few", type=int, default=40)
    parser.add_argument("--many", type=int, default=240)
    parser.add_argument("--model", type=Path, default=measure.ROOT / "Models" / "release")
    options = parser.parse_args()
    binary, lab = measure.executable("leukoscope"), measure.executable("leukoscope-lab")
    with tempfile.TemporaryDirectory(prefix="leukoscope-remote-") as folder, contextlib.ExitStack() as ended:
        place = Path(folder)
        measure.run([lab, "draw", "--into", place / "drawn", "--count", options.many, "--format", "jpeg"])
        images = sorted((place / "drawn").rglob("*.jp*g"))[:options.many]
        if len(images) < options.many:
            sys.exit(f"{len(images)} images were drawn, {options.many} are wanted")
        ways = {"here": []}
        for kind in (servers.Triton, servers.MLServer):
            server = kind(place / kind.__name__, options.model)
            server.start()
            ended.callback(server.kill)
            for scheme in ("http", "grpc"):
                ways[f"{kind.__name__} {scheme}"] = ["--inference", server.address(scheme), "--inference-deadline", "60"]
        for flags in ways.values():
            check(binary, options.model, images[0], flags)
        rounds = []
        for number in range(options.rounds):
            one = {}
            for name, flags in ways.items():
                few, many = (seconds(binary, options.model, images[:count], flags) for count in (options.few, options.many))
                one[name] = 1000 * (many - few) / (options.many - options.few)
            rounds.append(one)
            print(f"round {number + 1}: " + ", ".join(f"{name} {value:.1f} ms" for name, value in one.items()), flush=True)
    result = {"model": options.model.name, "few": options.few, "many": options.many, "millisecondsAnImage": rounds,
              "ratios": [{name: value / one["here"] for name, value in one.items()} for one in rounds]}
    for name in ways:
        ratios = sorted(one[name] for one in result["ratios"])
        print(f"{name}: {ratios[len(ratios) // 2]:.2f} times here ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    measure.write("remote_inference", result)


if __name__ == "__main__":
    main()
