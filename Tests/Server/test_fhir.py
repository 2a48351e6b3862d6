"""FHIR R4 over /fhir, held against models that are not ours: the R4B models of fhir.resources (R4B, 4.3.0, has the resources used
here as R4 has them), and the invariants of R4 and rules of ABDM that those models do not know, each by its name.

A request makes a case with a person; images are screened; every resource is read, searched and validated; news come to a receiver,
signed, once it takes them; and nobody's number stands in a log, a name of a file or an address.
"""

import json
import re
import time
import unittest
import urllib.parse
from pathlib import Path

import program
from receiver import Receiver, check_signature
from fhir.resources.R4B import get_fhir_model_class

TYPES = ("Patient", "Specimen", "ServiceRequest", "DiagnosticReport", "Observation", "DocumentReference", "Provenance")
PERSON, SAMPLE, ORDER = "MRN-77411-ZQ", "LAB-90210-XV", "ORDER-5150-KJ"
REQUEST = {
    "resourceType": "ServiceRequest", "status": "active", "intent": "order",
    "identifier": [{"system": "https://his.example.org/orders", "value": ORDER}],
    "code": {"text": "Blood smear, screening"}, "subject": {"reference": "#p"}, "specimen": [{"reference": "#s"}],
    "authoredOn": "2026-11-30T09:30:00+05:30", "requester": {"display": "Ward 4"},
    "contained": [
        {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1990-05-17",
         "identifier": [{"system": "https://his.example.org/patients", "value": PERSON}]},
        {"resourceType": "Specimen", "id": "s", "accessionIdentifier": {"value": SAMPLE}},
    ],
}
JSON = {"Content-Type": "application/fhir+json"}


def references(value) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [found for child in value.values() for found in references(child)]
    return [found for child in value for found in references(child)] if isinstance(value, list) else []


def broken_invariants(resource: dict) -> list[str]:
    """Invariants of FHIR R4 that HAPI's validator applies, and models of types cannot."""
    broken, kind = [], resource["resourceType"]
    contained = resource.get("contained", [])
    inner = {f"#{part['id']}" for part in contained}
    named = {found for found in references(resource) if found.startswith("#")}
    if any("contained" in part for part in contained):
        broken.append("dom-2")
    if inner - named:
        broken.append("dom-3")
    if any("meta" in part for part in contained):
        broken.append("dom-4")
    if named - inner:
        broken.append("ref-1")
    if not re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"]):
        broken.append("id")
    text = resource.get("text", {}).get("div", "<p>x</p>")
    if not re.sub(r"<[^>]*>", "", text).strip() or re.search(r"<(script|form|iframe|object)", text):
        broken.append("txt-1, txt-2")
    if kind == "Observation":
        values = [name for name in resource if name.startswith("value")]
        if values and "dataAbsentReason" in resource:
            broken.append("obs-6")
        if values and resource["code"] in [part["code"] for part in resource.get("component", [])]:
            broken.append("obs-7")
        if not values and "dataAbsentReason" not in resource and "hasMember" not in resource:
            broken.append("an observation without a value")
    for quantity in quantities(resource):
        if quantity.get("code") and not quantity.get("system"):
            broken.append("qty-3")
    broken += [f"ele-1 at {path}" for path in empty(resource, kind)]
    return broken


def quantities(value) -> list[dict]:
    if isinstance(value, dict):
        own = [value["valueQuantity"]] if "valueQuantity" in value else []
        return own + [found for child in value.values() for found in quantities(child)]
    return [found for child in value for found in quantities(child)] if isinstance(value, list) else []


def empty(value, path: str) -> list[str]:
    if value in ({}, [], "", None):
        return [path]
    if isinstance(value, dict):
        return [found for name, child in value.items() for found in empty(child, f"{path}.{name}")]
    return [found for child in value for found in empty(child, f"{path}[]")] if isinstance(value, list) else []


