#!/usr/bin/env python3
"""Writes small whole slides as scanners write them: Aperio SVS, Hamamatsu NDPI and 3DHISTECH MIRAX; and opens slides by OpenSlide.

    Tests/Server/scanner_slides.py aperio|hamamatsu|mirax PICTURE TARGET [--micrometres 0.25]

Laid out as https://openslide.org/formats/ describes the three formats; needs Pillow. The picture is cut to whole tiles.
"""

import argparse
import ctypes
import io
import struct
import zlib
from pathlib import Path

from PIL import Image

QUALITY = 92
MAGNIFICATION = 40
# Of MIRAX: side of an image, images beside each other in a photograph, and how far photographs lie over each other.
MIRAX_SIDE, MIRAX_DIVISIONS, MIRAX_OVERLAP, MIRAX_LEVELS = 256, 2, 16, 5
MIRAX_STEP = MIRAX_SIDE * MIRAX_DIVISIONS - MIRAX_OVERLAP
MIRAX_ID = "0123456789ABCDEF0123456789ABCDEF"
MIRAX_VERSION = "01.02"


def jpeg(picture: Image.Image, subsampling: int = 0, **more) -> bytes:
    """A JPEG file; `subsampling` is 0 for 4:4:4 and 1 for 4:2:2."""
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY, subsampling=subsampling, optimize=False, **more)
    return target.getvalue()


def segments(data: bytes):
    """Marker and place of each segment of a JPEG file, up to the start of its scan."""
    place = 2
    while True:
        marker, length = data[place + 1], struct.unpack(">H", data[place + 2:place + 4])[0]
        yield marker, place, place + 2 + length
        if marker == 0xDA:
            return
        place += 2 + length


def abbreviated(data: bytes) -> tuple[bytes, bytes]:
    """The tables of a JPEG file as a stream of their own, and the file without them (TIFF Technical Note 2)."""
    tables, rest = b"", b""
    for marker, start, end in segments(data):
        if marker in (0xDB, 0xC4):
            tables += data[start:end]
        elif not 0xE0 <= marker <= 0xEF:
            rest += data[start:end]
    return b"\xff\xd8" + tables + b"\xff\xd9", b"\xff\xd8" + rest + data[end:]


class Tiff:
    """A little-endian TIFF file, written from front to back; `is_ndpi` makes the links between directories 64 bits wide."""

    SHORT, LONG, ASCII, RATIONAL, SLONG, FLOAT, UNDEFINED = 3, 4, 2, 5, 9, 11, 7
    LETTERS = {SHORT: "H", LONG: "I", SLONG: "i", FLOAT: "f"}

    def __init__(self, path: Path, is_ndpi: bool = False):
        self.file = path.open("wb")
        self.link, self.is_ndpi = 4, is_ndpi
        self.file.write(b"II*\0" + bytes(8 if is_ndpi else 4))

    def add(self, data: bytes) -> int:
        """Where the bytes begin, at an even place."""
        place = self.file.tell()
        if place % 2:
            self.file.write(b"\0")
            place += 1
        self.file.write(data)
        return place

    def pack(self, kind: int, values) -> tuple[int, bytes]:
        if kind in (self.ASCII, self.UNDEFINED):
            data = values.encode("latin-1") + b"\0" if kind == self.ASCII else values
            return len(data), data
        if kind == self.RATIONAL:
            return 1, struct.pack("<II", *values)
        values = values if isinstance(values, (list, tuple)) else [values]
        return len(values), struct.pack(f"<{len(values)}{self.LETTERS[kind]}", *values)

    def directory(self, tags: dict) -> None:
        """Writes a directory of tag to kind and values, and links it to the one before."""
        entries, high = b"", b""
        for tag, (kind, values) in sorted(tags.items()):
            count, data = self.pack(kind, values)
            value = data if len(data) <= 4 else struct.pack("<I", self.add(data) & 0xFFFF_FFFF)
            high += struct.pack("<I", self.file.tell() >> 32 if len(data) > 4 else 0)
            entries += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
        width = 8 if self.is_ndpi else 4
        # NDPI has the upper halves of the values behind the link.
        place = self.add(struct.pack("<H", len(tags)) + entries + bytes(width) + (high if self.is_ndpi else b""))
        self.file.seek(self.link)
        self.file.write(place.to_bytes(width, "little"))
        self.file.seek(0, io.SEEK_END)
        self.link = place + 2 + len(entries)

    def close(self) -> None:
        self.file.close()


