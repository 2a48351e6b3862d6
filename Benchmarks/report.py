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


def training_processes(result: dict) -> str:
    times, gain, count = result["millisecondsPerImage"], result["speedUp"], result["processes"]
    return f"""
## Training with several processes

{result['network']}, batch {result['batch']} over all processes, {result['precision']}; {result['rounds']} rounds of
{result['steps']} steps on {result['data']}, every image read, decoded and augmented on the clock. The processes have one thread
each, run on one machine and exchange over loopback; before it other programs kept {100 * result['otherWork']:.0f} % of the cores busy.

{table([
    row("one process, one thread, ms an image", shown(times['one'])),
    row(f"{count} processes, one thread each, ms an image", shown(times['processes'])),
    row(f"one process, {count} threads, ms an image", shown(times['threads'])),
    row(f"speed-up by {count} processes", shown(gain['processes'])),
    row(f"speed-up by {count} threads", shown(gain['threads'])),
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


NAMES = {"fastapi": "FastAPI + ONNX Runtime", "flask": "Flask + Keras", "flask-predict": "Flask + Keras with Model.predict",
         "openvino": "OpenVINO alone"}
LEAST = {"fastapi": 4, "flask": 10, "openvino": 0.6}


def served(name: str, server: dict) -> str:
    """One server's line: requests a second, latencies, memory."""
    cells = [shown(server[key], digits=digits) if key in server else "" for key, digits in
             (("requestsPerSecond", 0), ("p50", 1), ("p99", 1), ("megabytes", 0))]
    return f"| {name} | {' | '.join(cells)} |"


def targets(name: str, server: dict) -> list[str]:
    rows = [row(f"{name}: requests/s over {NAMES[other]}", shown(ratio),
                *((f"at least {LEAST[other]}", ratio["median"] >= LEAST[other]) if other in LEAST else ()))
            for other, ratio in server["ratios"].items()]
    return rows + [row(f"{name}: p99 over p50", shown(server["tail"]), "under 3", server["tail"]["median"] < 3)]


def setting(chosen: dict) -> str:
    tried = ", ".join(f"{trial['workers']} × {trial['threads']}: {trial['requestsPerSecond']:.0f}/s" for trial in chosen["trials"])
    return f"{chosen['workers']} worker(s) × {chosen['threads']} thread(s) (tried: {tried})"


def other_work(result: dict) -> str:
    """What kept the machine from being the servers' own; empty where it was not looked at."""
    if "otherWork" not in result:
        return ""
    busy = shown({key: 100 * value for key, value in result["otherWork"].items()}, digits=0)
    return f"Before each round other programs kept {busy} % of the cores busy, which slows servers, and not all the same.\n\n"


def serving(result: dict) -> str:
    servers, memory = result["servers"], result["memory"]
    ours = {"leukoscope": "Leukoscope", "leukoscope-bf16": "Leukoscope in bf16"}
    names = ours | {"fastapi": NAMES["fastapi"], "flask": NAMES["flask"], "flask-predict": NAMES["flask-predict"],
                    "openvino": "OpenVINO alone (images/s)",
                    "openvino-bf16": "OpenVINO alone in bf16 (images/s)"}
    lines = [served(names[name], servers[name]) for name in names if name in servers]
    rows = [line for name in ours if name in servers for line in targets(ours[name], servers[name])]
    most = max(entry["megabytes"] for entry in memory)
    settled = next(entry for entry in memory if entry["requests"] >= memory[-1]["requests"] / 4)
    growth = memory[-1]["megabytes"] - settled["megabytes"]
    settings = "\n".join(f"- {NAMES[name]}: {setting(chosen)}" for name, chosen in result["settings"].items())
    difference = ", ".join(f"{names[name]} {value:.0e}" for name, value in result["differences"].items())
    return f"""
## Serving, against the same network in Python

`POST /api/v1/predict` with the package `{result['model']}`, drawn smears of 224 pixels as JPEG in multipart forms, the heat map not drawn; wrk with
{result['connections']} keep-alive connections, the same for all, on the same machine. {result['rounds']} rounds of {result['seconds']:.0f} s a server; one is loaded at a time.
Both peers, in `Benchmarks/peers/`, do the same preprocessing on OpenCV; they answer label and probabilities, and measure no quality
and no novelty. Each takes part in the setting that it was fastest with:

{settings}

Greatest difference of a probability from Leukoscope's over {result['images']} images: {difference}. Labels agree.

| server | requests/s | p50, ms | p99, ms | memory (PSS), MB |
|---|---|---|---|---|
{chr(10).join(lines)}

{table(rows + [
    row(f"resident memory after {memory[-1]['requests']} requests more", f"{memory[-1]['megabytes']:.0f} MB, at most {most:.0f}", "under 400 MB", most < 400),
    row(f"growth from request {settled['requests']} on", f"{growth:+.1f} MB", "none (under 10 MB)", growth < 10),
])}

{other_work(result)}{circumstances(result)}
"""


