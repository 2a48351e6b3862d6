#!/usr/bin/env python3
"""Tests of requirements_trace.py: a name that does not exist must be found, whatever kind of name it is."""

import tempfile
import unittest
from pathlib import Path

from requirements_trace import Row, Tree, faults


class TraceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name)
        for path, text in (("Sources/Clinic/Accounts+Tokens.swift", "extension Accounts { func revoke() {} }\npublic struct Route {}\n"),
                           ("Tests/ClinicTests/AccountsTests.swift", "@Test func `a token ends with its day`() {}\n"),
                           ("Tests/Server/test_exit.py", "def test_it_ends_in_time(self):\n    pass\n")):
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text(text)
        for name in ("Scripts", "Deployment", "docs", "Models"):
            (root / name).mkdir()
        self.tree = Tree(root)

    def wrong(self, code: str, test: str) -> int:
        return len(faults([Row("security.md", "Requirements", 1, "a promise that is kept", code, test)], self.tree))

    def test_what_exists_passes(self):
        for code in ("`Accounts+Tokens.swift`", "`Route`", "`Accounts.revoke`", "`Clinic`"):
            self.assertEqual(self.wrong(code, "`ClinicTests/AccountsTests`: “a token ends with its day”"), 0, code)
        self.assertEqual(self.wrong("`Route`", "`Tests/Server/test_exit.py`: “it ends in time”"), 0)

    def test_each_kind_of_name_that_is_gone_is_found(self):
        for code in ("`Accounts+Login.swift`", "`Router`", "`Accounts.forget`", "`Scripts/gone.py`"):
            self.assertEqual(self.wrong(code, "–"), 1, code)
        for test in ("`ClinicTests/RouteTests`", "`OtherTests/AccountsTests`", "“a token never ends”", "`Tests/Server/test_gone.py`"):
            self.assertEqual(self.wrong("`Route`", test), 1, test)


if __name__ == "__main__":
    unittest.main()
