"""Question: is there a shape of input that is read slowly, or takes much memory?

    python benchmarks/shapes.py [--mib 4]

Each shape is a file of one kind of line, as hostile or odd lists have them, checked by one process on one
core (`workers=1`). For each: megabytes a second (10^6 bytes of the file), and the peak of memory above that
of a process that has loaded the same modules. The slowest one is printed last.
"""

import argparse
import subprocess
import sys
import tempfile
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


SHAPES: dict[str, Shape] = {
    "good hosts": lines("10.{i:06d} node{i}.lake.internal\n"),
    "blank lines": repeated(b"\n"),
    "lines of blanks": repeated(b"  \t \n"),
    "comments": repeated(b"# a remark of some words\n"),
    "comments of one character": repeated(b"#\n"),
    "comments with hosts": lines("# 10.0.0.1 node{i}.lake.internal\n"),
    "hosts behind comments": lambda size: b"# remark\n" * (size // 18) + lines("10.0.0.1 n{i}\n")(size // 2),
    "a second address": lines("10.0.0.1 n{i} 10.0.0.2 m{i}\n"),
    "foreign comments": lines("10.0.0.1 n{i} // remark\n"),
    "names that end in numbers": lines("10.0.0.1 node.{i}\n"),
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
    "lone carriage returns in quotes": headed("ip,name,note\n", '10.0.0.1,n{i},"a"\r'),
    "very wide rows": lambda size: b"ip,name\n" + (b"10.0.0.1,a" + b",x" * 5000 + b"\n") * (size // 10011),
    "blanks around cells": headed("ip , name\n", "   10.0.0.1   ,   n{i}   \n"),
    "repeats": repeated(b"10.0.0.1 kafka01\n"),
    "conflicts": lines("10.0.{i} kafka01\n"),
}

CHILD = """
import resource, sys, time
from importer import check, read
from importer.errors import ImporterError
check(read(sys.argv[2], workers=1))
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
try:
    check(read(sys.argv[1], workers=1), max_findings=50)
    told = ""
except ImporterError as error:
    told = str(error)[:40]
seconds = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(seconds, (peak - base) / 1024, told)
"""


def measured(path: Path, warm: Path) -> tuple[float, float, str]:
    """Processor seconds, MiB above the modules, and the stop, if there was one."""
    program = [sys.executable, "-c", CHILD, str(path), str(warm)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    seconds, memory, *told = done.stdout.split(" ", 2)
    return float(seconds), float(memory), told[0].strip() if told else ""


def main() -> None:
    """Measure every shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=4, help="size of each file (4)")
    size = parser.parse_args().mib << 20
    slowest = (float("inf"), "")
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder, "warm")
        warm.write_bytes(b"10.0.0.1 a\n")
        for name, shape in SHAPES.items():
            path = Path(folder, "list")
            path.write_bytes(shape(size))
            seconds, memory, told = measured(path, warm)
            speed = path.stat().st_size / 1e6 / seconds
            slowest = min(slowest, (speed, name))
            print(f"{name:34} {speed:8.1f} MB/s {memory:7.0f} MiB  {told}", flush=True)
    print(f"slowest: {slowest[1]}, {slowest[0]:.1f} MB/s")


if __name__ == "__main__":
    main()