KINDS = {"jpeg": "JPEG, baseline", "jpeg-progressive": "JPEG, progressive", "png": "PNG"}


def decoding(result: dict) -> str:
    rows = []
    for name, kind in result["kinds"].items():
        time = kind["together"]
        goal = (f"at most {result['target']} ms", time["median"] <= result["target"]) if name == "jpeg" else ()
        rows.append(row(f"{KINDS[name]}, {kind['bytes'] / 1e6:.1f} MB", shown(time, " ms", 1), *goal))
    jpeg = result["kinds"]["jpeg"]
    return f"""
## A photograph of 12 megapixels

Decoding and preprocessing of {result['width']} × {result['height']} pixels (drawn smears with a sensor's noise) down to the network's input, the
measuring of quality included, on one core; {result['repetitions']} images by turns in one process, which is warm. Of the JPEG's time
{jpeg['decode']['median']:.1f} ms are decoding: reading its Huffman codes is most of it. A progressive file holds
all coefficients in memory first, and a PNG has to be unpacked whole; its colours go in steps of eight, since with all the
noise it would be over the 20 MB of an upload. Other work ran on the machine meanwhile; the least is nearest to what it takes alone.

{table(rows)}

{circumstances(result)}
"""


PARTS = {"decodeMs": "decoding", "preprocessMs": "looking at it and at its fields", "inferenceMs": "the field network",
         "cellsMs": "scale, finding and reading of cells"}


def photograph(result: dict) -> str:
    seconds, peak, fields = result["seconds"], result["peakMegabytes"], result["fields"]
    skipped = ", ".join(f"{count} {why}" for why, count in fields["skipped"].items() if count)
    return f"""
## A whole answer to 12 megapixels

`leukoscope predict --json` with the package `{result['model']}` on {result['cores']} cores, from the start of the process to its answer: a JPEG of
{result['width']} × {result['height']} pixels, {result['bytes'] / 1e6:.1f} MB, of drawn fields whose red cells are {result['redCellPixels']} pixels wide, with
{result['whiteCells']} white cells and a sensor's noise; {result['rounds']} runs. The parts overlap on two cores, and loading the program and its
networks is in none of them.

{table([
    row("time", shown(seconds, " s"), f"at most {result['secondsTarget']} s", seconds["median"] <= result["secondsTarget"]),
    row("peak memory", shown(peak, " MB", 0), f"under {result['megabytesTarget']} MB", peak["most"] < result["megabytesTarget"]),
    *(row(f"of the time: {name}", shown(result["parts"][part], " ms", 0)) for part, name in PARTS.items()),
    row("fields read; left out", f"{fields['read']}; {fields['refused']}{f' ({skipped})' if skipped else ''}"),
    row("cells found; given a type", f"{result['found']}; {result['typed']}"),
])}

{other_work(result)}{circumstances(result)}
"""


