"""The table of docs/experiments.md: what was tried, and what it gave, from results files."""

from pathlib import Path

from results_tables import NONE, load, number, share, table

HEAD = """# Experiments

Written by `Scripts/results.py` from `docs/results/`; `make lint` fails when a figure here is not the one in the files.

## What was tried against the microscope and the stain

Benign and malignant images of this collection differ in stain, light and scale bar as well as in their cells
(`leukoscope-lab audit` tells how far, [training](training.md#what-does-it-lean-on)). A network that is trained on them plainly does well on the same series and worse on
another. The recipes:

| recipe | what it adds |
|---|---|
| plain | five epochs of fine-tuning, scale bar masked, colour jitter, flips; the figures that the work began from, taken over, not measured here |
| `moderate` | orientations, stain and colour varied as between slides, moving average of the weights |
| `stain` | release 2.0.0: stain, colour, grey and mixed channels far beyond what slides differ by; half of the images take on the colours of another training image of a class drawn at random (`stainTransfer`); small groups of class and series are drawn more often (`groupBalance`) |
| `nuclei` | not released: as `stain`, a little milder and longer, with the nuclei painted over in a fifth of the images, which then have no class, and as often as much beside them (`nucleusErasure`) |
| `release` | four epochs as `stain` with nuclei painted over in a tenth of the images, then three in which images keep their own colours and are varied as in `moderate` (`refinementEpochs`); in all of them the evidence is asked to lie on nuclei (`nucleusGuidance`) |
| `robust` | not released: as `release`, with a loss that weighs each group of class and series by how badly it does (`groupRobustness` 0.01) |
| `distilled` | not released: as `release`, with half of the loss from the answers of an EfficientNet-Lite2 that was trained by the same recipe first (`teacher`) |
| `general` | not released: eight epochs of 1,400 images each, all runs of a class evened out (`grouping` `runs`), three images in ten changed as another lamp, camera or stain would (`nearDomain`), and shapes stretched by up to e^0.3 (`shapeJitter`); else as `release` |
| `normalised` | not released: as `release`, but every image is brought to the same mean and deviation of its colours (Reinhard et al. 2001) before training and serving, in place of strong variation and of the colours of others |

Every recipe that changes training has a file in `Recipes/`; the figures come from
`leukoscope-lab cross-validate --config Recipes/NAME.json --split SPLIT`.
"""

# The plain fine-tune that the protocol of the project quotes; it was not run by these tools.
PLAIN = {"boxed-100": ("0.988", NONE, "0.78"), "boxed-200": ("0.896", "0.95", "0.68"), "red-100": (NONE, NONE, NONE)}

# Recipes that were the release's once, or were tried, in the order in which they came.
EARLIER = ("moderate", "stain", "nuclei")
# Recipes that were tried since and are not the release's.
SINCE = ("robust", "general")

