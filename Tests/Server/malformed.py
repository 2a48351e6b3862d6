"""Requests that no honest client sends, drawn from a seed: `cases(seed, count)` gives the same ones every time.

Each is bytes for the wire, so that nothing of a client library mends them, and the statuses that are right for it.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import program

# Any refusal of the client's fault.
REFUSED = frozenset(range(400, 500))
# A damaged picture may still hold all that is needed, as when a metadata byte is changed.
EITHER = REFUSED | {200}
ENDPOINT = b"/api/v1/predict"


@dataclass
class Case:
    kind: str
    data: bytes
    # Empty: the server may also close without a word, as for what is no HTTP at all.
    allowed: frozenset = REFUSED
    may_close: bool = False
    # The sender closes its side at once, so that nobody waits for the rest.
    hangs_up: bool = False
    facts: str = field(default="")


def http(body: bytes, content_type: bytes = b"multipart/form-data; boundary=b", path: bytes = ENDPOINT,
         method: bytes = b"POST", extra: bytes = b"", length: int | None = None) -> bytes:
    return (method + b" " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: " + content_type
            + b"\r\nContent-Length: " + str(len(body) if length is None else length).encode() + b"\r\n" + extra
            + b"\r\n" + body)


def form(image: bytes, name: bytes = b"image", disposition: bytes | None = None) -> bytes:
    head = disposition or b'Content-Disposition: form-data; name="' + name + b'"; filename="a.png"'
    return b"--b\r\n" + head + b"\r\nContent-Type: image/png\r\n\r\n" + image + b"\r\n--b--\r\n"


class Makers:
    """One method a kind of mischief; each takes the random source."""

    def __init__(self, picture: bytes, jpeg: bytes):
        self.pictures = [picture, jpeg]

    def truncated(self, source: random.Random) -> Case:
        picture = source.choice(self.pictures)
        return Case("truncated", http(form(picture[:source.randrange(len(picture) - 20)])))

    def flipped(self, source: random.Random) -> Case:
        picture = bytearray(source.choice(self.pictures))
        for _ in range(source.randrange(1, 30)):
            picture[source.randrange(len(picture))] ^= 1 << source.randrange(8)
        return Case("flipped", http(form(bytes(picture))), EITHER)

    def random_bytes(self, source: random.Random) -> Case:
        return Case("random bytes", http(form(source.randbytes(source.randrange(0, 5000)))))

    def magic_only(self, source: random.Random) -> Case:
        magic = source.choice([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0", b"MM\0*", b"BM", b"RIFF\x10\0\0\0WEBPVP8 ",
                               b"GIF89a", b"%PDF-1.7\n", b"PK\x03\x04", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
        return Case("magic only", http(form(magic + source.randbytes(source.randrange(0, 400)))))

    def giant(self, source: random.Random) -> Case:
        """A header that promises more pixels than the limit."""
        width, height = source.choice([(60000, 60000), (0xFFFFFFFF, 1), (2**31 - 1, 2**31 - 1), (30000, 2001), (0, 0)])
        picture = bytearray(self.pictures[0])
        picture[16:24] = struct.pack(">II", width, height)
        return Case("giant", http(form(bytes(picture))))

    def polyglot(self, source: random.Random) -> Case:
        """A script, page or archive with a picture's beginning or end."""
        payload = source.choice([b"<script>alert(1)</script>", b"PK\x03\x04" + source.randbytes(200), b"#!/bin/sh\nrm -rf /\n",
                                 b"<?php system($_GET[0]);"])
        picture = source.choice(self.pictures)
        if source.random() < 0.5:
            return Case("polyglot before", http(form(payload + picture)))
        # Bytes after the image are tolerated, and never reach the decoder.
        return Case("polyglot after", http(form(picture + payload)), EITHER)

    def broken_multipart(self, source: random.Random) -> Case:
        whole = form(self.pictures[0])
        body = source.choice([
            whole[:-source.randrange(4, 40)], whole.replace(b"--b", b"--c"), whole.replace(b"\r\n", b"\n"),
            b"--b\r\n" + b"X: " + b"a" * 20000 + b"\r\n\r\n", b"--b\r\n\r\n" * 100, b"", b"--b--\r\n",
            whole.replace(b"name=", b"nome="), whole.replace(b"form-data", b"attachment"), form(self.pictures[0], b"picture"),
            whole[:-8] + b"\r\n" + whole, b"--b\r\n: no name\r\n\r\nx\r\n--b--\r\n",
            form(self.pictures[0], disposition=b'Content-Disposition: form-data; name="image\0"'),
        ])
        return Case("broken multipart", http(body))

    def content_type(self, source: random.Random) -> Case:
        kind = source.choice([b"image/png", b"application/json", b"multipart/form-data", b"multipart/form-data; boundary=",
                              b"multipart/form-data; boundary=" + b"x" * 200, b"multipart/mixed; boundary=b", b";;;", b"a" * 3000,
                              b'multipart/form-data; boundary="', b"text/plain"])
        return Case("content type", http(form(self.pictures[0]), kind))

    def wrong_length(self, source: random.Random) -> Case:
        body = form(self.pictures[0])
        length = source.choice([len(body) // 2, 0, 1])
        data = http(body[:length], length=length)
        return Case("wrong length", data)

    def cut_short(self, source: random.Random) -> Case:
        """Promises more than it sends, and hangs up."""
        body = form(self.pictures[0])
        return Case("cut short", http(body[:source.randrange(len(body))], length=len(body) + 10), may_close=True,
                    hangs_up=True)

    def bad_length(self, source: random.Random) -> Case:
        value = source.choice([b"-1", b"abc", b"99999999999999999999", b"1, 2", b"0x10", b"25000000000"])
        data = http(b"").replace(b"Content-Length: 0", b"Content-Length: " + value)
        return Case("bad length", data, may_close=True)

    def both_lengths(self, source: random.Random) -> Case:
        body = form(self.pictures[0])
        data = http(body, extra=b"Transfer-Encoding: chunked\r\n")
        return Case("both lengths", data, may_close=True)

    def bad_chunks(self, source: random.Random) -> Case:
        head = http(b"").replace(b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n")
        return Case("bad chunks", head + source.choice([b"zz\r\nabc\r\n", b"FFFFFFFFFFFFFFFFFF\r\n", b"5\r\nab", b"-1\r\n"]),
                    may_close=True, hangs_up=True)

    def header_flood(self, source: random.Random) -> Case:
        extra = source.choice([
            b"".join(b"X-%d: %s\r\n" % (i, b"y" * 100) for i in range(2000)), b"X: " + b"y" * 200_000 + b"\r\n",
            b"Cookie: " + b"a=b; " * 30_000 + b"\r\n"])
        return Case("header flood", http(b"", path=b"/api/v1/cases", method=b"GET", extra=extra), may_close=True)

    def path_trick(self, source: random.Random) -> Case:
        path = source.choice([
            b"/assets/../../etc/passwd", b"/assets/..%2f..%2fetc%2fpasswd", b"/assets/%2e%2e/%2e%2e/data/secret.key",
            b"/api/v1/screenings/../../../../etc/passwd/heatmap.png", b"/screenings/" + b"A" * 22 + b"/pictures/..%2fsecret.key",
            b"/api/v1/cases/%00", b"/api/v1/cases/' OR 1=1 --".replace(b" ", b"%20"), b"/" + b"a" * 6000, b"/api/v1/%ff%fe",
            b"/api/v1/screenings/" + b"A" * 22 + b"/%2e%2e/secret.key", b"//etc/passwd", b"/api//v1///nothing"])
        # Pages send whoever is not logged in to the login first, whatever the rest of the address.
        return Case("path trick", http(b"", path=path, method=b"GET"), REFUSED | {303}, may_close=True)

    def no_http(self, source: random.Random) -> Case:
        data = source.choice([b"\x16\x03\x01" + source.randbytes(200), b"GET\r\n\r\n", source.randbytes(300), b"POST / HTTP/9.9\r\n\r\n",
                              b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n bad\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
        # HTTP/1.1 asks no more than that the connection ends; a redirect or page of a lenient parser is no harm either.
        return Case("no HTTP", data, REFUSED | {200, 303, 505}, may_close=True, hangs_up=True)

    def bad_token(self, source: random.Random) -> Case:
        token = source.choice([b"Bearer", b"Bearer ", b"Bearer \x01", b"Basic YTpi", b"Bearer " + b"a" * 5000, b"Bearer " + b"A" * 43])
        return Case("bad token", http(b"", path=b"/api/v1/cases", method=b"GET", extra=b"Authorization: " + token + b"\r\n"),
                    may_close=True)

    def bad_json(self, source: random.Random) -> Case:
        body = source.choice([b"{", b"[1]", b'{"title": 1}', b'{"title": ""}', b'{"title": null}', b"[" * 20000, b'{"title": "' + b"a" * 500 + b'"}',
                              b"\xff\xfe", b'{"note": "only"}', b'"title"'])
        return Case("bad JSON", http(body, b"application/json", b"/api/v1/cases", extra=b"Authorization: Bearer %TOKEN%\r\n"))

    def bad_query(self, source: random.Random) -> Case:
        query = source.choice([b"limit=0", b"limit=-1", b"limit=9999999999999999999999", b"limit=abc", b"after=x", b"decision=maybe",
                               b"label=pre-c", b"after=9999999999999999." + b"A" * 22, b"search=" + b"a" * 500])
        return Case("bad query", http(b"", path=b"/api/v1/cases?" + query, method=b"GET",
                                      extra=b"Authorization: Bearer %TOKEN%\r\n"))

    def bad_key(self, source: random.Random) -> Case:
        key = source.choice([b"../../etc", b"a" * 65, b"sp ace", b"<b>", b"%00"])
        return Case("bad key", http(form(self.pictures[0]), path=b"/api/v1/cases/%CASE%/images",
                                    extra=b"Authorization: Bearer %TOKEN%\r\nIdempotency-Key: " + key + b"\r\n"))

    def truncated_into_case(self, source: random.Random) -> Case:
        picture = source.choice(self.pictures)
        return Case("truncated into a case", http(form(picture[:source.randrange(len(picture) - 20)]),
                                                  path=b"/api/v1/cases/%CASE%/images", extra=b"Authorization: Bearer %TOKEN%\r\n"))


def cases(seed: int, count: int, picture: bytes, jpeg: bytes) -> Iterator[Case]:
    """So many cases, every kind in turn."""
    source = random.Random(seed)
    makers = Makers(picture, jpeg)
    kinds = [getattr(makers, name) for name in sorted(vars(Makers)) if not name.startswith("_")]
    for index in range(count):
        case = kinds[index % len(kinds)](source)
        case.facts = f"{case.kind}, number {index} of seed {seed}"
        yield case


def status(answer: bytes) -> int | None:
    """The status of the first response; None without one."""
    first = answer.split(b"\r\n", 1)[0].split(b" ")
    return int(first[1]) if len(first) > 1 and first[0].startswith(b"HTTP/") and first[1].isdigit() else None
