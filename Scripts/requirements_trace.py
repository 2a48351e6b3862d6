#!/usr/bin/env python3
"""The trace from requirement to code to test: read from the tables of docs, written to docs/trace.md.

    Scripts/requirements_trace.py            writes docs/trace.md
    Scripts/requirements_trace.py --check    fails when a table names code or a test that does not exist, or docs/trace.md is not what it says

A row of a table is a requirement. Of its columns the one headed `where` or `control` names code, the one headed `test`
tests: a file, a folder, a type or a member in backticks, the name of a test in “quotes”. A row without a test says why with
a dash or a word, and is counted as open.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Document, the heading of its table, and what its rows answer.
TABLES = (
    ("security.md", "Requirements", "OWASP ASVS 5.0; IEC 81001-5-1, 5.2 and 5.3"),
    ("security.md", "Reliability", "IEC 62304, 5.2.2 and 7.2"),
    ("threats.md", "Threats", "IEC 81001-5-1, 7.2 and 7.3"),
    ("hazards.md", "Hazards", "ISO 14971, 7; IEC 62304, 7"),
)


@dataclass(frozen=True)
class Row:
    """One requirement: its document, number in the table, words, and the cells that name code and tests."""

    document: str
    heading: str
    number: int
    words: str
    code: str
    test: str

    @property
    def name(self) -> str:
        return f"{self.document.removesuffix('.md')}-{self.number}"

    @property
    def is_tested(self) -> bool:
        return bool(re.search("[`“]", self.test))


class Tree:
    """The names that code and tests can be called by."""

    def __init__(self, root: Path):
        self.root = root

    def files(self, folder: str) -> list[Path]:
        return [path for path in (self.root / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]

    @cached_property
    def names(self) -> set[str]:
        """Files with and without their ending, folders, and top-level files of the repository."""
        found = set()
        for folder in ("Sources", "Tests", "Scripts", "Deployment", "docs", "Models"):
            for path in self.files(folder):
                relative = path.relative_to(self.root)
                for parts in (relative.parts[start:] for start in range(len(relative.parts))):
                    found |= {"/".join(parts), "/".join(parts).rsplit(".", 1)[0]}
                found |= {"/".join(parent.parts[start:]) for parent in relative.parents for start in range(len(parent.parts))}
        return found | {path.name for path in self.root.iterdir()}

    @cached_property
    def text(self) -> str:
        return "\n".join(path.read_text() for folder in ("Sources", "Tests") for path in self.files(folder)
                         if path.suffix in (".swift", ".py", ".c", ".cpp", ".h"))

    @cached_property
    def declared(self) -> set[str]:
        return set(re.findall(r"\b(?:struct|class|enum|actor|protocol|extension|typealias|func|var|let|case|def)\s+`?(\w+)", self.text))

    @cached_property
    def tests(self) -> set[str]:
        """Names of tests: the sentences of Swift, and those of Python with their underscores as spaces."""
        found = {re.sub(r"\s+", " ", name) for name in re.findall(r"func `([^`]+)`", self.text)}
        return found | {name.replace("_", " ") for name in re.findall(r"def test_(\w+)", self.text)}

    def has(self, name: str) -> bool:
        if name in self.names or name.strip("/") in self.names:
            return True
        parts = name.removesuffix(".swift").rsplit("/", 1)[-1].split(".")
        if "/" in name and not any(path.startswith(name.rsplit("/", 1)[0]) or f"/{name.rsplit('/', 1)[0]}" in path for path in self.names):
            return False
        return all(part in self.declared for part in parts)


def rows(root: Path) -> list[Row]:
    found = []
    counts: dict[str, int] = {}
    for document, heading, _ in TABLES:
        text = (root / "docs" / document).read_text()
        section = re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", text)
        if not section:
            sys.exit(f"docs/{document} has no section {heading}")
        lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in section[1].splitlines() if line.startswith("|")]
        heads = [head.lower() for head in lines[0]]
        code = next(index for index, head in enumerate(heads) if head in ("where", "control"))
        for cells in lines[2:]:
            counts[document] = counts.get(document, 0) + 1
            words = next(cell for index, cell in enumerate(cells) if index != code and len(cell) > 12)
            if heads[0] not in ("hazard", "threat", "promise"):
                words = f"{cells[0]} {words}"
            found.append(Row(document, heading, counts[document], words, cells[code], cells[heads.index("test")]))
    return found


def faults(found: list[Row], tree: Tree) -> list[str]:
    wrong = []
    for row in found:
        for cell in (row.code, row.test):
            for name in re.findall(r"`([^`]+)`", cell):
                # Options of commands, header fields and values are no names of files.
                if re.fullmatch(r"[A-Za-z][\w./+-]*", name) and re.search(r"[A-Z/.]", name) and not tree.has(name):
                    wrong.append(f"docs/{row.document}: {row.words[:50]}…: there is no {name}")
        for name in re.findall("“([^”]+)”", row.test):
            if not any(name in test for test in tree.tests):
                wrong.append(f"docs/{row.document}: {row.words[:50]}…: there is no test “{name}”")
    return wrong


def page(found: list[Row]) -> str:
    text = """# Trace

Written by `Scripts/requirements_trace.py` from the tables of [security.md](security.md), [threats.md](threats.md) and [hazards.md](hazards.md): what
is required, which code meets it, which test shows it. `make lint` fails when code or a test that is named here does not exist. How the
life cycle of IEC 62304 and IEC 81001-5-1 is followed, and what of it is not, stands in [lifecycle.md](lifecycle.md).

| table | answers | requirements | with a test |
|---|---|---|---|
"""
    for document, heading, answers in TABLES:
        of = [row for row in found if (row.document, row.heading) == (document, heading)]
        text += f"| {document.removesuffix('.md')}: {heading} | {answers} | {len(of)} | {sum(row.is_tested for row in of)} |\n"
    open_rows = [row for row in found if not row.is_tested]
    text += f"\nWithout a test that runs by itself: {', '.join(row.name for row in open_rows) or 'none'}.\n"
    text += "\n| | requirement | code | test |\n|---|---|---|---|\n"
    return text + "".join(f"| {row.name} | {row.words} | {row.code} | {row.test} |\n" for row in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    found = rows(ROOT)
    wrong = faults(found, Tree(ROOT))
    target = ROOT / "docs" / "trace.md"
    if options.check and (not target.exists() or target.read_text() != page(found)):
        wrong.append("docs/trace.md is not what the tables say: run Scripts/requirements_trace.py")
    for fault in wrong:
        print(fault, file=sys.stderr)
    if wrong:
        sys.exit(1)
    if not options.check:
        target.write_text(page(found))


if __name__ == "__main__":
    main()
