"""Question: is there a shape of input that is read slowly, or takes much memory?

    python benchmarks/shapes.py [--mib 4] [--only WORD]

Each shape is a file of one kind of line, as hostile or odd lists have them, checked by one process on one
core (`workers=1`). For each: processor seconds, megabytes a second (10^6 bytes of the file), and the peak of
memory above that of a process that has loaded the same modules. The slowest one is printed last. Hostile
containers, which are small and stand for much, are measured by their seconds.
"""

import argparse
import gzip
import io
import lzma
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

Shape = Callable[[int], bytes]


def lines(pattern: str) -> Shape:
    """Lines of a pattern with their number in it, up to a size."""

    def made(size: int) -> bytes:
        width = len(pattern.format(i=10**6))
        return "".join(pattern.format(i=i) for i in range(size // width)).encode()

    return made


def headed(head: str, pattern: str) -> Shape:
    """The same below a first line."""
    return lambda size: head.encode() + lines(pattern)(size)


def repeated(text: bytes) -> Shape:
    """One text again and again."""
    return lambda size: text * (size // len(text))


def addressed(pattern: str) -> Shape:
    """Lines with an address of their own."""

    def made(size: int) -> bytes:
        width = len(pattern.format(a="10.100.100.100", i=10**6))
        rows = ((f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", i) for i in range(size // width))
        return "".join(pattern.format(a=a, i=i) for a, i in rows).encode()

    return made


SHAPES: dict[str, Shape] = {
    "good hosts": addressed("{a} node{i}.lake.internal\n"),
    "blank lines": repeated(b"\n"),
    "lines of blanks": repeated(b"  \t \n"),
    "comments": repeated(b"# a remark of some words\n"),
    "comments of one character": repeated(b"#\n"),
    "comments with hosts": lines("# 10.0.0.1 node{i}.lake.internal\n"),
    "hosts behind comments": lambda size: b"# remark\n" * (size // 18) + lines("10.0.0.1 n{i}\n")(size // 2),
    "a second address": lines("10.0.0.1 n{i} 10.0.0.2 m{i}\n"),
    "foreign comments": lines("10.0.0.1 n{i} // remark\n"),
    "names that end in numbers": lines("10.0.0.1 node.{i}\n"),
    "names that hold addresses": lines("10.0.0.1 x.{i}.2.3.4 y\n"),
    "faulty addresses": lines("10.0.0.256 node{i}\n"),
    "faulty names": lines("10.0.0.1 {i}node\n"),
    "names of other letters": lines("10.0.0.1 nöde{i}\n"),
    "local addresses": lines("0.0.0.0 ads{i}.example.com\n"),
    "IPv6": lines("fd00::1 node{i}.lake.internal\n"),
    "thousands of aliases": lambda size: b"10.0.0.1 " + lines("n{i} ")(size // 4) + b"\n",
    "lone carriage returns": lines("10.0.0.1 a{i}\r10.0.0.2 b{i}\n"),
    "empty rows of a table": lambda size: b"ip,name\n" + b",,,\n" * (size // 4),
    "commented rows of a table": lambda size: b"ip,name\n10.0.0.1,a\n" + b"#,\n" * (size // 3),
    "commented hosts of a table": headed("ip,name\n10.0.0.1,a\n", "#10.0.0.1,n{i}\n"),
    "repeated headers": lambda size: b"ip,name\n10.0.0.1,a\n" + b"ip,name\n" * (size // 8),
    "short rows": headed("ip,name,note\n", "10.0.0.1,n{i}\n"),
    "long rows": headed("ip,name\n", "10.0.0.1,n{i},x,y\n"),
    "rows without a host": headed("ip,name,note\n", ",,n{i}\n"),
    "quoted cells": headed("ip,name\n", '"10.0.0.1","n{i}"\n'),
    "quotes that hide commas": headed("ip,name,note\n", '10.0.0.1,n{i},"a, ""b"" c"\n'),
    "quotes that are not closed": headed("ip,name,note\n", '10.0.0.1,n{i},"a\n'),
    "quotes over two lines": headed("ip,name,note\n", '10.0.0.1,n{i},"a\nb"\n'),
    "quotes inside cells": headed("ip,name,note\n", '10.0.0.1,n{i},5" disk\n'),
    "lone carriage returns in quotes": lambda size: (
        b"ip,name,note\n" + (b'10.0.0.1,n1,"a"\r' * 40_000 + b"\n") * (size // 640_001)
    ),
    "a row of a mebibyte": lambda size: (
        b"ip,name\n" + (b"10.0.0.1,a" + b"," * 1_000_000 + b"\n") * (size >> 20)
    ),
    "wide tables": lambda size: (
        b"ip,name" + b",h" * 5000 + b"\n" + (b"10.0.0.1,a" + b",x" * 5000 + b"\n") * (size // 10011)
    ),
    "very wide rows": lambda size: b"ip,name\n" + (b"10.0.0.1,a" + b",x" * 5000 + b"\n") * (size // 10011),
    "blanks around cells": headed("ip , name\n", "   10.0.0.1   ,   n{i}   \n"),
    "repeats": repeated(b"10.0.0.1 kafka01\n"),
    "conflicts": addressed("{a} kafka01\n"),
}

HOSTILE: dict[str, Callable[[], bytes]] = {}
"""Containers that stand for far more than they hold: each is read, or stopped, within two seconds."""


def hostile(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Put one into the table, under its docstring."""
    HOSTILE[str(make.__doc__).rstrip(".")] = make
    return make


@hostile
def _gzip_name() -> bytes:
    """Gzip: a file name that does not end."""
    return b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"n" * (64 << 20)


@hostile
def _gzip_members() -> bytes:
    """Gzip: 100,000 empty members."""
    return gzip.compress(b"", 1) * 100_000


@hostile
def _gzip_bomb() -> bytes:
    """Gzip: blanks a thousand times its size."""
    return gzip.compress(b" \n" * (100 << 20), 1)


@hostile
def _xz_bomb() -> bytes:
    """Xz: blanks a thousand times its size."""
    return lzma.compress(b" \n" * (16 << 20), preset=0)


@hostile
def _zstd_skips() -> bytes:
    """Zstd: a million frames to skip."""
    return b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00" + b"\x50\x2a\x4d\x18\0\0\0\0" * 1_000_000


@hostile
def _workbook_blanks() -> bytes:
    """Workbook: 64 MiB of blanks in a sheet."""
    return _workbook("<row r='1'>" + " " * (64 << 20) + "</row>")


@hostile
def _workbook_cells() -> bytes:
    """Workbook: a million empty cells in a row."""
    return _workbook("<row r='1'>" + "<c/>" * 1_000_000 + "</row>")


def _workbook(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    parts = {
        "[Content_Types].xml": f"<Types xmlns='{package}/content-types'>"
        f"<Override PartName='/xl/workbook.xml' ContentType='{types}sheet.main+xml'/>"
        f"<Override PartName='/xl/worksheets/sheet1.xml' ContentType='{types}worksheet+xml'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{package}/relationships'>"
        f"<Relationship Id='r1' Type='{office}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{main}' xmlns:r='{office}'>"
        "<sheets><sheet name='a' sheetId='1' r:id='r1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{package}/relationships'>"
        f"<Relationship Id='r1' Type='{office}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet xmlns='{main}'><sheetData>{rows}</sheetData></worksheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


@hostile
def _feather_batches() -> bytes:
    """Feather: 20,000 batches of one row."""
    import pyarrow as pa

    table = pa.table({"ip": ["10.0.0.1"], "name": ["a"]})
    file = io.BytesIO()
    with pa.ipc.new_file(file, table.schema) as writer:
        for _ in range(20_000):
            writer.write_table(table)
    return file.getvalue()


@hostile
def _feather_nulls() -> bytes:
    """Feather: 30 million nulls, compressed."""
    import pyarrow as pa

    nulls = pa.nulls(30_000_000, pa.string())
    table = pa.table({"ip": nulls, "name": nulls})
    file = io.BytesIO()
    with pa.ipc.new_file(file, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return file.getvalue()


@hostile
def _parquet_groups() -> bytes:
    """Parquet: 5,000 row groups of one row."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({"ip": ["10.0.0.1"] * 5000, "name": ["a"] * 5000})
    file = io.BytesIO()
    parquet.write_table(table, file, row_group_size=1)
    return file.getvalue()


CHILD = """
import resource, sys, time
from importer import check, read
from importer.errors import ImporterError
check(read(sys.argv[2], workers=1))
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
try:
    check(read(sys.argv[1], workers=1), max_findings=50, error=tuple(sys.argv[3:]))
    told = ""
except ImporterError as error:
    told = str(error).removeprefix(sys.argv[1])[:60]
seconds = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(seconds, (peak - base) / 1024, told)
"""

JOBS = """
import resource, sys, time
from importer.errors import ImporterError
from importer.planning.jobs import read_jobs
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
try:
    read_jobs(sys.argv[1])
    told = ""
except ImporterError as error:
    told = str(error).removeprefix(sys.argv[1])[:60]
seconds = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(seconds, (peak - base) / 1024, told)
"""


def measured(program: str, *arguments: str | Path) -> tuple[float, float, str]:
    """Processor seconds, MiB above the modules, and the stop, if there was one."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory, *told = done.stdout.split(" ", 2)
    return float(seconds), float(memory), told[0].strip() if told else ""


def main() -> None:
    """Measure every shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=4, help="size of each file (4)")
    parser.add_argument("--only", default="", help="shapes with this word in their names")
    given = parser.parse_args()
    slowest = longest = (0.0, "")
    with tempfile.TemporaryDirectory() as folder:
        path, warm = Path(folder, "list"), Path(folder, "warm")
        warm.write_bytes(b"10.0.0.1 a\n")

        def line(name: str, seconds: float, memory: float, told: str) -> float:
            speed = path.stat().st_size / 1e6 / seconds
            print(f"{name:40} {seconds:7.2f} s {speed:8.1f} MB/s {memory:7.0f} MiB  {told}", flush=True)
            return speed

        for name, shape in SHAPES.items():
            if given.only in name:
                path.write_bytes(shape(given.mib << 20))
                speed = line(name, *measured(CHILD, path, warm))
                slowest = max(slowest, (1 / speed, f"{name}, {speed:.1f} MB/s"))
        bounded: list[tuple[str, bytes, str, tuple[str | Path, ...]]] = [
            ("100,000 records with --error D304", addressed("{a} n{i}\n")(2_200_000), CHILD, (warm, "D304")),
            ("a key of 20,000 parts in a jobs file", b".".join([b"a"] * 20_000) + b" = 1\n", JOBS, ()),
        ]
        for name, content, program, more in bounded:
            if given.only in name:
                path.write_bytes(content)
                seconds, memory, told = measured(program, path, *more)
                line(name, seconds, memory, told)
                longest = max(longest, (seconds, f"{name}, {seconds:.2f} s"))
        for name, make in HOSTILE.items():
            if given.only in name:
                path.write_bytes(make())
                seconds, memory, told = measured(CHILD, path, warm)
                line(name, seconds, memory, told)
                longest = max(longest, (seconds, f"{name}, {seconds:.2f} s"))
    print(f"slowest: {slowest[1]}")
    print(f"longest of those with a bound: {longest[1]}")


if __name__ == "__main__":
    main()