def broken_abdm(report: dict) -> list[str]:
    """The rules of ABDM's DiagnosticReportLab (NRCeS, 6.5.0) on a report, each as the path that it is about."""
    rules = {
        "status 1..1": report.get("status") in ("registered", "partial", "preliminary", "final", "amended", "corrected"),
        "category.coding.system = SNOMED CT, with code and display": all(
            coding.get("system") == "http://snomed.info/sct" and coding.get("code") and coding.get("display")
            for category in report.get("category", []) for coding in category.get("coding", [])),
        "code 1..1": bool(report.get("code")),
        "code.coding.system = LOINC, with code and display": all(
            coding.get("system") == "http://loinc.org" and coding.get("code") and coding.get("display")
            for coding in report.get("code", {}).get("coding", [])),
        "subject: a Patient": report.get("subject", {}).get("reference", "").startswith("Patient/"),
        "resultsInterpreter 1..*": bool(report.get("resultsInterpreter")),
        "specimen: Specimen": all(r["reference"].startswith("Specimen/") for r in report.get("specimen", [])),
        "result 1..*: Observation": bool(report.get("result"))
        and all(r["reference"].startswith("Observation/") for r in report["result"]),
        "basedOn: ServiceRequest": all(r["reference"].startswith("ServiceRequest/") for r in report.get("basedOn", [])),
        "conclusion 1..1": bool(report.get("conclusion")),
        "conclusionCode.coding.system = SNOMED CT": all(
            coding.get("system") == "http://snomed.info/sct"
            for concept in report.get("conclusionCode", []) for coding in concept.get("coding", [])),
        "presentedForm with contentType and data": all(
            form.get("contentType") and form.get("data") for form in report.get("presentedForm", [])),
    }
    return [name for name, holds in rules.items() if not holds]


