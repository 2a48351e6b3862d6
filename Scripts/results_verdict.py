"""The section on cases of docs/results.md, from docs/results/verdict.json (`leukoscope-lab verdict simulate`)."""

from results_tables import table

READERS = {"both": "both readers, as the server decides", "field alone": "the field network alone"}
USUAL = 10


def rate(found: dict) -> str:
    """Of 1,000 sets, with the interval."""
    value, low, high = (round(1000 * found[key]) for key in ("value", "low95", "high95"))
    return f"{value} ({low} to {high})"


def section(results: dict | None) -> str:
    if results is None:
        return ""
    model = results["model"]
    text = (
        "\n## Cases: when a set of fields is called urgently\n\n"
        f"The rule that `{model['name']}` {model['version']} carries ([how](cases.md)), held against one malignant report, on "
        f"{results['sets']:,} sets of each kind and size, drawn within one run (seed {results['seed']}). Of 1,000 sets, with "
        "95 % intervals over runs, never narrower than the number of images allows; of fields of one hospital, never of people.\n")
    for source in results["sources"]:
        text += one(source)
    return text


def one(source: dict) -> str:
    parts = ", ".join(f"{count} {part}" for part, count in sorted(source["parts"].items()))
    rows = [[
        str(size["fields"]), str(size["witnesses"]), rate(size["today"]["withLeukaemia"]), rate(size["rule"]["withLeukaemia"]),
        rate(size["today"]["without"]), rate(size["rule"]["without"]), rate(size["rule"]["benignWithLeukaemia"])]
        for size in source["sizes"]]
    head = ["fields", "witnesses asked for", "with leukaemia, one report", "with leukaemia, rule", "without, one report",
            "without, rule", "with leukaemia, rule says benign"]
    text = (
        f"\n### {source['name']}, {READERS[source['readers']]}\n\n{len(source['withLeukaemia'])} runs with leukaemia, "
        f"{len(source['without'])} without; answers: {parts}.\n\n" + table(head, rows) + "\n" + verdict(source))
    if source["sparse"]:
        text += "\nLeukaemia in few of ten fields, the others of a run without it; called urgently, of 1,000:\n\n" + table(
            ["fields with leukaemia", "one report", "rule", "rule says benign"],
            [[f"{found['malignant']} of {found['fields']}", rate(found["today"]), rate(found["rule"]), rate(found["benign"])]
             for found in source["sparse"]]) + "\n"
    return text


def verdict(source: dict) -> str:
    """Whether the targets are reached at ten fields."""
    ten = next((size for size in source["sizes"] if size["fields"] == USUAL), None)
    if ten is None:
        return "\nNo run has ten fields.\n"
    today, rule = ten["today"], ten["rule"]
    kept = rule["withLeukaemia"]["value"] >= today["withLeukaemia"]["value"]
    false = today["without"]["value"]
    if false == 0:
        less = "no set was called falsely by one report, so that nothing shows here whether the rule calls fewer"
    else:
        share = rule["without"]["value"] / false
        less = (f"{100 * share:.0f} % as many false calls as by one report, the target of a third "
                f"{'reached' if share <= 1 / 3 else '**not reached**'}")
    return f"\nAt ten fields: sensitivity {'not lower' if kept else '**lower**'}; {less}.\n"
