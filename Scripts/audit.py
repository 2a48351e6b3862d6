#!/usr/bin/env python3
"""The page docs/audit.md, from docs/results/audit.json (`leukoscope-lab audit --json`); Scripts/results.py writes it.

Every figure stands in the file; the words around them do not depend on how they came out, but for "yes" and "no" beside
a target.
"""

NONE = "–"

HEAD = """# Shortcut and robustness audit

Written by `Scripts/results.py` from `docs/results/audit.json`; `make lint` fails when a figure here is not the one in the
file, which one command made:

```
leukoscope-lab audit --data SET --run FOLDS --naive FOLDS-OF-A-NAIVE-RECIPE --json docs/results/audit.json
```

What is audited are the networks of a cross-validation, each on its own test images, which it never saw.
"""

BASELINES = {
    "frozen-features": "frozen ImageNet features (EfficientNet-Lite0)",
    "frozen-features-masked": "the same, scale bar masked",
    "colour-histogram": "colour histogram, 16 bins a channel",
    "background-colour": "colour of the background (median and deviation of the brightest fifth)",
    "scale-bar-corner": "the scale bar's corner, 34 × 24 pixels",
}
SPLITS = {"random": "random", "blocks": "blocks"}

VARIATIONS = {
    "as-they-are": "as they are",
    "scale-bar-masked": "scale bar masked (lower right corner, 16 % of each side)",
    "greyscale": "greyscale",
    "hue-forward": "hue turned by +15°",
    "hue-backward": "hue turned by −15°",
    "saturated": "saturation × 1.4",
    "desaturated": "saturation × 0.6",
    "warmer": "red × 1.1, blue × 0.9",
    "cooler": "red × 0.9, blue × 1.1",
    "blurred": "blurred, σ 1.5 pixels of the network's input",
    "recompressed": "JPEG once more, quality 25",
    "brighter": "a tenth of the range brighter",
    "darker": "a tenth of the range darker",
}
RECIPES = {"audited": "release recipe", "naive": "naive recipe"}
FIGURES = {
    "macroF1": "macro-F1", "accuracy": "accuracy", "malignantSensitivity": "malignant sensitivity",
    "benignSpecificity": "benign specificity",
}
ORDERS = {
    "activation-map": "class-activation map", "random-order": "by chance, as coarse as the map",
    "randomised-network": "map of the same network with random weights",
}
# The most macro-F1 that the audited recipe was to lose, in points.
TARGETS = {"scale-bar-masked": 2, "greyscale": 8}
STAIN_TARGET = 3
ATTENTION_TARGET = 1.8


def number(value, digits: int = 3) -> str:
    return NONE if value is None else f"{value:.{digits}f}"


def percent(value) -> str:
    return NONE if value is None else f"{100 * value:.1f} %"


def points(value) -> str:
    """A loss of a share, in points; a gain is negative."""
    if value is None:
        return NONE
    text = f"{100 * value:.1f}"
    return "0.0" if text == "-0.0" else text.replace("-", "−")


def interval(variation: dict) -> str:
    ends = variation.get("macroF1LossInterval95")
    return "" if ends is None else f" ({points(ends[0])} to {points(ends[1])})"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def baselines(results: dict) -> str:
    found = results["baselines"]
    if not found:
        return ""
    splits = [split for split in SPLITS if split in found[0]["splits"]]
    head = ["input, linear classifier", "numbers"]
    for split in splits:
        head += [f"`{split}` accuracy, mean (worst fold)", f"`{split}` macro-F1, mean (worst fold)"]
    rows = []
    for baseline in found:
        row = [BASELINES[baseline["name"]], str(baseline["inputs"])]
        for split in splits:
            figures = baseline["splits"][split]
            row += [f"{percent(figures['mean'][key])} ({percent(figures['worst'][key])})" for key in ("accuracy", "macroF1")]
        rows.append(row)
    folds = len(found[0]["splits"][splits[0]]["folds"])
    return f"""
## How far the answer lies open

Multinomial logistic regression on standardised inputs (penalty as in scikit-learn with C = 1), {folds} folds, {results['images']} images. None
of these inputs but the features holds a cell, and the features were learnt on photographs of everyday things. A network's
accuracy means as much as it is above these.

{table(head, rows)}
"""


