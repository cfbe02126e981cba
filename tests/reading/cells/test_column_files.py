"""Parquet and Feather files, and the Arrow arrays in them."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather
import pyarrow.parquet
import pytest
from command import ROOT, assert_cannot_work, dli_hosts, memory_of
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer import InputError, UsageError, check, read
from importer.checking.checked import Checked
from importer.reading.cells.arrow import rows_at_once, text_column
from importer.reading.cells.arrow_sizes import batch_sizes

ENOUGH_MEMORY = 4000
"""Megabytes of address space, of which Arrow reserves far more than it takes."""


def parquet(table: pa.Table, **options: Any) -> bytes:
    """The table as a Parquet file."""
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer, **options)
    return buffer.getvalue()


def feather(table: pa.Table, **options: Any) -> bytes:
    """The table as a Feather file."""
    buffer = io.BytesIO()
    pyarrow.feather.write_feather(table, buffer, **options)
    return buffer.getvalue()


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {
    "parquet": parquet,
    "parquet-groups": lambda table: parquet(table, row_group_size=3, compression="zstd"),
    "parquet-plain": lambda table: parquet(table, use_dictionary=False, data_page_version="2.0"),
    "parquet-delta": lambda table: parquet(
        table, use_dictionary=False, column_encoding=dict.fromkeys(table.column_names, "DELTA_BYTE_ARRAY")
    ),
    "feather": feather,
    "feather-lz4-chunks": lambda table: feather(table, compression="lz4", chunksize=2),
    "feather-plain": lambda table: feather(table, compression="uncompressed"),
}
FLEET = pa.table(
    {
        "note": ["x"] * 8,
        "Host Name": ["kafka01", "2kafka", None, "k4", "", " KAFKA01", "-", "kafka08\t"],
        "IP": ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.4", None, "10.0.0.1 ", "224.0.0.1", "\v10.0.0.8"],
    }
)


def checked(folder: Path, content: bytes, **options: str) -> Checked:
    """What the library says of a file."""
    (folder / "fleet.dat").write_bytes(content)
    return check(read(str(folder / "fleet.dat"), **options))


def findings(found: Checked) -> list[tuple[str, int | str | None, int | None, str | None]]:
    """Code, row, column and value of each finding."""
    return [(f.code, f.line, f.column, f.value) for f in found.report.findings]


def findings_or_hint(folder: Path, content: bytes) -> Any:
    """The findings, or what the owner of a file that cannot be read is told to do."""
    try:
        return findings(checked(folder, content))
    except InputError as error:
        return error.hint


@pytest.mark.parametrize("writer", WRITERS)
def test_rows_and_columns(writer: str, tmp_path: Path) -> None:
    """A row of data is a record, its number the line; the column is that of the file."""
    found = checked(tmp_path, WRITERS[writer](FLEET))
    assert findings(found) == [
        ("N103", 2, 2, "2kafka"),
        ("N101", 3, 2, ""),
        ("A205", 4, 3, "10.0.4"),
        ("R109", 5, 1, None),
        ("D302", 6, 2, "KAFKA01"),
        ("N103", 7, 2, "-"),
        ("A211", 7, 3, "224.0.0.1"),
    ]
    assert list(found.pairs()) == [("10.0.0.1", "kafka01"), ("10.0.0.8", "kafka08")]
    (source,) = found.report.sources
    assert (source.format, source.lines, source.blank, source.records) == (
        writer.partition("-")[0],
        *(8, 0, 8),
    )
    assert found.hosts["line"].tolist() == [1, 8]


@pytest.mark.parametrize("writer", ["parquet", "feather"])
def test_which_columns(writer: str, tmp_path: Path) -> None:
    """Headings, content or the options say which columns they are; anything unclear is an error."""
    names = [f"kafka{i}" for i in range(1, 10)]
    addresses = [f"10.0.0.{i}" for i in range(1, 10)]
    numbers = list(range(9))

    def ready(columns: dict[str, Any], **options: str) -> int:
        return checked(tmp_path, WRITERS[writer](pa.table(columns)), **options).report.totals.ready

    assert ready({"a": numbers, "b": addresses, "c": names}) == 9
    assert ready({"a": numbers, "b": addresses, "c": names}, ip_column="b", name_column="c") == 9
    assert ready({"a": numbers, "b": addresses, "c": names}, ip_column="2", name_column="3") == 9
    with pytest.raises(InputError, match="no heading 'd'"):
        ready({"b": addresses, "c": names}, ip_column="d")
    with pytest.raises(InputError, match="no column 3"):
        ready({"b": addresses, "c": names}, ip_column="3")
    with pytest.raises(InputError, match="2 address columns: 1 'ip', 2 'address'"):
        ready({"ip": addresses, "address": addresses, "name": names})
    with pytest.raises(InputError, match="without a name column"):
        ready({"ip": addresses, "c": names})
    with pytest.raises(InputError, match="does not show"):
        ready({"a": numbers, "c": names})
    with pytest.raises(UsageError, match="both column 1"):
        ready({"b": addresses, "c": names}, ip_column="1", name_column="1")
    with pytest.raises(UsageError, match="--from hosts"):
        ready({"ip": addresses, "name": names}, syntax="hosts")
    found = checked(
        tmp_path, WRITERS[writer](pa.table({"主机名": names, "管理IP": addresses, "业务IP": addresses[::-1]}))
    )
    assert findings(found) == [("R105", None, None, None)]
    assert next(iter(found.pairs())) == ("10.0.0.9", "kafka1")


@pytest.mark.parametrize("writer", ["parquet", "feather"])
def test_repeated_headings(writer: str, tmp_path: Path) -> None:
    """Columns of the same name are told apart by number."""
    columns = [pa.array(["10.0.0.1"]), pa.array(["a"]), pa.array(["10.0.0.2"]), pa.array([1])]
    table = pa.Table.from_arrays(columns, names=["ip", "name", "ip", "name.x"])
    with pytest.raises(InputError, match="2 address columns"):
        checked(tmp_path, WRITERS[writer](table))
    for column, address in (("1", "10.0.0.1"), ("3", "10.0.0.2")):
        found = checked(tmp_path, WRITERS[writer](table), ip_column=column)
        assert list(found.pairs()) == [(address, "a")]


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_in_it(writer: str, tmp_path: Path) -> None:
    """A file without rows is an empty list, whatever its columns."""
    text = pa.array([], pa.string())
    for columns in ({"ip": text, "name": text}, {"x": text}, {"x": text, "y": text}):
        found = checked(tmp_path, WRITERS[writer](pa.table(columns)))
        assert findings(found) == [("L402", None, None, None)]
        assert found.report.totals.lines == 0


def test_no_batches_and_empty_ones(tmp_path: Path) -> None:
    """An Arrow file may hold no batch, and empty ones between others."""
    schema = pa.schema({"ip": pa.string(), "name": pa.string()})
    good = pa.record_batch([["10.0.0.1"], ["a"]], schema=schema)
    for batches, ready in (([], 0), ([good.slice(1), good, good.slice(0, 0)], 1)):
        buffer = io.BytesIO()
        with pa.ipc.new_file(buffer, schema) as file:
            for batch in batches:
                file.write_batch(batch)
        assert checked(tmp_path, buffer.getvalue()).report.totals.ready == ready


def test_columns_of_other_types(tmp_path: Path) -> None:
    """A cell of another type is its text, nested ones too; only texts can be right."""
    table = pa.table(
        {
            "ip": [["10.0.0.1"], None, []],
            "name": pa.array([1, 2, None], pa.int64()),
            "addr": pa.array([b"10.0.0.1", b"10.0.0.2", None], pa.binary()),
            "host": pa.array([b"a\xff", b"b", b"c"], pa.binary()),
        }
    )
    for content in (parquet(table), feather(table)):
        found = checked(tmp_path, content, ip_column="ip", name_column="name")
        assert findings(found)[1:] == [
            ("A202", 1, 1, "['10.0.0.1']"),
            ("N103", 1, 2, "1"),
            ("A201", 2, 1, ""),
            ("N103", 2, 2, "2"),
            ("A202", 3, 1, "[]"),
        ]
        found = checked(tmp_path, content, ip_column="addr", name_column="host")
        assert findings(found) == [("N104", 1, 4, "a\\xff"), ("A201", 3, 3, "")]


def test_standard_input(tmp_path: Path) -> None:
    """A file comes from a pipe, or packed, as any file does."""
    import gzip

    good = pa.table({"ip": ["10.0.0.1"], "name": ["a"]})
    for content in (parquet(good), feather(good), gzip.compress(feather(good))):
        outcome = dli_hosts("emit", "-", "--as", "hosts", "-q", cwd=tmp_path, stdin=content)
        assert outcome.raw == b"10.0.0.1 a\n"
        (tmp_path / "fleet").write_bytes(content)
        assert dli_hosts("emit", "fleet", "--as", "hosts", "-q", cwd=tmp_path).raw == b"10.0.0.1 a\n"


@pytest.mark.parametrize("writer", ["parquet", "feather"])
def test_without_its_package(writer: str, tmp_path: Path) -> None:
    """Without the package the error names the extra that brings it."""
    (tmp_path / "pyarrow.py").write_text("raise ImportError")
    (tmp_path / "fleet").write_bytes(WRITERS[writer](FLEET))
    outcome = dli_hosts("check", "fleet", cwd=tmp_path, env={"PYTHONPATH": f"{tmp_path}:{ROOT}"})
    assert_cannot_work(outcome, f"fleet: is a {writer.capitalize()} file", "pip install 'dli-hosts[arrow]'")


def test_names_that_begin_like_magic_numbers(tmp_path: Path) -> None:
    """A host list whose first word is PAR1 or ARROW1 is a host list."""
    for first in (b"PAR1-core", b"PAR1", b"ARROW1", b"FEA1"):
        found = checked(tmp_path, first + b",10.0.0.1\nkafka,10.0.0.2\n")
        assert found.report.totals.ready == 2


# -- damage and bombs


def test_first_version_of_feather(tmp_path: Path) -> None:
    """The error says that it is one, and which version to write."""
    (tmp_path / "old").write_bytes(b"FEA1" + bytes(100))
    assert_cannot_work(dli_hosts("check", "old", cwd=tmp_path), "old: looks like a Feather file", "version 2")


@pytest.mark.parametrize("writer", WRITERS)
def test_cut_short(writer: str, tmp_path: Path) -> None:
    """A file that was cut anywhere is an InputError, never a shorter list."""
    content = WRITERS[writer](FLEET)
    for size in range(8, len(content), 41):
        with pytest.raises(InputError) as caught:
            checked(tmp_path, content[:size])
        assert caught.value.hint


@pytest.mark.parametrize("writer", WRITERS)
def test_changed_bytes(writer: str, tmp_path: Path) -> None:
    """Any byte may change: there is a report, or an InputError with a hint, and never another exception."""
    content = WRITERS[writer](FLEET)
    dice = random.Random(7)
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(dice.choice((1, 1, 2, 8))):
            damaged[dice.randrange(8, len(damaged))] = dice.choice(
                (0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256))
            )
        said = findings_or_hint(tmp_path, bytes(damaged))
        assert said or isinstance(said, list)


def repeated(text: str, rows: int) -> pa.Table:
    """A table in which one long name is held once and meant often."""
    addresses = pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array(["10.0.0.1"]))
    return pa.table(
        {"ip": addresses, "name": pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), [text])}
    )


def test_text_held_once(tmp_path: Path) -> None:
    """A megabyte that a million rows share is a bomb in both formats, and takes no memory."""
    (tmp_path / "one").write_bytes(parquet(repeated("x" * 1_000_000, 1_000_000), store_schema=False))
    (tmp_path / "two").write_bytes(feather(repeated("x" * 1_000_000, 1_000_000), compression="zstd"))
    for name in ("one", "two"):
        outcome = dli_hosts("check", name, cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
        assert_cannot_work(outcome, f"{name}: ", "200 times its size", "--max-ratio")


def test_batches_that_ask_for_much(tmp_path: Path) -> None:
    """Files that unpack to gigabytes are refused by the sizes that they state, true or not."""
    table = pa.table({"ip": ["10.0.0.1"], "name": ["x" * (1 << 28)]})
    small = pa.table({"ip": ["10.0.0.1"] * 99, "name": [f"kafka{i}" for i in range(99)]})
    lying = bytearray(feather(small, compression="zstd"))
    size = struct.pack("<q", sum(map(len, small["name"].to_pylist())))
    lying[lying.index(size) : lying.index(size) + 8] = struct.pack("<q", 1 << 45)
    for content in (feather(table, compression="zstd"), parquet(table, compression="zstd"), bytes(lying)):
        (tmp_path / "much").write_bytes(content)
        outcome = dli_hosts("check", "much", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
        assert_cannot_work(outcome, "much: decompresses to more than")


@pytest.mark.parametrize("kind", ["lz4", "zstd", "uncompressed"])
def test_batch_sizes(kind: str) -> None:
    """Compressed batches ask for as much as they hold; dictionaries are batches too."""
    names = pa.array(["a", "b", "a"]).dictionary_encode()
    table = pa.table({"ip": ["10.0.0.1", "10.0.0.20", None], "name": names})
    batches = list(batch_sizes(io.BytesIO(feather(table, compression=kind))))
    sizes = [size for _, size in batches]
    assert [rows for rows, _ in batches] == [0, 3]
    dictionary, batch = 3 * 4 + 2, 1 + 4 * 4 + 17 + 3 * names.indices.type.byte_width
    assert sizes == ([0, 0] if kind == "uncompressed" else [dictionary, batch])
    for content in (b"", b"ARROW1\0\0", b"\0" * 100, b"\xff" * 90 + struct.pack("<i", 80) + b"ARROW1"):
        with pytest.raises(OSError, match="its"):
            list(batch_sizes(io.BytesIO(content)))


def test_bounds_are_options(tmp_path: Path) -> None:
    """The bounds of packed files and of lines hold for files of columns and their cells."""
    table = pa.table({"ip": ["10.0.0.1"] * 1000, "name": [f"kafka{i}" for i in range(1000)]})
    (tmp_path / "fleet").write_bytes(parquet(table))
    bounded = dli_hosts("check", "fleet", "--max-decompressed", "1000", cwd=tmp_path)
    assert_cannot_work(bounded, "more than 1,000 bytes", "--max-decompressed")
    (tmp_path / "fleet").write_bytes(feather(pa.table({"ip": ["10.0.0.1"] * 2, "name": ["a", "x" * 3000]})))
    bounded = dli_hosts("check", "fleet", "--max-line", "2000", cwd=tmp_path)
    assert_cannot_work(bounded, "row 2 has a cell of more than 2,000 bytes", "--max-line")


# -- arrays


VALUES = st.lists(st.one_of(st.none(), st.binary(max_size=6), st.just(b"x" * 40)), max_size=9)
TYPES: list[Any] = [
    *(pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()),
    *(pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.uint32(), pa.large_binary())),
]


def array_of(values: list[bytes | None], kind: Any) -> Any:
    """An array of this type that holds these bytes, UTF-8 or not."""
    array = pa.array(values, pa.binary())
    if pa.types.is_dictionary(kind):
        coded = pc.dictionary_encode(array)
        held = array_of(coded.dictionary.to_pylist(), kind.value_type)
        return pa.DictionaryArray.from_arrays(coded.indices.cast(kind.index_type), held)
    if kind in (pa.string_view(), pa.binary_view()):
        return array.cast(pa.binary_view()).view(kind) if kind == pa.binary_view() else _views(values)
    wide = kind in (pa.large_string(), pa.large_binary())
    return array.cast(pa.large_binary()).view(kind) if wide else array.view(kind)


def _views(values: list[bytes | None]) -> Any:
    """Text as views must be UTF-8."""
    texts = [None if value is None else value.decode("latin-1") for value in values]
    return pa.array(texts, pa.string_view())


@examples()
@given(VALUES, st.sampled_from(TYPES), st.integers(0, 5), st.integers(0, 9))
def test_text_column(values: list[bytes | None], kind: Any, low: int, size: int) -> None:
    """Any array of text, and any slice of one, is a column of the same bytes; a null is empty."""
    if kind == pa.string_view():
        values = [None if v is None else v.decode("latin-1").encode() for v in values]
        array = pa.array([None if v is None else v.decode() for v in values], pa.string_view())
    else:
        array = array_of(values, kind)
    part = array.slice(low, size)
    expected = [value or b"" for value in values[low : low + size]]
    assert list(text_column(part).values()) == expected
    assert list(text_column(array).values()) == [value or b"" for value in values]
    assert rows_at_once(part) >= 1


@pytest.mark.parametrize("kind", TYPES[:2] + TYPES[3:5])
def test_text_is_not_copied(kind: Any) -> None:
    """A column of strings is the buffer of the array itself, sliced or not."""
    array = array_of([b"a", None, b"kafka01", b"b"], kind)
    held = np.frombuffer(array.buffers()[2], np.uint8)
    for part in (array, array.slice(2), array.slice(1, 2)):
        assert np.shares_memory(text_column(part).data, held)


def test_offsets_that_point_elsewhere() -> None:
    """An array whose offsets leave its text, or go back, is refused and not read."""

    def column(offsets: list[int]) -> Any:
        buffers = [None, pa.py_buffer(np.array(offsets, np.int32).tobytes()), pa.py_buffer(b"abc")]
        return text_column(pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers))

    assert list(column([0, 1, 3]).values()) == [b"a", b"bc"]
    for offsets in ([0, 9, 9], [0, 2, 1], [-1, 1, 2], [3, 3, 9], [0, 9, 0, 3]):
        with pytest.raises(pa.ArrowInvalid):
            column(offsets)


def test_what_stands_at_a_null() -> None:
    """Behind a null may stand anything; it is not looked at."""
    views = pa.array(["a", "x" * 40, None, "b"], pa.string_view())
    validity, held, text = views.buffers()
    for odd in (-1, -(1 << 31), 1 << 30):
        changed = np.frombuffer(held, np.int32).copy()
        changed[8] = odd
        buffers = [validity, pa.py_buffer(changed), text]
        array = pa.Array.from_buffers(pa.string_view(), 4, buffers)
        assert list(text_column(array).values()) == [b"a", b"x" * 40, b"", b"b"]
        assert list(text_column(array.slice(2)).values()) == [b"", b"b"]
        assert rows_at_once(array) >= 1
    offsets = pa.py_buffer(np.array([0, 1, 3, 4], np.int32))
    strings = pa.Array.from_buffers(pa.string(), 3, [pa.py_buffer(b"\5"), offsets, pa.py_buffer(b"abcd")])
    assert list(text_column(strings).values()) == [b"a", b"", b"d"]


def test_rows_at_once() -> None:
    """Long texts that are held once become few at a time."""
    for array in (
        pa.DictionaryArray.from_arrays([0] * 9, ["x" * (1 << 25)]),
        pa.array(["x" * (1 << 25)], pa.string_view()),
    ):
        assert rows_at_once(array) == 2
    assert rows_at_once(pa.array(["x" * 1000] * 9)) == 1 << 15