def slides(result: dict) -> str:
    rates, processor, cells, search = (result[key] for key in ("regionsPerSecond", "processorSeconds", "firstCells", "search"))
    return f"""
## Whole slides

A pyramid of {result['gigapixels']:g} gigapixels, {result['bytes'] / 1e6:.0f} MB, glass but for a drawn smear at {result['micrometresPerPixel']} µm a pixel:
the same {result['regions']} squares of {result['side']} pixels of level 0 through the process that reads slides and by OpenSlide's library alone, in
{result['rounds']} rounds by turns; the search for the monolayer; and `leukoscope slides read` with the package `{cells['model']}`, from its start until
{cells['wanted']} white cells were found.

{table([
    row("OpenSlide alone, squares a second", shown(rates['bare'])),
    row("through the process, squares a second", shown(rates['worker'])),
    row("of OpenSlide alone, in a round", shown(result['ofBare']), f"at least {result['target']}",
        result['ofBare']['median'] >= result['target']),
    row("processor time of a round, alone and through the process",
        f"{processor['bare']['median']:.1f} s; {processor['worker']['median']:.1f} s"),
    row(f"the first {cells['wanted']} white cells", f"{cells['seconds']:.1f} s, {cells['fields']} fields"),
    row("the search of the slide", f"{search['seconds']:.1f} s"),
    row(f"peak memory of the search; of a slide of {result['smallGigapixels']} gigapixels",
        f"{search['megabytes']:.0f} MB; {search['smallMegabytes']:.0f} MB"),
])}

{other_work(result)}{circumstances(result)}
"""


def page_weight(result: dict) -> str:
    names = {"result": f"the result of an image of {result['side']} pixels", "case": f"a case of {result['images']} such images"}
    rows = []
    for page, views in result["pages"].items():
        for view, words in (("first", "first view"), ("repeat", "repeat view")):
            size, target = views[view]["bytes"], result["targets"][view]
            parts = ", ".join(f"{kind.lower()} {part / 1000:.1f}" for kind, part in sorted(views[view]["kinds"].items()) if part)
            rows.append(row(f"{names[page]}, {words}", f"{size / 1000:.1f} kB ({parts})", f"under {target / 1000:.0f} kB", size < target))
            if views[view]["furtherBytes"]:
                rows.append(row("reading on to its end", f"{views[view]['furtherBytes'] / 1000:.1f} kB more"))
    return f"""
## What pages weigh

Bytes that Chromium received on a telephone {result['width']} pixels wide, header fields with them, of {result['source']}: with an empty cache, and of the same
address opened again. Each picture is asked for again and is sent only where it changed, so that every look is allowed and written
down.

{table(rows)}

{circumstances(result)}
"""


def poor_network(result: dict) -> str:
    targets, first, repeat = result["targets"], result["firstSeconds"], result["repeatSeconds"]
    again, target = result["repeatPictureBytes"], targets["repeatPictureBytes"]
    return f"""
## Over a poor network

{result['kilobitsPerSecond']} kbit/s and {result['latencyMilliseconds']} ms, as Chromium imitates them, on a telephone: how long the start page of somebody who is logged in takes until its
largest part is painted, with an empty cache and again with what is kept of it; {result['runs']} runs, each in a browser of its own, without the
service worker. Before it other programs kept {100 * result['otherWork']:.0f} % of the cores busy, and what they take from the browser is in the times.

{table([
    row("first view", shown(first, " s"), f"under {targets['firstSeconds']:.1f} s", first["median"] < targets["firstSeconds"]),
    row("repeat view", shown(repeat, " s"), f"under {targets['repeatSeconds']:.1f} s", repeat["median"] < targets["repeatSeconds"]),
    row(f"pictures of a case of {result['images']}, opened and read to its end", f"{result['firstPictureBytes'] / 1000:.0f} kB"),
    row("the same, opened again", f"{again / 1000:.1f} kB", "none", again == target),
])}

{circumstances(result)}
"""


