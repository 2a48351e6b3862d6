#!/usr/bin/env python3
"""Mutation testing: does a test fail when the code has a small fault?

Writes a copy of the package in which `Findings`, the rules of `Clinic` and `Evaluation` have every mutant that `mutants.py`
finds, each behind a switch, builds it once, finds out which suites reach which mutants, and runs those suites with one
mutant at a time switched on (`LEUKOSCOPE_MUTANT`). Writes docs/mutation.md and docs/mutation.json.

    Scripts/mutate.py [--folder DIR] [--steps write,build,run,tell] [--sample N] [--only PATTERN] [--jobs N]

The groups of `GATED` must reach 80 %; else the script ends with 1. `--sample` takes so many mutants of each other group, the
same ones each time.
"""

import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from mutants import Finder, mutated

ROOT = Path(__file__).resolve().parent.parent
PAGE, RESULTS = ROOT / "docs/mutation.md", ROOT / "docs/mutation.json"
GATE = 0.8
# Group, whether it is gated, and its files; a file belongs to the first group that names it.
GROUPS = [
    ("decision rule", True, ["Findings/DecisionFacts.swift", "Findings/Decision.swift", "Findings/Finding.swift",
                             "Findings/SmearClass.swift", "Findings/ImageQuality.swift"]),
    ("verdict", True, ["Clinic/Cases/CaseVerdict.swift", "Clinic/Cases/CaseReadings.swift", "Clinic/Cases/CaseContents.swift"]),
    ("booking", True, ["Clinic/Booking/*.swift"]),
    ("access", True, ["Clinic/Cases/CaseAccess.swift", "Clinic/Cases/ReadableScreening.swift",
                      "Clinic/Readings/ScreeningAccess.swift", "Clinic/Readings/Sharing.swift"]),
    ("other findings", False, ["Findings/*.swift"]),
    ("other rules of cases and readings", False, ["Clinic/Cases/*.swift", "Clinic/Readings/*.swift"]),
    ("rules of accounts", False, ["Clinic/Accounts/AccountRules.swift", "Clinic/Accounts/PasswordRules.swift",
                                  "Clinic/Accounts/SessionPolicy.swift", "Clinic/Accounts/Reauthentication.swift",
                                  "Clinic/Accounts/TOTP.swift"]),
    ("reviews and ranking", False, ["Clinic/Reviews/*.swift", "Clinic/Recommendation/*.swift"]),
    ("evaluation", False, ["Evaluation/*/*.swift"]),
]
MODULES = ["Findings", "Clinic", "Evaluation"]
SWITCH = '''import Glibc

/// Which mutant is switched on; written by Scripts/mutate.py.
enum mutated {
    private static let chosen = getenv("LEUKOSCOPE_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0
    private static let trace: Int32 = getenv("LEUKOSCOPE_MUTANT_TRACE").map { open($0, O_WRONLY | O_CREAT | O_APPEND, 0o600) } ?? -1
    nonisolated(unsafe) private static let reached = UnsafeMutablePointer<Bool>.allocate(capacity: LIMIT)

    static func isOn(_ id: Int) -> Bool {
        if trace >= 0, !reached[id] {
            reached[id] = true
            let line = "\\(id)\\n"
            _ = line.withCString { write(trace, $0, line.utf8.count) }
        }
        return id == chosen
    }

    static func keeps(_ id: Int) -> Bool { !isOn(id) }
    static func negated(_ id: Int, _ value: Bool) -> Bool { isOn(id) ? !value : value }
    static func flag(_ id: Int, _ value: Bool) -> Bool { isOn(id) ? !value : value }
    static func number<T: Numeric>(_ id: Int, _ value: T) -> T { isOn(id) ? value + 1 : value }
    static func less<T: Comparable>(_ id: Int, _ a: T, _ b: T) -> Bool { isOn(id) ? a <= b : a < b }
    static func lessOrEqual<T: Comparable>(_ id: Int, _ a: T, _ b: T) -> Bool { isOn(id) ? a < b : a <= b }
    static func greater<T: Comparable>(_ id: Int, _ a: T, _ b: T) -> Bool { isOn(id) ? a >= b : a > b }
    static func greaterOrEqual<T: Comparable>(_ id: Int, _ a: T, _ b: T) -> Bool { isOn(id) ? a > b : a >= b }
    static func equal<T: Equatable>(_ id: Int, _ a: T, _ b: T) -> Bool { isOn(id) ? a != b : a == b }
    static func unequal<T: Equatable>(_ id: Int, _ a: T, _ b: T) -> Bool { isOn(id) ? a == b : a != b }
    static func sum<T: AdditiveArithmetic>(_ id: Int, _ a: T, _ b: T) -> T { isOn(id) ? a - b : a + b }
    static func difference<T: AdditiveArithmetic>(_ id: Int, _ a: T, _ b: T) -> T { isOn(id) ? a + b : a - b }
    static func product(_ id: Int, _ a: Double, _ b: Double) -> Double { isOn(id) ? a / b : a * b }
    static func product(_ id: Int, _ a: Int, _ b: Int) -> Int { isOn(id) ? (b == 0 ? 0 : a / b) : a * b }
    static func quotient(_ id: Int, _ a: Double, _ b: Double) -> Double { isOn(id) ? a * b : a / b }
    static func quotient(_ id: Int, _ a: Int, _ b: Int) -> Int { isOn(id) ? a &* b : a / b }
    static func both(_ id: Int, _ a: Bool, _ b: @autoclosure () -> Bool) -> Bool { isOn(id) ? a || b() : a && b() }
    static func either(_ id: Int, _ a: Bool, _ b: @autoclosure () -> Bool) -> Bool { isOn(id) ? a && b() : a || b() }
}
'''


