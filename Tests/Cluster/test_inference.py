"""The field network on real servers of the Open Inference Protocol: MLServer (JSON and gRPC) and Triton (bytes over HTTP, and gRPC).

They serve the release's network. What is asked there has the answers of this machine; a server that fails, hangs, changes its
network or serves another one is never believed, and this machine answers.

    python3 -m unittest discover -s Tests/Cluster -p test_inference.py        one or two minutes; unpacks the servers first
"""

import contextlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Server"), str(HERE / "counterparts")]
import program  # noqa: E402
import servers  # noqa: E402

PACKAGE = program.ROOT / "Models" / "release"
FIXTURES = program.ROOT / "Tests" / "Fixtures" / "inference"


def predicted(*flags: str, images: list) -> tuple[list[dict], str]:
    """The lines of `predict --json` without times, and what it said of the server."""
    done = subprocess.run([program.BINARY, "predict", "--json", "--model", PACKAGE, *flags, *images], capture_output=True,
                          text=True, timeout=180)
    assert done.returncode in (0, 65), done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        line.pop("timings", None)
    return lines, done.stderr


class Inference(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="leukoscope-inference-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.images = sorted(FIXTURES.glob("*.png"))
        for seed in range(6):
            image = self.folder / f"drawn-{seed}.png"
            image.write_bytes(program.png(320, seed))
            self.images.append(image)

    def serving(self, kind: type, name: str, **how) -> servers.Server:
        server = kind(self.folder / name, PACKAGE, **how)
        self.addCleanup(server.kill)
        server.start()
        return server

    def assert_alike(self, answers: list, expected: list) -> None:
        """Equal but for the last digits of figures: the sums of a batch may be made in another order."""
        self.assertEqual(len(answers), len(expected))

        def check(one, other, place):
            if isinstance(one, dict):
                self.assertEqual(one.keys(), other.keys(), place)
                for key in one:
                    check(one[key], other[key], f"{place}.{key}")
            elif isinstance(one, list):
                self.assertEqual(len(one), len(other), place)
                for index, (first, second) in enumerate(zip(one, other)):
                    check(first, second, f"{place}[{index}]")
            elif isinstance(one, float) and isinstance(other, (float, int)):
                self.assertAlmostEqual(one, other, delta=0.005, msg=place)
            else:
                self.assertEqual(one, other, place)

        check(answers, expected, "")

    # MARK: What a server answers

    def test_mlserver_and_triton_give_the_answers_of_this_machine_over_each_transport(self):
        expected, _ = predicted(images=self.images)
        for kind in (servers.MLServer, servers.Triton):
            server = self.serving(kind, kind.__name__)
            extensions = server.metadata()["extensions"]
            self.assertEqual("binary_tensor_data" in extensions, kind is servers.Triton, extensions)
            for scheme in ("http", "grpc"):
                with self.subTest(server=kind.__name__, scheme=scheme):
                    answers, said = predicted(
                        "--inference", server.address(scheme), "--inference-deadline", "60", images=self.images)
                    self.assertNotIn("this machine answers", said)
                    self.assert_alike(answers, expected)
            if kind is servers.Triton:
                # Two runs, each with all probes at least once, and with the images.
                model = server.metadata(f"/models/{server.name}/stats")["model_stats"][0]
                self.assertGreaterEqual(model["inference_count"], 2 * (32 + len(self.images)))
                # In requests of up to the four images that it takes at once.
                self.assertLess(model["execution_count"], model["inference_count"])
            server.kill()

    def test_another_network_and_one_that_lacks_an_output_are_refused_in_words(self):
        expected, _ = predicted(images=self.images[:2])
        server = self.serving(servers.MLServer, "other", noise=0.02)
        for changes, reason in (({"noise": 0.02}, r"network is not the package's: for probe \d+ .* differs by"),
                                ({"left_out": ["embedding"]}, "has no output embedding"),
                                ({"left_out": ["blocks.10.add"]}, "has no output blocks.10.add")):
            server.kill()
            server.serve("1", **changes)
            server.start()
            for scheme in ("http", "grpc"):
                with self.subTest(changes=changes, scheme=scheme):
                    answers, said = predicted("--inference", server.address(scheme), images=self.images[:2])
                    self.assertRegex(said, f"this machine answers: .*{reason}")
                    self.assertEqual(answers, expected)
        _, said = predicted("--inference", server.address("http"), "--inference-model", "nobody", images=self.images[:1])
        self.assertRegex(said, "this machine answers: .*404: Model nobody not found")

    # MARK: A site that goes on

    def site(self, server: servers.Server, *flags: str) -> program.Site:
        site = program.Site(self.folder / "data", flags=(
            "--model", str(PACKAGE), "--inference", server.address("http"), *flags))
        site.start()
        self.addCleanup(lambda: site.process.poll() is None and site.kill())
        return site

    def count(self, site: program.Site, name: str) -> float:
        """The sum of a family's series that begin with the name."""
        text = site.ask("GET", "/metrics").body.decode()
        return sum(float(value) for value in re.findall(rf"^leukoscope_remote_inference_{re.escape(name)}.* (\S+)$", text, re.M))

    def wait_until(self, site: program.Site, text: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while (told := site.ask("GET", "/readyz").body.decode()) != text:
            self.assertLess(time.monotonic(), deadline, f"{told}, {site.errors()}")
            time.sleep(0.1)

    def predict(self, site: program.Site) -> dict:
        body, headers = program.form(self.images[0].read_bytes())
        answer = site.ask("POST", "/api/v1/predict", body, headers, timeout=60)
        self.assertEqual(answer.status, 200, answer.body)
        told = answer.json()
        told.pop("timings", None)
        return told

    def test_a_site_goes_on_while_the_server_is_killed_changed_and_stopped_in_its_work(self):
        server = self.serving(servers.MLServer, "mlserver")
        # JSON of 150,000 numbers takes its time on a machine that does other things.
        site = self.site(server, "--inference-deadline", "10", "--inference-connections", "1")
        self.wait_until_proven(site, 1)
        self.wait_until(site, "ready\n")
        expected = self.predict(site)
        self.assertGreaterEqual(self.count(site, 'images_total{by="remote"}'), 1)
        self.assertEqual(self.count(site, 'images_total{by="local"}'), 0)

        # Killed: the image that finds out and all that follow are answered here, and the site says so.
        server.kill()
        for _ in range(4):
            self.assert_alike([self.predict(site)], [expected])
        self.wait_until(site, "ready, but remote inference failed: local used\n")
        self.assertGreaterEqual(self.count(site, 'images_total{by="local"}'), 4)
        self.assertEqual(self.count(site, "in_use"), 0)

        # Back, with another version of the same network: proven anew before it is used.
        proofs = self.count(site, "proofs_total")
        server.serve("2")
        server.start()
        self.wait_until_proven(site, proofs + 1)
        self.wait_until(site, "ready\n")
        remote = self.count(site, 'images_total{by="remote"}')
        self.assert_alike([self.predict(site)], [expected])
        self.assertGreater(self.count(site, 'images_total{by="remote"}'), remote)

        # Another version on a connection that stays: found by the next answer, and proven anew.
        proofs = self.count(site, "proofs_total")
        server.serve("3")
        self.load(server)
        self.wait_until_proven(site, proofs + 1)
        self.assertGreaterEqual(self.count(site, 'failures_total{kind="changed"}'), 1)
        self.wait_until(site, "ready\n")

        # Another network under the same version, on a connection that stays: the probes find it.
        server.serve("3", noise=0.05)
        self.load(server)
        self.wait_until(site, "ready, but remote inference failed: local used\n")
        self.assertGreaterEqual(self.count(site, 'failures_total{kind="otherNetwork"}'), 1)
        self.assertIn("network is not the package's", site.errors())
        self.assert_alike([self.predict(site)], [expected])
        self.assertEqual(site.stop(), 0, site.errors())

    def test_an_image_waits_no_longer_than_its_deadline_for_a_server_that_hangs(self):
        server = self.serving(servers.Triton, "triton")
        site = self.site(server, "--inference-deadline", "1")
        self.wait_until_proven(site, 2)
        expected = self.predict(site)
        server.process.send_signal(signal.SIGSTOP)
        try:
            begin = time.monotonic()
            told = [self.predict(site) for _ in range(4)]
            seconds = time.monotonic() - begin
        finally:
            server.process.send_signal(signal.SIGCONT)
        self.assert_alike(told, [expected] * 4)
        # Each may have found out at its deadline; after three in a row nobody asks any more.
        self.assertLess(seconds, 4 * 1 + 6)
        self.assertGreaterEqual(self.count(site, 'failures_total{kind="unreachable"}'), 1)
        self.wait_until(site, "ready\n", seconds=90)
        self.assertEqual(site.stop(), 0, site.errors())

    def wait_until_proven(self, site: program.Site, proofs: float, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while self.count(site, "proofs_total") < proofs:
            self.assertLess(time.monotonic(), deadline, f"not proven: {site.errors()}")
            time.sleep(0.1)

    def load(self, server: servers.MLServer) -> None:
        """Has MLServer load its settings anew while it goes on."""
        asked = servers.urllib.request.Request(
            f"http://127.0.0.1:{server.rest}/v2/repository/models/{server.name}/load", data=b"", method="POST")
        with contextlib.closing(servers.urllib.request.urlopen(asked, timeout=60)) as answer:
            self.assertEqual(answer.status, 200)


if __name__ == "__main__":
    unittest.main()
