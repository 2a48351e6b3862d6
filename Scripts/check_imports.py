#!/usr/bin/env python3
"""Checks that every import is declared in Package.swift and allowed by docs/architecture.md, that every declared
dependency is imported, that the folders of a target stand on each other in no circle, and that the table of rooms names
them (check_folders.py).

Swift compiles an import of any module that happens to be built already, declared or not, so the compiler does not
guard the architecture; this does. Prints `file:line: reason` for each violation and exits with 1.

    Scripts/check_imports.py [FOLDER_OF_THE_PACKAGE]
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from check_folders import CIRCLES, check_folders, check_rooms

# Modules of the toolchain and the system, free to import everywhere.
SYSTEM = {
    "Swift", "Foundation", "FoundationEssentials", "FoundationNetworking", "FoundationXML", "Dispatch", "Glibc",
    "Darwin", "Synchronization", "Testing", "RegexBuilder", "Observation", "_Concurrency",
}

# A module that only these targets may name, in Package.swift or in an import.
ONLY = {
    "CStatus": {"NativeCalls", "NativeCallsTests", "CVision", "CLearning", "CTorch", "CPage", "CCurl", "CSlides"},
    "NativeCalls": {"Imaging", "Training", "Comparison", "ScreeningReports", "Mail", "RemoteInference", "Slides", "Store", "Telemetry",
                    "NativeCallsTests"},
    "CTorch": {"Training"},
    "COpenVINO": {"Inference"},
    "CVision": {"Imaging"},
    "CLearning": {"Comparison"},
    "CArgon2": {"Clinic"},
    "CMariaDB": {"Store"},
    "GRDB": {"Store"},
    "GRDBSQLite": {"leukoscope-simulate"},
    "CCurl": {"Mail", "RemoteInference", "Store", "Telemetry"},
    "CSlides": {"Slides"},
    "CZlib": {"Formats", "Packaging", "Web"},
    "CQREncode": {"Web"},
    "CPage": {"ScreeningReports", "ScreeningReportsTests"},
    "Hummingbird": {"Web", "WebTests"},
    "HummingbirdTesting": {"WebTests"},
    "HummingbirdTLS": {"Web"},
    "NIOSSL": {"Web"},
    "Mustache": {"Web"},
    "ArgumentParser": {"leukoscope", "leukoscope-lab"},
    "Comparison": {"leukoscope-lab", "ComparisonTests"},
    "Training": {"Comparison", "ComparisonTests", "leukoscope-lab", "TrainingTests", "CellsTests"},
}

# What these targets may stand on, the system's modules aside.
STANDS_ON = {"Offloading": set(), "Formats": {"CZlib"}, "Randomness": set(), "Tensors": set(), "Findings": set(),
             "Evaluation": {"Findings", "Randomness"}}

# What a target may not name itself, though something below it does.
NEVER_IMPORTS = {
    "Web": {"Inference", "Tensors", "Networks", "Training", "CVision", "COpenVINO", "CTorch", "Store"},
}

# What a target may not reach at all, however many steps down.
NEVER_REACHES = {
    "leukoscope": {"CTorch", "CLearning", "Training", "Networks"},
    "Web": {"CTorch", "CLearning", "Training", "Networks", "Store"},
    "Clinic": {"Hummingbird", "Mustache", "Screening", "Store"},
    "Casework": {"Hummingbird", "Mustache", "Store"},
    "Screening": {"Hummingbird", "Mustache"},
    "ScreeningReports": {"Hummingbird", "Mustache", "Store"},
    "Training": {"Web", "Screening", "Hummingbird"},
}

# What a target's code may not say: handlers call the use cases, which alone hold transactions and have threads for images.
NEVER_SAYS = {
    "Web": [
        (re.compile(r"(\bClinicTransaction\b|\bany [A-Z]\w*Rows\b|\bdatabase\.(?:read|write)\b|\btransaction\b)"),
         "holds no transaction; put it into a use case of Clinic or Casework"),
        (re.compile(r"(\bImage(?:De|En)coder\b|\bRGBImage\b|\bDrawnSmear\b|\bHeatmapOverlay\b|\bImageSight\b)"),
         "decodes, draws and encodes no image; let Casework or Screening do it"),
    ],
}

# Headers of a native library, and the targets whose C++ may include them; of two that match, the first counts.
HEADERS = {"torch/": {"CTorch"}, "ATen/": {"CTorch"}, "c10/": {"CTorch"}, "opencv2/ml": {"CLearning"},
           "opencv2/features2d": {"CLearning", "CVision"}, "opencv2/": {"CStatus", "CVision", "CLearning"}, "openvino/": {"COpenVINO"},
           "lcms2": {"CVision"}, "openslide": {"CSlides"}, "cairo": {"CPage"}, "pango/": {"CPage"}}

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:typealias|struct|class|enum|protocol|let|var|func|actor)\s+)?(\w+)",
    re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*(?:include|import)\s*[<"]([^>"]+)[>"]', re.MULTILINE)
# Comments and string literals; what comes first at a place wins, as in the compiler.
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|(#*)"""(?:\\.|(?!"""\1).)*"""\1|(#+)"(?:(?!"\2)[^\n])*"\2|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def without_comments_and_strings(source: str) -> str:
    """The same text with comments and literals blanked, line numbers kept."""
    return NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), source)


def matches(pattern: re.Pattern, text: str):
    """Pairs of line number and the pattern's group 1."""
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start(1)) + 1, match.group(1)