TAIL = """
## What helped, and what did not

- **Giving images the colours of other images, whatever their class**, with strong jitter and balanced groups, is what carries the
  network to another series. The three were introduced together; what each does alone was not measured.
- **It cost a little on `blocks`**: malignant sensitivity of `stain` is lower than that of `moderate`, at the same area under the
  curve. No bias or temperature brings that back, for one fold needs the opposite of another.
- **Ending on mild images**, together with more epochs and what is below, brings it back. The strong variation before it is not
  forgotten: the losses in grey and under other stains stay small ([audit](audit.md)). What it does alone was looked at on
  folds 3 and 5 only, by a patched program, and gave the idea.
- **Painting nuclei over** takes away the answers that need no cell, and costs accuracy when it is frequent. **Asking for evidence
  on nuclei** moves the maps at once; alone it was not tried. The first choice of strengths (the recipe of the release with
  `nucleusGuidance` 0.2, `nucleusErasure` 0.15, `epochs` 6 and `refinementEpochs` 2; `cross-validate --only 3,5`) made 10 mistakes
  in fold 3 and 11 in fold 5; that of the release makes 7 and 6.
- **Eight orientations of each image**, the mean of the logits answering (test-time augmentation), gain next to nothing for eight
  times the work ([audit](audit.md)), and are not used.
- **Averaging the weights** over the steps is in every recipe since `moderate`. Averaging the final weights of two recipes
  (`stain` and `nuclei`) was no better than either on the fold tried.
- **Mixing the statistics of feature maps** (`styleMixing`, Zhou et al. 2021) is built in and tested, and was not measured.
- **A group-robust loss** (`robust`) calls far fewer benign images malignant, in its worst fold above all, and makes a few
  mistakes less in all, for a little malignant sensitivity and area under the curve (the table of the same series above). It was run
  last, on `blocks` only; before it could be a release it would have to be seen on series left out, in the audit, and with the
  sensitivity that it gives up brought back. How far chance goes: fold 2, run twice with next to the same shares of the groups, had
  18 and 21 mistakes. Drawing small groups more often, which Idrissi et al. 2022 (*Simple data balancing*) found to do as well, is
  part of it and of the release.
- **Distillation** (`distilled`) gave nothing on the fold tried (`--split blocks --only 2`): 20 mistakes, as without, nearly all on
  the same images. The teacher, with 1.4 times the weights, does no better on its validation part than the student: what is
  missed there is not a matter of size.
- **Shorter epochs with more change** (`general`) came to nearly the same place in three quarters of the steps
  (`cross-validate --config Recipes/general.json --split blocks --packages`, the table above): two malignant fields more are missed than by `release`. What it
  does on a series left out was not measured.
- **Near-domain changes** were tried on `general`, each fold's own network on its own test images, with a cell reader that saw none of them and
  limits from the other folds (`near-domain --folds runs/g-blocks --squeezed --healthy bccd=… --healthy txl=… --limit 46`; `cells train` and `cells pack`, both
  with `--except`; `docs/results/experiments/general-near-domain.json`). Of 21,021 changed malignant fields **14 were reported as Benign** (0.067 %), of nine early Pre-B
  fields: eight by a Macenko change of the stain, six more of one field alone. Of 9,951 changed fields of healthy people and Benign 39 were
  reported as malignant (0.39 %). 92.1 % of the labelled fields were reported as they are, 67.3 % when changed. So the aim, none in 20,000, is missed. Nine of the
  14 have a novelty above 0.40, where 0.5 is refused. So a package may have a lower limit for Benign alone (`novelty.benignThreshold`,
  [training](training.md#the-protocol)), chosen on benign validation images only; the networks asked here had none. That it helps was seen on these very
  images, so they are no test of it, and the five others, all of one field, look as familiar as any (0.25 to 0.28): no limit of this kind takes them away. The released package, asked
  about fields that it learnt from (`near-domain --model Models/release --limit 60`), reported 1 of 5,464 as Benign and 0 of 3,710 as malignant.
- **Between acquisition runs the kinds of leukaemia do not carry over** (`release` with `cross-validate --split runs`,
  [figures](results.md#split-runs)): of 2,604 images of runs that training never saw 0.582 of the four-class answers are right, of
  Pre-B 7 in 771, while malignant against benign has an area under the ROC curve of 0.983, a sensitivity of 0.964 and a specificity of 0.893. With
  each fold's own limits 106 images would be reported. On `blocks`, where runs lie on both sides, the same recipe has 0.984. What the
  published figures on these images show is mostly the run.
- **Stain normalisation in place of variation** (`normalised`) holds less well on another microscope: with `boxed-100` left out
  (`--split series --only 1`) AUROC of malignancy 0.983, specificity 0.65, where the release has 0.995 and 0.83. It evens out
  the mean colour, while what a series' lamp and stain do to nuclei and plasma stays learnable.
- **Subtracting the mean of the class weights** from the map changes nothing.
- **Leaving no class of at least 5 % out of a prediction set** brings every class on `blocks` within a point of the stated
  coverage, for a few more sets of two classes, and of the sets of one class less than half as many are wrong; of series left out,
  a quarter ([results](results.md#prediction-sets)). Of the nine methods side by side eight then cover every class within a point,
  where the quantile alone does for four ([comparison](comparison.md)).
- **Other ways to that coverage** were looked at in scripts outside of the project. A level chosen by leaving out one calibrating
  fold at a time, thresholds not below that of all classes together, an upper limit of the quantile, a temperature or a margin that
  grows with the novelty, and own thresholds for images of unusual appearance came less near to it. The largest score of each
  class in the other folds, and the adaptive score with its randomness left out when a set is made, came within a point and left
  one image in five or six with several classes. Not kept.
- **Adapting by tuning** the classifier, or the last block with it, on 16 images a class: worse than a new temperature alone, in
  the cross-validation among those images. A few dozen steps on a few images either do nothing or overfit.
- **Adapting by a linear correction from a middle stage** works: the features that tell haematogones from blasts on a strange
  microscope are there before the network's end, which has learnt to read them on the known ones. It is what `adapt` does.
- **Novelty** is measured on the image itself and no more on the embedding ([architecture](architecture.md)): a network that is taught
  to see no stain cannot be asked whether a stain is strange. The methods side by side are above.
- Other methods on the same folds: [methods side by side](comparison.md).
- **Reading single cells** ([how](cells.md), [what was measured](cells-results.md)) carries to laboratories that training never saw
  where size, darkness and density of cells do not. Two trainings stand behind it: `cells train --config Recipes/cells.json` as it
  is, and the same with `shapeJitter` 0.06, 700 and 3,000 steps. They differ by at most 0.005 in every area under the curve: longer
  training and more variation of shape neither helped nor harmed. Two positions of the square in place of eight (`positions` 2 in
  `cells.json`) cost at most 0.006; eight are kept, so that a turned cell gets the same answer. Before, one seed each, outside
  of the project: without lymphocytes magnified and blasts shrunk the blasts stood out as much from one laboratory's
  normal cells (0.957) and less between people (0.63 for 0.75).
- **Between people of `cnmc`** the reader (0.734) does less than size alone (0.817): their pictures are cut out on black, so
  nothing tells their scale, and each picture was read at one assumed for all.

## Open

- The group-robust loss on series left out, and as a release.
- Most of what the prediction sets still miss are Pre-B images of one run of file numbers, probably one slide, that are answered as
  early Pre-B when the whole run is left out of training.
- A temperature that grows with the novelty of an image told mistakes from right answers better (AUROC 0.95 for 0.93 on `blocks`, in
  a script outside of the project), with a calibration error a quarter higher. Not followed up.
- About half of the answers stay when all nuclei are painted over.
"""


