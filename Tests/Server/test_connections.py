"""Connections that take more than their share: slow bodies, too many, too much; and the manners of HTTP."""

import contextlib
import socket
import time
import unittest

import program

GRACE = 3
STOP_SECONDS = 60  # 15 for the answers at work, 8 for the screenings, and the rest for a busy machine
HEAD = (b"POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        b"Content-Length: %d\r\n%b\r\n")


class Connections(unittest.TestCase):
    def connect(self, site: program.Site, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", site.port), timeout=60, source_address=(source, 0))

    def is_closed(self, connection: socket.socket) -> bool:
        """Whether the server has let go of it, after an answer or without."""
        connection.settimeout(0.01)
        try:
            while connection.recv(4096):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True

    def test_a_body_that_trickles_is_let_go_and_others_are_answered_meanwhile(self):
        with program.site(flags=("--body-grace", str(GRACE))) as site, contextlib.ExitStack() as held:
            site.start()
            slow = [held.enter_context(self.connect(site)) for _ in range(40)]
            for connection in slow:
                connection.sendall(HEAD % (100_000, b""))
            begin = time.monotonic()
            open_ones = list(slow)
            while open_ones and time.monotonic() - begin < 5 * GRACE + 10:
                for connection in open_ones:
                    with contextlib.suppress(OSError):
                        connection.sendall(b"x")
                self.assertEqual(site.ask("GET", "/healthz").status, 200)
                time.sleep(0.5)
                open_ones = [one for one in open_ones if not self.is_closed(one)]
            self.assertEqual(open_ones, [], "slow senders were kept")
            # One that is as slow as an old telephone, but goes on, is answered.
            body, headers = program.form(program.png(64, 1))
            with self.connect(site) as connection:
                fields = f"Content-Type: {headers['Content-Type']}\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(b"POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\n" + fields.encode())
                for start in range(0, len(body), len(body) // (2 * GRACE) + 1):
                    connection.sendall(body[start:start + len(body) // (2 * GRACE) + 1])
                    time.sleep(1)
                connection.settimeout(120)
                self.assertIn(b" 200 OK", connection.recv(100))
            self.assertIn("a body that came too slowly", site.errors())
            self.assertEqual(site.stop(), 0)

    def test_one_address_cannot_take_all_connections(self):
        with program.site(flags=("--connections-per-address", "20")) as site, contextlib.ExitStack() as held:
            site.start()
            many = [held.enter_context(self.connect(site)) for _ in range(60)]
            kept, deadline = many, time.monotonic() + 60
            while len(kept) > 20 and time.monotonic() < deadline:
                kept = [one for one in kept if not self.is_closed(one)]
            self.assertLessEqual(len(kept), 20)
            self.assertGreaterEqual(len(kept), 15)
            with self.connect(site, "127.0.0.2") as other:
                other.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertIn(b" 200 OK", other.recv(100))
            for one in many:
                one.close()
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                with contextlib.suppress(OSError):
                    if site.ask("GET", "/healthz").status == 200:
                        break
                time.sleep(0.1)
            else:
                self.fail("connections that ended still count")

    def test_unanswered_bodies_of_one_address_have_a_limit(self):
        with program.site() as site, contextlib.ExitStack() as held:
            site.start()
            part = b"x" * (19 << 20)
            for _ in range(14):
                connection = held.enter_context(self.connect(site))
                with contextlib.suppress(OSError):
                    connection.sendall(HEAD % (len(part) + 1, b"") + part)
            deadline = time.monotonic() + 60
            while "too many unfinished bytes" not in site.errors() and time.monotonic() < deadline:
                time.sleep(0.2)
            self.assertIn("too many unfinished bytes", site.errors())
            self.assertLess(site.megabytes(), 600)
            self.assertEqual(site.ask("GET", "/healthz").status, 200)

    def test_a_body_that_comes_after_its_answer_does_no_harm(self):
        with program.site() as site:
            site.start()
            # No such address, a method that it does not know, a body that is none: each is answered before all of it is there.
            for line in (b"POST /nowhere HTTP/1.1", b"PATCH /healthz HTTP/1.1", b"POST /api/v1/predict HTTP/1.1"):
                with self.subTest(line), self.connect(site) as connection:
                    connection.sendall(line + b"\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")
                    self.assertRegex(connection.recv(4096), rb"^HTTP/1.1 4\d\d ")
                    with contextlib.suppress(OSError):  # let go of, which is as good
                        for _ in range(6):
                            connection.sendall(b"x" * 10_000)
                            time.sleep(0.05)
                        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        connection.recv(4096)
                self.assertTrue(site.alive(), site.errors())
                self.assertEqual(site.ask("GET", "/healthz").status, 200)
            # Nothing of it is still counted against the sender.
            body, headers = program.form(program.png(64, 1))
            self.assertEqual(site.ask("POST", "/api/v1/predict", body, headers).status, 200)
            self.assertEqual(site.stop(), 0)

    def test_the_server_ends_in_time_though_somebody_is_still_sending(self):
        with program.site(flags=("--body-grace", "600")) as site, contextlib.ExitStack() as held:
            site.start()
            for _ in range(3):
                held.enter_context(self.connect(site)).sendall(HEAD % (100_000, b"") + b"x" * 500)
            time.sleep(0.5)
            begin = time.monotonic()
            self.assertEqual(site.stop(), 0, site.errors())
            self.assertLess(time.monotonic() - begin, STOP_SECONDS)

    def test_a_sender_that_waits_for_leave_gets_it_at_once(self):
        with program.site() as site:
            site.start()
            body, headers = program.form(program.png(64, 1))
            with self.connect(site) as connection:
                connection.sendall(
                    f"POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {headers['Content-Type']}\r\n"
                    f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
                begin = time.monotonic()
                # Before a byte of the body is sent.
                self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n"))
                self.assertLess(time.monotonic() - begin, 10)
                connection.sendall(body)
                self.assertIn(b" 200 OK", connection.recv(100))

    def exchange(self, site: program.Site, data: bytes) -> tuple[bytes, bool]:
        """What comes back, and whether the server ended the connection itself, long before it would for idleness."""
        received = b""
        with self.connect(site) as connection:
            connection.sendall(data)
            connection.settimeout(20)
            try:
                while part := connection.recv(65536):
                    received += part
                return received, True
            except TimeoutError:
                return received, False

    def test_http_1_0_is_answered_without_chunks_and_the_connection_ends(self):
        with program.site() as site:
            site.start()
            body, headers = program.form(program.png(64, 1))
            post = (f"POST /api/v1/predict HTTP/1.0\r\nContent-Type: {headers['Content-Type']}\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n").encode() + body
            for data, beginning in [
                (b"GET /healthz HTTP/1.0\r\n\r\n", b"HTTP/1.0 200 "), (b"GET / HTTP/1.0\r\nHost: a.example\r\n\r\n", b"HTTP/1.0 200 "),
                (post, b"HTTP/1.0 200 "), (b"GET /nothing HTTP/1.0\r\n\r\n", b"HTTP/1.0 404 "),
                (b"HEAD / HTTP/1.0\r\n\r\n", b"HTTP/1.0 200 "),
            ]:
                answer, is_closed = self.exchange(site, data)
                self.assertTrue(answer.startswith(beginning), answer[:300])
                self.assertTrue(is_closed, f"{data[:40]!r} was answered and the connection kept")
                head, _, rest = answer.partition(b"\r\n\r\n")
                self.assertIn(b"connection: close", head.lower())
                self.assertNotIn(b"transfer-encoding", head.lower())
                self.assertEqual(rest == b"", data.startswith(b"HEAD"))
            # The later version stays, and goes on being kept open.
            both = b"GET /healthz HTTP/1.1\r\nHost: a.example\r\n\r\n"
            answer, is_closed = self.exchange(site, both * 2)
            self.assertEqual((answer.count(b"HTTP/1.1 200 "), is_closed), (2, False))
            for field in (b"Connection: Close\r\n", b"Connection: TE, close\r\n"):
                answer, is_closed = self.exchange(site, both[:-2] + field + b"\r\n")
                self.assertEqual((answer.count(b"HTTP/1.1 200 "), is_closed), (1, True), field)

    def test_a_request_that_names_no_site_is_refused_and_the_next_one_answered(self):
        with program.site() as site:
            site.start()
            good = b"GET /healthz HTTP/1.1\r\nHost: a.example:8080\r\nConnection: close\r\n\r\n"
            for fields in (b"", b"Host: a.example\r\nHost: a.example\r\n", b"Host: a.example/b\r\n", b"Host: a b\r\n",
                           b"Host: user@a.example\r\n"):
                for path in (b"/healthz", b"/", b"/api/v1/cases"):
                    answer, is_closed = self.exchange(site, b"GET " + path + b" HTTP/1.1\r\n" + fields + b"\r\n" + good)
                    self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), (fields, answer[:200]))
                    self.assertEqual((answer.count(b"HTTP/1.1 200 "), is_closed), (1, True), (fields, answer[:200]))
            for host in (b"", b"127.0.0.1:80", b"[::1]:80", b"xn--bcher-kva.example"):
                answer, _ = self.exchange(
                    site, b"GET /healthz HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
                self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), (host, answer[:200]))

    def test_a_public_address_with_a_path_is_refused_in_words(self):
        with program.site() as site:
            for address in ("https://smears.example.org/path", "https://smears.example.org/#part"):
                done = site.command("serve", "--port", "0", "--public-url", address)
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertIn("--public-url must look like https://smears.example.org, without a path", done.stderr)


if __name__ == "__main__":
    unittest.main()
