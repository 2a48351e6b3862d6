#!/usr/bin/env python3
"""Tests of postcodes.py: a code is where its neighbours are, and nowhere where that cannot be told."""

import unittest

import postcodes
from postcode_places import Country
from postcode_towns import Towns, beginnings, key, middle, readings


def town(number, name, latitude, longitude, population=1000, others=(), region="1"):
    return {"geonameid": number, "name": name, "latitude": latitude, "longitude": longitude, "population": population,
            "alternatenames": list(others), "admin1code": region}


# Two groups of towns, some 550 km apart; Newtown is in both.
TOWNS = [town(number, f"North {number}", 15 + number / 100, 77.5) for number in range(5)]
TOWNS += [town(10 + number, f"Far {number}", 10 + number / 100, 77.5, region="2") for number in range(5)]
TOWNS += [town(20, "Newtown", 15.1, 77.6, 500), town(21, "Newtown", 10.1, 77.6, 90_000, region="2"),
          town(22, "Rājkot", 15.05, 77.55, 9000, ["राजकोट"]), town(23, "Budapest", 47.5, 19.0, 1_700_000)]
LOCALITIES = {f"15000{number}": [f"North {number}"] for number in range(5)}
LOCALITIES |= {f"10000{number}": [f"Far {number}"] for number in range(5)}


def located(localities, points=None, states=None):
    return Country({**LOCALITIES, **localities}, states or {}, points or {}, Towns(TOWNS)).located()


class Names(unittest.TestCase):
    def test_names_are_compared_without_accents_and_signs(self):
        self.assertEqual(key("  Rājkot-Old,  ŁÓDŹ "), "rajkot old lodz")
        self.assertEqual(key("Straße Ørsted"), "strasse orsted")

    def test_a_locality_is_read_in_other_words(self):
        for locality, reading in {
            "Bangalore G.P.O.": "bangalore", "Barauli S.O (Gopalganj)": "barauli", "Campana, La": "la campana",
            "Kappel SO": "kappel", "G.P.O Nairobi": "nairobi", "GODBY, Finström": "finstrom", "ST DENIS": "saint denis",
            "京都市左京区下鴨西高木町": "京都市",
            "Than Pu Yar Village Tract, Thandwe Township": "thandwe", "เมืองเชียงใหม่": key("เชียงใหม่"),
        }.items():
            self.assertIn(reading, readings(locality), locality)
        self.assertEqual(beginnings("Padwa Old S.O (Koraput)"), ["padwa old s", "padwa old", "padwa", "koraput"])

    def test_labels_are_short_and_readable(self):
        self.assertEqual(postcodes.label("CLUJ-NAPOCA  SUD"), "Cluj-napoca Sud")
        self.assertEqual(postcodes.label("浙江省"), "")
        self.assertLessEqual(len(postcodes.label("Mississauga (" + "x" * 80 + ")")), 60)


class Places(unittest.TestCase):
    def test_of_two_towns_of_one_name_the_one_beside_the_neighbours_is_meant(self):
        found = located({"150009": ["Newtown"], "100009": ["Newtown"]})
        self.assertEqual(found["150009"], (15.1, 77.6, "Newtown", "town"))
        self.assertEqual(found["100009"], (10.1, 77.6, "Newtown", "town"))

    def test_a_town_far_from_the_neighbours_is_not_believed(self):
        found = located({"150008": ["Far 2"]})
        self.assertEqual(found["150008"][2:], ("Far 2", "about"))
        self.assertAlmostEqual(found["150008"][0], 15.02)

    def test_a_longer_name_lies_about_its_town(self):
        self.assertEqual(located({"150007": ["Rajkot Malviyanagar"]})["150007"], (15.05, 77.55, "Rajkot Malviyanagar", "about"))

    def test_without_neighbours_a_longer_name_lies_in_a_city_alone(self):
        self.assertEqual(located({"990001": ["Budapest 05. ker."]})["990001"], (47.5, 19.0, "Budapest 05. ker.", "about"))
        self.assertNotIn("990001", located({"990001": ["Rajkot Malviyanagar"]}))

    def test_a_code_without_town_and_near_neighbours_has_no_place(self):
        self.assertNotIn("990001", located({"990001": ["Atlantis"]}))
        # The codes that begin with 1 are too far apart to stand for it.
        self.assertNotIn("120000", located({"120000": ["Atlantis"]}))
        self.assertEqual(located({"150006": ["Atlantis"]})["150006"][3], "about")

    def test_a_position_of_the_list_counts_unless_it_is_far_off(self):
        points = {f"15001{number}": (15 + number / 100, 77.4) for number in range(5)} | {"150015": (8.0, 70.0)}
        found = located({code: ["Atlantis"] for code in points}, points)
        self.assertEqual(found["150010"], (15.0, 77.4, "Atlantis", "point"))
        self.assertEqual(found["150015"][3], "about")

    def test_a_town_of_another_state_is_not_meant(self):
        states = {code: "N" if code.startswith("15") else "S" for code in LOCALITIES} | {"880001": "S"}
        # Nothing lies beside 880001: of the two Newtowns the state tells which.
        self.assertEqual(located({"880001": ["Newtown"]}, states=states)["880001"][:2], (10.1, 77.6))

    def test_the_middle_is_that_of_most(self):
        centre, half, most = middle([(0, 0), (0, 0), (0, 0), (0, 1), (50, 50)])
        self.assertEqual((centre, half), ((0, 0), 0))
        self.assertAlmostEqual(most, 111.2)


class Rows(unittest.TestCase):
    def test_a_block_of_one_place_is_one_row(self):
        here, there = ("1", "2", "Here", "town"), ("3", "4", "There", "town")
        codes = [f"12{tail:02}" for tail in range(12)]
        rows = postcodes.joined([(code, "", here if code < "1210" else there) for code in codes], set(codes))
        self.assertEqual(sorted(rows), [("120", "#", here), ("121", "#", there)])
        # One that has no place keeps the block apart.
        rows = postcodes.joined([(code, "", here) for code in codes[:9]], set(codes))
        self.assertEqual(len(rows), 9)

    def test_what_may_follow_a_code_goes_along(self):
        here = ("1", "2", "Here", "point")
        self.assertEqual(postcodes.joined([("100", "|####", here), ("101", "|####", here)], {"100", "101"}),
                         [("10", "#|#####", here)])

    def test_areas_stand_for_the_codes_in_them(self):
        place = (51.5, 0.0, "London East", "point")
        rows = postcodes.entries({"E": place}, "GB")
        self.assertEqual((len(rows), rows[3]), (10, ("E3", "*", (51.5, 0.0, "London East", "about"))))
        self.assertEqual(postcodes.entries({"IM71AA": place}, "IM"), [("IM7", "*", (51.5, 0.0, "London East", "about"))])
        self.assertEqual(postcodes.entries({"1012": place}, "NL"), [("1012", "|@@", place)])

    def test_codes_are_compared_without_signs_and_their_own_country(self):
        for code, country, expected in [("1000-001", "PT", "1000001"), ("MD-2001", "MD", "2001"), ("IM7 1AA", "IM", "IM71AA"),
                                        ("sw1a 1aa", "GB", "SW1A1AA"), ("BT2328", "BN", "BT2328")]:
            self.assertEqual(postcodes.compared(code, country), expected)


if __name__ == "__main__":
    unittest.main()