def declared_targets(package: dict) -> dict[str, dict]:
    """Target name to its kind, folder and the names of what it declares."""
    targets = {}
    for target in package["targets"]:
        names = set()
        for dependency in target["dependencies"]:
            # What is named for one platform alone is there for its pin: none of ours is built for another than Linux.
            names.update(values[0] for values in dependency.values() if not (values[-1] or {}).get("platformNames"))
        folder = target.get("path") or f"{'Tests' if target['type'] == 'test' else 'Sources'}/{target['name']}"
        targets[target["name"]] = {"kind": target["type"], "folder": folder, "declares": names}
    return targets


def reachable(name: str, targets: dict[str, dict]) -> set[str]:
    """Everything below a target, itself left out."""
    found, waiting = set(), [name]
    while waiting:
        for below in targets.get(waiting.pop(), {}).get("declares", ()):
            if below not in found:
                found.add(below)
                waiting.append(below)
    return found


def rule_broken(target: str, module: str) -> str | None:
    """Why the architecture forbids that the target names the module, if it does."""
    allowed = ONLY.get(module)
    if allowed is not None and target not in allowed:
        return f"only {', '.join(sorted(allowed))} may use {module}, not {target}"
    if module not in STANDS_ON.get(target, {module}):
        return f"{target} stands on {', '.join(sorted(STANDS_ON[target])) or 'nothing'} alone and may not use {module}"
    if module in NEVER_IMPORTS.get(target, ()):
        return f"{target} may not use {module}"
    return None


def check_declarations(targets: dict[str, dict]) -> list[str]:
    """Violations in Package.swift itself."""
    found = []
    for name, target in targets.items():
        for module in sorted(target["declares"]):
            reason = rule_broken(name, module)
            if reason:
                found.append(f"Package.swift: {reason}")
        for module in sorted(NEVER_REACHES.get(name, set()) & reachable(name, targets)):
            found.append(f"Package.swift: {name} reaches {module} through its dependencies")
    return found


def check_swift(code: str, shown: str, name: str, target: dict) -> list[str]:
    """Violations in the imports of one Swift file, given its text without comments and strings."""
    found = []
    for pattern, reason in NEVER_SAYS.get(name, ()):
        found += [f"{shown}:{line}: {name} {reason} ({word})" for line, word in matches(pattern, code)]
    for line, module in matches(IMPORT, code):
        if module in SYSTEM or module == name:
            continue
        reason = rule_broken(name, module)
        if reason:
            found.append(f"{shown}:{line}: {reason}")
        elif module not in target["declares"]:
            found.append(f"{shown}:{line}: {name} imports {module}, which Package.swift does not declare for it")
    return found


def check_use(codes: list[str], name: str, target: dict) -> list[str]:
    """Dependencies that Package.swift declares for a target, and no file of it imports."""
    imported = {module for code in codes for _, module in matches(IMPORT, code)}
    return [f"Package.swift: {name} declares {module} and imports it nowhere"
            for module in sorted(target["declares"] - imported)] if codes else []


def check_native(file: Path, shown: str, name: str) -> list[str]:
    """Violations in the includes of one C or C++ file."""
    found = []
    for line, header in matches(INCLUDE, file.read_text()):
        prefix = next((each for each in HEADERS if header.startswith(each)), None)
        if prefix and name not in HEADERS[prefix]:
            found.append(f"{shown}:{line}: only {', '.join(sorted(HEADERS[prefix]))} may include <{prefix}…>, not {name}")
    return found


def violations(root: Path, package: dict, circles: dict = CIRCLES) -> list[str]:
    """All violations of a package, given the JSON of `swift package dump-package` and the circles of folders allowed."""
    targets = declared_targets(package)
    found = check_declarations(targets)
    for name, target in targets.items():
        codes = {}
        for file in sorted((root / target["folder"]).rglob("*")):
            shown = str(file.relative_to(root))
            if file.suffix == ".swift":
                code = codes[file.relative_to(root / target["folder"])] = without_comments_and_strings(file.read_text())
                found += check_swift(code, shown, name, target)
            elif file.suffix in {".h", ".hpp", ".c", ".cc", ".cpp"}:
                found += check_native(file, shown, name)
        found += check_use(list(codes.values()), name, target)
        found += check_folders(name, codes, circles.get(name, {}))
    return found


def package_description(root: Path) -> dict:
    """What `swift package dump-package` says of the whole package."""
    environment = {key: value for key, value in os.environ.items() if key != "LEUKOSCOPE_ONLY"}
    dump = subprocess.run(
        ["swift", "package", "--package-path", str(root), "dump-package"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if dump.returncode:
        sys.exit(dump.returncode)
    return json.loads(dump.stdout)


def swift_folders(root: Path) -> dict[str, set[str]]:
    """The folders in each target with code in Swift, those of the documentation aside."""
    return {target.name: {each.name for each in target.iterdir() if each.is_dir() and each.suffix != ".docc"}
            for target in (root / "Sources").iterdir() if any(target.rglob("*.swift"))}


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    found = violations(root, package_description(root))
    found += check_rooms((root / "docs/architecture.md").read_text(), swift_folders(root))
    print("\n".join(found) if found else
          "import check: every import is declared and allowed, every declaration is used, no folders in a circle, every room is named")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
