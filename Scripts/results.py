#!/usr/bin/env python3
"""Writes docs/results.md, experiments.md, audit.md, near-domain.md, cells-results.md, scale.md, the table in sites.md and the figures
in README.md from results files; none is written by hand.

    Scripts/results.py           write
    Scripts/results.py --check   fail when what stands there is not what the files say

Read are docs/results/runs.json, blocks.json, random.json and series.json (`leukoscope-lab cross-validate`, its results.json; the
charts that it leaves beside it are shown where they are copied to docs/results/SPLIT-reliability.svg and
SPLIT-risk-coverage.svg),
docs/results/selection/RECIPE-FOLD.csv (its fold-FOLD/history.csv, of the folds whose test was read too early),
docs/results/acquisition-runs.json (`leukoscope-lab runs check --json`), docs/results/demonstration.json (`leukoscope
evaluate --json`), docs/results/colour.json (Scripts/colour_trial.py), docs/results/verdict.json (`leukoscope-lab verdict
simulate --json`), docs/results/watch.json (Scripts/watch_trial.py) and Models/*/model.json and metrics.json. A file that is
not there yet is named as missing.
"""

import csv
import sys
from pathlib import Path

import audit
import experiments
import results_cells
import results_near_domain
import results_scale
import results_verdict
import results_watch
from results_confidence import charts, confidence, left_out
from results_runs import coverage, inference
from results_tables import interval, load, number, table

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- results -->", "<!-- /results -->"

# Key in the files, words for people.
FIGURES = {
    "accuracy": "accuracy", "macroF1": "macro-F1", "malignantSensitivity": "malignant sensitivity",
    "benignSpecificity": "benign specificity", "auroc": "AUROC of malignancy", "ece15": "ECE (15 bins)",
    "brier": "Brier score",
}
SPLITS = {
    "runs": "groups of whole acquisition runs, inferred from background, stain and the rhythm of file numbers. The headline: "
    "no image of a tested run is in training. The public files carry no patient numbers, so a run is the nearest to a person.",
    "blocks": "contiguous file numbers in each class, duplicate groups kept whole. **It leaks**: a few runs alternate along the "
    "file numbers, so most test images have images of their own run in training.",
    "random": "images drawn at random, duplicate groups kept whole. **It leaks**: images of one run stand on both sides. Only for "
    "comparison with published work.",
}
LEAK = ("`blocks` (contiguous file numbers) and `random` leak: most of their test images have images of the same acquisition run "
        "in training.")
LESS_IS_BETTER = {"ece15", "brier"}
# What the project set out to reach on `blocks`: where, figure, least value (the most for figures of which less is better).
TARGETS = [
    ("mean", "macroF1", 0.980), ("worst", "macroF1", 0.962), ("mean", "malignantSensitivity", 0.995),
    ("mean", "benignSpecificity", 0.97), ("worst", "benignSpecificity", 0.90), ("mean", "ece15", 0.02),
]
COVERAGE_GAP = 0.01  # the most that a class's coverage may lie from the stated one
HEAD = """# Results

Written by `Scripts/results.py` from `docs/results/*.json` and `Models/*/metrics.json`, which commands wrote; `make lint`
fails when a figure here is not the one in the files. How the files were made: [training.md](training.md).
"""


def headline(found: dict[str, dict]) -> str:
    """The splits side by side."""
    head, rows = ["figure"], {key: [words] for key, words in FIGURES.items()}
    for split, results in found.items():
        unit = results.get("intervalUnit", "group")
        head += [f"`{split}` mean", f"`{split}` worst fold", f"`{split}` all images (95 % interval over {unit}s)"]
        pooled = results["pooled"]
        for key in FIGURES:
            rows[key] += [
                number(results["mean"].get(key)), number(results["worst"].get(key)),
                f"{number(pooled[key])} ({interval(pooled, key)})",
            ]
    return table(head, list(rows.values()))


