"""docs/cells-results.md, from docs/results/cells.json (`leukoscope-lab cells evaluate`)."""

from results_tables import NONE, number, share, table

RECALL, PRECISION, UNSEEN = 0.97, 0.97, 0.94

HEAD = """# Reading cells: what was measured

Written by `Scripts/results.py` from `docs/results/cells.json`; `make lint` fails when a figure here is not the one in the
file, which one command made:

```
leukoscope-lab cells evaluate --config Recipes/cells.json --data DATA --model MODEL --json docs/results/cells.json
```

How it works is told in [Reading cells](cells.md). Of laboratories that were learned from, a fifth of the groups was held out;
of others every image was measured. The scale is the true one where boxes tell it. Beside the reader stand three answers
that need no network: larger nuclei, denser nuclei, more white cells for the area. What they do as well was not learned.
"""


def page(results: dict) -> str:
    """The whole page."""
    learned = results["learnedFrom"]
    parts = [HEAD, f"Learned from: {', '.join(learned)}.\n", finding(results, learned), ranking(results)]
    if results.get("rulers"):
        parts.append(rulers(results["rulers"]))
    if (macro := results.get("typesMacroF1")) is not None:
        parts.append(
            f"## Types\n\nMacro-F1 of the eight normal types on held-out cells of the one laboratory that taught them: "
            f"**{number(macro)}**. At other laboratories types are not validated.\n")
    return "\n".join(parts).rstrip() + "\n"


def finding(results: dict, learned: list[str]) -> str:
    rows = []
    for row in sorted(results["finding"], key=lambda row: row["laboratory"]):
        seen = row["laboratory"] in learned
        wanted = RECALL if seen else UNSEEN
        reached = row["recall"] >= wanted and row["precision"] >= (PRECISION if seen else UNSEEN)
        rows.append([
            row["laboratory"], "held out" if seen else "never seen", str(row["images"]), str(row["cells"]),
            share(row["recall"]), share(row["precision"]), "yes" if reached else "no"])
    return "## Finding\n\nBoxes that overlap by at least 0.3.\n\n" + table(
        ["set", "its laboratory", "images", "cells", "recall", "precision", "target reached"], rows) + (
        f"\nThe target is {share(RECALL, 0)} of both on held-out images, {share(UNSEEN, 0)} at a laboratory never seen.\n")


def ranking(results: dict) -> str:
    def rows(kind: str) -> list[list[str]]:
        return [[
            row["question"],
            f"{row['positives']} : {row['negatives']}", f"**{number(row['reader'])}**", number(row["size"]),
            number(row["darkness"]), number(row["density"]) if row.get("density") is not None else NONE]
            for row in results[kind]]
    head = ["question", "yes : no", "reader", "size alone", "darkness alone", "density alone"]
    return (
        "## Evidence of blasts\n\nArea under the ROC curve. Blasts of `taleqani` are the cells of fields with leukaemia, normal "
        "ones among them; a figure near 1 against another laboratory may mean that the laboratory is read (the meter of the "
        "shortcut), so that of people within one laboratory counts more.\n\n### Single cells\n\n"
        + table(head, rows("cells")) + "\n### Fields\n\n" + table(head, rows("fields")))


def rulers(readings: list[dict]) -> str:
    rows = [[
        row["fields"], number(row["factor"], 1), f"{row['malignant']} : {row['healthy']}", number(row["area"]),
        number(row["malignantMedian"], 2), number(row["healthyMedian"], 2)] for row in readings]
    return (
        "## With a ruler that is wrong\n\nPeople's red cells are up to a fifth smaller or larger than usual, and all sizes are "
        "measured against them. Held-out fields were read with the true ruler times a factor; `drawn` are drawn smears "
        "whose red cells are larger or smaller by it while their white cells stay, read by those red cells. The area tells what "
        "becomes of the order of fields, the medians of the evidence, in log-odds, of its level.\n\n"
        + table(["fields", "factor", "leukaemia : without", "area under the curve", "median with leukaemia", "median without"],
                rows))
