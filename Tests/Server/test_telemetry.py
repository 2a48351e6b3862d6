"""What leaves the server for those who watch it: spans to a real collector over HTTP, figures, and lines of the log as JSON."""

import http.server
import json
import socket
import threading
import time
import unittest

import program

PARTS = {"decode", "preprocess", "infer"}


class Collector:
    """Takes OTLP as JSON over HTTP, and keeps the spans."""

    def __init__(self):
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.requests.append((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.requests: list[tuple[str, str, dict]] = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[dict]:
        return [span for _, _, message in self.requests for resource in message["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Telemetry(unittest.TestCase):
    def test_spans_of_both_ways_reach_the_collector_and_nest(self):
        collector = Collector()
        self.addCleanup(collector.close)
        with program.site(flags=("--traces", collector.address)) as site:
            site.start()
            screening = self.screen_both_ways(site)
            self.assertEqual(site.stop(), 0, site.errors())  # what waited was sent
        for path, kind, message in collector.requests:
            self.assertEqual((path, kind), ("/v1/traces", "application/json"))
            names = {each["key"]: each["value"] for each in message["resourceSpans"][0]["resource"]["attributes"]}
            self.assertEqual(names["service.name"], {"stringValue": "leukoscope"})
        spans = collector.spans()
        whole = {span["kind"]: span for span in spans if span["name"] == "screening"}
        self.assertEqual(set(whole), {2, 5})  # somebody waited for one, the queue had the other
        self.assertIn({"key": "screening.id", "value": {"stringValue": screening}}, whole[5]["attributes"])
        for kind, outer in whole.items():
            inner = {span["name"]: span for span in spans if span.get("parentSpanId") == outer["spanId"]}
            # What was just sent is handed to the queue as it was decoded.
            self.assertLessEqual((PARTS - {"decode"}) | {"store"} if kind == 5 else PARTS, set(inner))
            for span in inner.values():
                self.assertEqual(span["traceId"], outer["traceId"])
                self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
                self.assertLessEqual(int(span["endTimeUnixNano"]), int(outer["endTimeUnixNano"]))
                self.assertGreaterEqual(int(span["startTimeUnixNano"]), int(outer["startTimeUnixNano"]) - 1_000_000)
        self.assertNotIn("robust@example.org", json.dumps(spans))

    def test_a_collector_that_never_answers_keeps_nobody_waiting(self):
        with socket.create_server(("127.0.0.1", 0)) as silent, \
                program.site(flags=("--traces", f"http://127.0.0.1:{silent.getsockname()[1]}")) as site:
            site.start()
            body, headers = program.form(program.png(64, 1))
            begin = time.monotonic()
            for _ in range(12):
                self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers).status, 200)
            # Five seconds each, had they waited for it.
            self.assertLess(time.monotonic() - begin, 45)
            self.assertEqual(site.stop(), 0, site.errors())
            self.assertIn("spans were dropped", site.errors())

    def test_an_endpoint_that_is_none_or_in_clear_to_another_machine_is_refused(self):
        for endpoint in ("collector", "ftp://127.0.0.1", "http://collector.example.org:4318", "http://a:b@127.0.0.1"):
            with program.site() as site:
                done = site.command("serve", "--port", "0", "--traces", endpoint)
                self.assertEqual(done.returncode, 64, endpoint + done.stderr)

    def test_every_line_of_the_log_is_an_object_where_that_is_asked_for(self):
        # A closed port: each round tells that nobody took the spans.
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        with program.site(flags=("--log-format", "json", "--traces", f"http://127.0.0.1:{port}")) as site:
            site.start()
            body, headers = program.form(program.png(64, 1))
            self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers).status, 200)
            text = site.ask("GET", "/metrics").body.decode()
            self.assertIn('leukoscope_http_requests_total{method="POST",route="/api/v1/predict",status="200"} 1\n', text)
            self.assertIn("leukoscope_screening_seconds_count 1\n", text)
            self.assertEqual(site.stop(), 0)
            lines = [json.loads(line) for line in site.errors().splitlines()]
        dropped = [line for line in lines if line["message"] == "spans"]
        self.assertGreaterEqual(len(dropped), 1, lines)  # one a round
        for line in dropped:
            self.assertEqual((line["level"], line["label"]), ("warning", "leukoscope"))
            self.assertIn("spans were dropped", line["facts"]["reason"])
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")

    def screen_both_ways(self, site: program.Site) -> str:
        """An image that somebody waits for, and one of the queue, whose screening is returned."""
        body, headers = program.form(program.png(64, 1))
        self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers).status, 200)
        site.make_user()
        token = site.make_token()
        case = site.ask_json("POST", "/api/v1/cases", {"title": "Traced"}, token).json()["id"]
        answer = site.ask("POST", f"/api/v1/cases/{case}/images", body, headers, token)
        self.assertEqual(answer.status, 201, answer.body)
        site.wait_until_screened(case, token)
        return answer.json()["screening"]["id"]


if __name__ == "__main__":
    unittest.main()
