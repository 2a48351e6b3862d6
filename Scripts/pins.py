#!/usr/bin/env python3
"""What Leukoscope stands on, read from where it is pinned: Package.swift, Scripts/requirements-*.txt, Scripts/bootstrap.sh.

    Scripts/pins.py --check     fails unless every Swift package is pinned by exact version and listed with that version and a
                                licence in docs/dependencies.md, and so is every package that was resolved, once there is a
                                build; every wheel has a checksum
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pin:
    """A package at one version; `where` is its address, `hashes` the SHA-256 of its files."""

    name: str
    version: str
    where: str = ""
    hashes: tuple = ()

    @property
    def checkout(self) -> str:
        """The name of its folder in .build/checkouts."""
        return self.where.rsplit("/", 1)[-1].removesuffix(".git")


def identity(url: str) -> str:
    """As SwiftPM tells packages apart."""
    return url.rsplit("/", 1)[-1].removesuffix(".git").lower()


def manifest(root: Path) -> str:
    """Package.swift without its comments; what only `make docs` fetches is left out."""
    text = re.sub(r"(?m)^\s*//.*$", "", (root / "Package.swift").read_text())
    return re.sub(r'package\.dependencies\.append\(.*', "", text)


def swift_packages(root: Path) -> list[Pin]:
    found = re.findall(r'\.package\(\s*url:\s*"([^"]+)",\s*exact:\s*"([^"]+)"\s*\)', manifest(root))
    return sorted((Pin(identity(url), version, url) for url, version in found), key=lambda pin: pin.name)


def wheels(root: Path, name: str) -> list[Pin]:
    """The pins of Scripts/requirements-NAME.txt."""
    text = re.sub(r"(?m)^#.*$", "", (root / "Scripts" / f"requirements-{name}.txt").read_text()).replace("\\\n", " ")
    pins = []
    for line in filter(str.strip, text.splitlines()):
        match = re.match(r"([A-Za-z0-9_.-]+)==(\S+)", line.strip())
        if not match:
            sys.exit(f"requirements-{name}.txt: not an exact version: {line.strip()}")
        pins.append(Pin(match[1].lower(), match[2], hashes=tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))))
    return pins


def debian_packages(root: Path, name: str) -> list[str]:
    """The packages of the list `debian_NAME` of Scripts/bootstrap.sh."""
    match = re.search(rf"^debian_{name}=\(([^)]*)\)", (root / "Scripts" / "bootstrap.sh").read_text(), re.MULTILINE)
    return sorted(match[1].split())


def licences(root: Path) -> dict[str, tuple[str, str]]:
    """Name to version and licence, of the rows of docs/dependencies.md."""
    rows = {}
    for line in (root / "docs" / "dependencies.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 4:
            rows[cells[0].lower()] = (cells[-2], cells[-1])
    rows["grdb.swift"] = rows.get("grdb", ("", ""))
    return rows


def resolved(root: Path) -> dict[str, str]:
    """Identity and version of what the last build resolved; empty where nothing was built."""
    state = root / ".build" / "workspace-state.json"
    if not state.exists():
        return {}
    dependencies = json.loads(state.read_text())["object"]["dependencies"]
    return {each["packageRef"]["identity"]: each["state"]["checkoutState"].get("version", "no version") for each in dependencies
            if each["state"].get("checkoutState")}


def faults(root: Path) -> list[str]:
    found = []
    pinned = {pin.name: pin.version for pin in swift_packages(root)}
    for url in re.findall(r'\.package\(\s*(?:name:\s*"[^"]*",\s*)?(?:url|path|id):\s*"([^"]+)"', manifest(root)):
        if identity(url) not in pinned:
            found.append(f"Package.swift: {url} is not pinned with `exact:`")
    listed = licences(root)
    for name, version in pinned.items():
        if listed.get(name, ("",))[0] != version:
            found.append(f"docs/dependencies.md: {name} {version} is not listed with that version and its licence")
    for name, version in resolved(root).items():
        # `make docs` resolves two more, which are no part of any program.
        if name not in ("swift-docc-plugin", "swift-docc-symbolkit") and pinned.get(name) != version:
            found.append(f"Package.swift: {name} was resolved at {version} and is pinned at {pinned.get(name, 'no version')}")
    for file in sorted((root / "Scripts").glob("requirements-*.txt")):
        for pin in wheels(root, file.stem.removeprefix("requirements-")):
            if not pin.hashes:
                found.append(f"{file.name}: {pin.name} has no checksum")
    return found


def main() -> None:
    found = faults(Path(__file__).resolve().parents[1])
    for fault in found:
        print(fault, file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
