#!/usr/bin/env python3
"""Tests of reading_age.py: syllables, sentences, known terms, and what is too hard."""

import unittest

from reading_age import BEGIN, END, Measure, leaves, measured, page_with, syllables, terms, too_hard

GLOSSARY = "intro\n## Glossary\n\n| English | Hindi |\n| --- | --- |\n| flow cytometry | x |\n| reading (by a doctor), read | x |\n"


class ReadingAgeTest(unittest.TestCase):
    def test_syllables_are_counted_as_they_are_heard(self):
        for word, count in [("cat", 1), ("smear", 1), ("image", 2), ("images", 3), ("table", 2), ("asked", 1), ("needed", 2),
                            ("doctor", 2), ("yellow", 2), ("administrator", 5), ("patient's", 2), ("B7", 1), ("rhythm", 1)]:
            self.assertEqual(syllables(word), count, word)

    def test_sentences_words_and_the_grade_are_those_of_the_formula(self):
        measure = Measure([]).add("The cat sat on the mat. It was happy: it had a mouse!")
        self.assertEqual((measure.sentences, measure.words, measure.syllables), (3, 13, 14))
        self.assertAlmostEqual(measure.grade, 0.39 * 13 / 3 + 11.8 * 14 / 13 - 15.59)
        self.assertEqual(Measure([]).add("...").grade, 0.0)

    def test_a_term_of_the_glossary_a_number_and_a_fact_are_one_known_word(self):
        known = terms(GLOSSARY)
        self.assertIn("flow cytometry", known)
        self.assertIn("readings", known)
        self.assertNotIn("english", known)
        measure = Measure(known).add("Flow cytometry tells {a very long name} from “whatever they wrote” in 12.5 %.")
        self.assertEqual((measure.words, measure.syllables), (7, 7))

    def test_hard_texts_are_told_by_their_key_and_short_ones_together(self):
        hard = "The administrator's authorisation necessitates institutional documentation, registration and verification."
        found = measured(leaves({"a": {"lead": hard, "title": "How it works"}, "b": {"lead": "We saw no bad cells in it at all."}}), [])
        self.assertEqual([each.split(":")[0] for each in too_hard(found)], ["a.lead"])
        self.assertEqual((found["leads"]["texts"], found["headings"]["texts"]), (2, 1))
        short = measured([("a.title", "Institutional authorisation"), ("b.title", "Documentation")], [])
        self.assertEqual(len(too_hard(short)), 1)
        self.assertIn("the short headings together", too_hard(short)[0])

    def test_lists_are_measured_an_entry_at_a_time(self):
        self.assertEqual(leaves({"a": ["x", {"b": "y"}]}), [("a.0", "x"), ("a.1.b", "y")])

    def test_the_page_keeps_everything_else(self):
        self.assertEqual(page_with(f"a\n{BEGIN}\nold\n{END}\nb\n", "new"), f"a\n{BEGIN}\nnew\n{END}\nb\n")


if __name__ == "__main__":
    unittest.main()
