"""Finds folders of one target that stand on each other in a circle.

A folder is what lies directly in the target's folder; files beside the folders are ground that all may share. One folder
stands on another where it names a type that is declared there. Comments and strings do not count, nor do types declared
in several folders or seen by one file alone. Used by check_imports.py.
"""

import re
from pathlib import Path

# Edges that close a circle today: target, then (folder, folder that it stands on), with the reason why it stays.
CIRCLES: dict[str, dict[tuple[str, str], str]] = {
    "Clinic": {
        ("AuditLog", "Accounts"): "the log names the people in it",
        ("Cases", "Accounts"): "a case belongs to a person",
        ("Cases", "Doctors"): "a case is shown with the doctors who see it",
        ("Cases", "Sites"): "an image tells which microscope made it",
        ("Readings", "Sites"): "a reader is told which microscope made the image",
        ("Persons", "Accounts"): "people in care are named as owners of accounts are",
        ("Accounts", "Sites"): "a token may be bound to a microscope",
        ("Cases", "Readings"): "the most serious signed reading leads a case",
        ("Accounts", "Doctors"): "an account that goes takes its entry in the directory with it",
        ("Accounts", "Booking"): "an account that goes gives its visits back",
        ("Accounts", "Reviews"): "an account that goes takes its reviews with it",
        ("Accounts", "Readings"): "a person's records hold shares and readings",
        ("Accounts", "Exchange"): "a person's records hold what other systems asked of their cases",
        ("Accounts", "Cells"): "a person's records hold the cells of their images",
        ("Accounts", "Slides"): "a person's records hold their slides",
        ("Places", "Doctors"): "the languages of places are those that a doctor may name",
        ("Doctors", "Booking"): "an entry holds the opening hours that visits are booked in",
        ("Doctors", "Recommendation"): "the rows of doctors answer the ranking's question",
        ("Booking", "Reviews"): "a visit tells whether it was reviewed",
        ("Booking", "Readings"): "the end of the last visit ends what was shared for it",
    },
    "Evaluation": {
        ("Figures", "Calibration"): "the figures tell how well the probabilities are calibrated",
    },
    "Store": {
        ("SQL", "Rows"): "a transaction carries the chain of the audit log",
        ("Backup", "Rows"): "what is derived from other rows is not saved but made again",
        ("Backup", "Schema"): "a backup tells the version of its schema",
    },
    "Training": {
        ("Torch", "Loop"): "predicting and the benchmark read images as the loop does",
        ("Variation", "Loop"): "stain and nuclei are found once in the cache of the loop",
        ("Variation", "Audit"): "nuclei are erased with the same colours that the audit uses",
        ("Loop", "Release"): "a run ends in a calibrated model",
        ("Adaptation", "Release"): "an adapted model is released as every model is",
        ("Audit", "Folds"): "the audit compares networks with the answers of their folds",
        ("Folds", "Release"): "the package of a cross-validation is a release",
        ("Novelty", "Folds"): "the trial of novelty methods runs on the folds",
        ("Novelty", "Release"): "the trial of novelty methods calibrates as a release does",
    },
    "Web": {
        ("Edge", "Admission"): "a route names its limits",
        ("Edge", "Uploads"): "the guard reads the form's token and the types of the headers",
        ("Edge", "Pages"): "a browser gets its error as a page",
        ("Edge", "Application"): "an error at the start names the setting",
        ("Services", "Pages"): "reports and letters say what the pages say",
        ("Services", "Application"): "services are set by the configuration",
        ("API", "Pages"): "both ways into a case share one upload",
    },
}

ROOM = re.compile(r"^\| `(\w+)` \| (.*) \|$", re.MULTILINE)
WORDS = re.compile(r"(?<![.\w])[A-Z]\w*")
DECLARATION = re.compile(
    r"^(?!.*\b(?:private|fileprivate)\b)(?:[@\w()]+\s+)*?(?:struct|class|enum|protocol|actor|typealias)\s+([A-Z]\w*)")
NESTED = re.compile(r"\b(?:struct|class|enum|protocol|actor|typealias)\s+([A-Z]\w*)")

Edges = dict[tuple[str, str], str]


def folder_edges(files: dict[Path, str]) -> Edges:
    """Pairs of folders of which the first stands on the second, with the first place that shows it.

    `files` has the text of each file without comments and strings, by its path within the target.
    """
    homes: dict[str, set[str]] = {}
    for file, text in files.items():
        for line in text.split("\n"):
            declared = DECLARATION.match(line)
            if declared:
                homes.setdefault(declared[1], set()).add(file.parts[0] if len(file.parts) > 1 else "")
    home = {name: folders.copy().pop() for name, folders in homes.items() if len(folders) == 1}
    edges: Edges = {}
    for file, text in sorted(files.items()):
        if len(file.parts) == 1:
            continue
        own = set(NESTED.findall(text))
        for match in WORDS.finditer(text):
            folder = home.get(match[0])
            if folder and folder != file.parts[0] and match[0] not in own:
                line = text.count("\n", 0, match.start()) + 1
                edges.setdefault((file.parts[0], folder), f"{file}:{line} names {match[0]}")
    return edges


def path_between(edges, start: str, end: str) -> list[str] | None:
    """The shortest way along the edges, both ends with it."""
    waiting, before = [start], {start: None}
    for folder in waiting:
        if folder == end:
            way = []
            while folder is not None:
                way.insert(0, folder)
                folder = before[folder]
            return way
        for a, b in sorted(edges):
            if a == folder and b not in before:
                before[b] = folder
                waiting.append(b)
    return None


def check_folders(target: str, files: dict[Path, str], allowed: dict[tuple[str, str], str]) -> list[str]:
    """Circles of folders that the table does not name, and rows of the table that close none any more."""
    edges = folder_edges(files)
    free = {pair: place for pair, place in edges.items() if pair not in allowed}
    found, told = [], set()
    for (a, b), place in sorted(free.items()):
        way = path_between(free, b, a)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            found.append(f"{target}: folders in a circle: {' → '.join([a] + way)} ({place})")
    for a, b in sorted(allowed):
        if (a, b) not in edges or not path_between(free, b, a):
            found.append(f"{target}: the table allows {a} → {b}, which closes no circle any more: remove the row")
    return found


def check_rooms(page: str, folders: dict[str, set[str]]) -> list[str]:
    """Folders that the table of rooms lacks, and rooms of it that are no folders.

    `page` is docs/architecture.md; `folders` has the names of the folders that lie in each target with code in Swift. Texts and
    templates (`Resources`) may stand in it or not.
    """
    table = page.partition("\n## Rooms\n")[2].partition("\n## ")[0]
    told = {name: {room.split("/")[0] for room in re.findall(r"`([^`]+)`", row)} for name, row in ROOM.findall(table)}
    found = []
    for name in sorted(folders.keys() | told.keys()):
        there, rooms = folders.get(name, set()) - {"Resources"}, told.get(name, set()) - {"Resources"}
        found += [f"docs/architecture.md: the table of rooms lacks {name}/{room}" for room in sorted(there - rooms)]
        found += [f"docs/architecture.md: {name}/{room} in the table of rooms is no folder" for room in sorted(rooms - there)]
    return found
