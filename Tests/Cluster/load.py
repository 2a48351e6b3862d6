"""Senders and readers of a cluster: images through HAProxy, each with a key of its own, and pages that are open meanwhile."""

import http.client
import json
import re
import sys
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Server"))
import program  # noqa: E402

# A person may add a thousand images a day.
IMAGES_OF_A_PERSON = 900
IMAGES_OF_A_CASE = 60


class Person:
    """An account with a token for sending and a session for pages."""

    def __init__(self, node, address: str, number: int):
        self.email, self.password = f"load-{number}@example.org", f"a password of load {number}"
        self.address = address
        node.command("users", "create", "--email", self.email, "--role", "patient", "--agreed", "en", text=self.password + "\n")
        self.token = node.command("tokens", "create", "--user", self.email, "--name", "load", "--scope", "predict,read,write")
        self.cookie = self.log_in()

    def ask(self, method: str, path: str, body: bytes = b"", fields: dict | None = None, timeout: float = 30) -> program.Answer:
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        try:
            connection.request(method, path, body or None, fields or {})
            response = connection.getresponse()
            answer = program.Answer(response)
            answer.cookies = [field.split(";")[0] for field in response.headers.get_all("Set-Cookie") or []]
            return answer
        finally:
            connection.close()

    def with_token(self, method: str, path: str, body: bytes = b"", fields: dict | None = None,
                   timeout: float = 30) -> program.Answer:
        return self.ask(method, path, body, {**(fields or {}), "Authorization": f"Bearer {self.token}"}, timeout)

    def log_in(self) -> str:
        page = self.ask("GET", "/login")
        token = re.search(r'name="csrf" value="([^"]+)"', page.body.decode())[1]
        cookie = "; ".join(page.cookies)
        body = urllib.parse.urlencode({"csrf": token, "email": self.email, "password": self.password}).encode()
        answer = self.ask("POST", "/login", body, {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie})
        if answer.status not in (302, 303):
            raise RuntimeError(f"{self.email} could not log in: {answer.status} {answer.body[:300]!r}")
        cookies = dict(cookie.split("=", 1) for cookie in (*page.cookies, *answer.cookies))
        return "; ".join(f"{name}={value}" for name, value in cookies.items() if value)


class Sender:
    """Sends image after image and remembers what was acknowledged. What got no answer is sent again with the same key."""

    def __init__(self, number: int, people: list[Person], pictures: list[bytes], pause: float):
        self.number, self.people, self.pictures, self.pause = number, people, pictures, pause
        self.acknowledged: dict[str, dict[str, str]] = {}  # case: key: screening
        self.owners: dict[str, Person] = {}
        self.tried: set[str] = set()
        self.surprises: list[str] = []
        self.times: list[tuple[float, float]] = []  # when acknowledged, and after how many seconds of trying
        self.case = ""
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        for index in range(len(self.people) * IMAGES_OF_A_PERSON):
            person = self.people[index // IMAGES_OF_A_PERSON]
            if index % IMAGES_OF_A_CASE == 0:
                case = self.insist(lambda: self.make_case(person, f"s{self.number}-c{index}"))
                if case is None:
                    return
                self.owners[case] = person
                self.acknowledged[case] = {}
                self.case = case
            key = f"s{self.number}-i{index}"
            self.tried.add(key)
            begun = time.monotonic()
            screening = self.insist(lambda: self.send(person, key, self.pictures[index % len(self.pictures)]))
            if screening is None:
                return
            self.acknowledged[self.case][key] = screening
            self.times.append((time.monotonic(), time.monotonic() - begun))
            if self.stopping.wait(self.pause):
                return

    def insist(self, body):
        """Until it is answered, or the load ends."""
        while not self.stopping.is_set():
            try:
                found = body()
                if found is not None:
                    return found
            except (OSError, EOFError, ValueError, http.client.HTTPException):
                pass  # a node or the proxy is gone in the midst of it
            self.stopping.wait(0.2)
        return None

    def make_case(self, person: Person, key: str) -> str | None:
        answer = person.with_token("POST", "/api/v1/cases", json.dumps({"title": key}).encode(),
                                   {"Content-Type": "application/json", "Idempotency-Key": key})
        return answer.json()["id"] if self.is_taken(answer, (200, 201)) else None

    def send(self, person: Person, key: str, picture: bytes) -> str | None:
        body, fields = program.form(picture)
        answer = person.with_token("POST", f"/api/v1/cases/{self.case}/images", body, {**fields, "Idempotency-Key": key})
        return answer.json()["screening"]["id"] if self.is_taken(answer, (200, 201)) else None

    def is_taken(self, answer: program.Answer, good: tuple[int, ...]) -> bool:
        if answer.status in good:
            return True
        # Full, or something that it stands on is away; the proxy's own words are 502 to 504. Anything else is a fault.
        if answer.status not in (429, 500, 502, 503, 504):
            self.surprises.append(f"{answer.status}: {answer.body[:300]!r}")
        return False


class Reader:
    """Keeps the live page of a sender's newest case open, as a browser does: it comes again when the stream ends."""

    def __init__(self, sender: Sender):
        self.sender = sender
        self.heard: list[float] = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        while not self.stopping.is_set():
            case = self.sender.case
            if not case:
                self.stopping.wait(0.2)
                continue
            try:
                self.listen(self.sender.owners[case], case)
            except (OSError, http.client.HTTPException, ValueError):
                pass
            self.stopping.wait(0.5)

    def listen(self, person: Person, case: str) -> None:
        connection = http.client.HTTPConnection(person.address, timeout=15)  # the server says something each ten seconds
        try:
            connection.request("GET", f"/cases/{case}/events", headers={"Cookie": person.cookie, "Accept": "text/event-stream"})
            response = connection.getresponse()
            if response.status != 200:
                return
            for line in response:
                if line.startswith(b"data: "):
                    self.heard.append(time.monotonic())
                if self.stopping.is_set():
                    return
        finally:
            connection.close()

    def longest_silence(self, begin: float, end: float) -> float:
        moments = [begin, *(moment for moment in self.heard if begin <= moment <= end), end]
        return max(after - before for before, after in zip(moments, moments[1:]))
