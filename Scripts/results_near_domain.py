"""docs/near-domain.md, from docs/results/near-domain.json (`leukoscope-lab near-domain`)."""

from results_tables import NONE, number, share, table

UNCHANGED, HEALTHY = "unchanged", "healthy"
LEAST_IMAGES, MOST_ALARMS, LEAST_COVERAGE = 20_000, 0.005, 0.9
NAMED = 20

PARTS = {
    "red-cell-size": "brought to 0.9 to 1.1 times the usual red cells of the labelled images, and to their field: cut, or "
    "continued by its mirror image",
    "white-balance": "empty glass made a grey of 225 to 250",
    "reference-glass": "empty glass given the mean colour of the labelled images' glass",
    "reinhard": "mean and deviation in CIE Lab given the labelled images' (Reinhard et al. 2001)",
    "reinhard-benign": "the same, of the benign ones",
    "reinhard-malignant": "the same, of the malignant ones",
    "macenko": "both stains given the labelled images' (Macenko et al. 2009)",
    "macenko-benign": "the same, of the benign ones",
    "macenko-malignant": "the same, of the malignant ones",
    "darker-nuclei": "optical density of nuclei 10 to 40 % higher",
    "lighter-nuclei": "optical density of nuclei 10 to 40 % lower",
    "lower-gamma": "exponent of 0.95 to 0.6",
    "higher-gamma": "exponent of 1.05 to 1.6",
    "warmer": "red 5 to 20 % higher, blue as much lower",
    "cooler": "red 5 to 20 % lower, blue as much higher",
    "brighter": "all channels times 1.05 to 1.25",
    "darker": "all channels times 0.95 to 0.7",
    "recompressed": "JPEG once more, quality 85 to 25",
    "turned": "turned by 90, 180 or 270 degrees",
}

HEAD = """# Near-domain refusal

Written by `Scripts/results.py` from `docs/results/near-domain.json`; `make lint` fails when a figure here is not the one in
the file, which one command made:

```
leukoscope-lab near-domain --data SET --folds FOLDS --healthy bccd=bccd --healthy txl=txl --json docs/results/near-domain.json
```

Photographs and tissue are easily refused; another laboratory's smear is what a model may be sure and wrong about. So fields
are changed as another lamp, camera, stain or program would show them, and brought as near to the model's own images as they
can come. Each goes through the whole screening as a person's image does. *Reported* is an answer with one class; what is left
open or refused does no harm but is told as coverage. How strong a change of an image is, the seed decides.
"""


class Count:
    """Sums over rows."""

    def __init__(self, rows: list[dict]):
        self.images, self.untouched = (sum(row[key] for row in rows) for key in ("images", "untouched"))
        self.reported, self.uncertain, self.rejected = (
            sum(row[key] for row in rows) for key in ("reported", "uncertain", "rejected"))
        self.benign, self.malignant = (sum(row[key] for row in rows) for key in ("reportedBenign", "reportedMalignant"))

    def of(self, count: int) -> str:
        return f"{count} of {self.images}" + (f" ({share(count / self.images, 3)})" if self.images else "")

    def part(self, count: int) -> str:
        return share(count / self.images) if self.images else NONE


def is_malignant(row: dict) -> bool:
    return row["isMalignant"]


def is_benign(row: dict) -> bool:
    return not row["isMalignant"] and row["kind"] != HEALTHY


def is_healthy(row: dict) -> bool:
    return row["kind"] == HEALTHY


GROUPS = {"malignant": is_malignant, "benign": is_benign, "of healthy people": is_healthy}


def chosen(results: dict, group, changed: bool) -> Count:
    return Count([row for row in results["rows"] if group(row) and (row["change"] != UNCHANGED) == changed])


def who(results: dict) -> str:
    model, reference = results["model"], results["reference"]
    name = f"`{model['name']}`" + (f" {model['version']}" if model.get("version") else "")
    if model.get("folds"):
        name = (f"The {model['folds']} networks of a cross-validation ({name}, split `{model['split']}`), each asked about its own "
                "test images; fields of healthy people are divided among them")
    sets = ", ".join(f"{one['fields']} {one['kind']} of `{one['set']}`" for one in results["fields"])
    return (
        f"{name}. Fields: {sets}. Seed {results['seed']}; the labelled images' usual red cell is "
        f"{number(reference.get('redCellPixels'), 1)} pixels wide in fields of {reference['width']}×{reference['height']}. Fields of "
        "healthy people are brought to that size before each change.")


