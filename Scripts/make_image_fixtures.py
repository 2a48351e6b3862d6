#!/usr/bin/env python3
"""Draws the small image files of Tests/Fixtures/images (needs Pillow; any recent version will do).

Every file but the animations and those with a colour profile shows the same scene, so that tests can compare any format with any other:
48 by 40 pixels, one flat colour a quadrant: red, green (top), blue, yellow (bottom).
"""

import io
import os
import struct
import sys

from PIL import Image, ImageCms, ImageDraw

WIDTH, HEIGHT = 48, 40
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 40), (40, 50, 190), (220, 210, 40)


def scene():
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for index, colour in enumerate([RED, GREEN, BLUE, YELLOW]):
        x, y = (index % 2) * WIDTH // 2, (index // 2) * HEIGHT // 2
        image.paste(colour, (x, y, x + WIDTH // 2, y + HEIGHT // 2))
    return image


def stored_for(image, orientation):
    """The pixels as a camera would store them with this EXIF orientation (the inverse of showing them)."""
    operations = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    operation = operations[orientation]
    return image if operation is None else image.transpose(operation)


def exif(orientation):
    data = Image.Exif()
    data[274] = orientation
    return data


def orientations(folder):
    for orientation in range(1, 9):
        stored = stored_for(scene(), orientation)
        tags = exif(orientation)
        stored.save(f"{folder}/orientation-{orientation}.jpg", quality=95, subsampling=0, exif=tags)
        stored.save(f"{folder}/orientation-{orientation}.tiff", compression="tiff_deflate", exif=tags)
    stored_for(scene(), 6).save(f"{folder}/orientation-6.png", exif=exif(6))
    stored_for(scene(), 6).save(f"{folder}/orientation-6.webp", lossless=True, exif=exif(6))


def colours(folder):
    image = scene()
    image.save(f"{folder}/plain.jpg", quality=95, subsampling=0)
    image.save(f"{folder}/progressive.jpg", quality=95, subsampling=0, progressive=True)
    image.save(f"{folder}/plain.png")
    image.save(f"{folder}/plain.bmp")
    image.save(f"{folder}/plain.tiff", compression="tiff_lzw")
    image.save(f"{folder}/lossless.webp", lossless=True)
    image.save(f"{folder}/lossy.webp", quality=95)
    image.convert("CMYK").save(f"{folder}/cmyk.jpg", quality=95, subsampling=0)
    image.convert("CMYK").save(f"{folder}/cmyk.tiff")
    image.convert("L").save(f"{folder}/grey.jpg", quality=95)
    image.convert("L").save(f"{folder}/grey.png")
    image.quantize(8).save(f"{folder}/palette.png")
    image.quantize(8).save(f"{folder}/palette.bmp")
    grey = image.convert("L")
    wide = Image.frombytes("I;16", grey.size, b"".join(struct.pack("<H", value * 257) for value in grey.tobytes()))
    wide.save(f"{folder}/grey16.png")
    wide.save(f"{folder}/grey16.tiff")


def transparent(folder):
    """The left half is opaque, the right half fully transparent with colour underneath."""
    image = scene().convert("RGBA")
    image.putalpha(Image.frombytes("L", image.size, bytes(255 if x < WIDTH // 2 else 0 for _ in range(HEIGHT) for x in range(WIDTH))))
    image.save(f"{folder}/alpha.png")
    image.save(f"{folder}/alpha.webp", lossless=True, exact=True)
    image.save(f"{folder}/alpha.tiff", compression="tiff_lzw")


def animations(folder):
    frames = [scene(), Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 0))]
    for name in ["animated.png", "animated.webp", "animated.gif"]:
        frames[0].save(f"{folder}/{name}", save_all=True, append_images=frames[1:], duration=100, lossless=True)


def adobe_profile():
    """An ICC profile of Adobe RGB (1998), version 2.4: three primaries adapted to D50, and an exponent of 563/256."""
    def xyz(*values):
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563) + b"\0\0"
    text = b"Adobe RGB (1998)\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78 + 1),
        b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(0.9642, 1, 0.8249),
        b"rXYZ": xyz(0.60974, 0.31111, 0.01947), b"gXYZ": xyz(0.20528, 0.62567, 0.06087),
        b"bXYZ": xyz(0.14919, 0.06322, 0.74457), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = 128 + len(table) + len(data)
    header = struct.pack(">I", size) + b"none" + struct.pack(">I", 0x02400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    header += bytes(28) + xyz(0.9642, 1, 0.8249)[8:]
    return header + bytes(128 - len(header)) + table + data


def profiled(folder):
    """Drawn cells in sRGB, and the same in Adobe RGB with the profile attached."""
    image = Image.new("RGB", (320, 240), (236, 226, 232))
    draw = ImageDraw.Draw(image)
    for index in range(14):
        x, y, size = index * 97 % 280, index * 61 % 200, 20 + index * 7 % 24
        draw.ellipse((x, y, x + size, y + size), fill=(214, 160 - index * 3, 190))
        draw.ellipse((x + 5, y + 5, x + size - 4, y + size - 4), fill=(90 + index * 2, 40 + index * 4, 130 + index * 5))
    profile = adobe_profile()
    adobe = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), ImageCms.getOpenProfile(io.BytesIO(profile)))
    image.save(f"{folder}/srgb.png")
    adobe.save(f"{folder}/adobe-rgb.png", icc_profile=profile)
    adobe.save(f"{folder}/adobe-rgb.jpg", quality=95, subsampling=0, icc_profile=profile)


def main():
    default = os.path.join(os.path.dirname(__file__), "..", "Tests", "Fixtures", "images")
    folder = sys.argv[1] if len(sys.argv) > 1 else default
    os.makedirs(folder, exist_ok=True)
    for draw in [orientations, colours, profiled, transparent, animations]:
        draw(folder)


if __name__ == "__main__":
    main()
