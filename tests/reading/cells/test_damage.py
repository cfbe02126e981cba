"""A damaged copy of a table gives what the whole one gives, or a clear error: no crash, no hang, no flood."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from command import assert_cannot_work, dli_hosts, memory_of
from table_damage import damaged, records_of, records_or_hint
from workbooks import workbook

from importer import InputError, check, read

FEW, MANY = 60, 20_000
ENOUGH_MEMORY = 4000
"""Megabytes of address space, of which Arrow reserves far more than it takes."""
ROWS = 40
TABLE = pa.table(
    {
        "note": ["x"] * ROWS,
        "name": [f"kafka{i}" for i in range(ROWS)],
        "ip": [f"10.0.0.{i}" for i in range(ROWS)],
        "disks": [[i] for i in range(ROWS)],
    }
)


def _parquet(**options: Any) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(TABLE, file, row_group_size=10, **options)
    return file.getvalue()


def _feather(compression: str) -> bytes:
    file = io.BytesIO()
    pyarrow.feather.write_feather(TABLE, file, compression=compression, chunksize=10)
    return file.getvalue()


def _workbook(*, share: bool) -> bytes:
    cells = [["name", "ip"], *([f"kafka{i}", f"10.0.0.{i}"] for i in range(ROWS))]
    return workbook({"Hosts": cells, "Notes": [["x"]]}, share=share)


WITH_CHECKSUMS = {
    "xlsx": lambda: _workbook(share=False),
    "xlsx-shared": lambda: _workbook(share=True),
    "parquet": lambda: _parquet(write_page_checksum=True, compression="zstd"),
}
WITHOUT = {
    "parquet": lambda: _parquet(compression="none"),
    "feather": lambda: _feather("uncompressed"),
    "feather-lz4": lambda: _feather("lz4"),
    "feather-zstd": lambda: _feather("zstd"),
}


def _assert_whole_or_hint(content: bytes, path: Path, count: int, seed: int, *, sums: bool) -> None:
    path.write_bytes(content)
    whole = records_of(path)
    assert len(whole) == ROWS
    for copy in damaged(content, count, seed):
        path.write_bytes(copy)
        said = records_or_hint(path)
        assert said != "no hint"
        if not isinstance(said, str):
            assert said == whole if sums else len(said) == len(whole)


@pytest.mark.parametrize("kind", WITH_CHECKSUMS)
def test_with_checksums(kind: str, tmp_path: Path) -> None:
    """Where the file has checksums, every record is as it was, or there is an InputError with a hint."""
    _assert_whole_or_hint(WITH_CHECKSUMS[kind](), tmp_path / "list", FEW, 1, sums=True)


@pytest.mark.parametrize("kind", WITHOUT)
def test_without_checksums(kind: str, tmp_path: Path) -> None:
    """Where it has none, a letter may be another one, but no record is gone and none is added."""
    _assert_whole_or_hint(WITHOUT[kind](), tmp_path / "list", FEW, 1, sums=False)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", WITH_CHECKSUMS)
def test_many_with_checksums(kind: str, seed: int, tmp_path: Path) -> None:
    """The same for many more copies."""
    _assert_whole_or_hint(WITH_CHECKSUMS[kind](), tmp_path / "list", MANY // 2, seed, sums=True)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", WITHOUT)
def test_many_without_checksums(kind: str, seed: int, tmp_path: Path) -> None:
    """The same for many more copies."""
    _assert_whole_or_hint(WITHOUT[kind](), tmp_path / "list", MANY // 2, seed, sums=False)


# -- files that lie


def _footer_of(content: bytes) -> tuple[int, bytes]:
    """Where the description of a Feather file begins, and its bytes."""
    (length,) = struct.unpack("<i", content[-10:-6])
    return len(content) - 10 - length, content[-10 - length : -10]


def test_one_message_for_many_batches(tmp_path: Path) -> None:
    """A description that names one batch often is refused at once, and so is one that leaves a batch out."""
    content = _feather("uncompressed")
    at, footer = _footer_of(content)
    blocks = [
        i for i in range(0, len(footer) - 24, 4) if struct.unpack_from("<q", footer, i)[0] in _starts(content)
    ]
    assert len(blocks) == ROWS // 10
    one = footer[blocks[0] : blocks[0] + 24]
    for block in blocks[1:]:
        lying = footer[:block] + one + footer[block + 24 :]
        (tmp_path / "list").write_bytes(content[:at] + lying + content[at + len(lying) :])
        with pytest.raises(InputError, match="do not follow one another"):
            records_of(tmp_path / "list")
    count = blocks[0] - 4
    fewer = footer[:count] + struct.pack("<I", 3) + footer[count + 4 :]
    (tmp_path / "list").write_bytes(content[:at] + fewer + content[at + len(fewer) :])
    with pytest.raises(InputError, match="do not follow one another"):
        records_of(tmp_path / "list")


def test_other_columns_at_the_end(tmp_path: Path) -> None:
    """What a file says of its columns stands there twice; where one bit makes them none, no row is lost."""
    for kind in ("uncompressed", "zstd"):
        content = _feather(kind)
        at, footer = _footer_of(content)
        said = set()
        for place in range(0, len(footer), 4):
            if footer[place : place + 4] != struct.pack("<I", len(TABLE.schema)):
                continue
            for bit in range(4):
                copy = bytearray(content)
                copy[at + place] ^= 1 << bit
                (tmp_path / "list").write_bytes(copy)
                hint = records_or_hint(tmp_path / "list")
                said.add(isinstance(hint, str))
                assert isinstance(hint, str) or len(hint) == ROWS
        assert True in said


def _starts(content: bytes) -> set[int]:
    """Where messages may begin: at the marks in front of them."""
    return {i for i in range(8, len(content) - 4, 8) if content[i : i + 4] == b"\xff\xff\xff\xff"}


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_tiny_batches(kind: str, tmp_path: Path) -> None:
    """Tens of thousands of groups of a row each are refused before they are read."""
    one = TABLE.select(["name", "ip"]).slice(0, 1)
    file = io.BytesIO()
    if kind == "feather":
        with pa.ipc.new_file(file, one.schema) as writer:
            for _ in range(20_000):
                writer.write_table(one)
    else:
        with pyarrow.parquet.ParquetWriter(file, one.schema) as writer:
            for _ in range(12_000):
                writer.write_table(one)
    (tmp_path / "list").write_bytes(file.getvalue())
    with pytest.raises(InputError, match="more than 10,000"):
        records_of(tmp_path / "list")


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_millions_of_nulls(kind: str, tmp_path: Path) -> None:
    """Ninety million rows of nothing in a few hundred bytes are a bomb, and take no memory."""
    rows = 90_000_000 if kind == "feather" else 20_000_000
    table = pa.table({"ip": pa.nulls(rows), "name": pa.nulls(rows)})
    file = io.BytesIO()
    if kind == "feather":
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    else:
        pyarrow.parquet.write_table(table, file, row_group_size=rows)
    (tmp_path / "list").write_bytes(file.getvalue())
    assert "raise --max-ratio" in str(records_or_hint(tmp_path / "list"))


def test_a_page_that_is_larger_than_its_group(tmp_path: Path) -> None:
    """What a page asks for counts, not what the description of the file says of all pages."""
    table = pa.table({"ip": ["10.0.0.1"], "name": ["x" * (1 << 28)]})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, compression="zstd", use_dictionary=False)
    content = file.getvalue()
    meta = pyarrow.parquet.ParquetFile(io.BytesIO(content)).metadata.row_group(0)
    lying = content.replace(_number(meta.total_byte_size), _padded(1, len(_number(meta.total_byte_size))))
    (tmp_path / "list").write_bytes(lying)
    outcome = dli_hosts("check", "list", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, "list: decompresses to more than")


def _number(value: int) -> bytes:
    """A whole number as Thrift's compact protocol writes it."""
    value, found = value << 1, b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def _padded(value: int, size: int) -> bytes:
    """The same, in more bytes than it needs."""
    short = _number(value)
    return bytes(byte | 128 for byte in short) + b"\x80" * (size - len(short) - 1) + b"\0"


def test_what_is_missing_and_what_is_true(tmp_path: Path) -> None:
    """NaN is a missing value and True is `True`, in a file as in a frame."""
    from importer import check_frame

    table = pa.table(
        {
            "ip": ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
            "name": pa.array([float("nan"), None, 1.5]),
            "host": [True, False, None],
        }
    )
    for write in (_written, _written_feather):
        (tmp_path / "list").write_bytes(write(table))
        for name in ("name", "host"):
            found = check(read(str(tmp_path / "list"), name_column=name)).report
            framed = check_frame(table.to_pandas(), name=name).report
            assert found.counts == framed.counts
            assert [(f.code, f.value, f.hint) for f in found.findings] == [
                (f.code, f.value, f.hint) for f in framed.findings
            ]


def _written(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    return file.getvalue()


def _written_feather(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pyarrow.feather.write_feather(table, file)
    return file.getvalue()
