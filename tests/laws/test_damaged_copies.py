"""A damaged copy of any container gives exactly what the whole one gives, or an InputError.

Where a container has no checksums, a letter may have become another one: that is then the text of the file.
A text has no container: whatever it has become is read as it stands, and nothing is made up.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from table_damage import damaged, records_of, records_or_hint

from importer import Checked, InputError, check, read

FEW, MANY = 15, 5_000
HOSTS = b"# the cluster\n" + b"".join(
    b"10.20.%d.%d\tnode-%d.lake.internal node-%d # rack %d\n" % (i >> 6, i & 63, i, i, i % 7)
    for i in range(80)
)
TABLE = "Fleet;;\r\nhostname;业务IP;owner\r\n" + "".join(
    f'"node-{i}";10.20.{i >> 6}.{i & 63};"O""Hara, {i}\r\nof Cork"\r\n' for i in range(80)
)
COMMAS = "name,ip\n" + "".join(f"node_{i},10.20.{i >> 6}.{i & 63}\n" for i in range(80))
TEXTS: dict[str, bytes] = {
    "hosts": HOSTS,
    "hosts-cr": HOSTS.replace(b"\n", b"\r\n"),
    "csv": COMMAS.encode(),
    "quoted": TABLE.encode(),
    "gb18030": TABLE.encode("gb18030"),
    "utf-16": b"\xff\xfe" + TABLE.encode("utf-16-le"),
    "utf-16-bare": COMMAS.encode("utf-16-be"),
    "tabs": COMMAS.replace(",", "\t").encode(),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "gzip-members": lambda data: gzip.compress(data[:900], mtime=0) + gzip.compress(data[900:], mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "xz-streams": lambda data: lzma.compress(data[:900]) + lzma.compress(data[900:]),
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def whole_or_told(kind: str, path: Path, count: int, seed: int) -> None:
    """Each damaged copy of a packed list is the whole list or an error with a hint; so is each part of it."""
    content = PACKERS[kind](HOSTS)
    path.write_bytes(content)
    whole = records_of(path)
    assert len(whole) == 160
    dice = random.Random(seed)
    copies = list(damaged(content, count, seed))
    copies += [content[: dice.randrange(1, len(content))] for _ in range(count // 8)]
    for copy in copies:
        path.write_bytes(copy)
        said = records_or_hint(path)
        assert said != "no hint"
        assert isinstance(said, str) or said == whole


@pytest.mark.parametrize("kind", PACKERS)
def test_packed(kind: str, tmp_path: Path) -> None:
    """Packed lists: all or nothing."""
    whole_or_told(kind, tmp_path / "list", FEW, 1)


@pytest.mark.long
@pytest.mark.parametrize("kind", PACKERS)
def test_many_packed(kind: str, tmp_path: Path) -> None:
    """The same for many more copies."""
    whole_or_told(kind, tmp_path / "list", MANY, 2)


def checked_or_hint(path: Path) -> Checked | str:
    """What is found in a file, or what its owner is told to do."""
    try:
        return check(read(str(path)))
    except InputError as error:
        return error.hint


def _codecs(encoding: str) -> tuple[str, ...]:
    """What a report calls an encoding, for Python."""
    return ("utf-16-le", "utf-16-be") if encoding.startswith("utf-16") else (encoding.partition(" ")[0],)


def nothing_made_up(kind: str, path: Path, count: int, seed: int) -> None:
    """Of each damaged copy of a text the totals add up, and every pair that is sent stands in it."""
    for copy in damaged(TEXTS[kind], count, seed):
        path.write_bytes(copy)
        checked = checked_or_hint(path)
        assert checked
        if isinstance(checked, str):
            continue
        totals, (source,) = checked.report.totals, checked.report.sources
        assert totals.records == totals.ready + totals.merged + totals.skipped + totals.refused
        assert source.records == totals.records
        texts = [copy.decode(name, "replace") for name in (*_codecs(source.encoding), "utf-8")]
        for ip, name in checked.pairs():
            assert any(ip in text and name in text for text in texts)


@pytest.mark.parametrize("kind", TEXTS)
def test_texts(kind: str, tmp_path: Path) -> None:
    """Texts in all encodings and syntaxes."""
    nothing_made_up(kind, tmp_path / "list", FEW, 1)


@pytest.mark.long
@pytest.mark.parametrize("kind", TEXTS)
def test_many_texts(kind: str, tmp_path: Path) -> None:
    """The same for many more copies."""
    nothing_made_up(kind, tmp_path / "list", MANY // 2, 2)
