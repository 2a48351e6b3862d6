#!/usr/bin/env python3
"""Made-up doctors around real cities, places with many names, and what hangs on them, as rows of a backup.

    Benchmarks/generated_directory.py BACKUP [--doctors 100000] [--places 33000]
    leukoscope restore BACKUP --data-dir DIR [--database URL]

Doctors lie around the cities as people do: a city's share is its population's, four in five within some 10 km of the
centre, the rest in its surroundings. Free slots lie in the weeks after the moment of generating. Every name, number and
address is made up.
"""

import argparse
import math
import random
import time
import unicodedata
from pathlib import Path

# Millions of people and the position of large cities, rounded; for the shape of the data alone.
CITIES = """
Tokyo JP 35.69 139.69 37 Asia/Tokyo|Delhi IN 28.65 77.23 32 Asia/Kolkata|Shanghai CN 31.22 121.46 28 Asia/Shanghai
Dhaka BD 23.71 90.41 22 Asia/Dhaka|Sao_Paulo BR -23.55 -46.64 22 America/Sao_Paulo|Cairo EG 30.06 31.25 21 Africa/Cairo
Mexico_City MX 19.43 -99.13 22 America/Mexico_City|Beijing CN 39.91 116.40 21 Asia/Shanghai|Mumbai IN 19.07 72.88 20 Asia/Kolkata
Osaka JP 34.69 135.50 19 Asia/Tokyo|New_York US 40.71 -74.01 19 America/New_York|Karachi PK 24.86 67.01 16 Asia/Karachi
Istanbul TR 41.01 28.95 15 Europe/Istanbul|Kolkata IN 22.56 88.36 15 Asia/Kolkata|Lagos NG 6.45 3.39 15 Africa/Lagos
Kinshasa CD -4.33 15.31 15 Africa/Kinshasa|Manila PH 14.60 120.98 14 Asia/Manila|Buenos_Aires AR -34.61 -58.38 15 America/Argentina/Buenos_Aires
Bengaluru IN 12.97 77.59 13 Asia/Kolkata|Los_Angeles US 34.05 -118.24 12 America/Los_Angeles|Moscow RU 55.75 37.62 12 Europe/Moscow
Paris FR 48.85 2.35 11 Europe/Paris|Jakarta ID -6.21 106.85 11 Asia/Jakarta|Lima PE -12.04 -77.03 11 America/Lima
Chennai IN 13.09 80.28 11 Asia/Kolkata|Hyderabad IN 17.38 78.46 10 Asia/Kolkata|Bangkok TH 13.75 100.50 11 Asia/Bangkok
Seoul KR 37.57 126.98 10 Asia/Seoul|London GB 51.51 -0.13 9 Europe/London|Tehran IR 35.69 51.42 9 Asia/Tehran
Ahmedabad IN 23.03 72.59 8 Asia/Kolkata|Nairobi KE -1.28 36.82 5 Africa/Nairobi|Sydney AU -33.87 151.21 5 Australia/Sydney
Berlin DE 52.52 13.41 4 Europe/Berlin|Toronto CA 43.70 -79.42 6 America/Toronto|Auckland NZ -36.85 174.76 2 Pacific/Auckland
Suva FJ -18.14 178.44 1 Pacific/Fiji|Anchorage US 61.22 -149.90 1 America/Anchorage|Tromso NO 69.65 18.96 1 Europe/Oslo
"""
SPECIALTIES = ["haemato-oncology", "haematology", "paediatric-haemato-oncology", "oncology", "haematopathology", "paediatrics",
               "internal-medicine", "general-practice"]
LANGUAGES = ["en", "hi", "kn", "ta", "bn", "es", "pt", "fr", "de", "ja", "zh", "ar", "ru", "ur", "tr"]
SYLLABLES = "ba be da do fa gu ha ka ki la le lo ma mi mo na ne no pa po ra ri ro sa san shi ta te to tu va vi ya zu".split()
KILOMETRES_OF_A_DEGREE = 111.195
DAY = 86_400_000


def cities() -> list[tuple]:
    """Name, country, latitude, longitude, weight, time zone."""
    found = []
    for entry in CITIES.replace("\n", "|").split("|"):
        if entry:
            name, country, latitude, longitude, weight, zone = entry.split()
            found.append((name.replace("_", " "), country, float(latitude), float(longitude), int(weight), zone))
    return found


def around(generator: random.Random, latitude: float, longitude: float) -> tuple[float, float]:
    """A point near a city's centre, never beyond a pole or the date line."""
    spread = 7 if generator.random() < 0.8 else 40
    north, east = generator.gauss(0, spread), generator.gauss(0, spread)
    latitude += north / KILOMETRES_OF_A_DEGREE
    longitude += east / (KILOMETRES_OF_A_DEGREE * math.cos(math.radians(latitude)))
    return round(latitude, 5), round((longitude + 180) % 360 - 180, 5)


