#!/usr/bin/env python3
"""Writes docs/benchmarks.md from Benchmarks/results/*.json; no figure in it is written by hand."""

import json

import measure

HEAD = """# Benchmarks

Written by `Benchmarks/report.py` from `Benchmarks/results/`; `make bench` measures anew and rewrites this page.
Both sides of a comparison run by turns on the same machine, one after the other, in one run; figures are medians,
with the least and the most of all rounds in brackets.
"""


def shown(values: dict, unit: str = "", digits: int = 2) -> str:
    """Median and extremes as a table's cell."""
    return f"{values['median']:.{digits}f}{unit} ({values['least']:.{digits}f} to {values['most']:.{digits}f})"


def row(what: str, value: str, target: str = "", holds: bool | None = None) -> str:
    return f"| {what} | {value} | {target} | {'' if holds is None else 'yes' if holds else '**no**'} |"


def table(rows: list[str]) -> str:
    return "\n".join(["| what | measured | target | reached |", "|---|---|---|---|", *rows])


def circumstances(result: dict) -> str:
    return f"Measured {result['date']} at `{result['commit']}` on: {result['processor']}."


def training(result: dict) -> str:
    times = result["millisecondsPerImage"]
    return f"""
## Training, against plain PyTorch in Python

{result['network']}, batch {result['batch']}, {result['precision']}, {result['threads']} threads; {result['rounds']} rounds of
{result['steps']} steps on {result['data']}, every image read, decoded and augmented on the clock. The peer,
`Benchmarks/peers/train_pytorch.py`, uses channels last, autocast, fused AdamW and the same augmentation on OpenCV in
{result['peerWorkers']} DataLoader worker(s), the count it was fastest with.

{table([
    row("Leukoscope, ms an image", shown(times['leukoscope'])),
    row("PyTorch, ms an image", shown(times['pytorch'])),
    row("ratio of a round", shown(result['ratio'], digits=3), "at most 1.05", result['ratio']['median'] <= 1.05),
])}

{circumstances(result)}
"""


def inference(result: dict) -> str:
    speeds, peak, first = result["imagesPerSecond"], result["peakMegabytes"], result["firstAnswerSeconds"]
    return f"""
## Inference, against OpenVINO alone

`leukoscope predict --json` over {result['images']} images ({result['data']}) with the package `{result['model']}`, {result['precision']}: the whole
program from start to end, with loading, decoding, preprocessing and decision. The peer,
`Benchmarks/peers/infer_openvino.py`, only infers tensors made beforehand ({result['requests']} asynchronous requests, THROUGHPUT hint).

{table([
    row("Leukoscope, images/s", shown(speeds['leukoscope'], digits=0)),
    row("OpenVINO alone, images/s", shown(speeds['openvino'], digits=0)),
    row("ratio of a round", shown(result['ratio']), "at least 0.70", result['ratio']['median'] >= 0.7),
    row("peak memory", shown(peak, " MB", 0), "under 500 MB", peak['most'] < 500),
    row("process start to first answer", shown(first, " s"), "under 1.5 s", first['median'] < 1.5),
])}

{circumstances(result)}
"""


def main() -> None:
    page = HEAD
    for name, section in (("training", training), ("inference", inference)):
        path = measure.RESULTS / f"{name}.json"
        if path.exists():
            page += section(json.loads(path.read_text()))
    target = measure.ROOT / "docs" / "benchmarks.md"
    target.write_text(page)
    print(f"wrote {target.relative_to(measure.ROOT)}")


if __name__ == "__main__":
    main()
