"""The parts of docs/results.md on what is fitted after training, on acquisition series and on mistakes."""

from pathlib import Path

from results_tables import NONE, number, share, table

# The least AUROC of malignancy of a series that was left out.
SERIES_TARGETS = {"boxed-100": 0.985, "boxed-200": 0.94, "red-100": 0.97}
METHODS = {
    "none": "none: the network's own softmax", "temperature": "one temperature",
    "bias-corrected": "temperature and a bias a class",
    "lac": "least ambiguous (LAC): 1 − p", "aps": "adaptive (APS), deterministic",
    "aps-randomised": "adaptive (APS), randomised",
}
THRESHOLDS = {
    "other-folds": "the test answers of the other folds",
    "own-validation": "the validation part, and of few images promise what those allow",
}
CHARTS = {"reliability": "Confidence against accuracy", "risk-coverage": "Mistakes against the share of images answered"}


def confidence(results: dict) -> str:
    """Calibration, prediction sets, what would have been told, series and mistakes, as far as the file holds them."""
    parts = [calibration, prediction_sets, answering, by_series, mistakes]
    return "".join(part(results) for part in parts)


def calibration(results: dict) -> str:
    found = results.get("calibration")
    if not found:
        return ""
    rows = [[
        METHODS[one["method"]] + (" (used)" if one["method"] == found["method"] else ""),
        number(one["negativeLogLikelihood"], 4), number(one["ece15"], 4), number(one["brier"], 4),
    ] for one in found["candidates"]]
    return (
        "\n### Calibration\n\nEach fold is calibrated on the test answers of the other folds, where every image was "
        "answered by a network that had not seen it;\nit has no part in its own calibration. Temperatures: "
        + ", ".join(number(one) for one in found["temperatures"]) + ".\n\n"
        + table(["method", "negative log-likelihood (nats)", "ECE (15 bins)", "Brier score"], rows) + "\n")


def prediction_sets(results: dict) -> str:
    found = results.get("predictionSets")
    if not found:
        return ""
    rows = []
    for one in found["candidates"]:
        summary = one["summary"]
        covered = [value for value in summary["coveragePerClass"] if value is not None]
        rows.append([kind(one) + (" (used)" if kind(one) == kind(found) else ""), share(summary["coverage"], 2),
            share(min(covered), 2), share(max(covered), 2), number(summary["meanSize"], 3), share(one["singles"]),
            share(one["wrongSingles"], 2)])
    head = ["sets", "coverage", "least of a class", "most of a class", "mean size", "sets of one class", "of them wrong"]
    return (
        f"\n### Prediction sets\n\nStated coverage {share(found['coverage'], 0)} in each class; thresholds of a class come "
        f"from {THRESHOLDS[results['calibration']['source']]}.\nThe most probable class is always in the set, so none is empty. The class "
        f"farthest from the stated coverage is {100 * found['largestGap']:.2f} points away.\n\n{table(head, rows)}\n")


def kind(sets: dict) -> str:
    least = sets.get("alwaysPossible")
    return METHODS[sets["score"]] + (f", and every class of {share(least, 0)} or more" if least else "")


def answering(results: dict) -> str:
    found = results.get("selection")
    if not found:
        return ""
    rows = [[share(one["coverage"]), number(one["confidence"], 4), share(one["risk"], 2)] for one in found["curve"]]
    told = found["decisions"]
    return (
        f"\n### What would be answered\n\nAll images, the surest first; area under the curve {number(found['area'], 5)}:\n\n"
        + table(["images answered", "confidence at least", "wrong among them"], rows)
        + (shipped_rule(results["shipped"]["selection"]) if results["split"] != "series" else "")
        + f"\n\nWith each fold's own limits {told['report']} of {told['images']} images would have been "
        f"reported, {told['uncertain']} left uncertain,\n{told['rejected']} refused as novel. Of the reports "
        f"{told['wrongReports']} named another class than the true one; {told['missedMalignant']} malignant images were "
        f"reported as benign,\n{told['falseMalignant']} benign ones as malignant.\n")


