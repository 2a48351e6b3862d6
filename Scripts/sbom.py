#!/usr/bin/env python3
"""The bill of materials in CycloneDX 1.6 (JSON), made of the pins alone: `make sbom` writes .build/sbom.cdx.json.

    Scripts/sbom.py [--part server|all]          prints it; `server` is what `make package` puts inside, `all` what trains and tests too
    Scripts/sbom.py --check                      makes both, holds them against the schema of CycloneDX and the list of pins

The same pins give the same bytes. Debian's libraries are named without a version: the package says which it needs, and
Debian mends them where it runs.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import pins

ROOT = Path(__file__).resolve().parents[1]
DEPS = Path(os.environ.get("LEUKOSCOPE_DEPS", ROOT / ".deps")) / "python"


def component(kind: str, name: str, purl: str = "", version: str = "", licence: str = "", hashes: tuple = (), inside: bool = True) -> dict:
    """One part; `inside` tells what is part of the running programs from what only builds, trains or tests them."""
    made: dict = {"type": kind, "bom-ref": purl or f"{kind}:{name}", "name": name}
    if version:
        made["version"] = version
    made["scope"] = "required" if inside else "excluded"
    if hashes:
        made["hashes"] = [{"alg": "SHA-256", "content": each} for each in hashes]
    if licence:
        made["licenses"] = [{"license": {"name": licence}}]
    if purl:
        made["purl"] = purl
    return made


def swift_components(listed: dict) -> list[dict]:
    return [component("library", pin.name, f"pkg:swift/{pin.where.removeprefix('https://').removesuffix('.git')}@{pin.version}",
                      pin.version, listed[pin.name][1]) for pin in pins.swift_packages(ROOT)]


def wheel_components(name: str, inside: bool) -> list[dict]:
    return [component("library", pin.name, f"pkg:pypi/{pin.name}@{pin.version.replace('+', '%2B')}", pin.version, "", pin.hashes, inside)
            for pin in pins.wheels(ROOT, name)]


def debian_components(name: str, inside: bool) -> list[dict]:
    return [component("library", package, f"pkg:deb/debian/{package}?arch=amd64&distro=debian-12", inside=inside)
            for package in pins.debian_packages(ROOT, name)]


def model_components() -> list[dict]:
    found = []
    for description in sorted((ROOT / "Models").glob("*/model.json")):
        model = json.loads(description.read_text())
        digest = hashlib.sha256((description.parent / "model.onnx").read_bytes()).hexdigest()
        found.append(component("machine-learning-model", f"leukoscope-{description.parent.name}", version=str(model["version"]),
                               hashes=(digest,)))
    return found


def versions() -> tuple[str, str]:
    """Of the program and of Swift's runtime, as the sources and the manifest say."""
    program = re.search(r'version: "([^"]+)"', (ROOT / "Sources" / "leukoscope" / "Leukoscope.swift").read_text())[1]
    toolchain = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=True).stdout
    return program, re.search(r"Swift version (\S+)", toolchain)[1]


def bill(part: str) -> dict:
    program, swift = versions()
    listed = pins.licences(ROOT)
    runtime = component("library", "swift-runtime", f"pkg:generic/swift@{swift}", swift, "Apache-2.0 with Swift exception")
    parts = [runtime] + model_components() + swift_components(listed) + wheel_components("run", True)
    parts += wheel_components("places", False) + wheel_components("passwords", False) + debian_components("run", True)
    if part == "all":
        parts += wheel_components("test", False)
        parts += [each for name in ("test", "bench", "package") for each in debian_components(name, False)]
    subject = {"type": "application", "bom-ref": "leukoscope", "name": "leukoscope", "version": program}
    content = json.dumps(parts, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, program + content)}", "version": 1,
        "metadata": {"component": subject},
        "components": parts,
        "dependencies": [{"ref": "leukoscope", "dependsOn": sorted(each["bom-ref"] for each in parts if each["scope"] == "required")}],
    }


def schema_faults(made: dict) -> list[str]:
    """Against the schema that CycloneDX's own library carries."""
    sys.path.insert(0, str(DEPS))
    import jsonschema_rs

    folder = next(DEPS.glob("cyclonedx/schema/_res"))
    schemas = {name: json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text()) for name in ("bom-1.6", "spdx", "jsf-0.82")}
    registry = jsonschema_rs.Registry(
        [(f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", schema) for name, schema in schemas.items() if name != "bom-1.6"])
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}"[:300]
            for error in jsonschema_rs.validator_for(schemas["bom-1.6"], registry=registry).iter_errors(made)]


def missing(made: dict, part: str) -> list[str]:
    """What is pinned, or was resolved, and is not in the bill."""
    named = {(each["name"], each.get("version", "")) for each in made["components"]}
    wanted = {(name, version) for name, version in pins.resolved(ROOT).items() if not name.startswith("swift-docc-")}
    for file in (ROOT / "Scripts").glob("requirements-*.txt"):
        name = file.stem.removeprefix("requirements-")
        if part == "all" or name in ("run", "places", "passwords"):
            wanted |= {(pin.name, pin.version) for pin in pins.wheels(ROOT, name)}
    wanted |= {(package, "") for package in pins.debian_packages(ROOT, "run")}
    return [f"{name} {version} is not in the bill of materials" for name, version in sorted(wanted - named)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("server", "all"), default="all")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not options.check:
        print(json.dumps(bill(options.part), indent=2))
        return
    found = [fault for part in ("server", "all") for fault in (*schema_faults(bill(part)), *missing(bill(part), part))]
    # A check that cannot fail shows nothing: the schema must refuse a bill with a wrong word in it.
    if not schema_faults(bill("server") | {"specVersion": 1}):
        found.append("the schema takes anything")
    for fault in found:
        print(fault, file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