def missed(results: dict) -> str:
    """Malignant images called benign, and the reverse, as counts."""
    confusion = results["pooled"]["confusion"]
    malignant = sum(sum(row) for row in confusion[1:])
    return (
        f"Of {malignant} malignant images {sum(row[0] for row in confusion[1:])} were called benign, of "
        f"{sum(confusion[0])} benign ones {sum(confusion[0][1:])} malignant.")


def targets(results: dict) -> str:
    rows = []
    for place, key, limit in TARGETS:
        value = results[place].get(key)
        words = "mean of the folds" if place == "mean" else "worst fold"
        less = key in LESS_IS_BETTER
        reached = value is not None and (value <= limit if less else value >= limit)
        rows.append([
            f"{FIGURES[key]}, {words}", number(value, 4), f"at {'most' if less else 'least'} {limit:.3f}",
            "yes" if reached else "**no**"])
    if "predictionSets" in results:
        gap = results["predictionSets"]["largestGap"]
        rows.append([
            "coverage of the prediction sets, class farthest from the stated one", f"{100 * gap:.2f} points",
            f"at most {100 * COVERAGE_GAP:.0f} point", "yes" if round(gap, 9) <= COVERAGE_GAP else "**no**"])
    return "Targets on `blocks`:\n\n" + table(["figure", "measured", "target", "reached"], rows)


def selection(root: Path) -> str:
    """What the validation parts alone say of the earlier recipes."""
    histories: dict[int, dict[str, list[dict]]] = {}
    for file in sorted(root.glob("docs/results/selection/*-*.csv")):
        recipe, fold = file.stem.rsplit("-", 1)
        with file.open(newline="") as rows:
            histories.setdefault(int(fold), {})[recipe] = list(csv.DictReader(rows))
    if not histories:
        return ""
    rows = [
        [f"fold {fold}", f"`{recipe}`", number(float(history[-1]["validation_accuracy"])),
         number(float(history[-1]["validation_macro_f1"])), number(float(history[-1]["validation_loss"]))]
        for fold, recipes in sorted(histories.items()) for recipe, history in recipes.items()
    ]
    return (
        "\n### Choice of the recipe\n\nThe first release chose between two recipes (`Recipes/first.json`, "
        "`Recipes/moderate.json`). On the validation parts,\nwhich lie within the training side, after the last epoch:\n\n"
        + table(["validation part of", "recipe", "accuracy", "macro-F1", "loss"], rows)
        + "\n\nThe present recipe was chosen with the test figures of earlier recipes on all folds in view, and of close variants on "
        "folds 3 and 5 ([how](training.md#the-protocol)). It was run once on each fold.\n")


def folds(split: str, results: dict) -> str:
    rows = [
        [f"fold {index}", str(fold["images"])] + [number(fold.get(key)) for key in FIGURES]
        for index, fold in enumerate(results["folds"], 1)
    ]
    rows.append(["mean", ""] + [number(results["mean"].get(key)) for key in FIGURES])
    rows.append(["worst fold", ""] + [number(results["worst"].get(key)) for key in FIGURES])
    pooled = results["pooled"]
    rows.append(["all images", str(pooled["images"])] + [number(pooled[key]) for key in FIGURES])
    rows.append([f"95 % interval over {results.get('intervalUnit', 'group')}s", ""] + [interval(pooled, key) for key in FIGURES])
    return table([f"`{split}`", "images", *FIGURES.values()], rows)


def classes(results: dict) -> str:
    pooled, keys = results["pooled"], results["classKeys"]
    total = sum(sum(row) for row in pooled["confusion"])
    rows = []
    for index, key in enumerate(keys):
        own = pooled["perClass"][key]
        called = sum(row[index] for row in pooled["confusion"])
        others = total - own["support"]
        specificity = (others - called + pooled["confusion"][index][index]) / others if others else None
        rows.append([
            f"`{key}`", str(own["support"]), number(own["precision"]),
            f"{number(own['recall'])} ({interval(pooled, f'sensitivity.{key}')})",
            f"{number(specificity)} ({interval(pooled, f'specificity.{key}')})", number(own["f1"]),
            number(results["conformalCoverage"].get(key)),
        ])
    head = [
        "class", "images", "precision", "sensitivity (95 % interval)", "specificity (95 % interval)", "F1",
        "coverage of the prediction set",
    ]
    return table(head, rows)


