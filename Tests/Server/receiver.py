"""A server of HTTP on this machine that keeps what it is sent, and the proof of who sent it."""

import hashlib
import hmac
import http.server
import threading
import time
import unittest


class Receiver:
    """Answers every POST with `status`, at first 503, and keeps it with its headers and the status that it got."""

    def __init__(self):
        self.posts: list[tuple[int, dict, bytes]] = []
        self.status = 503
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.status
                receiver.posts.append((status, dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def wait(self, count: int, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while len(self.posts) < count:
            assert time.monotonic() < deadline, f"{len(self.posts)} of {count} posts after {seconds} s"
            time.sleep(0.05)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def check_signature(test: unittest.TestCase, headers: dict, body: bytes, secret: str) -> int:
    """The time of a post in seconds since 1970, which is signed together with the body."""
    parts = dict(part.split("=", 1) for part in headers["Leukoscope-Signature"].split(","))
    expected = hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    test.assertEqual(parts["v1"], expected)
    return int(parts["t"])
