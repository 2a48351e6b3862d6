#!/usr/bin/env python3
"""Unpacks what the peer servers of Benchmarks/serving.py run on into .deps/peers, once; 1.7 GB, TensorFlow above all."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "Benchmarks" / "requirements-peers.txt"
TARGET = Path(os.environ.get("LEUKOSCOPE_DEPS", ROOT / ".deps")) / "peers"


def main() -> None:
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = TARGET / ".requirements"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"unpacking the peers' packages into {TARGET}", flush=True)
    staging = TARGET.with_name("peers.new")
    shutil.rmtree(staging, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--target", staging, "--no-deps", "--only-binary=:all:",
                    "--require-hashes", "--no-compile", "--no-input", "--disable-pip-version-check", "--quiet", "--root-user-action=ignore",
                    "-r", REQUIREMENTS], check=True)
    (staging / ".requirements").write_text(wanted)
    shutil.rmtree(TARGET, ignore_errors=True)
    staging.rename(TARGET)


if __name__ == "__main__":
    main()
