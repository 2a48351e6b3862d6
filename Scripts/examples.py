#!/usr/bin/env python3
"""Copies the worked examples from the tests that run them into the documentation catalogues.

A catalogue names a test's file in `<!-- example: FILE -->`; the lines between `// example` and `// end of example` there
become the code below it, up to `<!-- end of example -->`.

    Scripts/examples.py           writes the catalogues
    Scripts/examples.py --check   exits with 1 when one differs from its test
"""

import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = re.compile(r"^ *// example\n(.*?)^ *// end of example$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"(<!-- example: (\S+) -->\n).*?(?=<!-- end of example -->)", re.DOTALL)


def example(test: str, name: str) -> str:
    """The one example in a test's text, without its indentation."""
    found = CODE.findall(test)
    if len(found) != 1:
        raise ValueError(f"{name} holds {len(found)} examples and should hold one")
    return textwrap.dedent(found[0])


def filled(catalogue: str, read) -> str:
    """The catalogue with the code that its tests hold today; `read` gives a file's text by its path."""
    if not PLACE.search(catalogue):
        raise ValueError("the catalogue names no example")
    return PLACE.sub(lambda place: f"{place[1]}```swift\n{example(read(place[2]), place[2])}```\n", catalogue)


def main() -> int:
    different = []
    for page in sorted(ROOT.glob("Sources/*/*.docc/*.md")):
        wanted = filled(page.read_text(), lambda path: (ROOT / path).read_text())
        if wanted != page.read_text():
            different.append(page.relative_to(ROOT))
            if "--check" not in sys.argv:
                page.write_text(wanted)
    if different and "--check" in sys.argv:
        print(f"{', '.join(map(str, different))}: the example is not that of the test; run Scripts/examples.py",
              file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
