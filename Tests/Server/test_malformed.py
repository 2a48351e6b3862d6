"""A thousand requests that no honest client sends: each is refused, and leaves nothing behind.

`make test` sends 220 of them, `make robustness` all thousand.
"""

import os
import random
import socket
import unittest

import malformed
import program

SEED = program.SEED
COUNT = int(os.environ.get("LEUKOSCOPE_REQUESTS", 1000 if program.FULL else 220))


class MalformedRequests(unittest.TestCase):
    def test_each_is_refused_and_leaves_nothing_behind(self):
        jpeg = (program.ROOT / "Tests/Fixtures/images/plain.jpg").read_bytes()
        picture = program.png(64, 1)
        with program.site() as site:
            site.start()
            site.make_user()
            token = site.make_token()
            case_id = site.ask_json("POST", "/api/v1/cases", {"title": "Malformed"}, token).json()["id"]
            places = {b"%TOKEN%": token.encode(), b"%CASE%": case_id.encode()}
            # Warm: every path that answers has run once before memory and files are looked at.
            for case in malformed.cases(1, 60, picture, jpeg):
                site.raw(self.filled(case.data, places), case.hangs_up)
            before, files = site.megabytes(), site.files()
            wrong = []
            for case in malformed.cases(SEED, COUNT, picture, jpeg):
                answer = site.raw(self.filled(case.data, places), case.hangs_up)
                status = malformed.status(answer)
                self.assertTrue(site.alive(), f"the server died of {case.facts}: {site.errors()}")
                if status is None and not case.may_close or status is not None and status not in case.allowed:
                    wrong.append(f"{case.facts}: {status}, {answer[:300]!r}")
            self.assertEqual(wrong, [], "\n".join(wrong) + site.errors())
            self.assertEqual(site.ask("GET", "/healthz").status, 200)
            self.assertEqual(site.files() - files, set(), "files were left behind")
            self.assertLess(site.megabytes() - before, 40, "resident memory grew, in MB")
            body, headers = program.form(picture)
            self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers).status, 200)
            self.assertEqual(site.stop(), 0)
            print(f"\n{COUNT} malformed requests: {before:.0f} MB before, no file left", flush=True)

    def test_libraries_print_nothing_about_damaged_images(self):
        source = random.Random(SEED)
        with program.site() as site:
            site.start()
            refused = 0
            for name in ("plain.png", "palette.png", "adobe-rgb.png", "plain.tiff", "plain.bmp", "lossy.webp", "plain.jpg"):
                picture = (program.ROOT / "Tests/Fixtures/images" / name).read_bytes()
                for _ in range(12):
                    damaged = bytearray(picture)
                    for _ in range(6):
                        damaged[source.randrange(30, len(damaged))] ^= 1 << source.randrange(8)
                    body, headers = program.form(bytes(damaged[:source.randrange(len(damaged) // 2, len(damaged) + 1)]))
                    status = site.ask("POST", "/api/v1/predict", body, headers).status
                    self.assertIn(status, (200, 400, 413, 415, 422))
                    refused += status != 200
            self.assertGreater(refused, 40)
            self.assertEqual(site.stop(), 0)
            # Whatever is there is the server's own, with time and level.
            self.assertEqual([line for line in site.errors().splitlines() if "leukoscope" not in line], [])

    def test_a_slow_body_is_cut_off_while_others_are_answered(self):
        with program.site() as site:
            site.start()
            body, headers = program.form(program.png(64, 1))
            head = (f"POST /api/v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: {headers['Content-Type']}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n").encode()
            with socket.create_connection(("127.0.0.1", site.port), timeout=1) as slow:
                slow.sendall(head + body[:40])
                self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers).status, 200)
                self.assertTrue(self.is_cut_off(slow, body[40:90]), "a slow sender was served for 50 s")
            self.assertEqual(site.ask("GET", "/healthz").status, 200)

    @staticmethod
    def is_cut_off(slow: socket.socket, body: bytes) -> bool:
        """Sends a byte a second; whether the server answered or hung up before the end."""
        for byte in body:
            try:
                slow.sendall(bytes([byte]))
                slow.recv(4096)
                return True
            except TimeoutError:
                continue
            except OSError:
                return True
        return False

    @staticmethod
    def filled(data: bytes, places: dict[bytes, bytes]) -> bytes:
        for name, value in places.items():
            data = data.replace(name, value)
        return data


if __name__ == "__main__":
    unittest.main()
