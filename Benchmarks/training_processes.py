#!/usr/bin/env python3
"""Measures what several processes that train one network together gain, on one machine.

The same steps, turn by turn: one process of one thread, several processes of one thread each over loopback, and one process of
as many threads. Reading, decoding and augmentation count. The speed-up of a round is the milliseconds an image of one process
of one thread over those of the others.
"""

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

import measure


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with a folder of images for each class; else drawn smears")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--batch", type=int, default=32, help="images a step, over all processes")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="bf16")
    return parser.parse_args()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def together(command: list, processes: int) -> dict:
    """Runs a command in so many processes; what the first prints."""
    shared = {"WORLD_SIZE": str(processes), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    runs = [subprocess.Popen([str(part) for part in command], env=os.environ | shared | {"RANK": str(rank)},
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for rank in range(processes)]
    ends = [run.communicate() for run in runs]
    for run, (_, errors) in zip(runs, ends):
        if run.returncode != 0:
            sys.exit(f"a process ended with {run.returncode}:\n{errors[-2000:]}")
    return measure.last_json(ends[0][0])


def main() -> None:
    options = arguments()
    needed = (options.steps + 3) * options.batch
    data = options.data or measure.drawn_smears(needed)
    if len(measure.images_in(data)) < needed:
        sys.exit(f"{data} has {len(measure.images_in(data))} images; {options.steps} steps need {needed}")

    def command(threads: int) -> list:
        return [measure.executable("leukoscope-lab"), "benchmark-training", "--data", data, "--steps", options.steps,
                "--batch", options.batch, "--precision", options.precision, "--threads", threads, "--json"]

    turns = {
        "one": lambda: measure.last_json(measure.run(command(1)).output),
        "processes": lambda: together(command(1), options.processes),
        "threads": lambda: measure.last_json(measure.run(command(options.processes)).output),
    }
    times = {name: [] for name in turns}
    busy = measure.other_work()
    for number in range(options.rounds):
        for name in sorted(turns, reverse=number % 2 == 1):
            times[name].append(turns[name]()["millisecondsPerImage"])
        print(f"round {number + 1}/{options.rounds}: " + ", ".join(f"{name} {values[-1]:.2f}"
                                                                    for name, values in times.items())
              + " ms an image", flush=True)
    measure.write("training-processes", {
        "network": "efficientnet-lite0", "batch": options.batch, "precision": options.precision,
        "processes": options.processes, "steps": options.steps, "rounds": options.rounds, "otherWork": busy,
        "data": "drawn smears" if options.data is None else options.data.name,
        "millisecondsPerImage": {name: measure.spread(values) for name, values in times.items()}, "turns": times,
        "speedUp": {name: measure.spread([one / other for one, other in zip(times["one"], times[name])])
                    for name in ("processes", "threads")},
    })


if __name__ == "__main__":
    main()