def recipe_words(recipe: dict) -> str:
    return (
        f"{RECIPES[recipe['name']]}: `{recipe['architecture']}`, split `{recipe['split']}`, configuration SHA-256 "
        f"`{recipe['configurationSHA256'][:12]}…`")


def variations(results: dict) -> str:
    recipes = results["recipes"]
    head = ["test images"]
    for recipe in recipes:
        name = RECIPES[recipe["name"]]
        head += [f"{name}: macro-F1, mean (worst fold)", "loss, points (95 % interval)"]
    rows = []
    for place, variation in enumerate(recipes[0]["variations"]):
        row = [VARIATIONS[variation["name"]]]
        for recipe in recipes:
            own = recipe["variations"][place]
            figures = own["figures"]
            row += [
                f"{number(figures['mean']['macroF1'])} ({number(figures['worst']['macroF1'])})",
                NONE if own["name"] == "as-they-are" else points(own["loss"]["macroF1"]) + interval(own),
            ]
        rows.append(row)
    text = f"""
## What the networks lean on

Each network answers its own test images as they are and after one fixed change of the photograph; all that would make a
reader hesitate is left out. Means over the folds; the loss is in points of macro-F1, with a bootstrap interval over
duplicate groups.

{table(head, rows)}

{targets(recipes[0])}
"""
    for recipe in recipes:
        text += f"\nAll figures of the {recipe_words(recipe)}; means over the folds, and the loss in points:\n\n"
        text += table(["test images", *[f"{words} (loss)" for words in FIGURES.values()]], [
            [VARIATIONS[own["name"]]] + [
                f"{number(own['figures']['mean'].get(key))} ({points(own['loss'].get(key))})" for key in FIGURES]
            for own in recipe["variations"]
        ]) + "\n"
    return text


def orientations(results: dict) -> str:
    """Test-time augmentation, where it was measured."""
    rows = [
        [RECIPES[recipe["name"]], f"{number(own['figures']['mean']['macroF1'])} ({number(own['figures']['worst']['macroF1'])})",
         number(own["figures"]["mean"].get("malignantSensitivity")), number(own["figures"]["mean"].get("benignSpecificity")),
         points(own["loss"]["macroF1"]) + interval(own)]
        for recipe in results["recipes"] if (own := recipe.get("orientations"))
    ]
    if not rows:
        return ""
    head = ["recipe", "macro-F1, mean (worst fold)", "malignant sensitivity", "benign specificity",
            "loss, points of macro-F1 (95 % interval)"]
    return f"""
Asked in all eight orientations, the mean of the logits being the answer (test-time augmentation, eight times the work):

{table(head, rows)}
"""


def targets(recipe: dict) -> str:
    losses = {own["name"]: own["loss"]["macroF1"] for own in recipe["variations"]}
    rows = [
        [VARIATIONS[name], points(losses[name]), f"at most {most}", yes(100 * losses[name] <= most)]
        for name, most in TARGETS.items()
    ]
    stain = max(own["loss"]["macroF1"] for own in recipe["variations"] if own["isStainShift"])
    rows.insert(1, ["the worst of the stain shifts", points(stain), f"at most {STAIN_TARGET}", yes(100 * stain <= STAIN_TARGET)])
    rows.append([
        "activation on nuclei by their share of the area", number(recipe["attention"]["meanRatio"], 2),
        f"at least {ATTENTION_TARGET}", yes(recipe["attention"]["meanRatio"] >= ATTENTION_TARGET)])
    return f"Targets of the {RECIPES[recipe['name']]}:\n\n" + table(["what", "measured", "target", "reached"], rows)


