"""Whole slides as scanners write them: through the command, through the process that reads, and through the site.

The slides are those of `scanner_slides`, of drawn cells; that OpenSlide takes them for what they are is tested first.
"""

import base64
import contextlib
import hashlib
import http.cookiejar
import io
import json
import re
import secrets
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

import program
import scanner_slides
from scanner_slides import OpenSlide, aperio, hamamatsu, mirax

sys.path.insert(0, str(program.ROOT / "Tests" / "Browser"))
import drawn_cells  # noqa: E402

MICROMETRES = 0.25
# Of one red cell at that scale.
RED = 30
COLUMNS, ROWS, SIDE = 4, 3, 480
PART = 8 << 20
# What JPEG and the halves of colours that scanners leave out may change, on average and of one value in 255.
MEAN, MOST = 3, 40


def smear() -> Image.Image:
    """Drawn fields beside each other, at the scale of the slides."""
    picture = Image.new("RGB", (COLUMNS * SIDE, ROWS * SIDE))
    for number in range(COLUMNS * ROWS):
        field = drawn_cells.DrawnField(number, drawn_cells.KINDS[:4])
        picture.paste(field.image, (number % COLUMNS * SIDE, number // COLUMNS * SIDE))
    return picture.resize(tuple(length * RED // drawn_cells.RED for length in picture.size), Image.Resampling.LANCZOS)


def even_jpeg(width: int, height: int) -> bytes:
    """A JPEG file of one colour and any size: each of its codes is a single 0, so that a block of 16 by 8 pixels takes one byte."""
    def segment(marker: int, data: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data

    code = bytes([1] + [0] * 15 + [0])
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes([1, 0x21, 0, 2, 0x11, 0, 3, 0x11, 0])
    return (b"\xff\xd8" + segment(0xDB, b"\0" + b"\1" * 64) + segment(0xC0, frame)
            + segment(0xC4, b"\0" + code + b"\x10" + code) + segment(0xDA, bytes([3, 1, 0, 2, 0, 3, 0, 0, 63, 0]))
            + bytes(-(-width // 16) * -(-height // 8)) + b"\xff\xd9")


def overwrite(folder: Path, number: int) -> None:
    """Damages one image of level 0 of an MRXS slide: those come first, row by row."""
    data = (folder / "Data0000.dat").read_bytes()
    begins = [found.start() for found in re.finditer(b"\xff\xd8\xff", data)]
    (folder / "Data0000.dat").write_bytes(data[:begins[number]] + bytes(500) + data[begins[number] + 500:])


class Reader:
    """`leukoscope slides-worker`, as the server talks to it."""

    def __init__(self, slide: Path):
        self.process = subprocess.Popen(
            [program.BINARY, "slides-worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.opened = self.ask({"open": {"path": str(slide)}})

    def ask(self, request: dict) -> dict:
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"ended": self.process.wait(30)}

    def read(self, x: int, y: int, width: int, height: int, downsample: float = 1) -> Image.Image | dict:
        """The picture, or what was answered instead."""
        place = {"x": x, "y": y, "width": width, "height": height}
        answer = self.ask({"read": {"_0": place, "downsample": downsample}})
        if "picture" not in answer:
            return answer
        size = answer["picture"]["width"], answer["picture"]["height"]
        return Image.frombytes("RGB", size, self.process.stdout.read(size[0] * size[1] * 3))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


def setUpModule():
    Slides.folder = Path(unittest.enterModuleContext(tempfile.TemporaryDirectory(prefix="leukoscope-slides-")))
    Slides.smear = smear()


class Slides(unittest.TestCase):
    folder: Path
    smear: Image.Image

    def slide(self, name: str, write, **options) -> Path:
        """A slide of the smear, written once."""
        path = self.folder / name
        return path if path.exists() else write(self.smear, path, MICROMETRES, **options)

    def assert_like(self, found: Image.Image, expected: Image.Image, mean: float = MEAN, most: int = MOST):
        self.assertEqual(found.size, expected.size)
        apart = ImageStat.Stat(ImageChops.difference(found, expected))
        self.assertLess(max(apart.mean), mean)
        self.assertLess(max(high for _, high in apart.extrema), most)

    def part(self, x: int, y: int, width: int, height: int) -> Image.Image:
        return self.smear.crop((x, y, x + width, y + height))

    def broken_mirax(self, name: str, change) -> Path:
        """A copy of the MRXS slide whose folder was changed."""
        whole, path = self.slide("smear.mrxs", mirax), self.folder / f"{name}.mrxs"
        shutil.copy(whole, path)
        shutil.copytree(whole.with_suffix(""), path.with_suffix(""))
        change(path.with_suffix(""))
        return path

    def rewrite(self, name: str, old: str, new: str) -> Path:
        """As above, with other words in its list."""
        def change(folder: Path) -> None:
            text = (folder / "Slidedat.ini").read_bytes()
            self.assertIn(old.encode(), text)
            (folder / "Slidedat.ini").write_bytes(text.replace(old.encode(), new.encode(), 1))

        return self.broken_mirax(name, change)


class WrittenSlides(Slides):
    """OpenSlide alone."""

    def check(self, path: Path, vendor: str, levels: list[int], images: list[str]):
        slide = OpenSlide(path)
        self.addCleanup(slide.close)
        self.assertEqual(slide.vendor, vendor)
        self.assertEqual([round(slide.levels[0][0] / width) for width, _ in slide.levels], levels)
        self.assertEqual((slide.told("openslide.mpp-x"), slide.told("openslide.mpp-y")), ("0.25", "0.25"))
        self.assertEqual(slide.told("openslide.objective-power"), "40")
        self.assertEqual(slide.associated, images)
        self.assert_like(slide.read(300, 200, 0, 700, 600), self.part(300, 200, 700, 600))

    def test_openslide_takes_them_for_what_they_are(self):
        halves = [1 << level for level in range(8)]
        self.check(self.slide("smear.svs", aperio), "aperio", [1, 4], ["label", "macro", "thumbnail"])
        self.check(self.slide("smear.ndpi", hamamatsu), "hamamatsu", halves, ["macro"])
        self.check(self.slide("plain.ndpi", hamamatsu, has_restarts=False), "hamamatsu", halves, ["macro"])
        self.check(self.slide("unplaced.ndpi", hamamatsu, has_starts=False), "hamamatsu", halves, ["macro"])
        self.check(self.slide("smear.mrxs", mirax), "mirax", halves[:5], ["label", "macro", "thumbnail"])


class ReadSlides(Slides):
    """The command, and the process that reads."""

    def info(self, path: Path) -> subprocess.CompletedProcess:
        return subprocess.run([program.BINARY, "slides", "info", "--json", str(path)], capture_output=True, text=True,
                              timeout=60)

    def check(self, path: Path, vendor: str, images: list[str]):
        with self.subTest(path=path.name):
            done = self.info(path)
            self.assertEqual(done.returncode, 0, done.stderr)
            shape = json.loads(done.stdout)
            self.assertEqual(shape["format"], vendor)
            self.assertAlmostEqual(shape["micrometresPerPixel"], MICROMETRES)
            self.assertEqual(shape["objectivePower"], 40)
            self.assertEqual([image["name"] for image in shape["associatedImages"]], images)
            with Reader(path) as reader:
                self.assertIn("opened", reader.opened)
                self.assert_like(reader.read(511, 233, 600, 500), self.part(511, 233, 600, 500))
                # The middle of the slide, a quarter as large: another level.
                small = reader.read(400, 400, 800, 800, 4)
                self.assert_like(small, self.part(400, 400, 800, 800).reduce(4), 8, 60)
                survey = reader.ask({"survey": {"fields": 3}})["surveyed"]["_0"]
                self.assertEqual(len(survey["fields"]), 3, survey)
                self.assertEqual(survey["fieldSide"], 538)

    def test_reads_the_pixels_that_were_written(self):
        self.check(self.slide("smear.svs", aperio), "aperio", ["label", "macro", "thumbnail"])
        self.check(self.slide("smear.ndpi", hamamatsu), "hamamatsu", ["macro"])
        self.check(self.slide("plain.ndpi", hamamatsu, has_restarts=False), "hamamatsu", ["macro"])
        self.check(self.slide("unplaced.ndpi", hamamatsu, has_starts=False), "hamamatsu", ["macro"])
        path = self.slide("smear.mrxs", mirax)
        self.check(path, "mirax", ["label", "macro", "thumbnail"])
        self.check(path.with_suffix(""), "mirax", ["label", "macro", "thumbnail"])

    def test_reads_an_ndpi_file_of_more_than_4_gb(self):
        path = self.slide("long.ndpi", hamamatsu, skip=5 << 30)
        self.assertGreater(path.stat().st_size, 5 << 30)
        self.check(path, "hamamatsu", ["macro"])

    def test_what_was_not_photographed_is_white(self):
        path = self.slide("sparse.mrxs", mirax, empty=frozenset({(1, 1), (3, 0)}))
        self.check_white(path, scanner_slides.MIRAX_STEP + scanner_slides.MIRAX_OVERLAP)

    def check_white(self, path: Path, start: int):
        with Reader(path) as reader:
            # The photographs around it lie over its edges.
            side = scanner_slides.MIRAX_STEP - scanner_slides.MIRAX_OVERLAP
            for downsample in (1, 2):
                empty = reader.read(start, start, side, side, downsample)
                self.assertEqual(empty.getextrema(), ((255, 255),) * 3)
            self.assert_like(reader.read(0, 0, 400, 400), self.part(0, 0, 400, 400))
            self.assertEqual(len(reader.ask({"survey": {"fields": 3}})["surveyed"]["_0"]["fields"]), 3)

    def check_refused(self, path: Path, *words: str):
        with self.subTest(path=path.name):
            done = self.info(path)
            self.assertEqual(done.returncode, 65, done.stdout + done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)

    def test_a_damaged_mirax_slide_is_told_in_one_sentence(self):
        def cut(folder: Path) -> None:
            with (folder / "Data0000.dat").open("r+b") as file:
                file.truncate((folder / "Data0000.dat").stat().st_size // 2)

        self.check_refused(self.broken_mirax("cut", cut), "cannot be opened", "reading data")
        self.check_refused(self.broken_mirax("listless", lambda folder: (folder / "Slidedat.ini").unlink()),
                           "lacks its", "listless/Slidedat.ini", "the folder of its name with all files")
        self.check_refused(self.broken_mirax("indexless", lambda folder: (folder / "Index.dat").unlink()), "Index.dat")
        self.check_refused(self.broken_mirax("dataless", lambda folder: (folder / "Data0000.dat").unlink()), "Data0000.dat")
        self.check_refused(self.broken_mirax("alone", shutil.rmtree), "alone/Slidedat.ini")

    def test_a_mirax_slide_reads_no_file_outside_of_its_folder(self):
        self.check_refused(self.rewrite("led", "FILE_0 = Data", "FILE_0 = ../smear/Data"), "FILE_0", "outside")
        self.check_refused(self.rewrite("astray", "INDEXFILE = ", "INDEXFILE = /tmp/"), "INDEXFILE", "outside")

    def test_a_text_that_names_the_files_of_others_is_no_slide(self):
        (self.folder / "secret.jpg").write_bytes(scanner_slides.jpeg(self.part(0, 0, 512, 512), 1, restart_marker_blocks=32))
        (self.folder / "sent").mkdir()
        for kind in ("svs", "tif", "vms"):
            path = self.folder / f"sent/slide.{kind}"
            path.write_text("[Virtual Microscope Specimen]\nNoLayers=1\nNoJpegColumns=1\nNoJpegRows=1\n"
                            "ImageFile=../secret.jpg\nMapFile=../secret.jpg\n")
            # OpenSlide would follow it.
            slide = OpenSlide(path)
            self.assertEqual((slide.vendor, slide.levels[0]), ("hamamatsu", (512, 512)))
            slide.close()
            self.check_refused(path, "is no slide")

    def write_pieces(self, name: str, *levels: tuple[int, int, bytes]) -> Path:
        """An NDPI file of levels in one piece: width, height, JPEG file."""
        tiff, path = scanner_slides.Tiff, self.folder / name
        file = tiff(path, is_ndpi=True)
        for number, (width, height, data) in enumerate(levels):
            file.directory(scanner_slides.common(Image.new("RGB", (1, 1)), 7, 6) | {
                256: (tiff.LONG, width), 257: (tiff.LONG, height), 273: (tiff.LONG, file.add(data)), 278: (tiff.LONG, height),
                279: (tiff.LONG, len(data)), 65420: (tiff.LONG, 1), 65421: (tiff.FLOAT, 40.0 - number), 65424: (tiff.SLONG, 0)})
        file.close()
        return path

    def test_a_level_in_one_piece_is_refused_before_it_is_decoded(self):
        path = self.write_pieces("piece.ndpi", (40_000, 30_000, even_jpeg(40_000, 30_000)))
        self.check_refused(path, "40000x30000 pixels in one piece", "--tile --pyramid")

    def test_a_smaller_level_that_would_be_decoded_at_every_reading_is_passed_over(self):
        red = scanner_slides.jpeg(Image.new("RGB", (1500, 660), (200, 30, 60)))
        path = self.write_pieces("passed.ndpi", (6144, 2704, even_jpeg(6144, 2704)), (6000, 2640, even_jpeg(6000, 2640)),
                                 (1500, 660, red))
        slide = OpenSlide(path)
        self.addCleanup(slide.close)
        self.assertEqual([width for width, _ in slide.levels[:6]], [6144, 6000, 3072, 3000, 1536, 1500])
        with Reader(path) as reader:
            self.assertEqual([level["width"] for level in reader.opened["opened"]["_0"]["levels"][:5]],
                             [6144, 3072, 3000, 1536, 1500])
            # The levels behind it are still each their own.
            self.assert_like(reader.read(0, 0, 4096, 2048, 4.1), Image.new("RGB", (999, 500), (200, 30, 60)))
            self.assert_like(reader.read(0, 0, 4096, 2048, 4), Image.new("RGB", (1024, 512), (128, 128, 128)))

    def test_a_mirax_image_beyond_measure_is_refused_before_it_is_decoded(self):
        self.check_refused(self.rewrite("wide", "DIGITIZER_WIDTH = 256\r\nDIGITIZER_HEIGHT = 256",
                                        "DIGITIZER_WIDTH = 40000\r\nDIGITIZER_HEIGHT = 30000"), "in one piece")

    def test_files_that_are_cut_short_end_no_process(self):
        for whole in (self.slide("smear.svs", aperio), self.slide("smear.ndpi", hamamatsu)):
            data = whole.read_bytes()
            for share in (0.01, 0.5, 0.9, 0.999):
                path = self.folder / f"cut-{share}{whole.suffix}"
                path.write_bytes(data[:int(len(data) * share)])
                with self.subTest(path=path.name), Reader(path) as reader:
                    if "opened" not in reader.opened:
                        self.assertIn("failed", reader.opened)
                        continue
                    answer = reader.read(0, 0, 2000, 1500)
                    self.assertFalse(isinstance(answer, dict) and "failed" not in answer, answer)

    def test_a_damaged_part_is_told_and_the_rest_is_read(self):
        path = self.broken_mirax("holed", lambda folder: overwrite(folder, 0))
        with Reader(path) as reader:
            self.assertEqual(reader.read(0, 0, 100, 100)["failed"]["code"], "damaged")
        with Reader(path) as reader:
            self.assert_like(reader.read(600, 600, 300, 300), self.part(600, 600, 300, 300))


class Browser(urllib.request.HTTPRedirectHandler):
    """Somebody who is logged in, as a browser is; goes on to no other page."""

    def __init__(self, site: program.Site, email: str, password: str):
        self.address = f"http://127.0.0.1:{site.port}"
        # As browsers do, it sends secure cookies to this machine itself without TLS.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(policy))
        self.opener = urllib.request.build_opener(cookies, self)
        status, answer = self.post("/login", {"email": email, "password": password}, self.get("/login")[1].decode())
        assert status == 303, answer

    def redirect_request(self, *_):
        return None

    def ask(self, request) -> tuple[int, bytes]:
        """Status and body."""
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read()

    def get(self, path: str) -> tuple[int, bytes]:
        return self.ask(self.address + path)

    def post(self, path: str, fields: dict, form: str) -> tuple[int, bytes]:
        """Sends a form, with the token of a page that was shown."""
        token = re.search(r'name="csrf" value="([^"]+)"', form)[1]
        return self.ask(urllib.request.Request(
            self.address + path, urllib.parse.urlencode({"csrf": token, **fields}).encode()))


class SentSlides(Slides):
    """The site: sent in parts, or out of the operator's folder."""

    def begin(self, site: program.Site):
        """Starts the site for a clinician, with a case."""
        password, email = secrets.token_urlsafe(16), "reader@example.org"
        site.start()
        done = site.command("users", "create", "--email", email, "--role", "clinician", "--agreed", "en", text=password + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.token, self.site = site.make_token(email), site
        self.browser = Browser(site, email, password)
        self.case = site.ask_json("POST", "/api/v1/cases", {"title": "Slides"}, self.token).json()["id"]

    def send(self, name: str, data: bytes) -> str:
        """Sends a file in parts; its id."""
        announced = {"name": name, "bytes": len(data), "fingerprint": hashlib.sha256(data[:PART]).hexdigest(), "fields": 1}
        answer = self.site.ask_json("POST", f"/api/v1/cases/{self.case}/slides", announced, self.token)
        self.assertEqual(answer.status, 201, answer.body)
        slide = answer.json()["id"]
        for start in range(0, len(data), PART):
            part = data[start:start + PART]
            digest = base64.b64encode(hashlib.sha256(part).digest()).decode()
            answer = self.site.ask("PUT", f"/api/v1/cases/{self.case}/slides/{slide}/parts?offset={start}", part,
                                   {"Content-Digest": f"sha-256=:{digest}:"}, self.token)
            self.assertEqual(answer.status, 200, answer.body)
        return slide

    def take(self, path: str) -> str:
        """Takes a slide of the operator's folder; its id."""
        before = self.rows().keys()
        page = self.browser.get(f"/cases/{self.case}")[1].decode()
        self.assertIn(f'<option value="{path}">', page)
        status, answer = self.browser.post(f"/cases/{self.case}/slides/registered", {"path": path, "fields": "1"}, page)
        self.assertEqual(status, 303, answer)
        (slide,) = self.rows().keys() - before
        return slide

    def rows(self) -> dict:
        """What the list of the case's slides says, by id."""
        return {row["id"]: row for row in json.loads(self.browser.get(f"/cases/{self.case}/slides")[1])}

    def read(self, slide: str, seconds: float = 120) -> dict:
        """The slide, once it was read."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.site.ask("GET", f"/api/v1/cases/{self.case}/slides/{slide}", token=self.token).json()
            if found["state"] in ("done", "failed"):
                return found
            self.assertLess(time.monotonic(), deadline, f"still read after {seconds} s: {found}")
            time.sleep(0.1)

    def check(self, slide: str, vendor: str, size: tuple[int, int]):
        found = self.read(slide)
        self.assertEqual(found["state"], "done", f"{found} {self.site.errors()}")
        self.assertEqual((found["width"], found["height"]), size)
        self.assertAlmostEqual(found["micrometresPerPixel"], MICROMETRES)
        self.assertEqual(found["fields"]["answered"], 1)
        with contextlib.closing(sqlite3.connect(self.site.folder / "leukoscope.sqlite")) as database:
            rows = [row[0] for row in database.execute("SELECT format FROM slides WHERE id = ?", (slide,))]
        self.assertIn(vendor, rows)
        address = f"/cases/{self.case}/slides/{slide}"
        self.assertIn(f"{size[0]} × {size[1]} pixels, 0.25 µm a pixel", self.browser.get(address)[1].decode())
        # Tiles of 256 pixels, down to one pixel a pixel at zoom 4.
        status, tile = self.browser.get(f"{address}/tiles/4/3/2")
        self.assertEqual(status, 200, tile)
        with Image.open(io.BytesIO(tile)) as image:
            # Encoded once more, less well.
            self.assert_like(image.convert("RGB"), self.part(3 * 256, 2 * 256, 256, 256), 6, 90)

    def zip(self, change=lambda archive: None, without: tuple = ()) -> bytes:
        """The MRXS slide packed, as people's systems do it."""
        whole, target = self.slide("smear.mrxs", mirax), io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.write(whole, "slides/smear.mrxs")
            for file in sorted(whole.with_suffix("").iterdir()):
                if file.name not in without:
                    archive.write(file, f"slides/smear/{file.name}", zipfile.ZIP_DEFLATED)
            change(archive)
        return target.getvalue()

    def test_scanners_slides_are_taken_read_and_shown(self):
        folder = self.folder / "operator"
        folder.mkdir()
        mirax(self.smear, folder / "clinic.mrxs", MICROMETRES)
        aperio(self.smear, folder / "clinic.svs", MICROMETRES)
        sizes = {"aperio": (2400, 1920), "hamamatsu": (2560, 1792), "mirax": (2496, 1504)}

        def clutter(archive: zipfile.ZipFile) -> None:
            archive.writestr("slides/smear/.DS_Store", b"of a Finder")
            archive.writestr("__MACOSX/slides/._smear.mrxs", b"of a Finder")
            archive.writestr("slides/._smear.mrxs", b"of a Finder")
            archive.writestr("slides/smear/desktop.ini", b"of an Explorer")
            archive.writestr("slides/notes.txt", b"passed over")

        # More than a part: its directories lie in the second one.
        long = hamamatsu(self.smear, self.folder / "parts.ndpi", MICROMETRES, skip=PART).read_bytes()
        self.assertGreater(len(long), PART)
        with program.site(flags=("--slides-folder", str(folder))) as site:
            self.begin(site)
            for vendor, slide in [
                    ("aperio", self.send("smear.svs", self.slide("smear.svs", aperio).read_bytes())),
                    ("hamamatsu", self.send("smear.ndpi", long)),
                    ("mirax", self.send("smear.zip", self.zip(clutter))),
                    ("mirax", self.take("clinic.mrxs")),
                    ("aperio", self.take("clinic.svs"))]:
                self.check(slide, vendor, sizes[vendor])
            self.assertEqual(site.stop(), 0, site.errors())

    def test_a_damaged_part_hides_no_other_from_the_viewer(self):
        folder = self.folder / "operator-of-holed"
        folder.mkdir()
        path = mirax(self.smear, folder / "holed.mrxs", MICROMETRES)
        with Reader(path) as reader:
            chosen = reader.ask({"survey": {"fields": 1}})["surveyed"]["_0"]["fields"][0]["place"]
        # The first image of the first row, or its last one: whichever is no part of the field that is read.
        is_first = chosen["x"] >= 256 or chosen["y"] >= 256
        overwrite(path.with_suffix(""), 0 if is_first else 2 * scanner_slides.mirax_shape(self.smear)[0] - 1)
        with program.site(flags=("--slides-folder", str(folder))) as site:
            self.begin(site)
            slide = self.take("holed.mrxs")
            self.assertEqual(self.read(slide)["state"], "done", site.errors())
            address = f"/cases/{self.case}/slides/{slide}/tiles/4"
            for _ in range(2):
                status, answer = self.browser.get(f"{address}/{0 if is_first else 9}/0")
                self.assertEqual(status, 422, answer)
                self.assertIn(b"This part of the slide cannot be read", answer)
                self.assertEqual(self.browser.get(f"{address}/3/2")[0], 200)
                self.assertEqual(self.browser.get(f"{address}/3/3")[0], 200)
            self.assertEqual(site.stop(), 0, site.errors())

    def test_damaged_and_wicked_archives_are_told_and_harm_nothing(self):
        whole = self.slide("smear.mrxs", mirax)
        data = (whole.with_suffix("") / "Data0000.dat").read_bytes()
        text = (whole.with_suffix("") / "Slidedat.ini").read_bytes()

        def two(archive: zipfile.ZipFile) -> None:
            archive.writestr("slides/other.mrxs", b"another")

        def packed(archive: zipfile.ZipFile) -> None:
            archive.writestr("slides/smear/Data0001.dat", bytes(200 << 20), zipfile.ZIP_DEFLATED)

        wicked = {
            "cut": (self.zip(lambda archive: archive.writestr("slides/smear/Data0000.dat", data[:len(data) // 2]),
                             without=("Data0000.dat",)), "damaged"),
            "listless": (self.zip(without=("Slidedat.ini",)), "format"),
            "indexless": (self.zip(without=("Index.dat",)), "damaged"),
            "leaves": (self.zip(lambda archive: archive.writestr("slides/smear/../../../../escaped.dat", b"out")), "format"),
            "beside": (self.zip(lambda archive: archive.writestr("slides/smear/deep/er.dat", b"in")), "format"),
            "astray": (self.zip(lambda archive: archive.writestr(
                "slides/smear/Slidedat.ini", text.replace(b"FILE_0 = Data", b"FILE_0 = ../../x/Data")),
                without=("Slidedat.ini",)), "damaged"),
            "bomb": (self.zip(packed), "limits"),
            "two": (self.zip(two), "format"),
            "none": (b"PK\x03\x04 no archive", "damaged"),
        }
        sentences = {"damaged": "The file is damaged", "format": "MRXS needs one .mrxs file with its whole folder",
                     "limits": "The slide is larger than what is read here"}
        with program.site() as site:
            self.begin(site)
            slides = {name: self.send(f"{name}.zip", packed) for name, (packed, _) in wicked.items()}
            for name, slide in slides.items():
                with self.subTest(archive=name):
                    found, failure = self.read(slide), wicked[name][1]
                    self.assertEqual((found["state"], found.get("failure")), ("failed", failure), site.errors())
                    self.assertIn(sentences[failure], self.rows()[slide]["line"])
            # What leads out of its folder was written nowhere, and nothing of what was refused is left unpacked.
            left = {path.name for path in site.folder.parent.rglob("*") if path.is_file()}
            self.assertNotIn("escaped.dat", left)
            unpacked = {path.parent.name for path in (site.folder / "archive/slides").glob("*/unpacked")}
            # Whether these two are slides OpenSlide alone finds out.
            self.assertEqual(unpacked, {slides["cut"], slides["indexless"]})
            self.assertEqual(list((site.folder / "archive/slides").glob("*/.unpacking")), [])
            self.assertTrue(site.alive())
            self.assertEqual(site.ask("GET", "/healthz").status, 200)
            self.assertEqual(site.stop(), 0, site.errors())


if __name__ == "__main__":
    unittest.main()
