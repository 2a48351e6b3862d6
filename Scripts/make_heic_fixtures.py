#!/usr/bin/env python3
"""Draws the HEIC files of Tests/Fixtures/images with libheif's encoder (Debian: libheif1, which brings x265).

Each shows the scene of make_image_fixtures.py: 48 by 40 pixels, one flat colour a quadrant, with 4:4:4 chroma.
"""

import ctypes
import os
import sys

from make_image_fixtures import BLUE, GREEN, HEIGHT, RED, WIDTH, YELLOW, adobe_profile

heif = ctypes.CDLL("libheif.so.1")
RGB, INTERLEAVED, HEVC = 1, 10, 1
PLAIN, ALPHA, WIDE = 10, 11, 14  # interleaved RGB, RGBA, 16-bit little-endian RGB


class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("subcode", ctypes.c_int), ("message", ctypes.c_char_p)]


class Options(ctypes.Structure):
    """heif_encoding_options, version 5."""

    _fields_ = [
        ("version", ctypes.c_uint8), ("alpha", ctypes.c_uint8), ("grid", ctypes.c_uint8), ("both", ctypes.c_uint8),
        ("nclx", ctypes.c_void_p), ("noNclx", ctypes.c_uint8), ("orientation", ctypes.c_int),
    ]


class Writer(ctypes.Structure):
    _fields_ = [("version", ctypes.c_int), ("write", ctypes.c_void_p)]


def check(error):
    if error.code:
        raise RuntimeError(error.message.decode())


def call(name, *arguments):
    function = getattr(heif, name)
    function.restype = Error
    check(function(*arguments))


def pointer(name, *arguments):
    function = getattr(heif, name)
    function.restype = ctypes.c_void_p
    return ctypes.c_void_p(function(*arguments))


def stored(orientation):
    """The scene's pixels as they are stored so that an EXIF orientation of 1, 6 or 8 shows them upright."""
    scene = [[(RED if x < WIDTH // 2 else GREEN) if y < HEIGHT // 2 else (BLUE if x < WIDTH // 2 else YELLOW)
              for x in range(WIDTH)] for y in range(HEIGHT)]
    if orientation == 6:  # shown turned clockwise, so stored turned the other way
        return [[scene[y][x] for y in range(HEIGHT)] for x in reversed(range(WIDTH))]
    return scene


def image(bits=8, orientation=1, alpha=False, icc=None, nclx=None):
    rows = stored(orientation)
    height, width = len(rows), len(rows[0])
    result = ctypes.c_void_p()
    chroma = ALPHA if alpha else PLAIN if bits == 8 else WIDE
    call("heif_image_create", width, height, RGB, chroma, ctypes.byref(result))
    call("heif_image_add_plane", result, INTERLEAVED, width, height, bits)
    stride = ctypes.c_int()
    heif.heif_image_get_plane.restype = ctypes.POINTER(ctypes.c_uint8)
    plane = heif.heif_image_get_plane(result, INTERLEAVED, ctypes.byref(stride))
    for y, row in enumerate(rows):
        line = bytearray()
        for x, colour in enumerate(row):
            samples = list(colour) + ([255 if x < width // 2 else 0] if alpha else [])
            for sample in samples:
                line += bytes([sample]) if bits == 8 else round(sample * (2**bits - 1) / 255).to_bytes(2, "little")
        ctypes.memmove(ctypes.addressof(plane.contents) + y * stride.value, bytes(line), len(line))
    if icc:
        call("heif_image_set_raw_color_profile", result, b"prof", icc, ctypes.c_size_t(len(icc)))
    if nclx:
        profile = pointer("heif_nclx_color_profile_alloc")
        call("heif_nclx_color_profile_set_color_primaries", profile, ctypes.c_uint16(nclx[0]))
        call("heif_nclx_color_profile_set_transfer_characteristics", profile, ctypes.c_uint16(nclx[1]))
        call("heif_nclx_color_profile_set_matrix_coefficients", profile, ctypes.c_uint16(6))
        call("heif_image_set_nclx_color_profile", result, profile)
    return result


def flat(side):
    """A grey square."""
    result = ctypes.c_void_p()
    call("heif_image_create", side, side, RGB, PLAIN, ctypes.byref(result))
    call("heif_image_add_plane", result, INTERLEAVED, side, side, 8)
    stride = ctypes.c_int()
    heif.heif_image_get_plane.restype = ctypes.POINTER(ctypes.c_uint8)
    plane = heif.heif_image_get_plane(result, INTERLEAVED, ctypes.byref(stride))
    ctypes.memset(ctypes.addressof(plane.contents), 128, stride.value * side)
    return result


def shrink(path, side, stated):
    """States another size of the image (`ispe`) than its picture has."""
    with open(path, "rb") as file:
        content = file.read()
    size = b"ispe" + bytes(4)
    assert size + 2 * side.to_bytes(4, "big") in content
    with open(path, "wb") as file:
        file.write(content.replace(size + 2 * side.to_bytes(4, "big"), size + 2 * stated.to_bytes(4, "big")))


def write(path, pictures, orientation=1):
    context = pointer("heif_context_alloc")
    encoder = ctypes.c_void_p()
    call("heif_context_get_encoder_for_format", context, HEVC, ctypes.byref(encoder))
    call("heif_encoder_set_lossy_quality", encoder, 95)
    call("heif_encoder_set_parameter_string", encoder, b"chroma", b"444")
    options = pointer("heif_encoding_options_alloc")
    Options.from_address(options.value).orientation = orientation
    Options.from_address(options.value).noNclx = 0
    for picture in pictures:
        call("heif_context_encode_image", context, picture, encoder, options, None)
    call("heif_context_write_to_file", context, path.encode())


def main():
    default = os.path.join(os.path.dirname(__file__), "..", "Tests", "Fixtures", "images")
    folder = sys.argv[1] if len(sys.argv) > 1 else default
    os.makedirs(folder, exist_ok=True)
    for bits in (8, 10, 12):
        write(f"{folder}/plain-{bits}.heic", [image(bits)])
    write(f"{folder}/orientation-6.heic", [image(orientation=6)], orientation=6)
    write(f"{folder}/alpha.heic", [image(alpha=True)])
    write(f"{folder}/two.heic", [image(), image(orientation=6)])
    write(f"{folder}/adobe-rgb.heic", [image(icc=adobe_profile())])
    write(f"{folder}/display-p3.heic", [image(nclx=(12, 13))])
    write(f"{folder}/larger-inside.heic", [flat(4096)])
    shrink(f"{folder}/larger-inside.heic", 4096, 64)
    write(f"{folder}/hdr.heic", [image(10, nclx=(9, 16))])


if __name__ == "__main__":
    main()