class FHIR(unittest.TestCase):
    def valid(self, resource: dict) -> dict:
        try:
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        except ValueError as error:
            self.fail(f"{resource['resourceType']}: {error}\n{json.dumps(resource)[:2000]}")
        return resource

    def get(self, path: str, status: int = 200) -> dict:
        answer = self.site.ask("GET", path, token=self.token)
        self.assertEqual(answer.status, status, answer.body[:500])
        self.assertEqual(answer.headers["content-type"], "application/fhir+json")
        return self.valid(answer.json())

    def post(self, path: str, value: dict, token: str = "") -> program.Answer:
        return self.site.ask("POST", path, json.dumps(value).encode(), JSON, token or self.token)

    def all_pages(self, kind: str, count: int) -> list[dict]:
        found, path = [], f"/fhir/{kind}?_count={count}"
        while path:
            page = self.get(path)
            entries = page.get("entry", [])
            self.assertLessEqual(len(entries), count)
            found += [entry["resource"] for entry in entries]
            links = {link["relation"]: link["url"] for link in page["link"]}
            path = links["next"].split(f":{self.site.port}")[1] if "next" in links else None
        return found

    def test_what_is_told_is_fhir_and_what_is_asked_for_is_done_once(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        flags = ("--subscriber-host", "127.0.0.1", "--subscriber-allow", "127.0.0.1", "--snomed-ct")
        with program.site(flags=flags) as site:
            self.site = site
            site.start()
            site.make_user()
            site.make_user("chief@example.org", "administrator")
            self.token, chief = site.make_token(), site.make_token("chief@example.org")
            self.get("/fhir/metadata")
            secret = self.subscribe(chief, receiver)
            case = self.take_request()
            failed = self.told(chief, 180, lambda found: found["status"] == "error")
            self.assertIn("503", failed["error"])
            receiver.status = 204
            for seed in (3, 4):
                body, headers = program.form(program.png(64, seed))
                self.assertEqual(site.ask("POST", f"/api/v1/cases/{case}/images", body, headers, self.token).status, 201)
            site.wait_until_screened(case, self.token)
            self.check_resources(case.replace("_", "."))
            self.check_search(case.replace("_", "."))
            self.check_news(receiver, secret, chief, case.replace("_", "."))
            site.stop()
            site.log.seek(0)
            names = " ".join(str(path) for path in Path(site.folder).rglob("*"))
            told = site.log.read() + names
            self.assertIn("news not taken", told)
            for number in (PERSON, SAMPLE, ORDER, secret, self.token, chief):
                self.assertNotIn(number, told)

    def subscribe(self, chief: str, receiver: Receiver) -> str:
        wanted = {"resourceType": "Subscription", "status": "requested", "reason": "News", "criteria": "DiagnosticReport?",
                  "channel": {"type": "rest-hook", "payload": "application/fhir+json",
                              "endpoint": f"{receiver.address}/news"}}
        self.assertEqual(self.post("/fhir/Subscription", wanted).status, 404)
        for endpoint in ("https://elsewhere.example.org/news", "http://10.0.0.1/news", "http://169.254.169.254/"):
            other = {**wanted, "channel": {**wanted["channel"], "endpoint": endpoint}}
            refused = self.post("/fhir/Subscription", other, chief)
            self.assertEqual(refused.status, 422, endpoint)
            self.valid(refused.json())
        made = self.post("/fhir/Subscription", wanted, chief)
        self.assertEqual(made.status, 201, made.body)
        secret = made.headers["leukoscope-secret"]
        self.assertNotIn(secret.encode(), made.body)
        self.subscription = self.valid(made.json())["id"]
        return secret

    def take_request(self) -> str:
        """The case that a request makes; the same again makes nothing more, another under its number is refused."""
        made = self.post("/fhir/ServiceRequest", REQUEST)
        self.assertEqual(made.status, 201, made.body)
        again = self.post("/fhir/ServiceRequest", REQUEST)
        self.assertEqual((again.status, again.json()["id"]), (200, made.json()["id"]))
        other = self.post("/fhir/ServiceRequest", {**REQUEST, "code": {"text": "Something else"}})
        self.assertEqual(other.status, 409)
        self.assertEqual(self.valid(other.json())["resourceType"], "OperationOutcome")
        cases = self.site.ask("GET", "/api/v1/cases", token=self.token).json()["cases"]
        self.assertEqual([found["title"] for found in cases], ["Blood smear, screening"])
        case = cases[0]["id"]
        bound = {"resourceType": "ServiceRequest", "status": "active", "identifier": [{"value": "second"}],
                 "subject": {"reference": f"Patient/{case.replace('_', '.')}"}}
        self.assertEqual(self.post("/fhir/ServiceRequest", bound).status, 201)
        self.assertEqual(len(self.site.ask("GET", "/api/v1/cases", token=self.token).json()["cases"]), 1)
        for wrong in ({**REQUEST, "status": "draft"}, {**REQUEST, "doNotPerform": True}, {**REQUEST, "identifier": []},
                      {**REQUEST, "subject": {"display": "somebody"}}):
            self.assertEqual(self.post("/fhir/ServiceRequest", wrong).status, 422)
        self.assertEqual(self.post("/fhir/Patient", {"resourceType": "Patient"}).status, 405)
        return case

    def check_resources(self, case: str) -> None:
        known = {kind: self.all_pages(kind, 3) for kind in TYPES}
        for kind, resources in known.items():
            self.assertTrue(resources, kind)
            self.assertEqual(len({resource["id"] for resource in resources}), len(resources))
            for resource in resources:
                self.assertEqual(self.get(f"/fhir/{kind}/{resource['id']}"), resource)
                self.assertEqual(broken_invariants(resource), [], resource["id"])
                for reference in references(resource):
                    if not reference.startswith("#"):
                        self.get(f"/fhir/{reference}")
        patient, report = known["Patient"][0], known["DiagnosticReport"][0]
        self.assertEqual((patient["gender"], patient["birthDate"]), ("female", "1990"))
        self.assertEqual(patient["identifier"][0]["value"], PERSON)
        self.assertEqual(known["Specimen"][0]["accessionIdentifier"]["value"], SAMPLE)
        self.assertEqual(report["status"], "preliminary")
        # Nobody has confirmed it: the one rule that a preliminary report cannot keep.
        self.assertEqual(broken_abdm(report), ["resultsInterpreter 1..*"])
        agents = [agent["type"]["coding"][0]["code"] for found in known["Provenance"] for agent in found["agent"]]
        self.assertEqual(agents, ["assembler"])
        for document in known["DocumentReference"]:
            attachment = document["content"][0]["attachment"]
            path = urllib.parse.urlparse(attachment["url"]).path
            file = self.site.ask("GET", path, token=self.token)
            self.assertEqual((file.status, file.headers["content-type"]), (200, attachment["contentType"]))
            self.assertIn(file.body[:4], (b"%PDF", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1", b"\xff\xd8\xff\xdb"))
            told = self.site.ask("GET", path, headers={"Accept": "application/fhir+json"}, token=self.token)
            self.assertEqual(self.valid(told.json())["contentType"], attachment["contentType"])
        self.get(f"/fhir/DiagnosticReport/{'A' * 22}", 404)
        self.get("/fhir/Nonsense", 404)

    def check_search(self, case: str) -> None:
        def search(kind: str, **fields) -> tuple[int, dict]:
            names = {name.replace("__", "."): value for name, value in fields.items()}
            answer = self.site.ask("POST", f"/fhir/{kind}/_search", urllib.parse.urlencode(names).encode(),
                                   {"Content-Type": "application/x-www-form-urlencoded"}, self.token)
            return answer.status, self.valid(answer.json())

        system = "https://his.example.org/patients"
        for value, found in ((PERSON, 1), (f"{system}|{PERSON}", 1), (f"|{PERSON}", 0), ("nobody", 0)):
            status, page = search("DiagnosticReport", patient__identifier=value)
            self.assertEqual((status, len(page.get("entry", []))), (200, found), value)
            self.assertNotIn(PERSON, page["link"][0]["url"])
        self.assertEqual(len(search("ServiceRequest", identifier=ORDER)[1]["entry"]), 1)
        # Nobody's number stands in an address.
        self.get(f"/fhir/Patient?identifier={PERSON}", 400)
        for query, found in (("status=preliminary", 1), ("status=final&_format=json", 0), ("date=ge2026-01-01", 1), ("date=lt2020", 0),
                             ("_lastUpdated=ge2020-01-01", 1), ("_lastUpdated=gt2999", 0), (f"patient={case}", 1),
                             (f"_id={case}", 1), (f"_id={'A' * 22}", 0)):
            self.assertEqual(len(self.get(f"/fhir/DiagnosticReport?{query}").get("entry", [])), found, query)
        for query in ("nonsense=1", "_count=0", "date=yesterday", "_page=AAAA", "date=ne2026", "_format=xml"):
            self.get(f"/fhir/DiagnosticReport?{query}", 400)

    def told(self, chief: str, seconds: float, holds) -> dict:
        """The subscription, once it is as wanted."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.valid(self.site.ask("GET", f"/fhir/Subscription/{self.subscription}", token=chief).json())
            if holds(found):
                return found
            self.assertLess(time.monotonic(), deadline, found)
            time.sleep(0.2)

    def check_news(self, receiver: Receiver, secret: str, chief: str, case: str) -> None:
        self.told(chief, 180, lambda found: " 0 waiting" in found["reason"] and found["status"] == "active")
        taken = [(headers, body) for status, headers, body in receiver.posts if status == 204]
        self.assertTrue(taken)
        self.assertEqual(len({headers["Idempotency-Key"] for headers, _ in taken}), len(taken))
        for headers, body in taken:
            check_signature(self, headers, body, secret)
            news = self.valid(json.loads(body))
            self.assertEqual(news["entry"][1]["request"]["url"], f"DiagnosticReport/{case}")
            self.assertNotIn(PERSON.encode(), body)
        ended = self.site.ask("DELETE", f"/fhir/Subscription/{self.subscription}", token=chief)
        self.assertEqual(ended.status, 204)


if __name__ == "__main__":
    unittest.main()
