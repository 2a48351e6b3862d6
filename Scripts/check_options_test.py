#!/usr/bin/env python3
"""Tests of check_options.py."""

import unittest

import check_options

SOURCE = '''
struct Serve {
    static let configuration = CommandConfiguration(abstract: "Serves.")
    @Option(help: ArgumentHelp("Where.", valueName: "url"))
    var publicUrl: String?
    @Flag(help: "Also.") var dryRun = false
    @Option(name: .customLong("into"), help: "Folder.") var folder: String
    @Argument(help: "A file.") var file: String
}
'''
HIDDEN = 'static let configuration = CommandConfiguration(shouldDisplay: false)\n@Option var rounds = 1\n'


class Options(unittest.TestCase):
    def test_an_option_has_the_name_that_the_parser_gives_it(self):
        self.assertEqual(check_options.options(SOURCE), {"public-url", "dry-run", "into"})

    def test_an_option_that_no_document_tells_is_a_fault_unless_its_command_is_hidden(self):
        text = "`leukoscope serve --public-url https://a.example --dry-run-not` and `--into DIR`"
        found = check_options.faults({"Serve.swift": SOURCE, "Hidden.swift": HIDDEN}, {"a.md": text})
        self.assertEqual(found, ["Serve.swift: --dry-run is told in no document", "a.md:1: leukoscope has no --dry-run-not"])

    def test_commands_are_read_over_lines_that_go_on_and_up_to_their_end(self):
        text = "`leukoscope-lab draw --count 2`\nleukoscope serve --public-url a \\\n  --gone  # --comment\n`leukoscope serve` or --other\n"
        documents = {"a.md": text + "--dry-run --into"}
        self.assertEqual(check_options.faults({"Serve.swift": SOURCE}, documents), ["a.md:2: leukoscope has no --gone"])


if __name__ == "__main__":
    unittest.main()
