"""The API as /api/openapi.json describes it, held against the running server by schemathesis.

Every operation is called with values that fit the description and with values that do not; each answer must have a
status, type, header fields and body that the description knows, and no 5xx but 503. Images cannot be drawn from a schema:
they are the subject of test_malformed.py and test_crash.py.
"""

import os
import subprocess
import sys
import tempfile
import unittest

import program

EXAMPLES = 60 if program.FULL else 12
# A title of control characters fits the schema and is none all the same: a rule of words that JSON Schema cannot say.
EXCLUDED = "positive_data_acceptance"


class Description(unittest.TestCase):
    def test_holds_for_the_running_server(self):
        with program.site() as site, tempfile.TemporaryDirectory() as folder:
            site.start()
            site.make_user()
            token = site.make_token()
            case = site.ask_json("POST", "/api/v1/cases", {"title": "Described"}, token).json()["id"]
            body, headers = program.form(program.png(64, 3))
            added = site.ask("POST", f"/api/v1/cases/{case}/images", body, headers, token).json()
            site.wait_until_screened(case, token)
            made = site.command("sites", "create", "--name", "Stand 2", "--objective", "100x", "--camera", "C",
                                "--stain", "Leishman")
            self.assertEqual(made.returncode, 0, made.stderr)
            self.configure(folder, case, added["screening"]["id"], made.stdout.strip())
            done = subprocess.run(
                [sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{site.port}/api/openapi.json",
                 "--header", f"Authorization: Bearer {token}", "--phases", "examples,coverage,fuzzing",
                 "--max-examples", str(EXAMPLES), "--request-timeout", "60", "--suppress-health-check", "too_slow", "--seed", "1", "--workers", "1", "--exclude-checks", EXCLUDED,
                 "--exclude-path", "/metrics", "--no-shrink", "--continue-on-failure"],
                capture_output=True, text=True, timeout=600, cwd=folder)
            self.assertTrue(site.alive(), site.errors())
            self.assertEqual(done.returncode, 0, done.stdout[-12000:] + done.stderr[-2000:])
            print("\n" + done.stdout[-400:], flush=True)

    @staticmethod
    def configure(folder: str, case: str, screening: str, microscope: str) -> None:
        """Things that are there, so that the tests reach what lies behind "not found"; only deletion is left to chance."""
        lines = [f'[parameters]\n"path.id" = "{screening}"\n']
        for method, path in (("GET", "/api/v1/cases/{id}"), ("POST", "/api/v1/cases/{id}/images"),
                             ("GET", "/api/v1/cases/{id}/cells"), ("GET", "/api/v1/cases/{id}/differential"),
                             ("GET", "/api/v1/cases/{id}/differential.csv")):
            lines.append(f'[[operations]]\ninclude-name = "{method} {path}"\nparameters = {{ "path.id" = "{case}" }}\n')
        lines.append(
            f'[[operations]]\ninclude-name = "GET /api/v1/sites/{{id}}"\nparameters = {{ "path.id" = "{microscope}" }}\n')
        with open(os.path.join(folder, "schemathesis.toml"), "w") as file:
            file.write("\n".join(lines))


if __name__ == "__main__":
    unittest.main()