def confusion(results: dict) -> str:
    keys = [f"`{key}`" for key in results["classKeys"]]
    rows = [[key, *map(str, row)] for key, row in zip(keys, results["pooled"]["confusion"])]
    return table(["true class, answered as", *keys], rows)


def section(root: Path, split: str, results: dict) -> str:
    recipe = results["configuration"]
    return f"""
## Split `{split}`

{SPLITS[split]}

{len(results['folds'])} folds, {results['pooled']['images']} images, `{recipe['architecture']}`, {recipe['epochs']} epochs, seed {recipe['seed']}; training and
testing took {results['trainingSeconds'] / 60:.0f} minutes over all folds. Data manifest SHA-256 `{results['manifestSHA256']}`.

{folds(split, results)}
{coverage(results)}
Each class, all test images together; coverage is the share of images whose true class lay in the prediction set:

{classes(results)}

{confusion(results)}

{missed(results)} The folds' own novelty thresholds would refuse {number(100 * results['refusedAsNovel'], 1)} % of these test images.
{confidence(results)}{charts(root, split)}"""


def models(root: Path) -> str:
    """The shipped packages, with what their own files say."""
    rows = []
    for package in sorted(path.parent for path in root.glob("Models/*/model.json")):
        description, figures = load(package / "model.json"), load(package / "metrics.json")
        own = figures["validation"]
        size = sum(file.stat().st_size for file in package.iterdir()) / 1e6
        rows.append([
            f"`{package.name}` {description['version']}", f"`{description['architecture']}`", f"{size:.2f} MB",
            str(description["provenance"]["trainingImages"]), str(own["images"]), number(own["accuracy"]),
            number(own["macroF1"]), number(own["malignantSensitivity"]), number(own["benignSpecificity"]),
        ])
    if not rows:
        return "\nNo model is shipped yet.\n"
    head = [
        "model", "network", "size", "training images", "validation images", "accuracy", "macro-F1",
        "malignant sensitivity", "benign specificity",
    ]
    return (
        "\nOn validation images, held out of training; calibration and thresholds were set on them, so this is no test:"
        f"\n\n{table(head, rows)}\n")


def demonstration(results: dict | None) -> str:
    if results is None:
        return ""
    rows = [[words, number(results[key]), interval(results, key)] for key, words in FIGURES.items()]
    text = f"\n{results['images']} fresh drawings, answered by the demonstration model:\n\n"
    text += table(["figure", "measured", "95 % interval"], rows) + "\n"
    if decided := results.get("decisions"):
        text += f"\nReported {decided['report']}, uncertain {decided['uncertain']}, rejected {decided['rejected']}.\n"
    return text


def colour(results: dict | None) -> str:
    if results is None:
        return ""
    rows = [[name, str(counts["decision"]), str(counts["class"])] for name, counts in results["changed"].items()]
    text = f"\n## Stored in other colours\n\n{results['images']} images, stored anew with a colour profile that says how "
    text += "(`Scripts/colour_trial.py`; 16 bits for linear light and ProPhoto, else 8, whose rounding is what is left):\n\n"
    return text + table(["colours", "another decision", "another class"], rows) + "\n"


def page(root: Path, found: dict[str, dict]) -> str:
    text = HEAD + "\n## Cross-validation of the release recipe\n"
    for split in (split for split in SPLITS if split not in found):
        text += f"\nNot measured yet: `{split}` (`docs/results/{split}.json` is missing).\n"
    if found:
        text += f"\n{headline(found)}\n\n{LEAK}\n"
    if "blocks" in found:
        text += f"\n{targets(found['blocks'])}\n" + selection(root)
    for split, results in found.items():
        text += section(root, split, results)
    series = load(root / "docs/results/series.json")
    if series is not None:
        if series["split"] != "series":
            raise SystemExit(f"docs/results/series.json is of the split {series['split']}")
        text += left_out(root, series)
    text += inference(load(root / "docs/results/acquisition-runs.json"))
    text += results_verdict.section(load(root / "docs/results/verdict.json"))
    text += "\n## Shipped models\n" + models(root)
    text += demonstration(load(root / "docs/results/demonstration.json"))
    return text + colour(load(root / "docs/results/colour.json"))


