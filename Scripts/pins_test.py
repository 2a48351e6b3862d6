#!/usr/bin/env python3
"""Tests of pins.py: each kind of package that is not pinned or not listed must be found, and nothing else reported."""

import json
import tempfile
import unittest
from pathlib import Path

import pins

MANIFEST = '''    dependencies: [
        .package(url: "https://example.org/apple/swift-log", exact: "1.16.2"),
        // .package(url: "https://example.org/apple/old", from: "1.0.0"),
        .package(url: "https://example.org/groue/GRDB.swift.git", exact: "7.10.0"),
    ]
if documents { package.dependencies.append(.package(url: "https://example.org/docc", exact: "1.5.0")) }
'''
LISTED = "| package | for | version | licence |\n|---|---|---|---|\n| swift-log | logging | 1.16.2 | Apache-2.0 |\n| GRDB | SQLite | 7.10.0 | MIT |\n"


class PinsTest(unittest.TestCase):
    def faults(self, manifest: str = MANIFEST, listed: str = LISTED, resolved: dict | None = None, wheels: str = "") -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for path in ("docs", "Scripts", ".build"):
                (root / path).mkdir()
            (root / "Package.swift").write_text(manifest)
            (root / "docs" / "dependencies.md").write_text(listed)
            (root / "Scripts" / "requirements-run.txt").write_text(wheels)
            if resolved is not None:
                states = [{"packageRef": {"identity": name}, "state": {"checkoutState": {"version": version}}}
                          for name, version in resolved.items()]
                (root / ".build" / "workspace-state.json").write_text(json.dumps({"object": {"dependencies": states}}))
            return pins.faults(root)

    def test_what_is_pinned_and_listed_passes(self):
        resolved = {"swift-log": "1.16.2", "grdb.swift": "7.10.0", "swift-docc-plugin": "1.5.0"}
        self.assertEqual(self.faults(resolved=resolved, wheels=f"numpy==2.4.6 \\\n    --hash=sha256:{'a' * 64}\n"), [])

    def test_a_range_is_no_pin(self):
        for loose in ('from: "1.16.2"', '.upToNextMinor(from: "1.16.2")', 'branch: "main"', '"1.0.0"..<"2.0.0"'):
            found = self.faults(MANIFEST.replace('exact: "1.16.2"', loose))
            self.assertEqual(found, ["Package.swift: https://example.org/apple/swift-log is not pinned with `exact:`"], loose)

    def test_what_is_not_listed_or_listed_at_another_version_is_found(self):
        for listed in (LISTED.replace("| swift-log |", "| swift-other |"), LISTED.replace("1.16.2", "1.16.1")):
            self.assertEqual(len(self.faults(listed=listed)), 1)

    def test_what_was_resolved_without_a_pin_or_at_another_version_is_found(self):
        self.assertEqual(len(self.faults(resolved={"swift-log": "1.16.2", "swift-nio": "2.101.2"})), 1)
        self.assertEqual(len(self.faults(resolved={"swift-log": "1.17.0"})), 1)

    def test_a_wheel_without_a_checksum_is_found(self):
        self.assertEqual(self.faults(wheels="numpy==2.4.6\n"), ["requirements-run.txt: numpy has no checksum"])


if __name__ == "__main__":
    unittest.main()
