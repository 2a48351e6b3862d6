#!/usr/bin/env python3
"""Checks that every import is declared in Package.swift and allowed by docs/architecture.md.

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

# Modules of the toolchain and the system, free to import everywhere.
SYSTEM = {
    "Swift", "Foundation", "FoundationEssentials", "FoundationNetworking", "FoundationXML", "Dispatch", "Glibc",
    "Darwin", "Synchronization", "Testing", "RegexBuilder", "Observation", "_Concurrency",
}

# A module that only these targets may name, in Package.swift or in an import.
ONLY = {
    "CTorch": {"Training"},
    "COpenVINO": {"Inference"},
    "CVision": {"Imaging"},
    "CLearning": {"Comparison"},
    "SwiftProtobuf": {"Networks"},
    "CArgon2": {"Clinic"},
    "CMariaDB": {"Store"},
    "GRDB": {"Store"},
    "CCurl": {"Mail"},
    "CZlib": {"Packaging", "Web"},
    "CPage": {"ScreeningReports"},
    "Hummingbird": {"Web", "WebTests"},
    "HummingbirdTesting": {"WebTests"},
    "Mustache": {"Web"},
    "ArgumentParser": {"leukoscope", "leukoscope-lab"},
    "Comparison": {"leukoscope-lab", "ComparisonTests"},
    "Training": {"Comparison", "ComparisonTests", "leukoscope-lab", "TrainingTests"},
}

# What these targets may stand on, the system's modules aside.
STANDS_ON = {"Offloading": set(), "Randomness": set(), "Tensors": set(), "Evaluation": {"Randomness"}}

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

# Headers of a native library, and the targets whose C++ may include them; of two that match, the first counts.
HEADERS = {"torch/": {"CTorch"}, "ATen/": {"CTorch"}, "c10/": {"CTorch"}, "opencv2/ml": {"CLearning"},
           "opencv2/features2d": {"CLearning"}, "opencv2/": {"CVision", "CLearning"}, "openvino/": {"COpenVINO"},
           "lcms2": {"CVision"}, "cairo": {"CPage"}, "pango/": {"CPage"}}

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
            names.update(values[0] for values in dependency.values())
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


def check_swift(file: Path, shown: str, name: str, target: dict) -> list[str]:
    """Violations in the imports of one Swift file."""
    found = []
    for line, module in matches(IMPORT, without_comments_and_strings(file.read_text())):
        if module in SYSTEM or module == name:
            continue
        reason = rule_broken(name, module)
        if reason:
            found.append(f"{shown}:{line}: {reason}")
        elif module not in target["declares"]:
            found.append(f"{shown}:{line}: {name} imports {module}, which Package.swift does not declare for it")
    return found


def check_native(file: Path, shown: str, name: str) -> list[str]:
    """Violations in the includes of one C or C++ file."""
    found = []
    for line, header in matches(INCLUDE, file.read_text()):
        prefix = next((each for each in HEADERS if header.startswith(each)), None)
        if prefix and name not in HEADERS[prefix]:
            found.append(f"{shown}:{line}: only {', '.join(sorted(HEADERS[prefix]))} may include <{prefix}…>, not {name}")
    return found


def violations(root: Path, package: dict) -> list[str]:
    """All violations of a package, given the JSON of `swift package dump-package`."""
    targets = declared_targets(package)
    found = check_declarations(targets)
    for name, target in targets.items():
        for file in sorted((root / target["folder"]).rglob("*")):
            shown = str(file.relative_to(root))
            if file.suffix == ".swift":
                found += check_swift(file, shown, name, target)
            elif file.suffix in {".h", ".hpp", ".c", ".cc", ".cpp"}:
                found += check_native(file, shown, name)
    return found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    environment = {key: value for key, value in os.environ.items() if key != "LEUKOSCOPE_ONLY"}
    dump = subprocess.run(
        ["swift", "package", "--package-path", str(root), "dump-package"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if dump.returncode:
        return dump.returncode
    found = violations(root, json.loads(dump.stdout))
    print("\n".join(found) if found else "import check: every import is declared and allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