def common(picture: Image.Image, compression: int, photometric: int) -> dict:
    return {256: (Tiff.LONG, picture.width), 257: (Tiff.LONG, picture.height), 258: (Tiff.SHORT, [8, 8, 8]),
            259: (Tiff.SHORT, compression), 262: (Tiff.SHORT, photometric), 277: (Tiff.SHORT, 3),
            284: (Tiff.SHORT, 1)}


def aperio(picture: Image.Image, path: Path, micrometres: float = 0.25) -> Path:
    """An SVS file: the slide in tiles, its thumbnail, the slide reduced four times, label and macro picture."""
    side = 240
    picture = whole(picture, side)
    file = Tiff(path)
    name = "Aperio Image Library v11.2.1 "
    head = name + "\r\n"

    def tiled(level: Image.Image, description: str) -> None:
        places, counts, tables = [], [], b""
        for y in range(0, level.height, side):
            for x in range(0, level.width, side):
                # Beyond its edges Pillow's crop is black, as a scanner's tiles are.
                tables, data = abbreviated(jpeg(level.crop((x, y, x + side, y + side)), 1))
                places.append(file.add(data))
                counts.append(len(data))
        file.directory(common(level, 7, 6) | {
            270: (Tiff.ASCII, description), 322: (Tiff.SHORT, side), 323: (Tiff.SHORT, side), 324: (Tiff.LONG, places),
            325: (Tiff.LONG, counts), 347: (Tiff.UNDEFINED, tables), 530: (Tiff.SHORT, [2, 1])})

    def stripped(image: Image.Image, description: str, kind: int, is_jpeg: bool = True) -> None:
        tables, data = abbreviated(jpeg(image, 1)) if is_jpeg else (b"", image.tobytes())
        more = {347: (Tiff.UNDEFINED, tables), 530: (Tiff.SHORT, [2, 1])} if is_jpeg else {}
        file.directory(common(image, 7 if is_jpeg else 1, 6 if is_jpeg else 2) | more | {
            254: (Tiff.LONG, kind), 270: (Tiff.ASCII, description), 273: (Tiff.LONG, file.add(data)),
            278: (Tiff.LONG, image.height), 279: (Tiff.LONG, len(data))})

    size = f"{picture.width}x{picture.height} [0,0 {picture.width}x{picture.height}] ({side}x{side})"
    tiled(picture, f"{head}{size} JPEG/RGB Q=70|AppMag = {MAGNIFICATION}|ScanScope ID = SS0000|Filename = 1|Date = 11/30/26|"
                   f"Time = 09:00:00|MPP = {micrometres:.4f}|OriginalWidth = {picture.width}")
    thumbnail = picture.resize((320, 320 * picture.height // picture.width))
    stripped(thumbnail, f"{head}{size} -> {thumbnail.width}x{thumbnail.height} - |AppMag = {MAGNIFICATION}", 0)
    tiled(picture.reduce(4), f"{head}{size} -> {picture.width // 4}x{picture.height // 4} JPEG/RGB Q=70")
    stripped(Image.new("RGB", (64, 48), (250, 250, 245)), f"{name}\nlabel 64x48", 1, is_jpeg=False)
    stripped(thumbnail.resize((160, 64)), f"{name}\nmacro 160x64", 9)
    file.close()
    return path


def hamamatsu(
    picture: Image.Image, path: Path, micrometres: float = 0.25, has_restarts: bool = True, has_starts: bool = True, skip: int = 0
) -> Path:
    """An NDPI file: one JPEG file a level at 40, 10 and 2.5 times, and the macro picture.

    - has_restarts: Whether the two larger levels have restart markers, by which parts of them can be read; the smallest has none.
    - has_starts: Whether the file says where these lie.
    - skip: Bytes that are left out before the last directories, which makes a long file that takes no room on the disk.
    """
    picture = whole(picture, 256)
    file = Tiff(path, is_ndpi=True)

    def level(image: Image.Image, lens: float, micrometres: float, blocks: int) -> None:
        data = jpeg(image, 1, **({"restart_marker_blocks": blocks} if blocks else {}))
        *_, (_, _, begin) = segments(data)
        starts = [begin] + [place + 2 for place in range(begin, len(data) - 1)
                            if data[place] == 0xFF and 0xD0 <= data[place + 1] <= 0xD7]
        per_centimetre = (round(1e8 / micrometres), 10_000)
        tags = common(image, 7, 6) | {
            271: (Tiff.ASCII, "Hamamatsu"), 272: (Tiff.ASCII, "C13210"), 273: (Tiff.LONG, file.add(data) & 0xFFFF_FFFF),
            278: (Tiff.LONG, image.height), 279: (Tiff.LONG, len(data)), 282: (Tiff.RATIONAL, per_centimetre),
            283: (Tiff.RATIONAL, per_centimetre), 296: (Tiff.SHORT, 3), 65420: (Tiff.LONG, 1), 65421: (Tiff.FLOAT, lens),
            65422: (Tiff.SLONG, 0), 65423: (Tiff.SLONG, 0), 65424: (Tiff.SLONG, 0), 65427: (Tiff.ASCII, "S0001"),
            65449: (Tiff.ASCII, "NDP.S/N=000001\r\nProduct=NanoZoomer\r\n")}
        if blocks and has_starts:
            tags[65426] = (Tiff.LONG, starts)
        file.directory(tags)

    # A block of 4:2:2 is 16 pixels wide, and a row of blocks is divided evenly.
    level(picture, MAGNIFICATION, micrometres, picture.width // 16 // 4 if has_restarts else 0)
    if skip:
        file.file.seek(skip, io.SEEK_CUR)
    level(picture.reduce(4), MAGNIFICATION / 4, 4 * micrometres, picture.width // 64 if has_restarts else 0)
    level(picture.reduce(16), MAGNIFICATION / 16, 16 * micrometres, 0)
    level(picture.resize((160, 64)), -1, 400, 0)
    file.close()
    return path


def mirax_shape(picture: Image.Image) -> tuple[int, int]:
    """Photographs beside and below each other."""
    return tuple((length - MIRAX_OVERLAP) // MIRAX_STEP for length in picture.size)


class Mirax:
    """The parts of a MIRAX slide: what OpenSlide calls hierarchical are the levels, the rest is everything else."""

    def __init__(self, folder: Path):
        self.folder = folder
        # As the scanner's: version, slide, number of the file, and nothing up to byte 296.
        self.data = bytearray((MIRAX_VERSION + MIRAX_ID + "000").encode().ljust(296, b"\0"))
        self.levels: list[list[tuple]] = []
        self.records: list[tuple] = []

    def add(self, data: bytes) -> tuple:
        """Place, length and file, as the index has them."""
        place = (len(self.data), len(data), 0)
        self.data += data
        return place

    def index(self) -> bytes:
        head = (MIRAX_VERSION + MIRAX_ID).encode()
        body, base = bytearray(8), len(head)

        def put(*numbers: int) -> int:
            place = base + len(body)
            body.extend(struct.pack(f"<{len(numbers)}i", *numbers))
            return place

        pages = [put(len(level), 0, *(number for entry in level for number in entry)) for level in self.levels]
        levels = put(*[put(0, page) for page in pages])
        pages = [put(1, 0, 0, 0, *record) for record in self.records]
        rest = put(*[put(0, page) for page in pages])
        body[0:8] = struct.pack("<ii", levels, rest)
        return head + bytes(body)

    def write(self, description: str) -> None:
        self.folder.mkdir()
        (self.folder / "Data0000.dat").write_bytes(bytes(self.data))
        (self.folder / "Index.dat").write_bytes(self.index())
        # A scanner's begins with the mark of UTF-8, and ends its lines as Windows does.
        (self.folder / "Slidedat.ini").write_bytes(b"\xef\xbb\xbf" + description.replace("\n", "\r\n").encode())


def mirax(picture: Image.Image, path: Path, micrometres: float = 0.25, empty: frozenset = frozenset()) -> Path:
    """An MRXS file with its folder: photographs that lie over each other, each cut into images, in five levels.

    - empty: Photographs that were not made, as column and row.
    """
    across, down = mirax_shape(picture)
    divisions, side = MIRAX_DIVISIONS, MIRAX_SIDE
    slide = Mirax(path.with_suffix(""))
    # All photographs edge to edge; the smaller levels are made of this, seams included.
    mosaic = Image.new("RGB", (across * divisions * side, down * divisions * side), "white")
    positions = b""
    for row in range(down):
        for column in range(across):
            x, y = column * MIRAX_STEP, row * MIRAX_STEP
            positions += struct.pack("<bii", 0, x, y)
            if (column, row) not in empty:
                photograph = picture.crop((x, y, x + divisions * side, y + divisions * side))
                mosaic.paste(photograph, (column * divisions * side, row * divisions * side))
    for level in range(MIRAX_LEVELS):
        joined, entries = 1 << level, []
        small = mosaic.reduce(joined)
        for y in range(0, down * divisions, joined):
            for x in range(0, across * divisions, joined):
                photographs = {(a // divisions, b // divisions) for a in range(x, min(x + joined, across * divisions))
                               for b in range(y, min(y + joined, down * divisions))}
                if photographs <= empty:
                    continue
                left, top = x // joined * side, y // joined * side
                tile = Image.new("RGB", (side, side), "white")
                tile.paste(small.crop((left, top, min(left + side, small.width), min(top + side, small.height))))
                entries.append((y * across * divisions + x, *slide.add(jpeg(tile))))
        slide.levels.append(entries)
    preview = picture.resize((160, 120))
    slide.records = [slide.add(jpeg(image)) for image in (
        preview.resize((160, 64)), Image.new("RGB", (64, 48), (250, 250, 245)), preview)]
    slide.records.append(slide.add(zlib.compress(positions)))
    slide.write(mirax_description(across * divisions, down * divisions, micrometres))
    path.write_bytes(jpeg(preview))
    return path


def mirax_description(across: int, down: int, micrometres: float) -> str:
    """The text of `Slidedat.ini`."""
    pictures = [("ScanDataLayer_SlideThumbnail", "THUMBNAIL"), ("ScanDataLayer_SlideBarcode", "BARCODE"),
                ("ScanDataLayer_SlidePreview", "PREVIEW")]
    levels = range(MIRAX_LEVELS)
    groups = {
        "GENERAL": {"SLIDE_VERSION": MIRAX_VERSION, "SLIDE_ID": MIRAX_ID, "SLIDE_NAME": "smear", "PROJECT_NAME": "smears",
                    "IMAGENUMBER_X": across, "IMAGENUMBER_Y": down, "OBJECTIVE_MAGNIFICATION": MAGNIFICATION,
                    "CameraImageDivisionsPerSide": MIRAX_DIVISIONS, "SLIDE_UTC_CREATIONDATETIME": "30/11/2026 09:00:00"},
        "HIERARCHICAL": {"HIER_COUNT": 1, "NONHIER_COUNT": 2, "INDEXFILE": "Index.dat", "HIER_0_NAME": "Slide zoom level",
                         "HIER_0_COUNT": MIRAX_LEVELS}
        | {f"HIER_0_VAL_{level}": f"ZoomLevel_{level}" for level in levels}
        | {f"HIER_0_VAL_{level}_SECTION": f"LAYER_0_LEVEL_{level}_SECTION" for level in levels}
        | {"NONHIER_0_NAME": "Scan data layer", "NONHIER_0_COUNT": len(pictures)}
        | {f"NONHIER_0_VAL_{number}": name for number, (name, _) in enumerate(pictures)}
        | {f"NONHIER_0_VAL_{number}_SECTION": f"NONHIERLAYER_0_LEVEL_{number}_SECTION" for number in range(len(pictures))}
        | {"NONHIER_1_NAME": "StitchingIntensityLayer", "NONHIER_1_COUNT": 1, "NONHIER_1_VAL_0": "StitchingIntensityLevel",
           "NONHIER_1_VAL_0_SECTION": "NONHIERLAYER_1_LEVEL_0_SECTION"},
        "DATAFILE": {"FILE_COUNT": 1, "FILE_0": "Data0000.dat"},
    }
    for level in levels:
        groups[f"LAYER_0_LEVEL_{level}_SECTION"] = {
            "OVERLAP_X": MIRAX_OVERLAP / 2**level, "OVERLAP_Y": MIRAX_OVERLAP / 2**level,
            "MICROMETER_PER_PIXEL_X": micrometres * 2**level, "MICROMETER_PER_PIXEL_Y": micrometres * 2**level,
            "IMAGE_FORMAT": "JPEG", "IMAGE_FILL_COLOR_BGR": 0xFFFFFF, "DIGITIZER_WIDTH": MIRAX_SIDE,
            "DIGITIZER_HEIGHT": MIRAX_SIDE, "IMAGE_CONCAT_FACTOR": min(level, 1)}
    for number, (_, kind) in enumerate(pictures):
        groups[f"NONHIERLAYER_0_LEVEL_{number}_SECTION"] = {f"{kind}_IMAGE_TYPE": "JPEG"}
    groups["NONHIERLAYER_1_LEVEL_0_SECTION"] = {"COMPRESSED": "True"}
    return "".join(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
                   for name, keys in groups.items())


def whole(picture: Image.Image, side: int) -> Image.Image:
    """Cut to whole tiles."""
    return picture.crop((0, 0, picture.width // side * side, picture.height // side * side))


class OpenSlide:
    """A slide, opened by OpenSlide alone."""

    def __init__(self, path: Path):
        library = ctypes.CDLL("libopenslide.so.0")
        handle, text, long = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64
        for name, result, *arguments in [
                ("open", handle, text), ("close", None, handle), ("get_error", text, handle), ("detect_vendor", text, text),
                ("get_level_count", ctypes.c_int32, handle), ("get_property_value", text, handle, text),
                ("get_level_downsample", ctypes.c_double, handle, ctypes.c_int32),
                ("get_associated_image_names", ctypes.POINTER(text), handle),
                ("get_level_dimensions", None, handle, ctypes.c_int32, ctypes.POINTER(long), ctypes.POINTER(long)),
                ("read_region", None, handle, ctypes.c_void_p, long, long, ctypes.c_int32, long, long)]:
            function = getattr(library, f"openslide_{name}")
            function.restype, function.argtypes = result, arguments
        self.library = library
        self.vendor = (library.openslide_detect_vendor(str(path).encode()) or b"").decode()
        self.handle = library.openslide_open(str(path).encode())
        if not self.handle:
            raise ValueError(f"{path} is no slide")
        self.check()

    def check(self) -> None:
        error = self.library.openslide_get_error(self.handle)
        if error:
            raise ValueError(error.decode())

    def close(self) -> None:
        self.library.openslide_close(self.handle)

    def told(self, name: str) -> str | None:
        value = self.library.openslide_get_property_value(self.handle, name.encode())
        return value.decode() if value else None

    @property
    def levels(self) -> list[tuple[int, int]]:
        found = []
        for level in range(self.library.openslide_get_level_count(self.handle)):
            width, height = ctypes.c_int64(), ctypes.c_int64()
            self.library.openslide_get_level_dimensions(self.handle, level, width, height)
            found.append((width.value, height.value))
        return found

    @property
    def associated(self) -> list[str]:
        names, found = self.library.openslide_get_associated_image_names(self.handle), []
        while names[len(found)]:
            found.append(names[len(found)].decode())
        return sorted(found)

    def read(self, x: int, y: int, level: int, width: int, height: int) -> Image.Image:
        """A part on white; its place in pixels of level 0."""
        words = ctypes.create_string_buffer(width * height * 4)
        self.library.openslide_read_region(self.handle, words, x, y, level, width, height)
        self.check()
        # Premultiplied: what is transparent is black, and becomes white.
        part = Image.frombytes("RGBA", (width, height), words.raw, "raw", "BGRA")
        white = Image.new("RGB", part.size, "white")
        white.paste(part.convert("RGB"), mask=part.getchannel("A"))
        return white


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("format", choices=["aperio", "hamamatsu", "mirax"])
    parser.add_argument("picture", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--micrometres", type=float, default=0.25)
    options = parser.parse_args()
    write = {"aperio": aperio, "hamamatsu": hamamatsu, "mirax": mirax}[options.format]
    with Image.open(options.picture) as picture:
        write(picture.convert("RGB"), options.target, options.micrometres)


if __name__ == "__main__":
    main()
