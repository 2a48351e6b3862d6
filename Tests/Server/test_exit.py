"""Every command ends as it says: hundreds of runs in a row without one that dies on its way out.

The answers are there long before a program has ended; then engine, threads and static objects are taken down, and an
order of theirs that is wrong once in a hundred runs shows only in many.
"""

import concurrent.futures
import subprocess
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import program

RUNS = 1000 if program.FULL else 40


def ended(arguments: list[str]) -> tuple[int, str]:
    done = subprocess.run([program.BINARY, *arguments], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr[-2000:]


class Exit(unittest.TestCase):
    def check(self, arguments: list[str], status: int, runs: int) -> None:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = list(pool.map(ended, [arguments] * runs))
        counts = Counter(code for code, _ in results)
        bad = next((text for code, text in results if code != status), "")
        self.assertEqual(counts, {status: runs}, f"{arguments[0]}: {bad}")

    def test_predict_ends_cleanly(self):
        with tempfile.TemporaryDirectory(prefix="leukoscope-exit-") as folder:
            for seed in range(4):
                (Path(folder) / f"{seed}.png").write_bytes(program.png(96, seed))
            model = ["--model", str(program.MODEL)]
            # Many images at once in most runs, one alone, maps, and an end with errors while the engine is there.
            self.check(["predict", *model, "--json", folder], 0, RUNS * 6 // 10)
            self.check(["predict", *model, f"{folder}/0.png"], 0, RUNS // 10)
            self.check(["predict", *model, "--heatmap", f"{folder}/maps", folder], 0, RUNS // 10)
            self.check(["predict", *model, f"{folder}/missing.png"], 65, RUNS // 10)

    def test_other_commands_end_cleanly(self):
        with tempfile.TemporaryDirectory(prefix="leukoscope-exit-") as folder:
            for seed, name in enumerate(["Benign", "Early", "Pre", "Pro"]):
                (Path(folder) / "images" / name).mkdir(parents=True)
                (Path(folder) / "images" / name / "1.png").write_bytes(program.png(96, seed))
            evaluate = ["evaluate", "--model", str(program.MODEL), "--data", f"{folder}/images"]
            self.check(evaluate, 0, max(1, RUNS // 20))
            self.check(["migrate", "--data-dir", f"{folder}/data"], 0, max(1, RUNS // 20))


if __name__ == "__main__":
    unittest.main()
