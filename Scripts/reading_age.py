#!/usr/bin/env python3
"""Measures the reading age of the first lines of the pages (English): headings, leads, results, reasons, errors, letters.

Each text of eight words or more is measured alone by the Flesch-Kincaid grade (Kincaid et al. 1975, Naval Technical Training
Command, report 8-75): 0.39 words a sentence + 11.8 syllables a word - 15.59. Grade 7 is school at twelve. Shorter texts, for
which the formula is not made, are measured together, one family at a time. A sentence ends at a full stop, question mark,
exclamation mark, colon, semicolon (Flesch 1948) or an empty line. A term of docs/languages-glossary.md counts as one word of one
syllable, for it is explained there, and so do a number, a name in quotes and what is put in at `{...}`.

    Scripts/reading_age.py           writes the figures into docs/languages.md
    Scripts/reading_age.py --check   exits with 1 when they differ, or when a text is too hard
    Scripts/reading_age.py --list    prints every text that is too hard, and the ten hardest of each family
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "Sources/Wording/Resources/Texts/en.json"
GLOSSARY = ROOT / "docs/languages-glossary.md"
PAGE = ROOT / "docs/languages.md"
BEGIN, END = "<!-- reading age: written by Scripts/reading_age.py -->", "<!-- end of reading age -->"
HIGHEST, SHORT = 7.0, 8

# What is a first line, by the end or the beginning of its key.
FAMILIES = {
    "headings": r"(^|\.)title$|[a-z]Title$",
    "leads": r"(^|\.)lead$|[a-z]Lead$",
    "results": r"^classes\.[^.]+\.(meaning|next)|^result\.(meanings|steps)\.|^result\.(uncertain|rejected)$"
               r"|^cases\.verdicts\.[^.]+\.(name|advice)$",
    "reasons": r"^reasons\.",
    "errors": r"^errors\.",
    "letters": r"(^|\.)(subject|body)$",
}
# Names of classes as the files have them, which the glossary leaves in Latin letters.
CLASSES = ["malignant early pre-b", "malignant pre-b", "malignant pro-b", "early pre-b", "pre-b", "pro-b"]
# Vowels that are heard apart, unless “ti”, “si”, “ci” or “gi” make one sound of them.
APART = re.compile(r"(?<![tscg])i[aou]|eo|ii|uo|(?<!q)ua")


def leaves(node, path: str = "") -> list[tuple[str, str]]:
    """Every text with its key, in the order of the file."""
    if isinstance(node, str):
        return [(path, node)]
    items = node.items() if isinstance(node, dict) else enumerate(node)
    return [leaf for name, child in items for leaf in leaves(child, f"{path}.{name}" if path else str(name))]


def terms(glossary: str) -> list[str]:
    """The English terms of the glossary's table, the longest first, each also in the plural."""
    names = set(CLASSES)
    for row in re.findall(r"^\| ([^|]+) \|", glossary.split("## Glossary")[1], re.M):
        for name in re.sub(r"\([^)]*\)", "", row).split(","):
            if name.strip() and name.strip() not in ("English", "---"):
                names.add(name.strip().lower())
    return sorted({form for name in names for form in (name, name + "s", name + "es")}, key=lambda name: (-len(name), name))


def syllables(word: str) -> int:
    """Groups of vowels that are heard; at least one. What is written with signs or digits is one."""
    word = re.sub(r"['’]s?$", "", word.lower())
    if len(word) <= 3 or not word.isalpha():
        return 1
    count = len(re.findall(r"[aeiouy]+", word.removeprefix("y"))) + len(APART.findall(word))
    # The “e” at the end is silent, but in “table”; so it is in “names” and “asked”, but not in “images” and “needed”.
    if re.search(r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouylcgsxzh]es$|[aeiouy]les$|[^aeiouytdl]ed$|[aeiouy]led$", word):
        count -= 1
    return max(1, count)


class Measure:
    """Sentences, words and syllables of texts together."""

    def __init__(self, known: list[str]):
        self.known = re.compile(r"\b(?:%s)\b" % ("|".join(map(re.escape, known)) or "(?!)"), re.I)
        self.sentences = self.words = self.syllables = 0

    def add(self, text: str) -> "Measure":
        plain = re.sub(r"\{[^}]*\}|“[^”]*”|\S*\d\S*|https?://\S+", " Xx ", text)
        plain = self.known.sub("Xx", plain)
        for sentence in re.split(r"[.!?:;](?:\s+|$)|\n\s*\n", plain):
            words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", sentence)
            if words:
                self.sentences += 1
                self.words += len(words)
                self.syllables += sum(map(syllables, words))
        return self

    @property
    def grade(self) -> float:
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59


def measured(texts: list[tuple[str, str]], known: list[str]) -> dict:
    """By family: how many texts, the mean and highest grade of the longer ones, that of the short ones together, all longer ones."""
    found = {}
    for family, pattern in FAMILIES.items():
        long, short, count = [], Measure(known), 0
        for key, text in texts:
            if not re.search(pattern, key):
                continue
            count += 1
            alone = Measure(known).add(text)
            if alone.words < SHORT:
                short.add(text)
            else:
                long.append((alone.grade, key, text))
        grades = [grade for grade, _, _ in long]
        found[family] = {"texts": count, "mean": sum(grades) / len(grades) if grades else None,
                         "highest": max(grades, default=None), "short": short.grade, "long": sorted(long, reverse=True)}
    return found


def too_hard(found: dict) -> list[str]:
    """What is above the grade of a twelve-year-old."""
    wrong = [f"{key}: grade {grade:.1f}: {text}" for each in found.values() for grade, key, text in each["long"]
             if grade > HIGHEST]
    return wrong + [f"the short {family} together: grade {each['short']:.1f}" for family, each in found.items()
                    if each["short"] > HIGHEST]


def table(found: dict) -> str:
    def number(value) -> str:
        return "–" if value is None else f"{value:.1f}"

    lines = ["| first lines | texts | mean grade | highest | short ones together |", "|---|---|---|---|---|"]
    lines += [f"| {family} | {each['texts']} | {number(each['mean'])} | {number(each['highest'])} | {number(each['short'])} |"
              for family, each in found.items()]
    return "\n".join(lines)


def page_with(page: str, block: str) -> str:
    """The page with another table between the markers; everything else stays."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{block}\n{END}{rest.split(END)[1]}"


def main() -> int:
    found = measured(leaves(json.loads(TEXTS.read_text())), terms(GLOSSARY.read_text()))
    wrong = too_hard(found)
    if "--list" in sys.argv:
        for family, each in found.items():
            print(f"{family}: short ones together {each['short']:.1f}")
            for grade, key, text in each["long"]:
                if grade > HIGHEST or (grade, key, text) in each["long"][:10]:
                    print(f"  {grade:5.1f} {key}: {text}")
        return 0
    for each in wrong:
        print(f"en.json: {each}", file=sys.stderr)
    page = PAGE.read_text()
    fresh = page_with(page, table(found))
    if "--check" in sys.argv:
        if page != fresh:
            print("docs/languages.md: the reading age is not that of en.json: run Scripts/reading_age.py", file=sys.stderr)
        return 1 if wrong or page != fresh else 0
    PAGE.write_text(fresh)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