def store(result: dict) -> str:
    databases = result["databases"]
    questions = sorted({name for database in databases.values() for name in database["milliseconds"]})
    lines = []
    for name in questions:
        cells = [f"{database['milliseconds'][name]['p50']:.2f} | {database['milliseconds'][name]['p99']:.2f}"
                 for database in databases.values()]
        slowest = max(database["milliseconds"][name]["p99"] for database in databases.values())
        lines.append(f"| {name} | {' | '.join(cells)} | {'yes' if slowest <= 50 else '**no**'} |")
    heads = " | ".join(f"{name}, p50, ms | p99, ms" for name in databases)
    restored = ", ".join(f"{name} {database['restoreSeconds']:.0f} s" for name, database in databases.items())
    programs = ", ".join(f"{name} with the program at `{database['commit']}`" for name, database in databases.items())
    return f"""
## Accounts, cases, doctors and places

{result['users']:,} accounts, {result['screenings']:,} screenings, {result.get('doctors', 0):,} doctors around 39 large cities and {result.get('places', 0):,} places, made
up from a seed. What is asked of cases is a page of 20 of an account that has {result['heavyCases']:,}, and of doctors what lies around the largest
city; each question {result['rounds']} times in a row, one at a time, with warm caches. MariaDB has a buffer pool of {result['bufferPoolMegabytes']} MB and is
otherwise as it comes. The target is a p99 within 50 ms.

| question | {heads} | reached |
|---|{'---|---|' * len(databases)}---|
{chr(10).join(lines)}

The rows came in by `leukoscope restore`: {restored}. Measured one after the other: {programs}.

{circumstances(result)}
"""


def recommendation(result: dict) -> str:
    databases = result["databases"]
    lines = []
    for name in next(iter(databases.values())):
        times = [database[name] for database in databases.values()]
        cells = " | ".join(f"{time['p50']:.2f} | {time['p99']:.2f}" for time in times)
        reach = f"{times[0]['radius']:,.0f} km" if times[0]["radius"] else "the Earth"
        reached = "yes" if max(time["p50"] for time in times) <= result["target"] else "**no**"
        lines.append(f"| {name} | {reach} | {times[0]['suitable']:,.0f} | {cells} | {reached} |")
    heads = " | ".join(f"{name}, p50, ms | p99, ms" for name in databases)
    return f"""
## Recommending doctors

{result['doctors']:,} verified doctors around 39 large cities, made up from a seed; those of Delhi, {result['denseCity']:,}, are moved together
until they all lie within 5 km of its middle. A question is a whole recommendation as the page asks for it: the circle widens until enough
suitable doctors are found, those who come into question are read and ranked, and of the twelve that are shown the whole rows are read.
Each is asked {result['rounds']} times in a row with warm caches; MariaDB has a buffer pool of {result['bufferPoolMegabytes']} MB. The target is a
median within {result['target']} ms. Where no city is within a thousand kilometres the circle grows twenty times; each is read as at most 16 ranges
of the key, however wide.

| question | circle | suitable in it | {heads} | reached |
|---|---|---|{'---|---|' * len(databases)}---|
{chr(10).join(lines)}

{other_work(result)}{circumstances(result)}
"""


def casework(result: dict) -> str:
    names = {"small": "drawn smears of 224 pixels, PNG", "photograph": "photographs of 12 megapixels, JPEG"}
    rows = []
    for kind, found in result["kinds"].items():
        for name in ("before", "after"):
            if name in found:
                rows.append(f"| {names[kind]}, {name} | {shown(found[name]['imagesASecond'])} | {found[name]['peakMegabytes']:.0f} MB |")
        if "gain" in found:
            reached = "" if found["gain"] >= result["target"] else f", **less than {result['target']}**"
            rows.append(f"| gain | {found['gain']:.2f} times{reached} | |")
    return f"""
## Screening into a case

From the first upload to the last answer stored, over the API with {result['senders']} senders: {result['images']} small images or
{result['photographs']} photographs a round, {result['rounds']} rounds, two builds by turns in one run. Memory is the server's height so far.

| images | a second | memory |
|---|---|---|
{chr(10).join(rows)}

{other_work(result)}{circumstances(result)}
"""


