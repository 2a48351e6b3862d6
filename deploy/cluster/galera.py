"""A Galera cluster of MariaDB on this machine: three servers on loopback, each with ports and a folder of its own.

`options` is what makes a MariaDB a node of the cluster; docs/operations.md has the same lines for machines of their own.

    deploy/cluster/galera.py FOLDER      starts it, writes the URL of each node on a line, and stops and removes it when its input ends;
                                         a line `kill N` of the input kills node N
"""

import contextlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

# Those that Swift's tests take (`FreePort`) begin where these end.
PORTS = range(20_000, 26_000)
GIVEN: set[int] = set()
PROVIDER = "/usr/lib/galera/libgalera_smm.so"
ROOT = Path(__file__).resolve().parents[2]
# What a node that comes back is brought up to date with: of Debian's package mariadb-server, unpacked where that is not installed.
DEPS = Path(os.environ.get("LEUKOSCOPE_DEPS", ROOT / ".deps"))
TRANSFER = DEPS / "wsrep" / "usr" / "bin"
# Debian has mariadbd and HAProxy where only root looks; HAProxy may be unpacked, too.
os.environ["PATH"] = f"{os.environ['PATH']}:/usr/sbin:{DEPS}/haproxy/usr/sbin"


def missing() -> str:
    """What has to be installed before there can be a cluster; empty where nothing has."""
    names = {"mariadbd": "mariadb-server-core", "mariadb": "mariadb-client-core", "mariadb-install-db": "mariadb-server-core"}
    needed = {package for program, package in names.items() if not shutil.which(program)}
    if not Path(PROVIDER).exists():
        needed.add("galera-4")
    if not shutil.which("rsync"):
        needed.add("rsync")
    if not shutil.which("wsrep_sst_rsync", path=f"{os.environ['PATH']}:{TRANSFER}"):
        needed.add("wsrep_sst_rsync (of mariadb-server)")
    return " ".join(sorted(needed))


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on and that were not given before, below those that the system gives to connections, which would have one
    until it is taken."""
    candidates = [port for port in PORTS if port not in GIVEN]
    random.SystemRandom().shuffle(candidates)
    free: list[int] = []
    for port in candidates:
        if len(free) == count:
            break
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            free.append(port)
    GIVEN.update(free)
    return free


class Node:
    """One server of the cluster: started, killed, stopped for a while, started again."""

    def __init__(self, cluster: "Galera", number: int):
        self.cluster, self.number = cluster, number
        self.folder = cluster.folder / f"node{number}"
        self.port, self.group, self.increments, self.states = free_ports(4)
        self.process: subprocess.Popen | None = None

    def options(self, peers: list["Node"]) -> list[str]:
        addresses = ",".join(f"127.0.0.1:{peer.group}" for peer in peers)
        return [
            "--wsrep-on=ON", f"--wsrep-provider={PROVIDER}", "--wsrep-cluster-name=leukoscope",
            f"--wsrep-cluster-address=gcomm://{addresses}", f"--wsrep-node-name=node{self.number}",
            f"--wsrep-node-address=127.0.0.1:{self.group}", "--wsrep-sst-method=rsync",
            f"--wsrep-sst-receive-address=127.0.0.1:{self.states}",
            "--wsrep-provider-options="
            f"gmcast.listen_addr=tcp://127.0.0.1:{self.group};ist.recv_addr=127.0.0.1:{self.increments};gcache.size=256M",
            "--binlog-format=ROW", "--default-storage-engine=InnoDB", "--innodb-autoinc-lock-mode=2"]

    @property
    def temporary(self) -> str:
        """A folder of its own: a server that starts removes what lies in the common one, also of others that run."""
        return f"--tmpdir={self.folder}/tmp"

    def start(self, first: bool = False) -> None:
        """Begins to start it; `first` makes the cluster, which the others join."""
        command = ["mariadbd", "--no-defaults", f"--datadir={self.folder}/data", self.temporary, f"--port={self.port}",
                   "--bind-address=127.0.0.1", f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid",
                   "--skip-name-resolve", f"--innodb-buffer-pool-size={self.cluster.memory}", "--max-connections=300", *self.cluster.user,
                   *self.options([] if first else self.cluster.nodes), *self.recovered()]
        environment = dict(os.environ, PATH=f"{os.environ['PATH']}:{TRANSFER}")
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def recovered(self) -> list[str]:
        """Where a node that did not end by itself had come to, as `galera_recovery` of the package finds it."""
        state = self.folder / "data" / "grastate.dat"
        if not state.exists() or "seqno:   -1" not in state.read_text():
            return []
        done = subprocess.run(
            ["mariadbd", "--no-defaults", f"--datadir={self.folder}/data", self.temporary, f"--pid-file={self.folder}/pid-recover",
             f"--socket={self.folder}/socket-recover", "--skip-networking", "--wsrep-recover",
             f"--wsrep-provider={PROVIDER}", *self.cluster.user],
            capture_output=True, text=True, timeout=120)
        for line in (done.stdout + done.stderr).splitlines():
            if "Recovered position:" in line:
                return [f"--wsrep-start-position={line.split('Recovered position:')[1].strip()}"]
        return []

    def sql(self, text: str, database: str = "leukoscope", seconds: float = 30) -> list[list[str]]:
        """Runs statements as root through the node's own socket."""
        done = subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.folder}/socket", "--user=root", "--batch", "--skip-column-names",
             *([database] if database else [])],
            input=text, capture_output=True, text=True, timeout=seconds)
        if done.returncode:
            raise RuntimeError(f"node {self.number}: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def status(self) -> dict[str, str]:
        """Its own words on the cluster; empty where it does not answer."""
        try:
            return dict(self.sql("SHOW GLOBAL STATUS LIKE 'wsrep_%'", database="", seconds=5))  # type: ignore[arg-type]
        except (RuntimeError, subprocess.TimeoutExpired, ValueError):
            return {}

    def wait(self, seconds: float = 300) -> None:
        """Until it takes work as a node of the primary component."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.status()
            if (status.get("wsrep_ready"), status.get("wsrep_local_state_comment")) == ("ON", "Synced"):
                return
            if self.process is None or self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"node {self.number} of Galera did not come up: {(self.folder / 'log').read_text()[-3000:]}")

    def kill(self) -> None:
        """As a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def pause(self) -> None:
        """Holds the whole server, which the others see as a node beyond a broken network."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def part(self) -> None:
        """Cuts it off from the other nodes, but not from its clients: it leaves the primary component and takes no work."""
        self.sql("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'", database="")

    def rejoin(self) -> None:
        self.sql("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'", database="")

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


class Galera:
    """Three nodes with an empty database `leukoscope` and an account for it."""

    def __init__(self, folder: Path, count: int = 3):
        self.folder = folder
        self.password = secrets.token_hex(12)
        # rsync, as root, would write as nobody; and mariadbd should not be root anyway.
        self.owner = ("nobody", "nogroup") if os.geteuid() == 0 else None
        self.user = ["--user=nobody"] if self.owner else []
        # For pages of its tables, a node: half of a real machine's.
        self.memory = "64M"
        self.nodes = [Node(self, number) for number in range(1, count + 1)]

    @property
    def url(self) -> str:
        """That of all nodes, the first one liked best."""
        return self.url_of(*self.nodes)

    def url_of(self, *nodes: Node) -> str:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        return f"mysql://leukoscope:{self.password}@{hosts}/leukoscope"

    def install(self) -> None:
        """Makes the first node and gives the others its files, so that they have nothing to fetch."""
        self.folder.mkdir(parents=True)
        first = self.nodes[0]
        for node in self.nodes:
            (node.folder / "tmp").mkdir(parents=True)
        self.give(self.folder)
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={first.folder}/data", first.temporary, "--skip-test-db",
                        "--auth-root-authentication-method=normal", *self.user], check=True, capture_output=True)
        first.start(first=True)
        first.wait()
        first.sql(f"""CREATE DATABASE leukoscope CHARACTER SET utf8mb4;
                      CREATE USER leukoscope@'127.0.0.1' IDENTIFIED BY '{self.password}';
                      GRANT ALL ON `leukoscope%`.* TO leukoscope@'127.0.0.1';""", database="")
        first.stop()
        for node in self.nodes[1:]:
            shutil.copytree(first.folder / "data", node.folder / "data", ignore=shutil.ignore_patterns("gvwstate.dat", "galera.cache"))
            self.give(node.folder)
        first.start(first=True)
        first.wait()
        # One after the other: two at once wait for the same giver.
        for node in self.nodes[1:]:
            node.start()
            node.wait()

    def give(self, folder: Path) -> None:
        """To whoever mariadbd runs as; also the way there."""
        if not self.owner:
            return
        for path in [folder, *folder.rglob("*")]:
            shutil.chown(path, *self.owner)
        for path in folder.parents:
            if path.stat().st_uid == 0 and not path.stat().st_mode & 0o001 and path != Path("/"):
                path.chmod(path.stat().st_mode | 0o011)

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: galera.py FOLDER")
    if missing():
        sys.exit(f"not installed: {missing()}. Scripts/bootstrap.sh test installs it.")
    cluster = Galera(Path(sys.argv[1]).resolve())
    try:
        cluster.install()
        for node in cluster.nodes:
            print(cluster.url_of(node), flush=True)
        for line in sys.stdin:
            word, number = line.split()
            if word == "kill":
                cluster.nodes[int(number) - 1].kill()
    finally:
        cluster.stop()
        shutil.rmtree(cluster.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
