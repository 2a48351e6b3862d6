#!/usr/bin/env python3
"""Tests of examples.py: the code comes over as it stands, and what is missing is told."""

import unittest

from examples import example, filled

TEST = """@Test func `it runs`() throws {
        let before = 1
        // example
        let seen = try see()
        if seen {
            print(seen)
        }
        // end of example
        #expect(before == 1)
"""
CATALOGUE = "# Title\n<!-- example: Tests/A.swift -->\nold\n<!-- end of example -->\nrest\n"
CODE = "let seen = try see()\nif seen {\n    print(seen)\n}\n"


class ExamplesTest(unittest.TestCase):
    def test_the_lines_between_the_marks_come_without_their_indentation(self):
        self.assertEqual(example(TEST, "A"), CODE)

    def test_none_and_two_are_refused(self):
        for text in ["", TEST + TEST]:
            with self.assertRaises(ValueError):
                example(text, "A")

    def test_a_catalogue_gets_the_code_and_keeps_the_rest(self):
        wanted = f"# Title\n<!-- example: Tests/A.swift -->\n```swift\n{CODE}```\n<!-- end of example -->\nrest\n"
        self.assertEqual(filled(CATALOGUE, {"Tests/A.swift": TEST}.__getitem__), wanted)
        self.assertEqual(filled(wanted, {"Tests/A.swift": TEST}.__getitem__), wanted)

    def test_a_catalogue_without_an_example_is_refused(self):
        with self.assertRaises(ValueError):
            filled("# Title\n", {}.__getitem__)


if __name__ == "__main__":
    unittest.main()
