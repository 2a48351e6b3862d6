#!/usr/bin/env python3
"""Holds the inventory of keys in docs/security.md against the keys that the sources derive (OWASP ASVS 5.0, 11.1.2)."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DERIVED = re.compile(r'\bkey\((?:for: )?"([a-z-]+)"\)|info: Data\("([a-z-]+)"\.utf8\)')


def derived() -> set[str]:
    """The purposes for which the sources derive keys."""
    found = set()
    for file in (ROOT / "Sources").rglob("*.swift"):
        found |= {first or second for first, second in DERIVED.findall(file.read_text())}
    return found


def listed() -> set[str]:
    """The purposes in the table under "Keys"."""
    text = (ROOT / "docs/security.md").read_text()
    section = text[text.index("## Keys\n"):].split("\n## ", 1)[0]
    return set(re.findall(r"(?m)^\| `([a-z-]+)` \|", section))


class Keys(unittest.TestCase):
    def test_every_key_that_is_derived_is_listed_and_no_other(self):
        self.assertEqual(derived(), listed())

    def test_the_search_finds_what_it_should(self):
        self.assertEqual({first or second for first, second in DERIVED.findall(
            'a.key(for: "audit") services.key("csrf") info: Data("totp".utf8) publicKey("none")')}, {"audit", "csrf", "totp"})


if __name__ == "__main__":
    unittest.main()
