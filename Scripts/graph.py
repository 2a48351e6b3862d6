#!/usr/bin/env python3
"""Draws the graph of targets in docs/architecture.md from Package.swift, as a Mermaid flowchart between two markers.

Arrows point down, at what a target stands on; one that follows from others is left out, and so are the tests. Under a
name stand the packages from outside that it declares.

    Scripts/graph.py           writes the picture
    Scripts/graph.py --check   exits with 1 when the picture is not that of Package.swift
"""

import sys
from pathlib import Path

from check_imports import package_description, reachable

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- graph: written by Scripts/graph.py -->", "<!-- end of graph -->"
SHAPES = {"executable": '{id}(["{label}"]):::program', "system": '{id}[["{label}"]]:::native',
          "native": '{id}[["{label}"]]:::native', "regular": '{id}["{label}"]'}


def drawn_targets(package: dict, is_native) -> dict[str, dict]:
    """Targets but tests by name: kind, own targets declared, and packages from outside."""
    kinds = {each["name"]: each["type"] for each in package["targets"]
             if each["type"] != "test" and not (each.get("path") or "").startswith("Tests/")}
    targets = {}
    for each in package["targets"]:
        if each["name"] not in kinds:
            continue
        names = [values[0] for dependency in each["dependencies"] for values in dependency.values()
                 if not (values[-1] or {}).get("platformNames")]  # named for its pin alone
        kind = "native" if kinds[each["name"]] == "regular" and is_native(each["name"]) else kinds[each["name"]]
        targets[each["name"]] = {"kind": kind, "declares": {name for name in names if name in kinds},
                                 "outside": sorted(name for name in names if name not in kinds)}
    return targets


def reduced(targets: dict[str, dict]) -> list[tuple[str, str]]:
    """The arrows that follow from no others, by name."""
    return [(name, below) for name in sorted(targets) for below in sorted(targets[name]["declares"])
            if not any(below in reachable(other, targets) for other in targets[name]["declares"] - {below})]


def mermaid(targets: dict[str, dict]) -> str:
    """The flowchart's text."""
    lines = ["```mermaid", "flowchart TD"]
    for name, target in sorted(targets.items()):
        label = name + (f"<br/><small>{', '.join(target['outside'])}</small>" if target["outside"] else "")
        lines.append("  " + SHAPES[target["kind"]].format(id=identifier(name), label=label))
    lines += [f"  {identifier(a)} --> {identifier(b)}" for a, b in reduced(targets)]
    lines += ["  classDef program fill:#d7e8d4,stroke:#3d6b35,color:#000", "  classDef native fill:#ececec,stroke:#777,color:#000",
              "```"]
    return "\n".join(lines)


def identifier(name: str) -> str:
    return name.replace("-", "_")


def page_with(picture: str, page: str) -> str:
    """The page with the picture in the place of the one before."""
    before, rest = page.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{picture}\n{END}{rest.split(END, 1)[1]}"


def main() -> int:
    def is_native(name: str) -> bool:
        return not any((ROOT / "Sources" / name).rglob("*.swift"))

    page = PAGE.read_text()
    wanted = page_with(mermaid(drawn_targets(package_description(ROOT), is_native)), page)
    if wanted == page:
        return 0
    if "--check" in sys.argv:
        print("docs/architecture.md: the graph is not that of Package.swift; run Scripts/graph.py", file=sys.stderr)
        return 1
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
