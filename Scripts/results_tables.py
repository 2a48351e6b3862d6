"""Figures as text and rows as Markdown, for the scripts that write documents from results files."""

import json
from pathlib import Path

NONE = "–"


def number(value, digits: int = 3) -> str:
    """A figure, or a dash where the images do not define it."""
    return NONE if value is None else f"{value:.{digits}f}"


def interval(metrics: dict, name: str) -> str:
    ends = metrics["confidenceIntervals95"].get(name)
    return NONE if ends is None else f"{number(ends[0])} to {number(ends[1])}"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def load(path: Path) -> dict | None:
    return json.loads(path.read_text()) if path.exists() else None


def share(value, digits: int = 1) -> str:
    return NONE if value is None else f"{100 * value:.{digits}f} %"