def recipes(root: Path) -> list[tuple[str, str]]:
    """The recipes with results in their order: name, and what stands before the split in their files' names."""
    kept = {file.stem.rsplit("-", 1)[0] for file in (root / "docs/results/experiments").glob("*.json")}

    def named(names: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(name, f"docs/results/experiments/{name}-") for name in names if name in kept]

    return named(EARLIER) + [("release", "docs/results/")] + named(SINCE)


def cross_validations(root: Path) -> str:
    rows = []
    for recipe, start in recipes(root):
        for split in ("blocks", "random"):
            found = load(root / f"{start}{split}.json")
            if found is None:
                continue
            mean, worst = found["mean"], found["worst"]
            rows.append([f"`{recipe}`", f"`{split}`"] + [
                f"{number(mean.get(key))} ({number(worst.get(key))})"
                for key in ("macroF1", "malignantSensitivity", "benignSpecificity", "auroc", "ece15")])
    if not rows:
        return ""
    return "\n## Same series: mean over the folds (worst fold)\n\n" + table(
        ["recipe", "split", "macro-F1", "malignant sensitivity", "benign specificity", "AUROC", "ECE"], rows) + "\n"


def series(root: Path) -> str:
    found = [(recipe, {one["name"]: one["malignancy"] for one in results["series"]}) for recipe, results in (
        (recipe, load(root / f"{start}series.json")) for recipe, start in recipes(root)) if results is not None]
    if not found:
        return ""
    rows = []
    for name, last in found[-1][1].items():
        row = [f"`{name}`", str(last["images"]), *PLAIN.get(name, (NONE, NONE, NONE))]
        for _, malignancy in found:
            row += [number(malignancy.get(name, {}).get(key)) for key in ("auroc", "sensitivity", "specificity")]
        rows.append(row)
    head = ["series", "images"]
    for recipe in ["plain"] + [f"`{recipe}`" for recipe, _ in found]:
        head += [f"{recipe}: AUROC", "sensitivity", "specificity"]
    return "\n## One series left out\n\n" + table(head, rows) + "\n"


def adapted(root: Path) -> str:
    rows = []
    for file in sorted(root.glob("docs/results/adapt-*.json")):
        found = load(file)
        before, after = found["before"], found["after"]
        rows.append([
            f"`{file.stem.removeprefix('adapt-')}`", str(sum(found["learningPerClass"].values())),
            str(sum(found["heldBackPerClass"].values())), found["method"]] + [
            f"{number(before.get(key))} → {number(after.get(key))}" if key == "specificityAtSensitivity97"
            else f"{number(before['metrics'].get(key))} → {number(after['metrics'].get(key))}"
            for key in ("auroc", "specificityAtSensitivity97", "malignantSensitivity", "benignSpecificity")])
    if not rows:
        return ""
    return (
        "\n## A series left out, after adapting to it\n\n`leukoscope-lab adapt --data SET --series NAME --model "
        "runs/series/fold-K/package`: 16 images of each class to learn from, measured on the\nrest of the series; "
        "before → after. The package is that of the fold that had not seen the series (`cross-validate --packages`).\n\n"
        + table(["series", "learnt from", "measured on", "correction", "AUROC", "specificity where sensitivity is 0.97",
                 "malignant sensitivity", "benign specificity"], rows) + "\n")


