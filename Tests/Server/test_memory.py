"""What decoding costs: images of many pixels in few bytes, alone and eight at once, stay within their budget."""

import concurrent.futures
import os
import re
import struct
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path

import program

SIDE = 7745  # 60 megapixels
MEGABYTES = 1e6


def wide_png(interlaced: bool = False) -> bytes:
    """60 megapixels of 16-bit red, green, blue and alpha, one colour in 466 kB: 480 MB when held whole."""
    row = struct.pack(">4H", 58_000, 52_000, 56_000, 65_535) * SIDE
    packer = zlib.compressobj(9)
    data = bytearray()
    data += packer.compress(b"\0" + row)
    same = b"\2" + bytes(len(row))  # as the row above
    for _ in range(SIDE - 1):
        data += packer.compress(same)
    data += packer.flush()
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 16, 6, 0, 0, int(interlaced))
    chunks = [(b"IHDR", header), (b"IDAT", bytes(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks)


def peak(arguments: list[str]) -> tuple[float, int, str]:
    """Megabytes of memory at the height of a run, its exit status and what it printed."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([program.BINARY, *arguments], stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return usage.ru_maxrss * 1024 / MEGABYTES, process.returncode, output.read()


class Memory(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="leukoscope-memory-")
        self.addCleanup(self.folder.cleanup)

    def predict(self, content: bytes) -> tuple[float, int, str]:
        path = Path(self.folder.name) / "image.png"
        path.write_bytes(content)
        return peak(["predict", "--json", "--model", str(program.MODEL), str(path)])

    def test_60_megapixels_of_16_bits_take_little_more_than_a_small_image(self):
        image = wide_png()
        self.assertLess(len(image), 500_000)
        small, _, _ = self.predict(program.png(256, 1))
        large, status, text = self.predict(image)
        print(f"\npredict: {large:.0f} MB with 60 megapixels of 16-bit RGBA ({len(image) / 1000:.0f} kB), "
              f"{small:.0f} MB with a small image")
        self.assertEqual(status, 0, text)
        self.assertLess(large - small, 60)
        self.assertLess(large, 200)

    def test_an_interlaced_one_is_refused_by_name(self):
        large, status, text = self.predict(wide_png(interlaced=True))
        self.assertEqual(status, 65)
        self.assertIn("interlaced", text)
        self.assertLess(large, 200)

    def test_eight_at_once_stay_within_the_budget_of_the_server(self):
        image = wide_png()
        body, headers = program.form(image)
        with program.site() as site, concurrent.futures.ThreadPoolExecutor(8) as pool:
            site.make_user()
            token = site.make_token()
            site.start()
            answers = list(pool.map(
                lambda _: site.ask("POST", "/api/v1/predict", body, headers, token, timeout=300).status, range(8)))
            status = Path(f"/proc/{site.process.pid}/status").read_text()
            height = int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) * 1024 / MEGABYTES
            print(f"\nserve: {height:.0f} MB with eight at once")
            self.assertTrue(set(answers) <= {200, 503}, answers)
            self.assertIn(200, answers)
            self.assertLess(height, 700)


if __name__ == "__main__":
    unittest.main()