def between_runs(results: dict) -> str:
    """What the headline says, in words: the kinds of leukaemia are judged apart from whether there is leukaemia."""
    pooled = results["pooled"]
    return (
        "`runs` leaves out whole acquisition runs (the headline). **On runs that training never saw, the model "
        f"can hardly tell the kind of leukaemia**: {number(pooled['accuracy'])} of its four-class answers are right. It still tells "
        f"leukaemia from none (area under the ROC curve {number(pooled['auroc'])}), but each run needs its own limit: "
        "so each microscope has to qualify")


def readme_block(found: dict[str, dict]) -> str:
    shown = next((found[split] for split in ("runs", "blocks") if split in found), None)
    if shown is None:
        return "No cross-validation of the release recipe is recorded yet; see [docs/results.md](docs/results.md)."
    first = (between_runs(found["runs"]) if "runs" in found
             else "Of `runs`, which leaves out whole acquisition runs and is the headline, no figures are recorded yet")
    return (
        f"{headline(found)}\n\n{len(shown['folds'])} folds, {shown['pooled']['images']} images with `{shown['split']}`. {missed(shown)}\n"
        f"{first}. {LEAK}\nThe files carry no patient numbers, so this is no split by patient. All figures: "
        "[docs/results.md](docs/results.md).")


def with_block(readme: str, block: str) -> str:
    """The README with the text between the two marks replaced."""
    before, mark, rest = readme.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(f"README.md needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{block}\n{END}{after}"


def generated(root: Path) -> dict[Path, str]:
    """What each written file must hold."""
    found = {}
    for split in SPLITS:
        results = load(root / f"docs/results/{split}.json")
        if results is None:
            continue
        if results["split"] != split:
            raise SystemExit(f"docs/results/{split}.json is of the split {results['split']}")
        found[split] = results
    release = load(root / "Models/release/metrics.json") or {}
    carried = release.get("crossValidation")
    if carried and carried["split"] in found and carried != found[carried["split"]]:
        raise SystemExit(
            f"Models/release/metrics.json carries another cross-validation than docs/results/{carried['split']}.json")
    series = load(root / "docs/results/series.json")
    if "leftOutSeries" in release and release["leftOutSeries"] != series:
        raise SystemExit("Models/release/metrics.json carries other left-out series than docs/results/series.json")
    readme = root / "README.md"
    written = {
        root / "docs/results.md": page(root, found),
        root / "docs/experiments.md": experiments.page(root),
        readme: with_block(readme.read_text(), readme_block(found)),
    }
    if (audited := load(root / "docs/results/audit.json")) is not None:
        written[root / "docs/audit.md"] = audit.page(audited)
    if (near := load(root / "docs/results/near-domain.json")) is not None:
        written[root / "docs/near-domain.md"] = results_near_domain.page(near)
    if (cells := load(root / "docs/results/cells.json")) is not None:
        written[root / "docs/cells-results.md"] = results_cells.page(cells)
    if (scale := load(root / "docs/results/scale.json")) is not None:
        written[root / "docs/scale.md"] = results_scale.page(scale)
    if (sites := root / "docs/sites.md").exists():
        written[sites] = results_watch.page(sites.read_text(), load(root / "docs/results/watch.json"))
    return written


def main(arguments: list[str], root: Path = ROOT) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 64
    changed = {
        path: text for path, text in generated(root).items() if not path.exists() or path.read_text() != text
    }
    for path, text in changed.items():
        if arguments:
            print(f"{path.relative_to(root)} is not what the results files say; run Scripts/results.py")
        else:
            path.write_text(text)
            print(f"wrote {path.relative_to(root)}")
    if not changed:
        print("results: the documents hold what the files say")
    return 1 if arguments and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
