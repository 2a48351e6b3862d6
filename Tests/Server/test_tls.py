"""The server speaks TLS itself, with a certificate that `leukoscope certificate` made, to whoever trusts its authority."""

import http.client
import re
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

import program


class TLSTest(unittest.TestCase):
    def test_serves_over_tls(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            made = subprocess.run(
                [program.BINARY, "certificate", "--host", "localhost", "--host", "127.0.0.1", "--out", str(folder / "tls")],
                capture_output=True, text=True)
            self.assertEqual(made.returncode, 0, made.stderr)
            options = ["--certificate", str(folder / "tls/certificate.pem"), "--key", str(folder / "tls/certificate.key")]
            command = [program.BINARY, "serve", "--port", "0", "--data-dir", str(folder / "data"), "--model", str(program.MODEL)]
            # The address in clear would be given out in links.
            refused = subprocess.run([*command, *options], capture_output=True, text=True, timeout=60)
            self.assertEqual(refused.returncode, 64, refused.stderr)
            self.assertIn("--public-url", refused.stderr)
            process = subprocess.Popen(
                [*command, "--public-url", "https://localhost", *options], stdout=subprocess.PIPE, text=True)
            try:
                match = re.search(r"https://127\.0\.0\.1:(\d+)", process.stdout.readline())
                self.assertIsNotNone(match)
                self.ask(int(match.group(1)), folder / "tls/authority.pem")
            finally:
                process.terminate()
                self.assertEqual(process.wait(timeout=120), 0)
                process.stdout.close()

    def ask(self, port, authority):
        trusting = ssl.create_default_context(cafile=str(authority))
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=trusting, timeout=120)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertIn("max-age", answer.getheader("Strict-Transport-Security"))
        self.assertEqual(answer.read(), b"ok\n")
        self.assertIn(connection.sock.version(), ("TLSv1.2", "TLSv1.3"))
        connection.close()
        # Who does not trust the authority gets nothing, nor does who asks in clear.
        with self.assertRaises(ssl.SSLError):
            http.client.HTTPSConnection(
                "127.0.0.1", port, context=ssl.create_default_context(), timeout=120).request("GET", "/")
        plain = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        plain.request("GET", "/healthz")
        with self.assertRaises((http.client.HTTPException, ConnectionError)):
            plain.getresponse()


if __name__ == "__main__":
    unittest.main()
