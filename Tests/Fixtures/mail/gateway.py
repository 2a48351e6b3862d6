"""A gateway for messages on loopback: prints its port, and then what it was sent, a line of JSON each.

    gateway.py SECRET

Answers by the path: /taken 204, /busy 503, /elsewhere 302 to /taken, /long 200 with 100,000 bytes, /slow nothing for 5 s.
"""

import hashlib
import hmac
import http.server
import json
import sys
import threading
import time

SECRET = sys.argv[1].encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = dict(part.split("=", 1) for part in self.headers.get("Leukoscope-Signature", "").split(",") if "=" in part)
        expected = hmac.new(SECRET, parts.get("t", "").encode() + b"." + body, hashlib.sha256).hexdigest()
        print(json.dumps({"path": self.path, "key": self.headers.get("Idempotency-Key", ""),
                          "type": self.headers.get("Content-Type", ""), "seconds": parts.get("t", ""),
                          "signed": hmac.compare_digest(expected, parts.get("v1", "")),
                          "body": body.decode()}), flush=True)
        if self.path == "/slow":
            time.sleep(5)
        self.send_response({"/taken": 204, "/busy": 503, "/elsewhere": 302}.get(self.path, 200))
        if self.path == "/elsewhere":
            self.send_header("Location", "/taken")
        answer = b"x" * 100_000 if self.path == "/long" else b""
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
