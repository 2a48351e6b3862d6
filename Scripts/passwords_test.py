#!/usr/bin/env python3
"""Tests of passwords.py."""

import unittest

import passwords


class LeakedPasswords(unittest.TestCase):
    def test_keeps_the_order_and_leaves_out_what_is_short(self):
        words = [f"password{number}" for number in range(4000)]
        self.assertEqual(passwords.chosen(["123456", *words, "secret"]), words)

    def test_another_list_is_refused(self):
        for words in ([], ["password1"] * 4000, [f"p{number}" for number in range(9000)]):
            with self.assertRaises(SystemExit):
                passwords.chosen(words)


if __name__ == "__main__":
    unittest.main()