def yes(reached: bool) -> str:
    return "yes" if reached else "**no**"


def attention(results: dict) -> str:
    rows = []
    for recipe in results["recipes"]:
        own = recipe["attention"]
        rows.append([
            RECIPES[recipe["name"]], str(own["images"]), percent(own["mapShare"]), percent(own["areaShare"]),
            number(own["meanRatio"], 2), number(own["medianRatio"], 2), number(own["attainableRatio"], 2),
            str(own["withoutNuclei"]),
        ])
    head = [
        "recipe", "images", "map on nuclei", "area of nuclei", "ratio, mean", "ratio, median",
        "ratio of an ideal map", "left out",
    ]
    return f"""
## Where the networks look

How much of the class-activation map of the right class lies on nuclei, found by colour and shape and not by the network,
against the share of the image that nuclei cover; over malignant test images that were answered rightly. A ratio of 1 is no
preference. The ideal map holds in each of its cells the share of nuclei in it: no map as coarse can do better than about
that. Left out are images in which no nucleus was found.

{table(head, rows)}
"""


def erasure(results: dict) -> str:
    found = [(recipe, recipe["attention"].get("erasure")) for recipe in results["recipes"]]
    rows = [
        [RECIPES[recipe["name"]], str(own["images"]), number(own["probability"]), number(own["withoutNuclei"]),
         number(own["withoutOther"]), percent(own["keptWithoutNuclei"]), percent(own["keptWithoutOther"])]
        for recipe, own in found if own
    ]
    if not rows:
        return ""
    head = [
        "recipe", "images", "probability of the class", "nuclei painted over", "as much painted elsewhere",
        "still the answer without nuclei", "still the answer without as much elsewhere",
    ]
    return f"""
A map tells where evidence is found, not that it is needed. So the nuclei are painted over in the colour of their surroundings,
and beside it the same shapes elsewhere. A network that reads cells cannot know the class of a field without nuclei; what
it keeps of its answer comes from cytoplasm, red cells, stain and light.

{table(head, rows)}
"""


def explanations(results: dict) -> str:
    recipes = [recipe for recipe in results["recipes"] if recipe.get("explanations")]
    if not recipes:
        return ""
    text = """
## Whether the maps can be believed

Pixels are replaced by the mean colour (deletion), or put back into a blurred image (insertion), in the order of a map, and
the probability of the class is watched (Petsiuk, Das and Saenko 2018). A map that tells what the network goes by makes it
fall early and rise early. "Wins" is the share of images in which the activation map does that better than the other order.
"""
    for recipe in recipes:
        own = recipe["explanations"]
        text += f"\n{RECIPES[recipe['name']].capitalize()}, {own['images']} images:\n\n" + table(
            ["order of the pixels", "area under deletion (lower is better)", "the map wins",
             "area under insertion (higher is better)", "the map wins"],
            [[ORDERS[order["name"]], number(order["deletionArea"]), percent(order.get("deletionWins")),
              number(order["insertionArea"]), percent(order.get("insertionWins"))] for order in own["orders"]]) + "\n"
    text += """
The same maps when the network's weights are made random, stage by stage from the classifier down (Adebayo et al. 2018): a map
that stays as it was would show the image, not the network.
"""
    for recipe in recipes:
        own = recipe["explanations"]["randomisation"]
        text += f"\n{RECIPES[recipe['name']].capitalize()}:\n\n" + table(
            ["random stages", *[str(row["stages"]) for row in own]],
            [["rank correlation", *[number(row["rankCorrelation"], 2) for row in own]],
             ["structural similarity", *[number(row["structuralSimilarity"], 2) for row in own]]]) + "\n"
    return text


def page(results: dict) -> str:
    """What docs/audit.md must hold."""
    text = HEAD + baselines(results)
    if not results["recipes"]:
        return text
    return text + variations(results) + orientations(results) + attention(results) + erasure(results) + explanations(results)