def first_start(result: dict) -> str:
    loading, afterwards = result["loading"], result["afterwards"]
    lines = []
    for what, of in (("prediction with a token", "predict"), ("new case", "write")):
        for when, found in (("while loading", loading), ("afterwards", afterwards)):
            times = found[of]
            lines.append(f"| {what}, {when} | {times['count']} | {times['p50']:.1f} | {times['p99']:.1f} | {times['most']:.1f} |")
    more = loading["predict"]["p99"] - afterwards["predict"]["p99"]
    return f"""
## The first start

Towns and postcodes are loaded into SQLite while {result['pace']:g} predictions a second are asked for with a token (package `{result['model']}`, PNG of
224 pixels), {result['writesASecond']} cases a second are made, and a backup is written; then the same once all is loaded. All of it, the
sender too, is on one machine.

| request | count | p50, ms | p99, ms | most, ms |
|---|---|---|---|---|
{chr(10).join(lines)}

{table([
    row("p99 of a prediction while loading, more than afterwards", f"{more:+.1f} ms", "under 100 ms", more < 100),
    row("loading", f"{loading['seconds']:.0f} s"),
    row("memory while loading, at most", f"{loading['megabytes']:.0f} MB", "under 300 MB", loading['megabytes'] < 300),
    row("backup while loading; afterwards", f"{loading['backupSeconds']:.1f} s; {afterwards['backupSeconds']:.1f} s"),
])}

{other_work(result)}{circumstances(result)}
"""


def first_run(result: dict) -> str:
    runs = result["runs"]
    steps = [step for step in dict.fromkeys(mark["step"] for run in runs.values() for mark in run["marks"])]
    lines = []
    for step in steps:
        cells = [next((f"{mark['seconds']:.0f}" for mark in run["marks"] if mark["step"] == step), "") for run in runs.values()]
        lines.append(f"| {step} | {' | '.join(cells)} |")
    ends = [run["marks"][-1]["seconds"] for run in runs.values()]
    gain = f"The last takes {ends[-1] / ends[0]:.2f} times as long as the first. " if len(ends) > 1 else ""
    busy = ", ".join(f"{name} {100 * run['otherWork']:.0f} %" for name, run in runs.items())
    heads = " | ".join(f"{name} (`{run['commit']}`), s" for name, run in runs.items())
    return f"""
## The first `make run`

On a bare Debian 12 with the Swift toolchain and nothing else of what is needed, from the command to the page that answers; when each step
began, in seconds from the start. Debian's packages, wheels and Swift packages come from mirrors close by, so that loading them takes
less than it does over a slow line. {gain}

| begins | {heads} |
|---|{'---|' * len(runs)}
{chr(10).join(lines)}

Before each, other programs kept these shares of the cores busy: {busy}.

{circumstances(result)}
"""


# What the estimate supposes of machines that were not measured.
NETWORK_BYTES_PER_SECOND = 125e6
ROUND_TRIP_SECONDS = 0.0005


def carried(result: dict, nodes: int) -> dict[str, float]:
    """Images a second that each part of a cluster would carry, from what one image was measured to take."""
    one, cores = result["oneOnGalera"], result["cores"]
    each = one["perImage"]
    per_question = each["databaseSeconds"] / each["Questions"]
    idle = nodes * one["idleQuestionsPerSecondAndNode"] * per_question
    held = one["commitSeconds"] + 4 * ROUND_TRIP_SECONDS
    return {
        "the nodes' processors": nodes * cores / each["nodeSeconds"],
        "the processor of the server that is written at": max(cores - idle, 0) / each["databaseSeconds"],
        "the audit log, one entry after the other": 1 / (each["audited"] * held),
        "the network of the file store": NETWORK_BYTES_PER_SECOND / each["storedBytes"],
        "the network between the databases": NETWORK_BYTES_PER_SECOND / (2 * each["wsrep_replicated_bytes"]),
    }