def targets(results: dict) -> str:
    malignant, labelled = chosen(results, is_malignant, True), chosen(results, lambda row: not is_healthy(row), False)
    rows = [[
        "malignant fields reported as Benign, changed", malignant.of(malignant.benign), f"0 of at least {LEAST_IMAGES}",
        malignant.benign == 0 and malignant.images >= LEAST_IMAGES,
    ]]
    for name, group in (("benign fields", is_benign), ("fields of healthy people", is_healthy)):
        count = chosen(results, group, True)
        if count.images:
            rows.append([
                f"{name} reported as malignant, changed", count.of(count.malignant), f"at most {share(MOST_ALARMS)}",
                count.malignant <= MOST_ALARMS * count.images])
    rows.append([
        "labelled fields reported, as they are", labelled.of(labelled.reported), f"at least {share(LEAST_COVERAGE, 0)}",
        labelled.reported >= LEAST_COVERAGE * labelled.images])
    return table(["what", "measured", "target", "reached"], [[*row[:3], "yes" if row[3] else "**no**"] for row in rows])


def ever(results: dict) -> str:
    """Fields, not images: the changes of one field say much the same."""
    rows = []
    for name, group in GROUPS.items():
        own = [one for one in results["fields"] if group(one)]
        fields, wrong = (sum(one[key] for one in own) for key in ("fields", "everWrong"))
        if fields:
            # Hanley and Lippman-Hand 1983, the rule of three.
            bound = share(3 / fields, 2) if wrong == 0 else NONE
            rows.append([name, str(fields), str(wrong), bound])
    return table(["fields", "number", "ever reported wrongly, as they are or changed", "at most (95 %), where none was"], rows)


def unchanged(results: dict) -> str:
    rows = []
    for row in results["rows"]:
        if row["change"] == UNCHANGED:
            count = Count([row])
            rows.append([
                f"{row['kind']}, `{row['set']}`", str(count.images), count.part(count.reported), count.part(count.uncertain),
                count.part(count.rejected), str(count.benign), str(count.malignant)])
    return table(["as they are", "fields", "reported", "uncertain", "rejected", "as Benign", "as malignant"], rows)


def changes(results: dict) -> str:
    names = list(dict.fromkeys(row["change"] for row in results["rows"]))
    groups = {name: group for name, group in GROUPS.items() if any(map(group, results["rows"]))}
    head = ["change"]
    for name in groups:
        head += [f"{name}: images", "reported", "as Benign" if name == "malignant" else "as malignant"]
    rows = []
    for change in names:
        row = [change.replace("+", ", ")]
        for name, group in groups.items():
            count = Count([one for one in results["rows"] if one["change"] == change and group(one)])
            wrong = count.benign if name == "malignant" else count.malignant
            row += [str(count.images), count.part(count.reported), f"**{wrong}**" if wrong else "0"]
        rows.append(row)
    return table(head, rows)


def named(results: dict) -> str:
    if not results["wrong"]:
        return ""
    rows = [[one["image"], one["change"].replace("+", ", "), f"`{one['label']}`", number(one["novelty"], 2)]
            for one in results["wrong"][:NAMED]]
    return f"""
## Confident and wrong

The first {len(rows)} by name:

{table(["field", "change", "reported as", "novelty"], rows)}
"""


def page(results: dict) -> str:
    """What docs/near-domain.md must hold."""
    parts = table(["part of a change", "what it does"], [[f"`{name}`", words] for name, words in PARTS.items()])
    return f"""{HEAD}
{who(results)}

{targets(results)}

Changes of one field are no independent trials, so beside the images stand the fields:

{ever(results)}

## As they are

{unchanged(results)}

## Under each change

Images that a change left as they were, as where no nucleus is found, are not asked again.

{changes(results)}

{parts}
{named(results)}"""
