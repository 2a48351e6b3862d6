#!/usr/bin/env python3
"""Measures POST /api/v1/predict against the same network in FastAPI + ONNX Runtime and in Flask + Keras.

All servers run from one start to the end, only one is loaded at a time; a round loads each once, the order changing from
round to round. The client is the same for all: wrk with 8 keep-alive connections, which posts drawn smears of 224 pixels
(JPEG) as multipart forms. First every server is asked about every image, and the answers must agree. Each peer is
tried in several settings of workers and threads before the first round, and takes part with its fastest.
A round also runs OpenVINO alone (Benchmarks/peers/infer_openvino.py) in the same precision. Where the processor multiplies
bfloat16, Leukoscope takes part twice: with the package as it is, and with `"precision": "bf16"` in its model.json; neither peer
has that arithmetic. At the end Leukoscope answers ten thousand requests more, and its resident memory is read all along.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import serving_load
import measure
from serving_load import Server

PEERS = measure.ROOT / "Benchmarks" / "peers"
ENVIRONMENT = {"PYTHONPATH": str(Path(os.environ.get("LEUKOSCOPE_DEPS", measure.ROOT / ".deps")) / "peers"),
               "PYTHONDONTWRITEBYTECODE": "1"}
# Worker processes, threads for one inference: what may suit two cores.
SETTINGS = [(1, 1), (1, 2), (2, 1)]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=measure.ROOT / "Models" / "release")
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of each server in a round")
    parser.add_argument("--trial-seconds", type=float, default=4, help="of each setting of a peer")
    parser.add_argument("--requests", type=int, default=10_000, help="of the run that watches the memory")
    parser.add_argument("--only", nargs="+", choices=["fastapi", "flask", "openvino"], default=["fastapi", "flask", "openvino"],
                        help="measure against these only")
    return parser.parse_args()


def leukoscope(name: str, model: Path, folder: Path) -> Server:
    return Server(name, [measure.executable("leukoscope"), "serve", "--model", model, "--data-dir", folder / name,
                         "--images-per-minute", 1_000_000_000])


def in_bf16(model: Path, folder: Path) -> Path:
    """The same package, asked to compute in bfloat16."""
    copy = folder / "bf16"
    shutil.copytree(model, copy)
    description = json.loads((copy / "model.json").read_text())
    (copy / "model.json").write_text(json.dumps(description | {"precision": "bf16"}))
    return copy


def packages(model: Path, folder: Path) -> dict[str, Path]:
    """What Leukoscope is measured with; the name ends in the precision where that is not the package's own."""
    precision = json.loads((model / "model.json").read_text())["precision"]
    found = {"leukoscope": model}
    if precision != "bf16" and "bf16" in measure.processor():
        found["leukoscope-bf16"] = in_bf16(model, folder)
    return found


def peer(name: str, model: Path, workers: int, threads: int, *more: str) -> Server:
    script = {"fastapi": "fastapi_onnxruntime.py", "flask": "flask_keras.py"}[name]
    return Server(name, [sys.executable, PEERS / script, "--model", model, "--workers", workers, "--threads", threads,
                         *more], ENVIRONMENT)


def tuned(name: str, model: Path, images: list[Path], seconds: float) -> tuple[Server, dict]:
    """The peer, running, in the setting that answers most requests; and what each setting reached."""
    trials = {}
    for workers, threads in SETTINGS:
        server = peer(name, model, workers, threads).start()
        server.load(images, 2)
        trials[(workers, threads)] = server.load(images, seconds)["requestsPerSecond"]
        server.stop()
        print(f"{name}, {workers} worker(s) x {threads} thread(s): {trials[workers, threads]:.0f} requests/s", flush=True)
    best = max(trials, key=trials.get)
    server = peer(name, model, *best).start()
    server.load(images, 2)
    return server, {"workers": best[0], "threads": best[1],
                    "trials": [{"workers": w, "threads": t, "requestsPerSecond": speed} for (w, t), speed in trials.items()]}


def openvino_alone(model: Path, seconds: float) -> float:
    command = [sys.executable, PEERS / "infer_openvino.py", "--model", model, "--images", max(100, round(150 * seconds))]
    return measure.last_json(measure.run(command).output)["imagesPerSecond"]