def novelty(root: Path) -> str:
    """Methods of refusal on the networks of the folds: figures of the mean fold, the worst one in brackets."""
    found = load(root / "docs/results/novelty.json")
    if found is None:
        return ""
    sets = sorted(next(iter(found["mean"].values()))["unfamiliar"])
    images = {name: next(iter(found["mean"].values()))["unfamiliar"][name]["images"] for name in sets}

    def pair(method: str, name: str, key: str, figure) -> str:
        mean, worst = (found[kind][method]["unfamiliar"][name][key] for kind in ("mean", "worst"))
        return f"{figure(mean)} ({figure(worst)})"

    def rows(key: str, figure) -> list[list[str]]:
        return [[f"`{method}`"] + [pair(method, name, key, figure) for name in sets] for method in sorted(found["mean"])]

    refused = [[f"`{method}`", f"{share(one['testRefused'])} ({share(found['worst'][method]['testRefused'])})"]
               for method, one in sorted(found["mean"].items())]
    heads = ["method"] + [f"{name}, {images[name]}" for name in sets]
    return (
        "\n## What is refused\n\n`leukoscope-lab novelty compare` on the networks of the `blocks` folds: every method is fitted on "
        "training images, its limit without the\ntest images, nothing on unfamiliar ones. `bccd` and `pbc` are blood of healthy "
        "people from elsewhere, `drawn` the drawings of\n`leukoscope-lab draw`; the others are photographs, sections of tissue, "
        "other microscopy, documents, screenshots and generated patterns\nthat are not part of this repository. All were at hand "
        "when the method was made. Mean over the folds (worst fold).\n\nTest images refused:\n\n"
        + table(["method", "refused"], refused)
        + "\n\nAUROC of test images against the others:\n\n" + table(heads, rows("auroc", lambda value: number(value, 4)))
        + "\n\nShare that is reported as malignant:\n\n" + table(heads, rows("confidentMalignancy", share)) + "\n")


def erased(root: Path) -> str:
    """What painting nuclei over in training does to one fold's network."""
    rows = []
    for recipe in ("stain", "nuclei", "release"):
        found = load(root / f"docs/results/experiments/{recipe}-audit.json")
        if found is None:
            continue
        one = found["recipes"][0]
        losses = {variation["name"]: variation for variation in one["variations"]}
        attention, erasure = one["attention"], one["attention"]["erasure"]
        plain = losses["as-they-are"]["figures"]["mean"]
        rows.append([
            f"`{recipe}`", number(plain["macroF1"]), number(plain["malignantSensitivity"]),
            number(plain["benignSpecificity"]), number(losses["greyscale"]["figures"]["mean"]["macroF1"]),
            number(attention["meanRatio"], 2), number(erasure["probability"]), number(erasure["withoutNuclei"]),
            share(erasure["keptWithoutNuclei"])])
    if not rows:
        return ""
    return (
        "\n## Nuclei in training\n\nThe audit of release 2.0.0 (`stain`) found that its networks keep nearly every answer when the "
        "nuclei are painted over: what they go by\nis told by the rest of the field as well. `nuclei` paints nuclei over in "
        "training and asks for no class there; `release` asks beside that for\nevidence on nuclei. One fold, the first of "
        "`blocks`: `leukoscope-lab cross-validate --config Recipes/NAME.json --only 1`, then\n`audit --run FOLDS "
        "--baseline-folds 0 --explained 0`. All folds of the release are in the [audit](audit.md).\n\n"
        + table(["recipe", "macro-F1", "malignant sensitivity", "benign specificity", "macro-F1 in greyscale",
                 "map on nuclei by their area", "probability of the class", "nuclei painted over", "still the answer"], rows)
        + "\n")


def page(root: Path) -> str:
    return HEAD + cross_validations(root) + series(root) + erased(root) + adapted(root) + novelty(root) + TAIL