def group_of(path: str) -> str | None:
    return next((name for name, _, patterns in GROUPS if any(Path(path).match(pattern) for pattern in patterns)), None)


class Place:
    """The copy of the package, and what is known of it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.state = folder / "mutants.json"

    def copy(self, limit: int):
        for name in ("Sources", "Tests"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            shutil.copytree(ROOT / name, self.folder / name, symlinks=True)
        package = (ROOT / "Package.swift").read_text().replace("    .treatAllWarnings(as: .error),\n", "")
        (self.folder / "Package.swift").write_text(package)
        for name in ("Models", "docs", "Recipes", ".deps"):
            if (ROOT / name).exists() and not (self.folder / name).exists():
                (self.folder / name).symlink_to(ROOT / name)
        for module in MODULES:
            (self.folder / f"Sources/{module}/Mutants.swift").write_text(SWITCH.replace("LIMIT", str(limit)))

    def write(self, mutants: list[dict], dropped: set[int]):
        by_file: dict[str, list] = {}
        for each in mutants:
            if each["mutant"].number not in dropped:
                by_file.setdefault(each["path"], []).append(each["mutant"])
        for path in {each["path"] for each in mutants}:
            source = (ROOT / "Sources" / path).read_text()
            (self.folder / "Sources" / path).write_text(mutated(source, by_file.get(path, [])))


def found_mutants(only: str) -> list[dict]:
    found = []
    for module in MODULES:
        for file in sorted((ROOT / "Sources" / module).rglob("*.swift")):
            path = str(file.relative_to(ROOT / "Sources"))
            group = group_of(path)
            if group is None or only not in path:
                continue
            for mutant in Finder(file.read_text()).find():
                found.append({"path": path, "group": group, "mutant": mutant})
    for number, each in enumerate(found, 1):
        each["mutant"].number = number
    return found


def blamed(mutants: list[dict], refused: set[tuple[str, int]], dropped: set[int]) -> set[int]:
    """The mutants that errors at these lines may come of: those of the line, or of what stands before it."""
    found = set()
    for file, line in refused:
        own = [each["mutant"] for each in mutants
               if file.endswith("/Sources/" + each["path"]) and each["mutant"].number not in dropped]
        found |= ({mutant.number for mutant in own if mutant.line <= line <= mutant.last_line}
                  or {mutant.number for mutant in own if line - 4 <= mutant.line < line and "left out" in mutant.what}
                  or {mutant.number for mutant in own if line - 14 <= mutant.line < line})
    return found


def build(place: Place, mutants: list[dict]):
    """Builds; leaves out what the compiler refuses, and tries again."""
    # Of the same mutants the last build has found out what is refused.
    known = json.loads(place.state.read_text()) if place.state.exists() else {}
    names = [f"{each['path']}:{each['mutant'].line}:{each['mutant'].what}" for each in mutants]
    dropped: set[int] = set(known["dropped"]) if known.get("names") == names else set()
    environment = os.environ | {"LEUKOSCOPE_ONLY": ",".join(MODULES)}
    for _ in range(12):
        place.write(mutants, dropped)
        run = subprocess.run(["swift", "build", "-c", "release", "--build-tests", "--ignore-lock"], cwd=place.folder,
                             env=environment, capture_output=True, text=True)
        place.state.write_text(json.dumps({"names": names, "dropped": sorted(dropped)}))
        if run.returncode == 0:
            return
        refused = {(str(Path(file).resolve()), int(line)) for file, line in
                   re.findall(r"^(/\S+\.swift):(\d+):\d+: error:", run.stdout + run.stderr, re.MULTILINE)}
        more = blamed(mutants, refused, dropped)
        print(f"the compiler refuses {len(more)} mutants", flush=True)
        if not more:
            sys.exit("\n".join((run.stdout + run.stderr).splitlines()[-60:]))
        dropped |= more
    sys.exit("the compiler still refuses mutants after 12 tries")


class Suites:
    """Runs suites of the built copy."""

    def __init__(self, place: Place):
        self.folder = place.folder
        self.program = place.folder / ".build/release/LeukoscopePackageTests.xctest"

    def names(self) -> list[str]:
        found = []
        for module in MODULES:
            for file in sorted((self.folder / f"Tests/{module}Tests").rglob("*.swift")):
                text = file.read_text()
                if "@Test" in text:
                    found += [f"{module}Tests.{name}" for name in
                              re.findall(r"^(?:@Suite.*\n)?struct (\w+Tests) ", text, re.MULTILINE)]
        return found

    def run(self, suite: str, variables: dict[str, str], limit: float) -> bool | None:
        """Whether it passed; nil where it took too long."""
        name = re.escape(suite) + r"(/|$)"
        try:
            run = subprocess.run([self.program, "--testing-library", "swift-testing", "--filter", name], cwd=self.folder,
                                 env=os.environ | variables, capture_output=True, timeout=limit, text=True)
        except subprocess.TimeoutExpired:
            return None
        if run.returncode == 0 and " 0 tests" in run.stdout + run.stderr:
            sys.exit(f"{suite} ran no test")
        return run.returncode == 0


def reach(suites: Suites) -> dict[str, dict]:
    found = {}
    for suite in suites.names():
        trace = suites.folder / f".reached-{suite}"
        trace.unlink(missing_ok=True)
        began = time.monotonic()
        if suites.run(suite, {"LEUKOSCOPE_MUTANT_TRACE": str(trace)}, 600) is not True:
            sys.exit(f"{suite} fails without any mutant")
        seconds = time.monotonic() - began
        reached = sorted({int(line) for line in trace.read_text().split()}) if trace.exists() else []
        found[suite] = {"seconds": seconds, "reached": reached}
        print(f"{suite}: {len(reached)} mutants in {seconds:.1f} s", flush=True)
    return found


def judge(number: int, suites: Suites, known: dict[str, dict]) -> str:
    covering = sorted((suite for suite, each in known.items() if number in each["set"]), key=lambda suite: known[suite]["seconds"])
    if not covering:
        return "unreached"
    for suite in covering:
        limit = 20 + 10 * known[suite]["seconds"]
        if suites.run(suite, {"LEUKOSCOPE_MUTANT": str(number)}, limit) is not True:
            return "killed"
    return "survived"


def run_all(place: Place, mutants: list[dict], jobs: int) -> dict[int, str]:
    suites = Suites(place)
    known = reach(suites)
    for each in known.values():
        each["set"] = set(each["reached"])
    fates: dict[int, str] = {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(judge, each["mutant"].number, suites, known): each for each in mutants}
        for count, done in enumerate(concurrent.futures.as_completed(waiting), 1):
            fates[waiting[done]["mutant"].number] = done.result()
            if count % 50 == 0:
                print(f"{count} of {len(mutants)}", flush=True)
    return fates


def chosen(mutants: list[dict], sample: int) -> list[dict]:
    """All of the gated groups, and of each other one a sample: in an order that another seed would change."""
    found = []
    for name, gated, _ in GROUPS:
        own = [each for each in mutants if each["group"] == name]
        if not gated and sample and len(own) > sample:
            own = sorted(random.Random(1).sample(own, sample), key=lambda each: each["mutant"].number)
        found += own
    return found


def page(results: dict) -> str:
    lines = ["# Mutation testing", "",
             "Written by `make mutation` (`Scripts/mutate.py`): small faults put into the code one at a time, and whether a test fails.",
             "A mutant that no test reaches counts as not killed. Of a group that is marked as sampled a seeded part was tried.", "",
             "| group | mutants | tried | killed | share | not killed | of these never reached |", "|---|---|---|---|---|---|---|"]
    for name, gated, _ in GROUPS:
        own = [each for each in results["mutants"] if each["group"] == name]
        if not own:
            continue
        killed = sum(each["fate"] == "killed" for each in own)
        unreached = sum(each["fate"] == "unreached" for each in own)
        total = results["total"][name]
        sampled = "" if total == len(own) else " (sampled)"
        lines.append(f"| {name}{sampled} | {total} | {len(own)} | {killed} | {100 * killed / len(own):.0f} % | "
                     f"{len(own) - killed} | {unreached} |")
    lines += ["", f"At least {GATE:.0%} are asked of: {', '.join(name for name, gated, _ in GROUPS if gated)}.",
              f"The compiler refused {results['refused']} more, which are not counted.", "", "## Not killed", ""]
    for each in results["mutants"]:
        if each["fate"] != "killed":
            lines.append(f"- `{each['path']}:{each['line']}`: {each['what'].replace('|', chr(92) + '|')}"
                         + (" (never reached)" if each["fate"] == "unreached" else ""))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / ".build/mutation")
    parser.add_argument("--steps", default="write,build,run,tell")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    steps = arguments.steps.split(",")
    place = Place(arguments.folder.resolve())
    place.folder.mkdir(parents=True, exist_ok=True)
    mutants = found_mutants(arguments.only)
    if "write" in steps:
        place.copy(len(mutants) + 1)
        place.write(mutants, set())
        print(f"{len(mutants)} mutants in {len({each['path'] for each in mutants})} files")
    if "build" in steps:
        build(place, mutants)
    if "run" in steps:
        dropped = set(json.loads(place.state.read_text())["dropped"])
        built = [each for each in mutants if each["mutant"].number not in dropped]
        tried = chosen(built, arguments.sample)
        fates = run_all(place, tried, arguments.jobs)
        results = {"refused": len(dropped), "total": {name: sum(each["group"] == name for each in built) for name, _, _ in GROUPS},
                   "mutants": [{"path": each["path"], "line": each["mutant"].line, "what": each["mutant"].what,
                                "group": each["group"], "fate": fates[each["mutant"].number]} for each in tried]}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    if "tell" in steps:
        results = json.loads(RESULTS.read_text())
        PAGE.write_text(page(results))
        for name, gated, _ in GROUPS:
            own = [each["fate"] for each in results["mutants"] if each["group"] == name]
            if gated and own and own.count("killed") < GATE * len(own):
                sys.exit(f"{name}: {own.count('killed')} of {len(own)} mutants killed, less than {GATE:.0%}")


if __name__ == "__main__":
    main()
