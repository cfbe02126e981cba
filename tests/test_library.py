"""The library whatever it is given: a result, or an ImporterError; and whatever it makes can be pickled."""

from __future__ import annotations

import contextlib
import copy
import inspect
import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

import importer
from importer import (
    Checked,
    Connection,
    ConnectionInvalid,
    CreateRequest,
    Host,
    ImporterError,
    InputError,
    Tag,
    UsageError,
    build_request,
    check,
    check_frame,
    read,
)
from importer.checking.options import CheckOptions
from importer.errors import AgainLater, JobsInvalid, JournalError
from importer.planning.jobs import read_jobs
from importer.reading.options import ReadOptions

FRAME = pd.DataFrame({"ip": ["10.0.0.1", "x"], "name": ["a", "1b"]}, index=["first", "second"])
CONNECTION = Connection(name="mrs", vpc="V", subnet="S")
LARGE = 10**5000
"""A number that Python does not write as text."""


class NoText:
    """An object that cannot be written as text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


VALUES = st.sampled_from(
    [
        *(None, True, -1, 0, 1, 2**70, -(2**70), LARGE, 1.5, float("nan"), b"x", "x", "", "\0", "\ud800"),
        *("9" * 5_000, "x" * 100_000, [], [1], ["x"], [None], ("10.0.0.1", "a"), [("10.0.0.1", "a", "b")]),
        *({}, {"a": 1}, {"a": "b"}, object(), NoText(), NoText, len, np.int64(3), np.array([1, 2]), FRAME),
        *(FRAME["ip"], [("10.0.0.1", NoText())], [NoText()], [LARGE], [[]], Path("missing"), CONNECTION),
    ]
)


# -- every public name, and every keyword of it


def _list(folder: Path) -> str:
    path = folder / "a.hosts"
    path.write_text("10.0.0.1 a\n10.0.0.300 b\n")
    return str(path)


def _keywords(name: str) -> tuple[str, ...]:
    """What a public function, or a class that users make, takes by name."""
    return {
        "read": ("names", "progress", *ReadOptions._fields),
        "check": ("batches", *CheckOptions._fields),
        "check_frame": ("frame", "ip", "name", *CheckOptions._fields),
        "build_request": ("connection", "hosts"),
        "Connection": tuple(Connection.model_fields),
        "CreateRequest": tuple(CreateRequest.model_fields),
        "Host": ("ip", "name"),
        "Tag": ("key", "value"),
    }[name]


def _call(name: str, keyword: str, value: Any, file: str) -> object:
    """Call a public name with good arguments but for one."""
    if name == "read":
        options = {} if keyword == "names" else {keyword: value}
        return list(read(value if keyword == "names" else file, **options))
    if name == "check":
        return check(value) if keyword == "batches" else check(read(file), **{keyword: value})
    if name == "check_frame":
        return check_frame(value) if keyword == "frame" else check_frame(FRAME, **{keyword: value})
    if name == "build_request":
        return build_request(**{"connection": CONNECTION, "hosts": [("10.0.0.1", "a")], keyword: value})
    good: dict[str, dict[str, Any]] = {
        "Connection": {"name": "mrs", "vpc": "V", "subnet": "S"},
        "CreateRequest": {"name": "mrs", "dest_vpc_id": "V", "dest_network_id": "S"},
        "Host": {"ip": "10.0.0.1", "name": "a"},
        "Tag": {"key": "k", "value": "v"},
    }
    return getattr(importer, name)(**{**good[name], keyword: value})


DOORS = ("Connection", "CreateRequest", "Host", "Tag", "build_request", "check", "check_frame", "read")
CASES = [(name, keyword) for name in DOORS for keyword in _keywords(name)]


def test_every_public_name_is_walked() -> None:
    """What is public and is not called below is what the calls return, raise or take."""
    others = {
        *("CheckOptions", "ReadOptions", "Reading", "Checked", "Report", "Finding", "Place", "Rule"),
        *("Severity", "SourceCount", "Totals", "__version__"),
    }
    errors = {name for name in importer.__all__ if _is_error(getattr(importer, name))}
    assert {*DOORS, *others, *errors} == set(importer.__all__)
    parameters = inspect.signature(check_frame).parameters
    assert {"frame", "ip", "name"} == {*parameters} - {"options"}
    assert {"names", "progress"} == {*inspect.signature(read).parameters} - {"options"}
    assert {"batches"} == {*inspect.signature(check).parameters} - {"options"}
    assert {*_keywords("build_request")} == {*inspect.signature(build_request).parameters}


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, ImporterError)


@pytest.mark.parametrize(("name", "keyword"), CASES)
def test_any_value_of_any_keyword(name: str, keyword: str, tmp_path: Path) -> None:
    """It is taken, or told by an ImporterError that says something."""
    file = _list(tmp_path)

    @examples(0.4)
    @given(VALUES)
    def with_value(value: Any) -> None:
        if keyword == "progress" and callable(value):
            return  # what it raises is its own
        told = "taken"
        try:
            _call(name, keyword, value, file)
        except ImporterError as error:
            told = str(error)
        assert told

    with_value()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check([]), "there are no batches to check"),
        (lambda: check(iter(())), "there are no batches to check"),
        (lambda: check(5), r"check\(\): there are no batches of records in a int"),
        (lambda: check("a.hosts"), r"check\(\): there are no batches of records in a str"),
        (lambda: check(FRAME), r"check\(\): there are no batches of records in a str"),
        (lambda: check_frame(FRAME, max_findings=2**70), r"check_frame\(\): max_findings=118.* is no whole"),
        (lambda: check_frame(FRAME, max_findings=LARGE), r"check_frame\(\): max_findings=<int> is no whole"),
        (lambda: check_frame(FRAME, ip="ip", name="ip"), "one column for addresses and names: 'ip'"),
        (lambda: read("x", block_size=2**70), r"read\(\): block_size=118.* is no whole number from 1 to 461"),
        (lambda: read("x", progress=5), r"read\(\): progress is not a function"),
        (lambda: read(["a", "b"]), r"read\(\): \['a', 'b'\] names no input"),
    ],
)
def test_what_means_nothing(call: Callable[[], object], words: str) -> None:
    """The error names what is wrong."""
    with pytest.raises(UsageError, match=words) as caught:
        call()
    assert caught.value.hint


@pytest.mark.parametrize(
    ("connection", "hosts"),
    [
        *((CONNECTION, hosts) for hosts in (5, "ab", [1], [None], [("10.0.0.1",)], [("10.0.0.1", "a", "b")])),
        *((CONNECTION, hosts) for hosts in (b"ab", {"a": "b"}, [(1, 2)], [("10.0.0.1", None)], object())),
        *((connection, [("10.0.0.1", "a")]) for connection in (None, 5, {"name": "n"}, "mrs")),
    ],
)
def test_what_is_no_request(connection: Any, hosts: Any) -> None:
    """Text, numbers and what are not pairs make no request; without hosts there is one."""
    with pytest.raises(ConnectionInvalid) as caught:
        build_request(connection, hosts)
    assert caught.value.hint
    assert build_request(CONNECTION, None).hosts is None


@pytest.mark.parametrize("make", [lambda: Host(ip="1", name="a"), lambda: Tag(key=1, value=2), CreateRequest])
def test_what_is_no_part_of_a_request(make: Callable[[], object]) -> None:
    """Parts of a request that are wrong are told as whole ones are."""
    with pytest.raises(ConnectionInvalid, match=r"ip|key|name"):
        make()


@pytest.mark.parametrize("cell", [LARGE, NoText(), -LARGE, (LARGE,)], ids=["large", "none", "low", "tuple"])
@pytest.mark.parametrize("column", ["ip", "name", "other"])
def test_a_cell_without_text(cell: object, column: str) -> None:
    """A number that cannot be written, and an object that cannot, is an error only where it is judged."""
    frame = pd.DataFrame({"ip": ["10.0.0.1"], "name": ["a"], "other": ["x"]}).astype(object)
    frame.at[0, column] = cell
    if column == "other":
        with contextlib.suppress(InputError):
            assert check_frame(frame).report.totals.ready == 1
        return
    with pytest.raises(InputError, match=r"^<frame>: cannot be read: ") as caught:
        check_frame(frame)
    assert "astype(str)" in caught.value.hint


def test_labels_and_headings_without_text() -> None:
    """They are shown by what they are."""
    index = pd.Index([LARGE, NoText(), (LARGE, 1), 2**63], dtype=object)
    frame = pd.DataFrame({"ip": ["x"] * 4, "name": list("abcd"), LARGE: [1] * 4}, index=index)
    checked = check_frame(frame)
    lines = [finding.line for finding in checked.report.findings if finding.line is not None]
    assert lines == ["<int>", "<NoText>", "<tuple>", 2**63]
    with pytest.raises(UsageError, match="'<int>'"):
        check_frame(frame.rename(columns={"ip": "x"}))


def _broken(values: pa.Array, offsets: list[int], kind: Any) -> pa.Array:
    """An array of three texts with other offsets, which Arrow does not look at when it is made."""
    buffers = [None, pa.py_buffer(np.array(offsets, kind).tobytes()), values.buffers()[2]]
    return pa.Array.from_buffers(values.type, 3, buffers)


@pytest.mark.parametrize("offsets", [[0, 5, 2, 3], [0, 1 << 30, 2, 3], [0, -7, 2, 3]])
@pytest.mark.parametrize("chunks", [1, 2])
def test_offsets_that_point_elsewhere(offsets: list[int], chunks: int) -> None:
    """An array of Arrow that is damaged is told, whole or in chunks."""
    text = pa.array(["abc", "d", "e"])
    for array in (
        _broken(text, offsets, np.int32),
        _broken(text.cast(pa.large_string()), offsets, np.int64),
        pa.DictionaryArray.from_buffers(
            pa.dictionary(pa.int32(), pa.string()), 3, [None, pa.py_buffer(np.array([0, 7, -3], "i4"))], text
        ),
    ):
        names = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([array] * chunks)))
        frame = pd.DataFrame({"ip": ["10.0.0.1"] * 3 * chunks, "name": names})
        with pytest.raises(InputError, match=r"^<frame>: cannot be read: "):
            check_frame(frame)


# -- pickles


def _errors(folder: Path) -> Iterator[ImporterError]:
    """An error of each class of the tree, and some that were really raised."""
    waiting: list[type[ImporterError]] = [ImporterError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind is JobsInvalid:
            yield JobsInvalid(("one fault", "another one"), hint="mend them")
        elif kind is JournalError:
            yield JournalError("is damaged", path=Path("a.journal"))
        elif kind is InputError:
            yield InputError("is damaged", source="list", hint="copy it")
        elif kind.__module__ == "importer.errors":
            yield kind("a text: ü \ud800", hint="a hint")
    (folder / "a.hosts").write_text("10.0.0.1 a\n")
    (folder / "jobs.toml").write_text(
        '[[connection]]\nname = "good"\nvpc = "V"\nsubnet = "S"\nfiles = ["a.hosts"]\n'
        "[[connection]]\nname = 5\n"
    )
    for call in (
        lambda: read_jobs(str(folder / "jobs.toml")),
        lambda: check(read(str(folder / "missing"))),
        lambda: check_frame(FRAME, colour="red"),
        lambda: check_frame(FRAME).report.raise_for_errors(),
        lambda: build_request(CONNECTION, [("x", "y")]),
    ):
        with pytest.raises(ImporterError) as caught:
            call()
        yield caught.value


def test_every_error_can_be_pickled(tmp_path: Path) -> None:
    """It comes back as it was, by any protocol and by copies: a pool waits for ever for one that cannot."""
    seen = set()
    for error in _errors(tmp_path):
        seen.add(type(error))
        copies = [copy.copy(error), copy.deepcopy(error)]
        copies += [pickle.loads(pickle.dumps(error, number)) for number in range(pickle.HIGHEST_PROTOCOL + 1)]
        for again in copies:
            assert type(again) is type(error)
            assert str(again) == str(error)
            assert again.args == error.args
            assert vars(again) == vars(error)
    assert {AgainLater, ConnectionInvalid, ImporterError, InputError, JobsInvalid, JournalError} <= seen


def _missing(path: str) -> Checked:
    return check(read(path))


def test_an_error_of_a_pool(tmp_path: Path) -> None:
    """An error and a checked list come out of another process."""
    file = _list(tmp_path)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        waiting = pool.map_async(_missing, [file])
        assert waiting.get(120)[0].report == check(read(file)).report
        with pytest.raises(InputError, match="no such file"):
            pool.map_async(_missing, [str(tmp_path / "missing")]).get(120)


@pytest.mark.parametrize("index", [None, ["x", "y"], [(1, "a"), (2, "b")], [2**70, "x"]])
def test_a_checked_frame_can_be_pickled(index: list[Any] | None) -> None:
    """What was checked comes back with its report, its hosts and its findings; so do batches of a frame."""
    frame = FRAME.set_axis(pd.RangeIndex(2) if index is None else pd.Index(index), axis=0)
    checked = check_frame(frame)
    again = pickle.loads(pickle.dumps(checked))
    assert again.report == checked.report
    assert list(again.pairs()) == list(checked.pairs()) == [("10.0.0.1", "a")]
    pd.testing.assert_frame_equal(again.hosts, checked.hosts)
    pd.testing.assert_frame_equal(again.findings, checked.findings)
