"""Full load for as long as asked, and whether resident memory stays flat: run by Scripts/assurance.py, not by `make test`.

    LEUKOSCOPE_BINARY=… python3 Tests/Server/soak.py --minutes 60

Four senders screen images at once through /api/v1/predict, one adds them to cases and deletes them again. Prints a line of JSON; ends with
1 where the median of the last quarter lies more than a tenth above that of the second, or an answer was wrong.
"""

import argparse
import json
import statistics
import sys
import threading
import time

import program

SENDERS = 4
GROWTH = 1.10


def predict(site: program.Site, pictures: list[bytes], end: float, counts: list[int], wrong: list[str], number: int) -> None:
    index = number
    while time.monotonic() < end and not wrong:
        body, headers = program.form(pictures[index % len(pictures)])
        status = site.ask("POST", "/api/v1/predict", body, headers, timeout=60).status
        if status == 200:
            counts[number] += 1
        elif status == 503:
            time.sleep(0.2)
        else:
            wrong.append(f"predict: {status}")
        index += 1


def keep_cases(site: program.Site, token: str, pictures: list[bytes], end: float, wrong: list[str]) -> None:
    number = 0
    while time.monotonic() < end and not wrong:
        case = site.ask_json("POST", "/api/v1/cases", {"title": f"Soak {number}"}, token).json()["id"]
        body, headers = program.form(pictures[number % len(pictures)])
        status = site.ask("POST", f"/api/v1/cases/{case}/images", body, headers, token, timeout=60).status
        if status == 201:
            site.wait_until_screened(case, token)
        elif status not in (429, 503):
            wrong.append(f"image: {status}")
        status = site.ask("DELETE", f"/api/v1/cases/{case}", token=token).status
        if status not in (200, 204):
            wrong.append(f"delete: {status}")
        number += 1
        time.sleep(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    minutes = parser.parse_args().minutes
    pictures = [program.png(224, seed) for seed in range(24)]
    counts, wrong, memory = [0] * SENDERS, [], []
    with program.site() as site:
        site.start()
        site.make_user()
        token = site.make_token()
        end = time.monotonic() + minutes * 60
        threads = [threading.Thread(target=predict, args=(site, pictures, end, counts, wrong, number)) for number in range(SENDERS)]
        threads.append(threading.Thread(target=keep_cases, args=(site, token, pictures, end, wrong)))
        for thread in threads:
            thread.start()
        while time.monotonic() < end and not wrong:
            time.sleep(min(5, max(0.1, minutes)))
            memory.append(site.megabytes())
        for thread in threads:
            thread.join()
        status = site.stop()
    quarter = max(1, len(memory) // 4)
    early, late = statistics.median(memory[quarter:2 * quarter] or memory), statistics.median(memory[-quarter:])
    holds = status == 0 and not wrong and sum(counts) > 0 and late <= early * GROWTH
    print(json.dumps({"minutes": minutes, "images": sum(counts), "earlyMegabytes": round(early), "lateMegabytes": round(late),
                      "holds": holds, "wrong": wrong[:5]}))
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
