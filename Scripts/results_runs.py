"""The parts of docs/results.md on acquisition runs: which there are, how steady their inference is, what it explains."""

from results_tables import NONE, number, share, table


def coverage(results: dict) -> str:
    """Which runs the folds of a cross-validation leave out, and which classes can be judged between runs."""
    found = results.get("runs")
    if not found:
        return ""
    left = "\n".join(f"- fold {index} leaves out {', '.join(f'`{run}`' for run in runs)}"
                     for index, runs in enumerate(found["folds"], 1))
    return f"\n{classes(found)}\n\n{left}\n"


def classes(found: dict) -> str:
    """The runs of each class, and the share of images that is assigned to one."""
    names = {run["name"] for one in found["classes"] for run in one["runs"]}
    rows = [[
        f"`{one['key']}`", f"{one['assigned']} of {one['images']}",
        ", ".join(f"`{run['name']}` {run['images']}" for run in one["runs"]) or NONE,
        "yes" if one["isMeasurable"] else f"**no**: {one['reason']}",
    ] for one in found["classes"]]
    return (
        f"{found['assigned']} of {found['images']} images ({share(found['assigned'] / found['images'], 2)}) are assigned to "
        f"{len(names)} runs.\n\n" + table(["class", "assigned", "runs, images", "measurable between runs"], rows))


def inference(found: dict | None) -> str:
    """How far the inferred runs can be trusted."""
    if found is None:
        return ""
    keys = [one["key"] for one in found["coverage"]["classes"]]
    stability = found["stability"]
    rows = [row(trial["name"], trial["agreement"], trial["mean"], keys)
            for trial in stability["halves"] + stability["without"]]
    rows += [row(f"with the table `{name}`", one["byClass"], one["mean"], keys)
             for name, one in sorted(found["agreement"].items())]
    head = ["adjusted Rand index", *(f"`{key}`" for key in keys), "mean by images"]
    return f"""
## Acquisition runs

Inferred by `leukoscope-lab runs infer` from ground, red cells, detail and scale bar, and from the rhythm of file numbers; no
nucleated cell is looked at. The runs of every file: `docs/results/acquisition-runs.tsv`. How: [training.md](training.md#the-protocol).

{classes(found["coverage"])}

How steady they are: agreement of the runs with those inferred from random halves of the file numbers (stretches of 12), without
parts of what is measured, and with other tables of the same images. 1 is the same partition, 0 is chance; where nearly all images
are of one run, a few that change move it far.

{table(head, rows)}

Mean of the halves {number(stability["halvesMean"])}, without parts of what is measured {number(stability["withoutMean"])}.

What they explain: median stain distance (ground and red cells, CIE Lab) of two images so many numbers apart, and in brackets the
share of those pairs that lie in one run.

{lags(found["lags"])}
"""


def row(name: str, agreement: dict, mean: float, keys: list[str]) -> list[str]:
    return [name, *(number(agreement.get(key)) for key in keys), number(mean)]


def lags(found: dict) -> str:
    rows = [[
        f"`{one['key']}`",
        *(f"{number(lag.get('median'), 2)} ({share(lag['sameRun'], 0)})" for lag in one["lags"]),
        *(number(one.get(key), 2) for key in ("random", "withinRuns", "betweenRuns")),
    ] for one in found["rows"]]
    head = ["class", "lag 1", "lag 2", "lag 3", "lag 4", "random pair", "pair of one run", "pair of two runs"]
    return table(head, rows)
