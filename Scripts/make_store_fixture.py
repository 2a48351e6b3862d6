#!/usr/bin/env python3
"""Makes Tests/Fixtures/store/outcomes-as-sentences.sqlite: rows as the program wrote them while reasons were sentences.

The fixture is made once, by the program of that time (built from commit 34f027f or before), and never again: the tests
read it to show that old rows still open. Drawn smears only; accounts, doctors and visits of `serve --demo` are fictional,
and what the tests do not need is left out. Beside the ten reported smears it has images that are left open or
refused: a blank one, and two drawn classes laid over each other.

    Scripts/make_store_fixture.py PROGRAM LAB_PROGRAM OUT

PROGRAM is `leukoscope`, LAB_PROGRAM `leukoscope-lab` of that time; run it in the folder of the repository.
"""

import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PORT = 9418
SITE = f"http://127.0.0.1:{PORT}"
# Places and reviews are a hundred megabytes, and no part of what is tested.
EMPTIED = ["places", "place_names", "place_positions", "postcodes", "reviews", "appointments", "doctor_candidates"]


def wait(question, seconds=300):
    """Asks until the answer is true."""
    for _ in range(seconds):
        try:
            found = question()
            if found:
                return found
        except OSError:
            pass
        time.sleep(1)
    raise SystemExit("waited too long")


def ask(path, token, body=None, kind="application/json"):
    request = urllib.request.Request(SITE + path, data=body, headers={"Authorization": f"Bearer {token}"})
    if body is not None:
        request.add_header("Content-Type", kind)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def send(image, case, token):
    boundary = "leukoscope-fixture"
    body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n"
            "Content-Type: image/png\r\n\r\n").encode() + image + f"\r\n--{boundary}--\r\n".encode()
    ask(f"/api/v1/cases/{case}/images", token, body, f"multipart/form-data; boundary={boundary}")


def images(lab, folder):
    """A blank image, and two drawn smears of different classes laid over each other."""
    from PIL import Image

    subprocess.run([lab, "draw", "--into", folder / "drawn", "--count", "4"], check=True, stdout=subprocess.DEVNULL)
    smears = [Image.open(next((folder / "drawn" / name).iterdir())).convert("RGB") for name in ("Benign", "Early")]
    mixed = Image.blend(*smears, 0.5)
    found = []
    for image in (Image.new("RGB", (224, 224), (200, 200, 200)), mixed):
        image.save(folder / "image.png")
        found.append((folder / "image.png").read_bytes())
    return found


def serve(program, lab, folder):
    data = folder / "data"
    server = subprocess.Popen([program, "serve", "--demo", "--model", "Models/demonstration", "--data-dir", data, "--port", str(PORT)],
                              stdout=subprocess.DEVNULL)
    try:
        wait(lambda: urllib.request.urlopen(f"{SITE}/readyz").status == 200)
        token = wait(lambda: subprocess.run(
            [program, "tokens", "create", "--user", "patient@demo.invalid", "--name", "fixture", "--scope",
             "predict,read,write", "--data-dir", data], capture_output=True, text=True).stdout.strip())
        case = ask("/api/v1/cases", token, json.dumps({"title": "Drawn smear, odd images"}).encode())["id"]
        for image in images(lab, folder):
            send(image, case, token)
        wait(lambda: all(image["screening"]["state"] == "done"
                         for image in ask(f"/api/v1/cases/{case}", token)["images"]))
        wait(lambda: len(ask("/api/v1/cases?limit=100", token)["cases"]) == 6)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    return data / "leukoscope.sqlite"


def trim(source, target):
    database = sqlite3.connect(source)
    database.execute("PRAGMA foreign_keys = OFF")
    for table in EMPTIED:
        database.execute(f"DELETE FROM {table}")
    database.execute("DELETE FROM api_tokens")
    database.execute("DELETE FROM users WHERE id NOT IN (SELECT owner_id FROM cases)"
                     " AND id NOT IN (SELECT reader_id FROM readings)")
    database.execute("DELETE FROM doctors WHERE user_id IS NULL OR user_id NOT IN (SELECT id FROM users)")
    # How a picture came about is no part of the answer, and most of a row.
    database.execute("UPDATE screenings SET analytics_json = '{}'")
    database.commit()
    target.unlink(missing_ok=True)
    database.execute("VACUUM INTO ?", (str(target),))


def main():
    program, lab, target = (Path(argument).absolute() for argument in sys.argv[1:4])
    with tempfile.TemporaryDirectory() as folder:
        trim(serve(program, lab, Path(folder)), target)
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
