#!/usr/bin/env python3
"""Tests of check_imports.py: each seeded violation must be found at its line, and nothing else reported."""

import tempfile
import unittest
from pathlib import Path

from check_folders import check_folders, check_rooms
from check_imports import violations, without_comments_and_strings


def target(name: str, *declares: str, kind: str = "regular") -> dict:
    return {"name": name, "type": kind, "dependencies": [{"byName": [each, None]} for each in declares]}


class CheckImportsTest(unittest.TestCase):
    def check(self, targets: list[dict], files: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                file = Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return violations(Path(folder), {"targets": targets}, circles={})

    def test_declared_and_system_imports_pass(self):
        targets = [target("Imaging", "CVision"), target("ImagingTests", "Imaging", kind="test")]
        files = {
            "Sources/Imaging/A.swift": "import Foundation\ninternal import CVision\n",
            "Tests/ImagingTests/B.swift": "import Testing\nimport Imaging\n",
        }
        self.assertEqual(self.check(targets, files), [])

    def test_every_spelling_of_an_import_is_seen(self):
        spellings = [
            "import Crypto", "internal import Crypto", "@preconcurrency import Crypto",
            "@_spi(Testing) public import Crypto", "import struct Crypto.SHA256", "  import Crypto.Digest",
            "@testable import Crypto",
        ]
        for spelling in spellings:
            with self.subTest(spelling):
                found = self.check([target("Imaging")], {"Sources/Imaging/A.swift": f"// one\n\n{spelling}\n"})
                self.assertEqual(found, [
                    "Sources/Imaging/A.swift:3: Imaging imports Crypto, which Package.swift does not declare for it"])

    def test_comments_and_strings_hold_no_imports(self):
        text = '/* import A\nimport B */\n// import C\nlet s = """\nimport D\n"""\nlet r = #"import "E""#\n'
        self.assertEqual(self.check([target("Imaging")], {"Sources/Imaging/A.swift": text}), [])

    def test_an_import_after_a_string_and_a_comment_keeps_its_line(self):
        text = 'let a = """\n//\n"""\n/* two\nlines */ import Crypto\n'
        found = self.check([target("Imaging")], {"Sources/Imaging/A.swift": text})
        self.assertEqual([each.split(": ")[0] for each in found], ["Sources/Imaging/A.swift:5"])

    def test_what_a_dependency_declares_is_not_inherited(self):
        targets = [target("Tensors"), target("Networks", "Tensors"), target("Reports", "Networks")]
        found = self.check(targets, {"Sources/Reports/A.swift": "import Networks\nimport Tensors\n"})
        self.assertEqual(found, [
            "Sources/Reports/A.swift:2: Reports imports Tensors, which Package.swift does not declare for it"])

    def test_web_never_sees_the_network_even_if_declared(self):
        found = self.check([target("Inference"), target("Web", "Inference")],
                           {"Sources/Web/A.swift": "import Inference\n"})
        self.assertEqual(found, ["Package.swift: Web may not use Inference",
                                 "Sources/Web/A.swift:1: Web may not use Inference"])

    def test_web_holds_no_transaction(self):
        text = '''let a = try await services.database.read {\n    try $0.user(id)\n}\n// ClinicTransaction\n'''
        text += "func f(_ rows: any UserRows, hasRows: Bool) {}\n"
        found = self.check([target("Web")], {"Sources/Web/A.swift": text})
        self.assertEqual([each.rsplit(" ", 1)[1] for each in found], ["(database.read)", "UserRows)"])
        self.assertEqual(self.check([target("Casework")], {"Sources/Casework/A.swift": text}), [])

    def test_web_decodes_and_encodes_no_image(self):
        text = "func f(_ picture: RGBImage) throws { _ = try ImageEncoder.png(picture) }\nlet limits = ImageLimits()\n"
        found = self.check([target("Web")], {"Sources/Web/A.swift": text})
        self.assertEqual([each.rsplit(" ", 1)[1] for each in found], ["(RGBImage)", "(ImageEncoder)"])
        self.assertEqual(self.check([target("Casework")], {"Sources/Casework/A.swift": text}), [])

    def test_only_training_uses_libtorch(self):
        found = self.check([target("CTorch"), target("Networks", "CTorch")], {})
        self.assertEqual(found, ["Package.swift: only Training may use CTorch, not Networks"])

    def test_the_server_never_reaches_libtorch(self):
        targets = [target("CTorch"), target("Training", "CTorch"), target("Datasets", "Training"),
                   target("leukoscope", "Datasets", kind="executable")]
        found = self.check(targets, {})
        self.assertIn("Package.swift: leukoscope reaches CTorch through its dependencies", found)

    def test_metrics_stand_on_random_numbers_alone(self):
        found = self.check([target("Evaluation", "Imaging", "Randomness")], {})
        self.assertEqual(found, ["Package.swift: Evaluation stands on Findings, Randomness alone and may not use Imaging"])

    def test_native_headers_stay_in_their_target(self):
        found = self.check([target("CVision")], {
            "Sources/CVision/a.cpp": "#include <opencv2/core.hpp>\n  #include <torch/torch.h>\n"})
        self.assertEqual(found, ["Sources/CVision/a.cpp:2: only CTorch may include <torch/…>, not CVision"])

    def test_two_targets_share_opencv_but_not_all_of_it(self):
        found = self.check([target("CVision"), target("CLearning"), target("CTorch")], {
            "Sources/CVision/a.cpp": "#include <opencv2/core.hpp>\n#include <opencv2/ml.hpp>\n",
            "Sources/CLearning/a.cpp": "#include <opencv2/core.hpp>\n#include <opencv2/features2d.hpp>\n",
            "Sources/CTorch/a.cpp": "#include <opencv2/core.hpp>\n"})
        self.assertEqual(found, [
            "Sources/CVision/a.cpp:2: only CLearning may include <opencv2/ml…>, not CVision",
            "Sources/CTorch/a.cpp:1: only CLearning, CStatus, CVision may include <opencv2/…>, not CTorch"])

    def test_a_declared_dependency_that_nothing_imports_is_found(self):
        targets = [target("Imaging"), target("Tensors"), target("Screening", "Imaging", "Tensors"),
                   target("ScreeningTests", "Screening", kind="test")]
        found = self.check(targets, {
            "Sources/Screening/A.swift": "// import Tensors\nimport Imaging\n",
            "Tests/ScreeningTests/A.swift": "import Testing\n"})
        self.assertEqual(found, ["Package.swift: Screening declares Tensors and imports it nowhere",
                                 "Package.swift: ScreeningTests declares Screening and imports it nowhere"])

    def test_a_circle_of_folders_is_found_through_the_whole_check(self):
        found = self.check([target("Practice")], {
            "Sources/Practice/Cases/A.swift": "public struct SmearCase { var owner: User }\n",
            "Sources/Practice/Accounts/B.swift": "public struct User { var cases: [SmearCase] }\n"})
        self.assertEqual(found, [
            "Practice: folders in a circle: Accounts → Cases → Accounts (Accounts/B.swift:1 names SmearCase)"])


class CheckFoldersTest(unittest.TestCase):
    def check(self, files: dict[str, str], allowed: dict[tuple[str, str], str] | None = None) -> list[str]:
        codes = {Path(path): without_comments_and_strings(text) for path, text in files.items()}
        return check_folders("Clinic", codes, allowed or {})

    circle = {"Low/A.swift": "struct A {}\nlet b: B\n", "High/B.swift": "public enum B { case of(A) }\n"}

    def test_one_direction_passes(self):
        self.assertEqual(self.check({"Low/A.swift": "struct A {}\n", "High/B.swift": "struct B { var a: A }\n"}), [])

    def test_a_circle_names_folders_file_and_type(self):
        self.assertEqual(self.check(self.circle), [
            "Clinic: folders in a circle: High → Low → High (High/B.swift:1 names A)"])

    def test_a_longer_circle_is_found(self):
        found = self.check({"One/A.swift": "struct A { var b: B }", "Two/B.swift": "struct B { var c: C }",
                            "Three/C.swift": "struct C { var a: [A] }"})
        self.assertEqual(found, ["Clinic: folders in a circle: One → Two → Three → One (One/A.swift:1 names B)"])

    def test_the_table_allows_an_edge(self):
        self.assertEqual(self.check(self.circle, {("Low", "High"): "A knows what it is in"}), [])

    def test_a_row_that_closes_no_circle_any_more_is_an_error(self):
        stale = "Clinic: the table allows Low → High, which closes no circle any more: remove the row"
        row = {("Low", "High"): "A knows what it is in"}
        self.assertEqual(self.check({"Low/A.swift": "struct A {}", "High/B.swift": "struct B { let a: A }"}, row), [stale])
        self.assertEqual(self.check({"Low/A.swift": "struct A { let b: B }", "High/B.swift": "struct B {}"}, row), [stale])

    def test_comments_strings_members_and_the_files_own_types_are_no_use(self):
        high = ("public struct B { var a: A }\n",)
        for line in ["// B\n", "/* B */\n", 'let s = "B"\n', "let b = Other.B()\n", "extension A { struct B {} }\nlet b: A.B\n",
                     "func own() { struct B {}; _ = B() }\n"]:
            with self.subTest(line):
                self.assertEqual(self.check({"Low/A.swift": "struct A {}\n" + line, "High/B.swift": high[0]}), [])

    def test_files_beside_the_folders_are_ground_for_all(self):
        self.assertEqual(self.check({"Ground.swift": "struct G { var a: A }", "Low/A.swift": "struct A { var g: G }"}), [])

    def test_types_of_one_file_and_types_of_the_same_name_do_not_count(self):
        self.assertEqual(self.check({
            "Low/A.swift": "struct A {}\nprivate struct Row { var b: Int }\nlet row: Row\nstruct Same {}\n",
            "High/B.swift": "struct B { var a: A }\nprivate struct Row {}\nstruct Same {}\n",
            "High/C.swift": "let s: Same\n", "Low/D.swift": "let s: Same\n"}), [])

    def test_every_kind_of_declaration_is_seen(self):
        for declaration in ["public final class B", "@MainActor struct B", "indirect enum B", "public actor B", "protocol B",
                            "package typealias B", "@frozen public struct B<T>: Sendable"]:
            with self.subTest(declaration):
                self.assertEqual(len(self.check({"Low/A.swift": "struct A {}\nlet b: B\n",
                                                 "High/B.swift": declaration + "\nlet a: A\n"})), 1)


class RoomsTest(unittest.TestCase):
    PAGE = "# A\n\n## Rooms\n\n| target | folders |\n|---|---|\n| `Imaging` | `Cells`, `Rows/<the same>` (of all) |\n\n## Words\n"

    def test_rooms_that_are_folders_pass(self):
        self.assertEqual(check_rooms(self.PAGE, {"Imaging": {"Cells", "Rows", "Resources"}, "Mail": set()}), [])

    def test_a_folder_that_is_not_named_and_a_room_that_is_gone_are_found(self):
        self.assertEqual(check_rooms(self.PAGE, {"Imaging": {"Rows", "Scale"}, "Mail": {"Letters"}}), [
            "docs/architecture.md: the table of rooms lacks Imaging/Scale",
            "docs/architecture.md: Imaging/Cells in the table of rooms is no folder",
            "docs/architecture.md: the table of rooms lacks Mail/Letters"])


if __name__ == "__main__":
    unittest.main()
