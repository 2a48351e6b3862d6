"""Servers under load for Benchmarks/serving.py: starting them, asking them, loading them with wrk, reading their memory."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import measure

SCRIPT = measure.ROOT / "Benchmarks" / "predict.lua"
PATH = "/api/v1/predict"
CONNECTIONS = 8


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A server process of ours, with its workers."""

    name: str
    command: list
    environment: dict = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen | None = None
    log: object = None

    def start(self, seconds: float = 180) -> "Server":
        """Returns when it answers; ends this program if it does not."""
        self.port = free_port()
        self.log = tempfile.TemporaryFile("w+")
        command = [str(part) for part in [*self.command, "--port", self.port]]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env={**os.environ, **self.environment}, start_new_session=True)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        self.log.seek(0)
        text = self.log.read()[-3000:]
        self.stop()
        sys.exit(f"{self.name} does not answer:\n{text}")

    def stop(self) -> None:
        """Ends the whole group, gently and then by force."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    def pids(self) -> list[int]:
        """The processes of the group."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.getpgid(int(entry.name)) == self.process.pid:
                        found.append(int(entry.name))
                except ProcessLookupError:
                    pass
        return found

    def megabytes(self) -> float:
        """Resident memory of all processes, memory that they share counted once (PSS)."""
        total = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total / 1024

    def residentMegabytes(self) -> float:
        """Resident memory of all processes, memory that they share counted for each (RSS): never less than the truth."""
        lines = [line for pid in self.pids() for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024

    def answer(self, image: Path) -> dict:
        """The answer to one image."""
        boundary = "leukoscope-benchmark"
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="smear.jpg"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n").encode()
        body += image.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", PATH, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            sys.exit(f"{self.name} answers {response.status}: {text[:300]}")
        return json.loads(text)

    def load(self, images: list[Path], seconds: float) -> dict:
        """Requests a second and latencies in milliseconds under `CONNECTIONS` keep-alive connections."""
        command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{max(1, round(seconds))}s",
                   "--timeout", "30s", "--script", str(SCRIPT), f"http://127.0.0.1:{self.port}", "--",
                   *[str(image) for image in images]]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"wrk ended with {done.returncode}: {done.stderr[-1000:]}{done.stdout[-1000:]}")
        result = measure.last_json(done.stdout)
        if result["failures"] or result["notOK"]:
            sys.exit(f"{self.name}: {result['failures']} requests failed, {result['notOK']} were not answered with 200")
        result["requestsPerSecond"] = result["requests"] / result["seconds"]
        return result


def agreement(servers: list[Server], images: list[Path]) -> dict:
    """Asks every server about every image; ends this program when labels differ where they are not tied."""
    first, *others = servers
    greatest = {server.name: 0.0 for server in others}
    for image in images:
        mine = first.answer(image)
        for server in others:
            theirs = server.answer(image)
            difference = max(abs(mine["probabilities"][key] - value) for key, value in theirs["probabilities"].items())
            greatest[server.name] = max(greatest[server.name], difference)
            ranked = sorted(mine["probabilities"].values())
            if theirs["label"] != mine["label"] and ranked[-1] - ranked[-2] > 2 * difference:
                sys.exit(f"{server.name} answers {theirs['label']} to {image.name}, {first.name} {mine['label']}")
    return greatest
