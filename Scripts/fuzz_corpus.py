#!/usr/bin/env python3
"""Writes Fuzz/corpus: small well-formed inputs of every reader but that of images, whose seeds are Tests/Fixtures/images.

    Scripts/fuzz_corpus.py
"""

import io
import json
import struct
import tarfile
import zipfile
from pathlib import Path

CORPUS = Path(__file__).resolve().parent.parent / "Fuzz/corpus"
FILES = {"model.json": b'{"formatVersion": 1}', "model.onnx": bytes(range(64)), "metrics.json": b"{}"}
# The same time in every archive, so that the files stay what they are.
TIME = (2026, 1, 1, 0, 0, 0)


def zipped(method: int, folder: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in FILES.items():
            info = zipfile.ZipInfo(folder + name, TIME)
            info.compress_type = method
            archive.writestr(info, content)
    return target.getvalue()


def tarred(kind: int) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=kind) as archive:
        for name, content in FILES.items():
            info = tarfile.TarInfo("package/" + name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    # Without the blocks of zeros that fill a tape's record.
    return target.getvalue().rstrip(b"\0") + bytes(1024)


def tensors(kind: str, width: int) -> bytes:
    header = json.dumps({"a": {"dtype": kind, "shape": [2, 2], "data_offsets": [0, 4 * width]},
                         "__metadata__": {"format": "pt"}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(range(4 * width))


def form(*parts: tuple[str, bytes]) -> bytes:
    body = b"".join(b"--b\r\n" + header.encode() + b"\r\n\r\n" + content + b"\r\n" for header, content in parts)
    return body + b"--b--\r\n"


def main():
    seeds = {
        "archive": {"stored.zip": zipped(zipfile.ZIP_STORED), "deflated.zip": zipped(zipfile.ZIP_DEFLATED, "package/"),
                    "ustar.tar": tarred(tarfile.USTAR_FORMAT), "gnu.tar": tarred(tarfile.GNU_FORMAT),
                    "pax.tar": tarred(tarfile.PAX_FORMAT)},
        "safetensors": {f"{kind.lower()}.safetensors": tensors(kind, width) for kind, width in (("F32", 4), ("F16", 2), ("BF16", 2))},
        "csv": {"plain.csv": b"name,city\r\nA,B\r\n", "quoted.csv": b'name;note\n"A ""B""";"two\nlines"\n', "tabs.csv": b"a\tb\n\n1\t2",
                "bom.csv": b"\xef\xbb\xbfa,b\n\xff\xfe,\xc3\xa4\n",
                "utf16.csv": b"\n\0\x91b\xff\x0edT", "utf16-mark.csv": b"\xff\xfe" + "a;ਊ\n1;2\n".encode("utf-16-le")},
        "header": {"short-exif.jpg": b"\xff\xd8\xff\xe1\0\x02Exif\0\0MM\0*" + bytes(16)},
        "multipart": {"file": form(('Content-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png', b"\x89PNG")),
                      "fields": b"preamble\r\n" + form(('content-disposition: form-data; name="a"', b""), ("Content-Disposition: form-data; name=b", b"--b"))},
    }
    for parser, files in seeds.items():
        folder = CORPUS / parser
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
