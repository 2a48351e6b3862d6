"""Short messages: they wait in the database, outlive a server that is killed, and come to the gateway once, signed."""

import csv
import json
import secrets
import sqlite3
import tempfile
import time
import unittest
from pathlib import Path

import program
from receiver import Receiver, check_signature

SECRET = secrets.token_hex(32)
DOCTOR = {"name": "Dr. Kavya Example", "qualifications": "MD", "council": "Test Council", "registration_number": "1",
          "specialties": "haematology", "languages": "en", "practice_since": "2010", "clinic": "Clinic", "street": "1 Street",
          "city": "Chennai", "country": "IN", "latitude": "13.08", "longitude": "80.27", "time_zone": "Asia/Kolkata"}


class Messages(unittest.TestCase):
    def write(self, site: program.Site, *statements) -> None:
        with sqlite3.connect(site.folder / "leukoscope.sqlite", timeout=30) as database:
            for sql, values in statements:
                database.execute(sql, values)
        database.close()

    def waiting(self, site: program.Site) -> list:
        with sqlite3.connect(f"file:{site.folder}/leukoscope.sqlite?mode=ro", uri=True, timeout=30) as database:
            rows = database.execute("SELECT attempts, due_at IS NOT NULL FROM visit_messages").fetchall()
        database.close()
        return rows

    def wait_for(self, site: program.Site, rows: list, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while self.waiting(site) != rows:
            self.assertLess(time.monotonic(), deadline, f"{self.waiting(site)} in place of {rows}")
            time.sleep(0.05)

    def add_message(self, site: program.Site) -> str:
        """A confirmed visit in three days whose message waits, as a server leaves it that is killed at once."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "doctors.csv"
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, DOCTOR.keys())
                writer.writeheader()
                writer.writerow(DOCTOR)
            done = site.command("doctors", "import", str(path), "--verified")
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        now, visit, message = int(time.time() * 1000), secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        start = now + 3 * 86_400_000  # too far off for a reminder
        self.write(
            site,
            ("INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, slot, state, note, reason, sequence, "
             "created_at, updated_at, phone, phone_for_doctor, phone_for_messages) SELECT ?, doctors.id, users.id, ?, ?, ?, "
             "'confirmed', '', '', 1, ?, ?, '+919876543210', 0, 1 FROM doctors, users",
             (visit, start, start + 1_800_000, start, now, now)),
            ("INSERT INTO visit_messages (id, appointment_id, kind, sequence, created_at, attempts, due_at) "
             "VALUES (?, ?, 'confirmed', 1, ?, 0, ?)", (message, visit, now, now)))
        return message

    def test_a_message_outlives_a_killed_server_and_comes_once(self):
        gateway = Receiver()
        self.addCleanup(gateway.close)
        flags = ("--message-url", f"{gateway.address}/sms", "--message-allow", "127.0.0.1")
        with program.site(flags=flags) as site, tempfile.TemporaryDirectory() as folder:
            secret = Path(folder) / "secret"
            secret.write_text(SECRET + "\n")
            site.flags += ("--message-secret-file", str(secret))
            site.make_user()
            message = self.add_message(site)
            site.start()
            gateway.wait(1)
            self.wait_for(site, [(1, 1)])
            site.kill()
            gateway.status = 204
            self.write(site, ("UPDATE visit_messages SET due_at = 0", ()))
            site.start()
            gateway.wait(2)
            self.wait_for(site, [(2, 0)])
            site.kill()
            site.start()
            time.sleep(1)
            self.assertEqual(len(gateway.posts), 2)
        for _, headers, body in gateway.posts:
            self.assertLess(abs(time.time() - check_signature(self, headers, body, SECRET)), 300)
            self.assertEqual(headers["Idempotency-Key"], message)
            value = json.loads(body)
            self.assertEqual((value["id"], value["kind"], value["to"]), (message, "confirmed", "+919876543210"))

    def test_a_gateway_without_a_secret_or_without_encryption_is_refused(self):
        with program.site() as site:
            site.make_user()
            for flags in (("--message-url", "https://gateway.example.org/"),
                          ("--message-url", "http://gateway.example.org/", "--message-allow", "127.0.0.1")):
                done = site.command("serve", "--port", "0", "--model", str(program.MODEL), *flags)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("gateway", done.stderr)


if __name__ == "__main__":
    unittest.main()