def cluster(result: dict) -> str:
    names = {"alone": "one node, one MariaDB", "oneOnGalera": "one node, Galera of three",
             "threeOnGalera": "three nodes, Galera of three"}
    rows = []
    for key, name in names.items():
        one, each = result[key], result[key]["perImage"]
        undone = each["wsrep_local_cert_failures"] + each["wsrep_local_bf_aborts"]
        rows.append(f"| {name} | {shown(one['imagesPerSecond'], digits=1)} | {each['nodeSeconds'] * 1000:.0f} "
                    f"| {each['databaseSeconds'] * 1000:.1f} | {each['otherDatabaseSeconds'] * 1000:.1f} "
                    f"| {each['Com_commit']:.1f} | {undone:.3f} | {one['commitSeconds'] * 1000:.2f} |")
    alone, three = (result[key]["imagesPerSecond"]["median"] for key in ("alone", "threeOnGalera"))
    queue = [f"| {row['waiting']:,} | {row['leaseMilliseconds']:.2f} | {row['countMilliseconds']:.1f} | {row['imagesPerSecond']:.1f} |"
             for row in result["queue"]]
    limits = {nodes: carried(result, nodes) for nodes in (10, 100, 1000)}
    parts = [f"| {part} | {' | '.join(f'{limits[nodes][part]:,.0f}' for nodes in limits)} |" for part in limits[10]]
    least = {nodes: min(found, key=found.get) for nodes, found in limits.items()}
    whole = " | ".join(f"**{limits[nodes][least[nodes]]:,.0f}**: {least[nodes]}" for nodes in limits)
    return f"""
## Several nodes

All nodes share this machine's {result['cores']} cores, so that three can be no faster than one: three together did
{three / alone:.2f} times the images of one alone, and the rest is the cost of coordination. {result['images']} drawn smears a round, {result['rounds']} rounds,
model `{result['model']}`, over the API from the first sent to the last screened (`make cluster-bench`).

| setting | images a second | node, ms of processor an image | database written at, ms | other databases, ms | commits an image | undone and done again, an image | ms a commit |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

The queue while so many images wait, on one MariaDB. A lease is what a worker does to get its next image; the count is what each image
that is sent asks, and holds the queue at 1,000 images, up to 2,000, unless the limits are raised.

| waiting | ms a lease | ms a count | screened a second meanwhile |
|---|---|---|---|
{chr(10).join(queue)}

**An estimate on paper of what N nodes would carry**, each of {result['cores']} cores like these, before Galera of three on such machines, a network of
1 Gbit/s and 0.5 ms for the way there and back. Images a second are the least of

- N · cores / *n*: *n* is the node's time of processor for an image ({result['oneOnGalera']['perImage']['nodeSeconds'] * 1000:.0f} ms);
- (cores − N · *q* · *e*) / *d*: *d* is the database's for an image ({result['oneOnGalera']['perImage']['databaseSeconds'] * 1000:.1f} ms), *q* what an idle node asks
  ({result['oneOnGalera']['idleQuestionsPerSecondAndNode']:.1f} questions a second), *e* = *d* / questions of an image ({result['oneOnGalera']['perImage']['Questions']:.0f});
- 1 / (*a* · (*c* + 4 · 0.5 ms)): *a* entries of the audit log an image ({result['oneOnGalera']['perImage']['audited']:.2f}), each of which holds the log's head for a commit
  *c* ({result['oneOnGalera']['commitSeconds'] * 1000:.2f} ms) and four ways there and back;
- 125 MB / *b* and 125 MB / (2 · *w*): *b* stored bytes of an image ({result['oneOnGalera']['perImage']['storedBytes'] / 1e3:.0f} kB), *w* bytes that the database written at sends to
  each of two others ({result['oneOnGalera']['perImage']['wsrep_replicated_bytes'] / 1e3:.0f} kB).

| images a second that it would carry | N = 10 | N = 100 | N = 1,000 |
|---|---|---|---|
{chr(10).join(parts)}
| what gives way first | {whole} |

No more than three nodes were run, and these on one machine: whatever is not in the formula is not in the table.

{other_work(result)}{circumstances(result)}
"""


def main() -> None:
    page = HEAD
    sections = (("training", training), ("training-processes", training_processes), ("inference", inference), ("serving", serving), ("decoding", decoding), ("photograph", photograph), ("slides", slides), ("casework", casework), ("page-weight", page_weight),
                ("poor-network", poor_network), ("store", store),
                ("cluster", cluster),
                ("recommendation", recommendation), ("first-start", first_start), ("first-run", first_run))
    for name, section in sections:
        path = measure.RESULTS / f"{name}.json"
        if path.exists():
            page += section(json.loads(path.read_text()))
    target = measure.ROOT / "docs" / "benchmarks.md"
    target.write_text(page)
    print(f"wrote {target.relative_to(measure.ROOT)}")


if __name__ == "__main__":
    main()
