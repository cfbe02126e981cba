"""Options given as keywords: what is no value of one is a UsageError with its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer import InputError, UsageError, check, check_frame, read
from importer.checking.options import CheckOptions
from importer.reading.options import ReadOptions

FRAME = pd.DataFrame({"ip": ["10.0.0.1"], "name": ["1c"]})
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([1.5, "x", "", b"x", "10.0.0.0/8", "N103", ("N103",), ["N103", 1], [1], object(), {}]),
)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("max_findings", "x", "max_findings='x' is no whole number from 0"),
        ("max_findings", -1, "max_findings=-1 is no whole number from 0"),
        ("keep_local", 1, "keep_local=1 is no True or False"),
        ("cidr", 5, "cidr=5 is no text or list of texts"),
        ("error", [1], r"error=\[1\] is no text or list of texts"),
        ("on_conflict", None, "on_conflict=None is no text"),
        ("colour", "red", "unexpected keyword argument 'colour'"),
    ],
)
def test_how_to_judge(option: str, value: Any, words: str) -> None:
    """The function and the option are named."""
    with pytest.raises(UsageError, match=f"^check_frame\\(\\).*{words}"):
        check_frame(FRAME, **{option: value})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("max_line", 0),
        ("encoding", 5),
        ("syntax", "x"),
        ("max_decompressed", "a"),
        ("max_ratio", -1),
        ("block_size", -5),
        ("workers", -1),
        ("workers", "2"),
    ],
)
def test_how_to_read(option: str, value: Any) -> None:
    """So are those about reading, before anything is opened."""
    with pytest.raises(UsageError, match=rf"^read\(\).*{option}={value!r} is n"):
        read("missing", **{option: value})


def test_whatever_holds_texts_and_whole_numbers() -> None:
    """Patterns may come in anything that holds them, numbers from numpy."""
    frame = pd.DataFrame({"ip": ["10.0.0.1"], "name": ["c_d"]})
    assert check_frame(frame).report.counts == {"N112": 1}
    for codes in (["N112"], {"N112"}, (code for code in ["N112"]), pd.Series(["N112"]), "N112"):
        assert check_frame(frame, ignore=codes, max_findings=np.int64(3)).report.counts == {}


def test_columns_by_number(tmp_path: Path) -> None:
    """A column may be given by its number, as in a jobs file."""
    (tmp_path / "f").write_text("x,y\n10.0.0.1,a\n")
    found = check(read(str(tmp_path / "f"), syntax="csv", ip_column=1, name_column=2))
    assert list(found.pairs()) == [("10.0.0.1", "a")]


@given(st.sampled_from([*CheckOptions._fields, *ReadOptions._fields]), VALUES)
def test_any_value(option: str, value: Any) -> None:
    """Whatever is given, it is taken or told."""
    told = ""
    try:
        if option in ReadOptions._fields:
            assert read("missing", **{option: value}).names == ("missing",)
        else:
            assert check_frame(FRAME, **{option: value}).report.totals.records == 1
    except (UsageError, InputError) as error:  # the latter where a bound is passed
        told = f"{error} {error.hint}"
    assert not told or option in told or f"--{option.replace('_', '-')}" in told