def rounds(servers: list[Server], models: dict[str, Path], images: list[Path], busy: list[float],
           options: argparse.Namespace) -> dict:
    loaded = {server.name: server for server in servers}
    alone = {name.replace("leukoscope", "openvino"): model for name, model in models.items()} if "openvino" in options.only else {}
    names = [*loaded, *alone]
    turns: dict[str, list[dict]] = {name: [] for name in names}
    for number in range(options.rounds):
        busy.append(measure.other_work())
        for name in names if number % 2 == 0 else reversed(names):
            if name in alone:
                turns[name].append({"requestsPerSecond": openvino_alone(alone[name], options.seconds)})
            else:
                turns[name].append(loaded[name].load(images, options.seconds) | {"megabytes": loaded[name].megabytes()})
        print(f"round {number + 1}/{options.rounds}: " + ", ".join(
            f"{name} {turn[-1]['requestsPerSecond']:.0f}/s" + (f" p50 {turn[-1]['p50']:.0f} p99 {turn[-1]['p99']:.0f} ms"
                                                              if "p50" in turn[-1] else "")
            for name, turn in turns.items()), flush=True)
    return turns


def endurance(server: Server, images: list[Path], requests: int) -> list[dict]:
    """Resident memory before and during a long run: requests answered so far, megabytes."""
    seen = [{"requests": 0, "megabytes": server.residentMegabytes()}]
    while seen[-1]["requests"] < requests:
        answered = server.load(images, 5)["requests"]
        seen.append({"requests": seen[-1]["requests"] + answered, "megabytes": server.residentMegabytes()})
        print(f"after {seen[-1]['requests']} requests: {seen[-1]['megabytes']:.0f} MB", flush=True)
    return seen


def summary(turns: dict[str, list[dict]]) -> dict:
    """Medians and extremes of each server; of Leukoscope also the ratio to each other one, round by round."""
    result = {}
    for name, values in turns.items():
        result[name] = {key: measure.spread([turn[key] for turn in values])
                        for key in ("requestsPerSecond", "p50", "p99", "megabytes") if key in values[0]}
        if "p50" in values[0]:
            result[name]["tail"] = measure.spread([turn["p99"] / turn["p50"] for turn in values])
        if name.startswith("leukoscope"):
            others = [other for other in turns if other in ("fastapi", "flask", "flask-predict", name.replace("leukoscope", "openvino"))]
            result[name]["ratios"] = {
                other.removesuffix("-bf16"): measure.spread([mine["requestsPerSecond"] / turn["requestsPerSecond"]
                                                     for mine, turn in zip(values, turns[other])]) for other in others}
    return result


def measured(options: argparse.Namespace, folder: Path, started: list[Server]) -> dict:
    images = measure.images_in(measure.drawn_smears(options.images, "jpeg"))[:options.images]
    settings = {}
    for name in options.only:
        if name != "openvino":
            server, settings[name] = tuned(name, options.model, images, options.trial_seconds)
            started.append(server)
    if "flask" in settings:  # as most tutorials call Keras
        best = settings["flask"]
        slow = peer("flask", options.model, best["workers"], best["threads"], "--call", "predict")
        slow.name = "flask-predict"
        started.append(slow.start())
    models = packages(options.model, folder)
    for name, model in reversed(models.items()):
        started.insert(0, leukoscope(name, model, folder).start())
    differences = serving_load.agreement(started, images)
    print("greatest difference of a probability: "
          + ", ".join(f"{name} {value:.1e}" for name, value in differences.items()), flush=True)
    for server in started[:len(models)]:
        server.load(images, 2)
    busy: list[float] = []
    turns = rounds(started, models, images, busy, options)
    for server in started[1:]:
        server.stop()
    memory = endurance(started[0], images, options.requests)
    return {"model": options.model.name, "images": len(images), "connections": serving_load.CONNECTIONS,
            "rounds": options.rounds, "seconds": options.seconds, "settings": settings, "differences": differences,
            "otherWork": measure.spread(busy), "servers": summary(turns), "turns": turns, "memory": memory}


def main() -> None:
    options = arguments()
    options.model = options.model.resolve()
    started: list[Server] = []
    with measure.temporary_folder() as folder:
        try:
            result = measured(options, folder, started)
        finally:
            for server in started:
                server.stop()
    measure.write("serving", result)


if __name__ == "__main__":
    main()
