"""A mail server on loopback for the mail tests: prints its port, then a line of JSON for each letter it takes.

    server.py plain|starttls|tls [CERTIFICATE KEY] [--login]
"""

import json
import socket
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Box:
    async def handle_DATA(self, server, session, envelope):
        if any("refused" in recipient for recipient in envelope.rcpt_tos):
            return "550 not here"
        letter = {
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
            "user": session.auth_data, "text": envelope.content.decode("utf-8"),
        }
        print(json.dumps(letter), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"post" and data.password == b"secret word"
    return AuthResult(success=right, auth_data=data.login.decode() if right else None)


def main():
    kind, rest = sys.argv[1], sys.argv[2:]
    options = {}
    if "--login" in rest:
        rest.remove("--login")
        options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": kind == "starttls"}
    context = None
    if kind != "plain":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*rest[:2])
    if kind == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(
        Box(), hostname="127.0.0.1", port=port, ssl_context=context if kind == "tls" else None, **options)
    controller.start()
    print(port, flush=True)
    sys.stdin.read()  # until the test closes it
    controller.stop()


main()
