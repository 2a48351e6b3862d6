"""The real server as a process of its own, for the tests of this folder: started, asked, killed, started again.

Nothing but the built program and Python's standard library.
"""

import contextlib
import http.client
import json
import os
import random
import re
import secrets
import signal
import socket
import struct
import subprocess
import tempfile
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("LEUKOSCOPE_BINARY", str(ROOT / ".build/release/leukoscope"))
# Another one makes other blows and requests; the long runs of Scripts/assurance.py go through many.
SEED = int(os.environ.get("LEUKOSCOPE_SEED", "20261124"))
FULL = os.environ.get("LEUKOSCOPE_ROBUSTNESS") == "full"
# Small and quick, and no figure depends on it.
MODEL = ROOT / "Models" / "demonstration"
BOUNDARY = "leukoscope-test"


class Answer:
    """Status, header fields (names in lower case) and body of a response."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


def form(image: bytes, **fields: str) -> tuple[bytes, dict]:
    """A multipart form and its header fields."""
    body = b""
    for name, value in fields.items():
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="smear"\r\n'
             "Content-Type: application/octet-stream\r\n\r\n").encode() + image + f"\r\n--{BOUNDARY}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def png(side: int, seed: int) -> bytes:
    """A PNG file of soft coloured blobs, another for each seed."""
    source = random.Random(seed)
    spots = [(source.randrange(side), source.randrange(side), source.randrange(4, 12)) for _ in range(8)]
    rows = []
    for y in range(side):
        row = bytearray(b"\0")
        for x in range(side):
            inside = any((x - a) ** 2 + (y - b) ** 2 < r * r for a, b, r in spots)
            noise = source.randrange(12)
            row += bytes((120 + noise, 60 + noise, 150 + noise) if inside else (225 + noise, 205 + noise, 215 + noise))
        rows.append(bytes(row))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b""))


class Site:
    """A data folder with its database, a user with tokens, and the server on it."""

    def __init__(self, folder: Path, database: str | None = None, flags: tuple = ()):
        self.folder, self.database, self.flags = folder, database, flags
        # No test needs towns but those that say so, and loading them keeps the processor busy for a while.
        self.places = "none"
        # Of the environment, such as where the archive is.
        self.variables: dict = {}
        # What the server is started through, such as a command that gives it a disk of its own.
        self.before: tuple = ()
        self.process: subprocess.Popen | None = None
        self.log = None
        self.port = 0

    # MARK: The program

    def environment(self) -> dict:
        environment = dict(os.environ)
        for name in ("LEUKOSCOPE_DATABASE", "LEUKOSCOPE_ARCHIVE"):
            environment.pop(name, None)
        environment["LEUKOSCOPE_PLACES"] = self.places
        if self.database:
            environment["LEUKOSCOPE_DATABASE"] = self.database
        return environment | self.variables

    def command(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess:
        """Runs one of the program's other commands on the same data."""
        return subprocess.run([BINARY, *arguments, "--data-dir", str(self.folder)], input=text, capture_output=True,
                              text=True, timeout=120, env=self.environment())

    def command_inside(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess:
        """As `command`, where the running server sees its disk."""
        inside = ("nsenter", "--target", str(self.process.pid), "--user", "--preserve-credentials", "--mount")
        return subprocess.run([*inside, BINARY, *arguments, "--data-dir", str(self.folder)], input=text, capture_output=True,
                              text=True, timeout=120, env=self.environment())

    def make_user(self, email: str = "robust@example.org", role: str = "patient") -> None:
        password = secrets.token_urlsafe(16)
        # A build of before there was a notice, which a benchmark may compare with, has nothing to agree to.
        options = subprocess.run([BINARY, "users", "create", "--help"], capture_output=True, text=True, timeout=120).stdout
        agreed = ("--agreed", "en") if "--agreed" in options else ()
        done = self.command("users", "create", "--email", email, "--role", role, *agreed, text=password + "\n")
        assert done.returncode == 0, done.stderr + done.stdout

    def make_token(self, email: str = "robust@example.org", scopes: tuple = ("predict", "read", "write")) -> str:
        done = self.command("tokens", "create", "--user", email, "--name", "test", "--scope", ",".join(scopes))
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    def start(self, seconds: float = 60) -> None:
        self.begin()
        self.wait(seconds)

    def begin(self) -> None:
        """Starts the server; `wait` waits until it answers."""
        self.log = self.log or tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*self.before, BINARY, "serve", "--port", "0", "--model", str(MODEL), "--data-dir", str(self.folder),
             "--images-per-minute", "1000000", *self.flags],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=self.environment())

    def wait(self, seconds: float) -> None:
        watchdog = time.monotonic() + seconds
        for line in self.process.stdout:
            found = re.search(r"ready at http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                return
            if time.monotonic() > watchdog:
                break
        self.process.kill()
        raise AssertionError(f"the server did not start: {self.errors()}")

    def errors(self) -> str:
        self.log.seek(0)
        text = self.log.read()
        crash = re.search(r"Fatal error|\*\*\* (Signal|Program crashed)", text)
        return text[crash.start():][:6000] if crash else text[-3000:]

    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self) -> int:
        """Waits for the end; returns the exit status."""
        status = self.process.wait(timeout=120)
        self.process.stdout.close()
        return status

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        self.process.terminate()
        try:
            return self.close()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server did not stop within 120 s of SIGTERM") from None

    def megabytes(self) -> float:
        """Resident memory."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def files(self) -> set[str]:
        """Every file of the archive, and whatever else is not the database."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")
                if path.is_file() and not path.name.startswith("leukoscope.sqlite")}

    # MARK: Requests

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict | None = None, token: str = "",
            timeout: float = 120) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            fields = dict(headers or {})
            if token:
                fields["Authorization"] = f"Bearer {token}"
            connection.request(method, path, body or None, fields)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ask_json(self, method: str, path: str, value=None, token: str = "") -> Answer:
        body = b"" if value is None else json.dumps(value).encode()
        return self.ask(method, path, body, {"Content-Type": "application/json"} if body else {}, token)

    def raw(self, data: bytes, hangs_up: bool = False, timeout: float = 20) -> bytes:
        """Sends bytes as they are and returns what comes back until the server closes or falls silent."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(data)
                if hangs_up:
                    connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while part := connection.recv(65536):
                    received += part
        return received

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Until `/readyz` says so."""
        deadline = time.monotonic() + seconds
        while (found := self.ask("GET", "/readyz")).status != 200:
            assert time.monotonic() < deadline, f"not ready: {found.body}, {self.errors()}"
            time.sleep(0.2)

    def wait_until_screened(self, case: str, token: str, seconds: float = 600) -> dict:
        """The case, once nothing of it waits."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.ask("GET", f"/api/v1/cases/{case}", token=token).json()
            if found["verdict"]["pending"] == 0:
                return found
            assert time.monotonic() < deadline, f"still waiting after {seconds} s: {found}"
            time.sleep(0.2)


@contextlib.contextmanager
def site(database: str | None = None, flags: tuple = ()):
    """A site with a user, running; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="leukoscope-server-") as folder:
        place = Site(Path(folder) / "data", database, flags)
        try:
            yield place
        finally:
            if place.process and place.alive():
                place.kill()
            if place.log:
                place.log.close()
