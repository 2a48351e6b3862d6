#!/usr/bin/env python3
"""Holds the options of `leukoscope` against README.md and docs/: every option is told there, and commands that stand there
name only options that there are. Commands that `--help` hides are left out.

Prints a line for each fault and exits with 1.

    Scripts/check_options.py [FOLDER_OF_THE_PACKAGE]
"""

import re
import sys
from pathlib import Path

DECLARED = re.compile(r"@(?:Option|Flag)\b((?:(?!@(?:Option|Flag|Argument|OptionGroup)\b).)*?)\s(?:private )?var (\w+)", re.DOTALL)
LONG = re.compile(r'customLong\("([^"]+)"\)')
COMMAND = re.compile(r"(?<![\w/-])leukoscope ([a-z][^`\n]*)")
ALWAYS = {"help", "version"}


def kebab(name: str) -> str:
    """As the argument parser spells a property."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()


def options(source: str) -> set[str]:
    """The long options that a Swift file declares."""
    found = set()
    for arguments, name in DECLARED.findall(source):
        found |= set(LONG.findall(arguments)) or {kebab(name)}
    return found


def is_hidden(source: str) -> bool:
    """Whether all commands of a file are hidden from --help."""
    return 0 < source.count("CommandConfiguration(") == source.count("shouldDisplay: false")


def told(name: str, text: str) -> bool:
    return re.search(rf"--{name}(?![\w-])", text) is not None


def commands(text: str) -> list[tuple[int, str]]:
    """Line numbers and what follows `leukoscope ` there, lines that go on joined, comments left out."""
    joined = re.sub(r"\\\n", "  ", text)
    # Each joined line keeps its number by the text before it, two characters for two.
    return [(text.count("\n", 0, match.start()) + 1, match.group(1).split(" #")[0].split("&&")[0].split("| ")[0])
            for match in COMMAND.finditer(joined)]


def faults(sources: dict[str, str], documents: dict[str, str]) -> list[str]:
    """All faults, given the texts of the program's files and of the documents by their names."""
    found, known = [], set(ALWAYS)
    everything = "\n".join(documents.values())
    for name, source in sorted(sources.items()):
        declared = options(source)
        known |= declared
        if not is_hidden(source):
            found += [f"{name}: --{option} is told in no document" for option in sorted(declared)
                      if not told(option, everything)]
    for name, text in sorted(documents.items()):
        for line, command in commands(text):
            found += [f"{name}:{line}: leukoscope has no --{option}"
                      for option in re.findall(r"(?<![\w-])--([a-z][a-z0-9-]*)", command) if option not in known]
    return found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    files = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    found = faults({str(each.relative_to(root)): each.read_text() for each in (root / "Sources/leukoscope").glob("*.swift")},
                   {str(each.relative_to(root)): each.read_text() for each in files})
    print("\n".join(found) if found else "options check: every option is told, and every option that is told is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
