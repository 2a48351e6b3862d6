"""Which town a postal list means by the name of a locality, and where its postcode therefore is.

A name alone does not say it: a country has many villages of one name, and most localities are no town of GeoNames. But
codes that begin alike lie side by side. So a town counts only near the middle (the median) of its neighbours by number;
the names that belong to one town alone say where that is.
"""

import math
import re
import statistics
import unicodedata
from collections import defaultdict

NEAR_KILOMETRES = 30       # a town so near to the middle of its neighbours is always believed
SPREADS = 3                # and one within so many times their usual distance from it
GATHERED_KILOMETRES = 100  # neighbours farther apart tell nothing about two towns of one name: the larger is taken
FAR_KILOMETRES = 100       # a position of the list so far from its neighbours' is a mistake
ABOUT_KILOMETRES = 30      # neighbours closer together stand for a code whose locality is no known town
MOST = 0.8                 # share of them that must be so close
FEWEST = 3                 # neighbours that make a middle
CITY = 100_000             # inhabitants of a town that a longer name means without neighbours: “Budapest 05. ker.”
AGREEING = 0.6             # share of a state's localities that settles which of GeoNames' regions it is

BRACKETS = re.compile(r"\s*[(\[（].*?[)\]）]\s*")
INSIDE = re.compile(r"[(\[（](.*?)[)\]）]")
# Kinds of post offices and districts, points of the compass, and the letters of a canton.
ENDING = re.compile(
    r"(?:^|\s)(?:[SBHP]\.?O|G\.?P\.?O|TSO|EDSO|HPO|R\.?S|Mdg|CEDEX(?: \d+)?|Dm|City|Township|Village Tract|Quarter|"
    r"Municipality|Districts?|Dist\.|County|Commune|North|South|East|West|[A-Z]{2})\.?$")
OPENING = re.compile(
    r"^(?:Estafeta de|G\.?P\.?O|Khan|Sangkat|Phum|Kampong|Krung|เมือง|อำเภอ|Ciudad de|Villa|Puerto|VILLA)\.?\s*")
# Japanese and Chinese have no blanks between a city and its quarters.
IDEOGRAPHS = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def key(name):
    """A name as it is compared: lower case, without accents and signs, one space between words."""
    plain = unicodedata.normalize("NFKD", name.lower())
    plain = "".join(letter for letter in plain if not 0x300 <= ord(letter) <= 0x36F).translate(LETTERS)
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def readings(locality):
    """What the name of a locality may be in other words, the nearest first."""
    plain = BRACKETS.sub(" ", locality).strip()
    parts = [part.strip() for part in plain.split(",")]
    # “Campana, La”
    turned = [f"{parts[1]} {parts[0]}"] if len(parts) == 2 and len(parts[1]) <= 4 else []
    names = []
    for name in [locality, plain, *turned, *parts, *re.split(r"[-/–]", plain)[:1]]:
        shorter = name
        for _ in range(3):
            names.append(shorter)
            shorter = ENDING.sub("", shorter).strip()
        names += [OPENING.sub("", shorter), re.sub(r"^(?:ST|St\.?) ", "Saint ", name), re.sub(r"^STE ", "Sainte ", name)]
    if IDEOGRAPHS.search(plain):
        names += [plain[:length] for length in range(len(plain) - 1, 1, -1)]
    return [name for name in dict.fromkeys(map(key, names)) if name]


def beginnings(locality):
    """Towns that a longer name may lie in: “Rajkot Malviyanagar”, “Padwa S.O (Koraput)”."""
    words = key(BRACKETS.sub(" ", locality)).split()
    names = [" ".join(words[:count]) for count in range(len(words) - 1, 0, -1)]
    return [name for name in names + [key(inside) for inside in INSIDE.findall(locality)] if len(name) >= 4]


def kilometres(first, second):
    """Between two points that are no farther apart than a country is wide."""
    north = first[0] - second[0]
    east = (first[1] - second[1] + 180) % 360 - 180
    return 111.2 * math.hypot(north, east * math.cos(math.radians((first[0] + second[0]) / 2)))


def middle(points):
    """The median of each coordinate, and in kilometres the distance from it of half and of most of the points."""
    centre = (statistics.median(point[0] for point in points), statistics.median(point[1] for point in points))
    distances = sorted(kilometres(centre, point) for point in points)
    return centre, statistics.median(distances), distances[int(MOST * (len(distances) - 1))]


class Neighbours:
    """The codes of a country whose place is known, by what they begin with."""

    def __init__(self, known):
        members = defaultdict(list)
        for code, point in known.items():
            for length in range(len(code)):
                members[code[:length]].append(point)
        self.middles = {start: middle(points) for start, points in members.items() if len(points) >= FEWEST}

    def around(self, code, shortest=0):
        """The middle of those that share the longest beginning; None where there are too few."""
        for length in range(len(code) - 1, shortest - 1, -1):
            if code[:length] in self.middles:
                return self.middles[code[:length]]
        return None

    def close(self, code):
        """As `around`, of those that share half of the code or more."""
        return self.around(code, shortest=(len(code) + 1) // 2)


class Towns:
    """The towns of a country by every name; a town is (name, latitude, longitude, population, region)."""

    def __init__(self, towns):
        self.named = defaultdict(dict)
        for town in towns:
            known = (town["name"], town["latitude"], town["longitude"], town["population"], town["admin1code"])
            for name in [town["name"], *town["alternatenames"]]:
                self.named[key(name)][town["geonameid"]] = known
        self.found = {}

    def called(self, locality, names=readings):
        """The towns for each of `names` that has any."""
        if (locality, names) not in self.found:
            answers = [list(self.named[name].values()) for name in names(locality) if name in self.named]
            self.found[locality, names] = answers
        return self.found[locality, names]
