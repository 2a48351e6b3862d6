"""The Debian package on a bare Debian 12: installed, used, upgraded, removed and purged (`make package-test`, as root).

The root is made with debootstrap from the mirror that this machine's apt uses. No init system runs in it: the service is
started with what its unit says, and the unit itself is held against systemd's own checker.
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Server"))
import program  # noqa: E402

PORT = 18083
PASSWORD = "a-quiet-lantern-7193"
SETTINGS = f'LEUKOSCOPE_OPTIONS="--port {PORT} --images-per-minute 100000"\nLEUKOSCOPE_DATA_DIR=/var/lib/leukoscope\n'


def shell(*command, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], check=True, text=True, **options)


def sources() -> str:
    """What this machine's apt asks for Debian's packages, as one-line entries."""
    lines = []
    for file in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("debian.sources")]:
        if not file.exists():
            continue
        if file.suffix != ".sources":
            lines += [line for line in file.read_text().splitlines() if line.startswith("deb ")]
            continue
        for stanza in file.read_text().split("\n\n"):
            fields = dict(re.findall(r"(?m)^([\w-]+): (.*)$", stanza))
            if "URIs" in fields:
                lines += [f"deb {fields['URIs']} {suite} {fields['Components']}" for suite in fields["Suites"].split()]
    return "\n".join(lines) + "\n"


class Machine:
    """A bare Debian 12 in a folder."""

    def __init__(self, folder: Path):
        self.root = folder / "root"
        listed = sources()
        mirror = re.search(r"deb (?:\[[^\]]*\] )?(\S+) bookworm ", listed).group(1)
        shell("debootstrap", "--variant=minbase", "bookworm", self.root, mirror, stdout=subprocess.DEVNULL)
        (self.root / "etc/apt/sources.list").write_text(listed)
        # As on machines without an init system: nothing is started by an installation.
        (self.root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (self.root / "usr/sbin/policy-rc.d").chmod(0o755)
        self.run("apt-get", "-qq", "update")

    def command(self, *command: str) -> list[str]:
        """Runs in the root, with its own /proc; nothing of this machine's settings comes along."""
        inside = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8", *command]
        return ["unshare", "--mount", "sh", "-c",
                'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"', str(self.root), *inside]

    def run(self, *command: str, text: str = "", allowed: tuple = (0,)) -> subprocess.CompletedProcess:
        done = subprocess.run(self.command(*command), input=text, capture_output=True, text=True, timeout=1200)
        if done.returncode not in allowed:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def install(self, package: Path) -> None:
        shutil.copy2(package, self.root / "tmp" / package.name)
        self.run("apt-get", "install", "-qq", "-y", "--no-install-recommends", f"/tmp/{package.name}")

    def as_service(self, *command: str, text: str = "") -> subprocess.CompletedProcess:
        return self.run("leukoscope-service", *command, text=text)

    @contextlib.contextmanager
    def service(self):
        """The server as its unit starts it: the unit's command, with the settings of the conffile, as its user."""
        unit = (self.root / "lib/systemd/system/leukoscope.service").read_text()
        line = re.search(r"^ExecStart=/usr/bin/leukoscope (.*)$", unit, re.MULTILINE).group(1)
        options = re.search(r'^LEUKOSCOPE_OPTIONS="?([^"\n]*)"?$', (self.root / "etc/leukoscope/leukoscope.conf").read_text(),
                            re.MULTILINE).group(1)
        arguments = line.replace("$LEUKOSCOPE_OPTIONS", options).split()
        with tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(self.command("leukoscope-service", *arguments), stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                for line in process.stdout:
                    if "ready at" in line:
                        break
                else:
                    log.seek(0)
                    raise AssertionError(f"the service did not start: {log.read()[-3000:]}")
                yield process
                process.send_signal(signal.SIGTERM)
                status = process.wait(timeout=60)
                log.seek(0)
                assert status == 0, f"the service ended with {status}: {log.read()[-2000:]}"
            finally:
                process.kill()
                process.wait()
                process.stdout.close()


def ask(method: str, path: str, body: bytes = b"", headers: dict | None = None, token: str = "") -> program.Answer:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    try:
        fields = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        connection.request(method, path, body or None, fields)
        return program.Answer(connection.getresponse())
    finally:
        connection.close()


def make_package(version: str) -> Path:
    """Of the built program; the version is what orders packages."""
    done = subprocess.run([sys.executable, ROOT / "Scripts/package.py", "--version", version], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return Path(re.search(r"^(\S+/leukoscope_\S+\.deb)", done.stdout, re.MULTILINE).group(1))


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("debootstrap"), "needs root and debootstrap")
class Installation(unittest.TestCase):
    def test_a_package_lives_its_life_on_a_bare_debian(self):
        older, newer = make_package("1.0.0+git1"), make_package("1.0.0+git2")
        with tempfile.TemporaryDirectory(prefix="leukoscope-package-") as folder:
            machine = Machine(Path(folder))
            data, settings = machine.root / "var/lib/leukoscope", machine.root / "etc/leukoscope/leukoscope.conf"
            print(f"{newer.name}: {newer.stat().st_size / 1e6:.0f} MB", file=sys.stderr)

            with self.subTest("lintian finds nothing"):
                done = subprocess.run(["lintian", "--allow-root", "--no-cfg", "--fail-on", "error,warning", newer],
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

            with self.subTest("installs without a compiler and without Python"):
                began = time.monotonic()
                machine.install(older)
                print(f"installed in {time.monotonic() - began:.0f} s", file=sys.stderr)
                for name in ("python3", "gcc", "g++", "clang", "swift"):
                    self.assertNotEqual(machine.run("sh", "-c", f"command -v {name}", allowed=(0, 1, 127)).returncode, 0, name)
                self.assertEqual(settings.stat().st_mode & 0o777, 0o600)
                self.assertEqual(data.stat().st_mode & 0o777, 0o700)
                self.assertEqual(machine.run("stat", "-c", "%U:%G", "/var/lib/leukoscope").stdout.strip(),
                                 "leukoscope:leukoscope")

            image = program.png(224, 1)
            (machine.root / "tmp/smear.png").write_bytes(image)
            with self.subTest("answers an image on the command line"):
                answer = json.loads(machine.run("leukoscope", "predict", "--json", "/tmp/smear.png").stdout)
                self.assertAlmostEqual(sum(answer["probabilities"].values()), 1, places=4)

            settings.write_text(SETTINGS)
            machine.as_service("users", "create", "--email", "keeper@example.org", "--role", "patient", "--agreed", "en", text=PASSWORD + "\n")
            token = machine.as_service("tokens", "create", "--user", "keeper@example.org", "--name", "test",
                                       "--scope", "predict,read,write").stdout.strip()
            self.assertEqual({path.stat().st_uid for path in data.rglob("*")}, {data.stat().st_uid})
            with self.subTest("serves, answers an image over HTTP, and shows its pages"), machine.service():
                body, headers = program.form(image)
                answer = ask("POST", "/api/v1/predict", body, headers)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertAlmostEqual(sum(answer.json()["probabilities"].values()), 1, places=4)
                self.assertEqual(ask("GET", "/readyz").status, 200)
                page = ask("GET", "/")
                self.assertEqual((page.status, b"Leukoscope" in page.body), (200, True))
                made = ask("POST", "/api/v1/cases", b'{"title": "Kept"}', {"Content-Type": "application/json"}, token)
                case = made.json()["id"]
                sent = ask("POST", f"/api/v1/cases/{case}/images", body, headers, token)
                self.assertIn(sent.status, (200, 201, 202), sent.body)
                self.wait_until_screened(case, token)
                screening = ask("GET", f"/api/v1/cases/{case}", token=token).json()["images"][0]["screening"]["id"]
                report = ask("GET", f"/api/v1/screenings/{screening}/report.pdf", token=token)
                self.assertEqual((report.status, report.body[:5]), (200, b"%PDF-"))

            with self.subTest("an upgrade keeps data and settings"):
                machine.install(newer)
                self.assertIn("1.0.0+git2", machine.run("dpkg-query", "-W", "leukoscope").stdout)
                self.assertEqual(settings.read_text(), SETTINGS)
                with machine.service():
                    self.assertEqual(ask("GET", f"/api/v1/cases/{case}", token=token).json()["title"], "Kept")

            with self.subTest("the unit is what systemd understands"):
                machine.run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "systemd")
                done = machine.run("systemd-analyze", "verify", "/lib/systemd/system/leukoscope.service", allowed=(0, 1))
                self.assertEqual([line for line in (done.stdout + done.stderr).splitlines() if "leukoscope.service" in line], [])
                safety = machine.run("systemd-analyze", "security", "--offline=yes", "--threshold=25",
                                     "/lib/systemd/system/leukoscope.service", allowed=(0, 1))
                print(safety.stdout.strip().splitlines()[-1], file=sys.stderr)
                self.assertEqual(safety.returncode, 0, safety.stdout[-500:])

            with self.subTest("removing keeps settings and data; purging keeps data where nobody answers"):
                machine.run("apt-get", "remove", "-qq", "-y", "leukoscope")
                self.assertTrue(settings.exists() and (data / "secret.key").exists())
                done = machine.run("apt-get", "purge", "-qq", "-y", "leukoscope")
                self.assertIn("stays", done.stdout + done.stderr)
                self.assertFalse(settings.exists())
                self.assertTrue((data / "secret.key").exists() and (data / "leukoscope.sqlite").exists())

            with self.subTest("what was kept is served again by the next installation"):
                machine.install(newer)
                settings.write_text(SETTINGS)
                with machine.service():
                    self.assertEqual(ask("GET", f"/api/v1/cases/{case}", token=token).json()["title"], "Kept")

            with self.subTest("purging with the answer yes removes data and user"):
                machine.run("debconf-set-selections", text="leukoscope leukoscope/remove-data boolean true\n")
                machine.run("apt-get", "purge", "-qq", "-y", "leukoscope")
                self.assertFalse(data.exists())
                self.assertNotIn("leukoscope:", (machine.root / "etc/passwd").read_text())

    def wait_until_screened(self, case: str, token: str) -> None:
        deadline = time.monotonic() + 120
        while ask("GET", f"/api/v1/cases/{case}", token=token).json()["verdict"]["pending"]:
            self.assertLess(time.monotonic(), deadline, "the image was not screened")
            time.sleep(0.2)


if __name__ == "__main__":
    unittest.main()
