"""Real servers of the Open Inference Protocol, for as long as a test or a measurement needs them: MLServer and Triton.

Their packages are unpacked into .deps once, a few hundred megabytes each, from the pinned requirements beside Tests/Cluster.
"""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DEPS = Path(os.environ.get("LEUKOSCOPE_DEPS", ROOT / ".deps"))


def unpacked(name: str) -> Path:
    """The folder of a server's packages, unpacked when they are first wanted or have changed."""
    requirements = HERE.parent / f"requirements-{name}.txt"
    wanted, target = hashlib.sha256(requirements.read_bytes()).hexdigest(), DEPS / name
    stamp = target / ".requirements"
    if not stamp.exists() or stamp.read_text() != wanted:
        staging = target.with_name(f"{name}.new")
        shutil.rmtree(staging, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--target", staging, "--no-deps", "--only-binary=:all:",
                        "--require-hashes", "--no-compile", "--no-input", "--disable-pip-version-check", "--quiet",
                        "--root-user-action=ignore", "-r", requirements], check=True)
        (staging / ".requirements").write_text(wanted)
        shutil.rmtree(target, ignore_errors=True)
        staging.rename(target)
    return target


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class Server:
    """A server that serves a package's network under the package's name, at ports that stay the same when it is started again."""

    def __init__(self, folder: Path, package: Path):
        self.folder, self.package = folder, package
        self.name = json.loads((package / "model.json").read_text())["name"]
        self.rest, self.grpc = free_ports(2)
        self.process: subprocess.Popen | None = None
        self.log = folder / "log.txt"
        folder.mkdir(parents=True)

    def command(self) -> list:
        raise NotImplementedError

    def environment(self) -> dict:
        raise NotImplementedError

    def address(self, scheme: str) -> str:
        return f"{scheme}://127.0.0.1:{self.grpc if scheme == 'grpc' else self.rest}"

    def start(self, seconds: float = 60) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **self.environment()})
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/v2/models/{self.name}/ready", timeout=1).status == 200:
                    return
            time.sleep(0.1)
        self.kill()
        raise AssertionError(f"the inference server did not start: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def metadata(self, path: str = "") -> dict:
        return json.load(urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/v2{path}", timeout=5))


class MLServer(Server):
    """Python's MLServer with a runtime of its own; JSON over HTTP, and gRPC."""

    def __init__(self, folder: Path, package: Path, version: str = "1", **changes):
        super().__init__(folder, package)
        self.packages = unpacked("mlserver")
        settings = {"host": "127.0.0.1", "http_port": self.rest, "grpc_port": self.grpc, "metrics_endpoint": None,
                    "parallel_workers": 0, "debug": False}
        (folder / "settings.json").write_text(json.dumps(settings))
        self.serve(version, **changes)

    def serve(self, version: str, **changes) -> None:
        """What it serves once it is started (again); `changes` are those of `ServedNetwork`."""
        model = {"name": self.name, "implementation": "served_by_mlserver.PackageRuntime",
                 "parameters": {"version": version, "extra": {"package": str(self.package), **changes}}}
        (self.folder / "model-settings.json").write_text(json.dumps(model))

    def command(self) -> list:
        return [sys.executable, "-m", "mlserver.cli.main", "start", "."]

    def environment(self) -> dict:
        return {"PYTHONPATH": os.pathsep.join(map(str, (self.packages, HERE, DEPS / "python")))}


class Triton(Server):
    """NVIDIA's server with its Python backend on the processor; JSON and bytes over HTTP, and gRPC."""

    def __init__(self, folder: Path, package: Path):
        super().__init__(folder, package)
        self.packages = unpacked("triton")
        distribution = self.packages / "pytriton" / "tritonserver"
        backend = folder / "backends" / "python"
        shutil.copytree(distribution / "backends" / "python", backend)
        # Built for one version of Python, whose library has to be on the system.
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        shutil.copy2(distribution / "python_backend_stubs" / python / "triton_python_backend_stub", backend)
        self.binary = distribution / "bin" / "tritonserver"
        place = folder / "models" / self.name
        (place / "1").mkdir(parents=True)
        shutil.copy2(HERE / "served_by_triton.py", place / "1" / "model.py")
        (place / "config.pbtxt").write_text(self.settings())

    def settings(self) -> str:
        description = json.loads((self.package / "model.json").read_text())
        outputs, side = description["outputs"], description["input"]
        size = outputs["embeddingSize"]
        tensors = {outputs["logits"]: [len(description["classes"])], outputs["embedding"]: [size],
                   outputs["featureMap"]: [size, outputs["featureMapHeight"], outputs["featureMapWidth"]]}
        tensors |= {stage["tensor"]: [stage["channels"], stage["height"], stage["width"]] for stage in outputs.get("stages", [])}
        listed = ", ".join(f'{{ name: "{name}" data_type: TYPE_FP32 dims: {shape} }}' for name, shape in tensors.items())
        # Fewer than requests ask for at first: the limit has to be found.
        return (f'backend: "python"\nmax_batch_size: 4\ninstance_group [{{ kind: KIND_CPU }}]\n'
                f'input [{{ name: "{side["name"]}" data_type: TYPE_FP32 dims: [3, {side["height"]}, {side["width"]}] }}]\n'
                f"output [{listed}]\n"
                f'parameters {{ key: "package" value: {{ string_value: "{self.package}" }} }}\n')

    def command(self) -> list:
        return [self.binary, "--model-repository", "models", "--backend-directory", "backends",
                "--http-address", "127.0.0.1", "--http-port", str(self.rest), "--grpc-address", "127.0.0.1",
                "--grpc-port", str(self.grpc), "--allow-metrics", "false", "--disable-auto-complete-config"]

    def environment(self) -> dict:
        return {"PYTHONPATH": os.pathsep.join(map(str, (self.packages, HERE, DEPS / "python"))),
                "LD_LIBRARY_PATH": str(self.packages / "nvidia_pytriton.libs")}
