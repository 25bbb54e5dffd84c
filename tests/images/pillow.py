#!/usr/bin/python3
"""What tests/images compares with, made by Pillow (9.4.0).

    pillow.py files        draws the files of tests/images/files anew (which no test asks for: encoders differ)
    pillow.py expected     writes tests/images/expected.txt: what Pillow makes of these files and of sizes
    pillow.py --check      says whether the Pillow that is here makes the same of them; 77 where there is none
"""
import io
import sys
from pathlib import Path

try:
    from PIL import Image
except ImportError:
    print("skipped: no Pillow for " + sys.executable)
    sys.exit(77)

here = Path(__file__).resolve().parent
files = here / "files"
expected = here / "expected.txt"


def noise(height, width):
    """Byte i of an image: the upper byte of i times the golden ratio's 32 bits, squared once."""
    values = []
    for i in range(height * width * 3):
        x = (i * 2654435761) & 0xFFFFFFFF
        x = (x * x + i) & 0xFFFFFFFF
        values.append(x >> 24)
    return Image.frombytes("RGB", (width, height), bytes(values))


def smooth(height, width):
    """Something a photograph could be: gradients, with an edge."""
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            image.putpixel((x, y), (255 * x // width, 255 * y // height, 230 if x > 2 * y else 40))
    return image


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def png_16_bit(colour_type, samples, height, width):
    """A PNG of 16 bits a sample, which Pillow does not write."""
    import struct
    import zlib

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b""
    for y in range(height):
        rows += b"\0" + b"".join(struct.pack(">H", (7919 * (y * width * samples + i)) % 65536 // (1 if i % 5 else 300)) for i in range(width * samples))
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def interlaced(image):
    """An interlaced PNG (Adam7), which Pillow does not write either."""
    import struct
    import zlib

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        columns = range(x0, image.width, dx)
        if columns:
            for y in range(y0, image.height, dy):
                rows += b"\0" + b"".join(bytes(image.getpixel((x, y))) for x in columns)
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def make_files():
    files.mkdir(exist_ok=True)
    image = smooth(13, 19)
    image.convert("L").save(files / "grey.jpg", quality=80)
    image.save(files / "420.jpg", quality=80, subsampling=2)
    image.save(files / "422.jpg", quality=80, subsampling=1)
    image.save(files / "444.jpg", quality=80, subsampling=0)
    image.save(files / "progressive.jpg", quality=80, progressive=True)
    image.convert("CMYK").save(files / "cmyk.jpg", quality=80)
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(files / "turned.jpg", quality=80, exif=exif)
    image.save(files / "named.png.jpg", "PNG")
    image.save(files / "rgb.png")
    image.convert("L").save(files / "grey.png")
    image.convert("1").save(files / "bits.png")
    image.quantize(11).save(files / "palette.png")
    image.quantize(11).save(files / "palette_transparent.png", transparency=3)
    image.convert("LA").save(files / "grey_alpha.png")
    see_through = image.convert("RGBA")
    see_through.putalpha(image.convert("L"))
    see_through.save(files / "rgba.png")
    (files / "grey16.png").write_bytes(png_16_bit(0, 1, 5, 7))
    (files / "rgb16.png").write_bytes(png_16_bit(2, 3, 5, 7))
    (files / "rgba16.png").write_bytes(png_16_bit(6, 4, 5, 7))
    (files / "interlaced.png").write_bytes(interlaced(image))


# From height x width to height x width: up, down, both, by the same, odd, and from and to a single pixel.
sizes = [
    (7, 5, 7, 5), (7, 5, 14, 10), (7, 5, 3, 2), (8, 8, 4, 4), (9, 4, 4, 9), (1, 1, 5, 3), (1, 9, 4, 4), (9, 1, 4, 4), (6, 7, 1, 1),
    (13, 17, 1, 40), (31, 23, 30, 22), (30, 22, 31, 23), (50, 37, 17, 12), (64, 48, 32, 24), (61, 45, 57, 41), (3, 100, 2, 7),
    (100, 3, 7, 100), (40, 60, 25, 38), (33, 77, 28, 65),
]


def lines():
    result = []
    for path in sorted(files.iterdir()):
        image = Image.open(path).convert("RGB")
        result.append(f"file {path.name} {image.height} {image.width} {fnv1a(image.tobytes())}")
    for h, w, to_h, to_w in sizes:
        image = noise(h, w).resize((to_w, to_h), Image.Resampling.BILINEAR)
        result.append(f"resize {h} {w} {to_h} {to_w} {fnv1a(image.tobytes())}")
    return "\n".join(result) + "\n"


def main(argument):
    if argument == "files":
        make_files()
    elif argument == "expected":
        expected.write_text(lines())
    elif argument == "--check":
        found = lines()
        if found != expected.read_text():
            different = [f for f, e in zip(found.split("\n"), expected.read_text().split("\n")) if f != e]
            print("Pillow", Image.__version__, "makes something else of:", *different, sep="\n")
            return 1
        print("Pillow", Image.__version__, "agrees:", found.count("\n"), "lines")
    else:
        print(__doc__)
        return 2
    return 0


sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