def cell(latitude: float, longitude: float) -> int:
    """The number of a point's cell, as the database counts them: the bits of column and row by turns."""
    side = 1 << 20
    column, row = (max(0, min(side - 1, math.floor(share * side))) for share in ((longitude + 180) / 360, (latitude + 90) / 180))
    return sum((column >> bit & 1) << 2 * bit | (row >> bit & 1) << 2 * bit + 1 for bit in range(20))


def real(value: float) -> dict:
    """A number as a backup writes it."""
    return {"real": value}


def doctors(count: int, identifier, moment: int, seed: int = 20260201):
    """Rows of `doctors`, the first of the largest city.

    identifier: gives a row's identifier out of a kind and a number.
    moment: milliseconds since 1970; free slots begin here.
    """
    generator, known = random.Random(seed), cities()
    weights = [city[4] for city in known]
    for number in range(count):
        city, country, latitude, longitude, _, zone = known[0] if number == 0 else generator.choices(known, weights)[0]
        latitude, longitude = around(generator, latitude, longitude)
        main = generator.choices(SPECIALTIES, [2, 3, 1, 3, 1, 3, 6, 8])[0]
        more = generator.sample([specialty for specialty in SPECIALTIES if specialty != main], generator.randrange(2))
        languages = ["en"] + generator.sample(LANGUAGES[1:], generator.randrange(3))
        reviews = generator.choice([0, 0, 1, 3, 8, 30])
        stars = sum(generator.choices([1, 2, 3, 4, 5], [1, 1, 2, 5, 8], k=reviews))
        free = None if generator.random() < 0.1 else moment + generator.randrange(30 * 48) * DAY // 48
        name = f"Dr. {''.join(generator.sample(SYLLABLES, 2)).title()} {''.join(generator.sample(SYLLABLES, 3)).title()}"
        hours = '{"exceptions":[],"horizonDays":60,"leadMinutes":120,"slotMinutes":30,"weekly":[{"end":1020,"start":540,"weekday":1}]}'
        yield [identifier("doctor", number), stars, reviews, free, moment - number, None, name, folded(name), "MD, DM",
               f"GEN-{number}", "Generated council", f"gen {number}", "generated council", ",".join([main, *more]),
               ",".join(languages), generator.randrange(1980, 2024), f"Clinic {number % 977}", f"{number % 300} Main Road", city,
               country, real(latitude), real(longitude), cell(latitude, longitude), zone, generator.randrange(10, 300) * 1000,
               "EUR", "", "", "", "Made up for measuring.", int(generator.random() < 0.3), None, hours, "verified", "", 1, moment]


def appointments(count: int, doctors: int, users: int, identifier, moment: int):
    """Rows of `appointments`: half an hour each, those of the first doctor back to back."""
    for number in range(count):
        doctor = 0 if number < 500 else number % doctors
        begin = moment - moment % DAY + (number % 500) * 1_800_000
        yield [identifier("appointment", number), identifier("doctor", doctor), identifier("user", number % users), begin,
               begin + 1_800_000, begin if doctor == 0 else None, "confirmed" if doctor == 0 else "cancelled", "", "", 0, None,
               moment, moment]


def folded(name: str) -> str:
    """As the database compares names."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def places(count: int, seed: int = 20260202) -> tuple[list, list]:
    """Rows of `places` and of `place_names`, about two other names a place."""
    generator, known = random.Random(seed), cities()
    found, names = [], {}
    for number in range(count):
        if number < len(known):
            name, country, latitude, longitude, millions, zone = known[number]
            population = millions * 1_000_000
        else:
            _, country, latitude, longitude, _, zone = generator.choice(known)
            latitude, longitude = max(-89.0, min(89.0, latitude + generator.gauss(0, 6))), longitude + generator.gauss(0, 8)
            longitude = (longitude + 180) % 360 - 180
            name = "".join(generator.choices(SYLLABLES, k=generator.randrange(2, 5))).title()
            if generator.random() < 0.2:
                name = generator.choice(["San", "Saint", "New", "Villa", "Bad"]) + " " + name
            population = int(500 * math.exp(generator.expovariate(0.8)))
        found.append([number + 1, name, folded(name), country, real(round(latitude, 5)), real(round(longitude, 5)), population, zone])
        others = ["".join(generator.choices(SYLLABLES, k=generator.randrange(2, 5))) for _ in range(generator.randrange(5))]
        for key in {folded(name), *others}:
            names[key[:60], number + 1] = [key[:60], number + 1, population, key[:3], key[-3:], len(key[:60])]
    return found, [names[key] for key in sorted(names)]


def main() -> None:
    import store
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backup", type=Path, help="a folder that is not there yet")
    parser.add_argument("--doctors", type=int, default=100_000)
    parser.add_argument("--places", type=int, default=33_000)
    chosen = parser.parse_args()
    store.generate(chosen.backup, users=1000, screenings=0, doctors=chosen.doctors, places=chosen.places,
                   moment=int(time.time()) // 3600 * 3_600_000)


if __name__ == "__main__":
    main()
