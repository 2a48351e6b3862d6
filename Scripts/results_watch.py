"""The table of the watch in docs/sites.md, from docs/results/watch.json (Scripts/watch_trial.py)."""

import math

from results_tables import NONE, table

BEGIN, END = "<!-- watch: written by Scripts/results.py -->", "<!-- end of watch -->"
DRIFTS = {
    "weaker": "stain weaker by {percent:g} % a day", "stronger": "stain stronger by {percent:g} % a day",
    "unchanged": "the same cases, unchanged",
}


def cases(value: int | None, a_day: int | None = None) -> str:
    """Cases, and the day on which the last of them comes."""
    if value is None:
        return NONE
    return f"{value}" if a_day is None else f"{value} (day {math.ceil(value / a_day)})"


def line(name: str, found: dict) -> list[str]:
    a_day = found.get("casesPerDay")
    return [
        name, NONE if a_day is None else str(a_day), f"{found['noticed']} of {found['streams']}",
        cases(found.get("medianCases"), a_day), cases(found.get("ninetiethCases"), a_day)]


def block(results: dict | None) -> str:
    if results is None:
        return "Not measured yet (`docs/results/watch.json` is missing)."
    watch, drift = results["watch"], results["drift"]
    rows = [line(f"series `{found['name']}`, left out", found) for found in watch["series"]]
    for name, words in DRIFTS.items():
        for found in sorted((found for found in watch["drifts"] if found["name"] == name), key=lambda found: found["casesPerDay"]):
            rows.append(line(words.format(percent=results["percentADay"]), found))
    familiar, lacking = watch["familiar"], drift["lacking"]
    text = (
        f"{results['fields']:,} fields of {watch['runs']} runs (`Scripts/watch_trial.py`, seed {watch['seed']}): of "
        f"{familiar['streams']:,} familiar streams of {familiar['casesEach']} cases {familiar['alarms']} are alarmed. "
        f"The drifts are {drift['fields']} of these fields in {drift['cases']} cases, stored anew for each of {results['days']} days; "
        "the last day lasts. Cases are counted from the change on; a dash: noticed in fewer streams than that.\n\n"
        + table(["change", "cases a day", "noticed in", "half of the streams after", "nine of ten after"], rows) + "\n")
    if any(lacking.values()):
        text += "\nWithout an answer that counts, over all days: " + ", ".join(
            f"{count:,} fields of the {name} ones" for name, count in sorted(lacking.items()) if count) + ".\n"
    return text.rstrip("\n")


def page(text: str, results: dict | None) -> str:
    """docs/sites.md with the part between the two marks replaced."""
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(f"docs/sites.md needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{block(results)}\n{END}{after}"
