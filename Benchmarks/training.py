#!/usr/bin/env python3
"""Measures training end to end against plain PyTorch in Python, turn by turn in one run.

Both train EfficientNet-Lite0 on the same images with the same batch, precision and threads; reading, decoding and
augmentation count. Each round runs both, the order changing from round to round; the ratio of a round is
Leukoscope's milliseconds an image over PyTorch's.
"""

import argparse
import sys
from pathlib import Path

import measure

PEER = measure.ROOT / "Benchmarks" / "peers" / "train_pytorch.py"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with a folder of images for each class; else drawn smears")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="bf16")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2],
                        help="DataLoader workers of the peer; the fastest count is kept")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    # So many that no image comes twice within a turn: a cache of decoded images helps neither side.
    needed = (options.steps + 3) * options.batch
    data = options.data or measure.drawn_smears(needed)
    if len(measure.images_in(data)) < needed:
        sys.exit(f"{data} has {len(measure.images_in(data))} images; {options.steps} steps need {needed}")
    common = ["--data", data, "--steps", options.steps, "--batch", options.batch, "--precision", options.precision,
              "--threads", options.threads]
    ours = [measure.executable("leukoscope-lab"), "benchmark-training", *common, "--json"]
    theirs = [sys.executable, PEER, *common]

    def turn(command: list) -> dict:
        return measure.last_json(measure.run(command).output)

    trial = {count: turn([*theirs, "--workers", count])["millisecondsPerImage"] for count in options.workers}
    workers = min(trial, key=trial.get)
    print(f"the peer is fastest with {workers} worker(s): {trial[workers]:.2f} ms an image")
    commands = {"leukoscope": ours, "pytorch": [*theirs, "--workers", workers]}
    times = {name: [] for name in commands}
    for number in range(options.rounds):
        for name in sorted(commands, reverse=number % 2 == 1):
            times[name].append(turn(commands[name])["millisecondsPerImage"])
        ratio = times["leukoscope"][-1] / times["pytorch"][-1]
        print(f"round {number + 1}/{options.rounds}: leukoscope {times['leukoscope'][-1]:.2f}, "
              f"pytorch {times['pytorch'][-1]:.2f} ms an image, ratio {ratio:.3f}", flush=True)
    ratios = [mine / other for mine, other in zip(times["leukoscope"], times["pytorch"])]
    measure.write("training", {
        "network": "efficientnet-lite0", "batch": options.batch, "precision": options.precision,
        "threads": options.threads, "steps": options.steps, "rounds": options.rounds, "peerWorkers": workers,
        "data": "drawn smears" if options.data is None else options.data.name,
        "millisecondsPerImage": {name: measure.spread(values) for name, values in times.items()},
        "turns": times, "ratio": measure.spread(ratios),
    })


if __name__ == "__main__":
    main()
