"""A MariaDB server of the tests' own, in a temporary folder on loopback."""

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy" / "cluster"))
from galera import free_ports  # noqa: E402


class MariaDB:
    """Started with an empty database; `kill` ends it as a power cut would, `start` brings it up again."""

    def __init__(self, folder: Path):
        self.folder, self.password = folder, secrets.token_hex(12)
        (self.port,) = free_ports(1)
        # The package with the server alone brings no account of its own for it.
        self.user = ["--user=root"] if os.geteuid() == 0 else []
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"mysql://leukoscope:{self.password}@127.0.0.1:{self.port}/leukoscope"

    def install(self) -> None:
        self.folder.mkdir(parents=True)
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/db", f"--tmpdir={self.folder}", "--skip-test-db",
                        "--auth-root-authentication-method=normal", *self.user], check=True, capture_output=True)
        self.start()
        self.sql(f"""CREATE DATABASE leukoscope CHARACTER SET utf8mb4;
                     CREATE USER leukoscope@'127.0.0.1' IDENTIFIED BY '{self.password}';
                     GRANT ALL ON leukoscope.* TO leukoscope@'127.0.0.1';""")

    def start(self, seconds: float = 120) -> None:
        log = open(self.folder / "log", "a")
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={self.folder}/db", f"--tmpdir={self.folder}",  # of its own: one that starts empties the common one
             f"--port={self.port}", "--bind-address=127.0.0.1",
             f"--socket={self.folder}/s", f"--pid-file={self.folder}/pid", "--skip-name-resolve", *self.user],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if subprocess.run(self.client("SELECT 1"), capture_output=True).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"mariadbd did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")

    def client(self, text: str) -> list[str]:
        return ["mariadb", "--no-defaults", f"--socket={self.folder}/s", "--user=root", "--batch", "--skip-column-names",
                "--execute", text]

    def sql(self, text: str) -> list[list[str]]:
        done = subprocess.run([*self.client(text), *(["leukoscope"] if "CREATE DATABASE" not in text else [])],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