def shipped_rule(chosen: dict) -> str:
    """How the smallest confidence of a report was chosen for a network trained on all images."""
    rule = chosen["rule"]
    text = (
        f"\n\nRule for the smallest confidence of a report: the smallest from {number(rule['lowestConfidence'], 2)} up from "
        f"which on at most {share(rule['maximumRisk'])} of the\nanswers are wrong while at least "
        f"{share(rule['minimumCoverage'], 0)} of the images are answered. On all folds it gives "
        f"{number(chosen['minimumConfidence'], 4)}, which answers {share(chosen['coverage'])} with\n"
        f"{share(chosen['risk'], 2)} wrong.")
    if not chosen["isReached"]:
        text += " **The rule could not be met**; this is the confidence of least risk among those that answer enough."
    return text


def series_table(series: list[dict]) -> str:
    rows = []
    for one in series:
        own = one["malignancy"]
        accepted, four = one.get("acceptedMalignancy") or {}, one.get("fourClass") or {}
        cells = [f"`{one['name']}`", str(own["images"])]
        for key in ("auroc", "sensitivity", "specificity"):
            ends = own["confidenceIntervals95"].get(key)
            between = f" ({number(ends[0])} to {number(ends[1])})" if ends and key in own else ""
            cells.append(number(own.get(key)) + between)
        told = one["decisions"]
        cells += [
            number(four.get("accuracy")), number(four.get("macroF1")),
            ", ".join(f"`{key}`" for key in one["unknownClasses"]) or NONE,
            share(told["rejected"] / told["images"]), number(accepted.get("auroc")),
            f"{told['wrongReports']} of {told['report']}"]
        rows.append(cells)
    head = [
        "series", "images", "AUROC of malignancy (95 % interval)", "sensitivity", "specificity", "accuracy", "macro-F1",
        "classes not trained on", "refused", "AUROC of the rest", "wrong reports"]
    return table(head, rows)


def by_series(results: dict) -> str:
    if not results.get("series"):
        return ""
    return (
        "\n### By acquisition series\n\nEvery series is also in the training part; a dash stands where its images cannot show "
        f"a figure.\n\n{series_table(results['series'])}\n")


def mistakes(results: dict) -> str:
    if "mistakes" not in results:
        return ""
    rows = [[
        f"`{one['file']}`", f"`{one['label']}`", f"`{one['answer']}`", number(one["confidence"]),
        one.get("series", NONE), one["fold"], one["decision"],
    ] for one in results["mistakes"]]
    if not rows:
        return "\n### Mistakes\n\nNone.\n"
    head = ["file", "true class", "answered as", "confidence", "series", "fold", "would have been"]
    return f"\n### Mistakes\n\n{results['mistakeCount']} in all; the most confident:\n\n{table(head, rows)}\n"


def charts(root: Path, split: str) -> str:
    found = [
        f"![{words}](results/{split}-{name}.svg)" for name, words in CHARTS.items()
        if (root / f"docs/results/{split}-{name}.svg").exists()]
    return "\n" + "\n".join(found) + "\n" if found else ""


def left_out(root: Path, results: dict) -> str:
    """Each acquisition series as answered by a network that had never seen it."""
    rows = []
    for one in results["series"]:
        least = SERIES_TARGETS.get(one["name"])
        if least is not None:
            value = one["malignancy"].get("auroc")
            reached = value is not None and value >= least
            rows.append([f"`{one['name']}`", number(value, 4), f"at least {least:.3f}", "yes" if reached else "**no**"])
    recipe = results["configuration"]
    reached = (
        "\nTargets, AUROC of malignancy:\n\n" + table(["series", "measured", "target", "reached"], rows) + "\n"
        if rows else "")
    return f"""
## Split `series`: another microscope

Each acquisition series was left out of training once and answered by a network that had never seen it: the nearest that this
data comes to a laboratory elsewhere. Calibration and thresholds come from the validation part of the series that were trained
on, as they would for that laboratory. Malignancy is judged over all images of the series, the four classes over those that the
training part held; a dash stands where the images cannot show a figure.

{len(results['series'])} series, `{recipe['architecture']}`, {recipe['epochs']} epochs, seed {recipe['seed']}; {results['trainingSeconds'] / 60:.0f} minutes. Data manifest SHA-256
`{results['manifestSHA256']}`.

{series_table(results['series'])}
{reached}{prediction_sets(results)}{answering(results)}{mistakes(results)}{charts(root, 'series')}"""
