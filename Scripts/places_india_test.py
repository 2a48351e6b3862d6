#!/usr/bin/env python3
"""Tests of places_india.py: towns are named in the letters of their people, and with their state in the same letters."""

import unittest

from places_india import STATES, TOWNS, names_with_state, native_names, script

VELLORE = {"geonameid": 1253286, "name": "Vellore", "countrycode": "IN", "admin1code": "25", "population": 484_690}


class Names(unittest.TestCase):
    def test_a_town_is_named_in_tamil_and_in_hindi(self):
        self.assertIn("பெங்களூரு", list(native_names({"geonameid": 1277333})))
        self.assertIn("मुंबई", list(native_names({"geonameid": 1275339})))
        self.assertEqual(list(native_names({"geonameid": 1})), [])

    def test_a_state_stands_behind_a_name_in_the_same_letters(self):
        names = list(names_with_state(VELLORE, ["வேலூர்", "वेल्लोर", "Веллор"]))
        for name in ("Vellore Tamil Nadu", "வேலூர் தமிழ்நாடு", "वेल्लोर तमिलनाडु"):
            self.assertIn(name, names)
        self.assertFalse([name for name in names if name.startswith("Веллор")])

    def test_a_small_town_has_its_state_behind_its_own_name_alone(self):
        names = list(names_with_state(VELLORE | {"population": 1000}, ["வேலூர்"]))
        self.assertEqual(names, ["Vellore Tamil Nadu", "Vellore Tamilnadu", "Vellore TN"])

    def test_towns_elsewhere_have_no_state(self):
        self.assertEqual(list(names_with_state(VELLORE | {"countrycode": "US"}, [])), [])

    def test_every_name_is_in_the_letters_of_its_language(self):
        for names, scripts in [(STATES, (0, 1, 2)), (TOWNS, (1, 2))]:
            for key, columns in names.items():
                self.assertEqual(len(columns), len(scripts), key)
                for column, expected in zip(columns, scripts):
                    for name in column.split("|"):
                        self.assertEqual(script(name), expected, name)
        self.assertGreaterEqual(len(TOWNS), 60)


if __name__ == "__main__":
    unittest.main()
