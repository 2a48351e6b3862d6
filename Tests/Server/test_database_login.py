"""A database server that asks for the password itself: it must not get it, unless it has proved who it is."""

import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import program

PASSWORD = "open-sesame-4711"
CLIENT_SSL = 0x0800
CAPABILITIES = 0x00000001 | 0x00000200 | 0x00008000 | 0x00080000 | 0x00000008  # protocol 4.1, plug-ins, a database


class Thief:
    """Greets as MariaDB does, and answers every login with the wish for the clear password."""

    def __init__(self, context: ssl.SSLContext | None):
        self.context, self.heard = context, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                self.serve(connection)
            except (OSError, struct.error):
                pass
            finally:
                connection.close()

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        capabilities = CAPABILITIES | (CLIENT_SSL if self.context else 0)
        greeting = (b"\x0a5.5.5-10.11.6-MariaDB\0" + struct.pack("<I", 7) + b"abcdefgh\0"
                    + struct.pack("<H", capabilities & 0xFFFF) + b"\x2d" + struct.pack("<H", 2)
                    + struct.pack("<H", capabilities >> 16) + b"\x15" + bytes(10) + b"ijklmnopqrst\0"
                    + b"mysql_native_password\0")
        self.send(connection, 0, greeting)
        number, packet = self.receive(connection)
        if self.context and len(packet) == 32:  # the wish for TLS
            with self.context.wrap_socket(connection, server_side=True) as encrypted:
                return self.ask_for_password(encrypted, *self.receive(encrypted))
        self.ask_for_password(connection, number, packet)

    def ask_for_password(self, connection: socket.socket, number: int, packet: bytes) -> None:
        self.heard += packet
        self.send(connection, number + 1, b"\xfemysql_clear_password\0")
        self.heard += self.receive(connection)[1]

    def send(self, connection: socket.socket, number: int, payload: bytes) -> None:
        connection.sendall(struct.pack("<I", len(payload))[:3] + bytes([number]) + payload)

    def receive(self, connection: socket.socket) -> tuple[int, bytes]:
        head = self.exactly(connection, 4)
        return head[3], self.exactly(connection, int.from_bytes(head[:3], "little"))

    def exactly(self, connection: socket.socket, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = connection.recv(count - len(data))
            if not part:
                raise OSError("the end")
            data += part
        return data


class DatabaseLogin(unittest.TestCase):
    def context(self, folder: Path) -> ssl.SSLContext:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
             str(folder / "key.pem"), "-out", str(folder / "certificate.pem")], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
        return context

    def heard(self, query: str, context: ssl.SSLContext | None) -> bytes:
        """What a thief hears of a program that wants to use it."""
        thief = Thief(context)
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [program.BINARY, "migrate", "--data-dir", folder, "--database",
                 f"mysql://clinic:{PASSWORD}@127.0.0.1:{thief.port}/clinic?{query}"],
                capture_output=True, text=True, timeout=90)
        thief.listener.close()
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        self.assertIn(b"clinic", thief.heard, "it did not come to a login")
        return thief.heard

    def test_a_server_that_proved_nothing_does_not_get_the_password(self):
        with tempfile.TemporaryDirectory() as folder:
            context = self.context(Path(folder))
            for query, tls in [("tls=off", None), ("tls=required", context)]:
                self.assertNotIn(PASSWORD.encode(), self.heard(query, tls), query)

    def test_a_server_that_proved_who_it_is_may_ask_for_it(self):
        with tempfile.TemporaryDirectory() as folder:
            context = self.context(Path(folder))
            heard = self.heard(f"tls=verify&ca={folder}/certificate.pem", context)
            self.assertIn(PASSWORD.encode(), heard, "the thief of these tests would not hear a password")


if __name__ == "__main__":
    unittest.main()
