"""The same list is judged the same, whatever door it comes through."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import strategies as some
from agreement import assert_balanced, levelled
from doors import Record, said, through_all
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

_HOSTILE = [
    "",
    " ",
    " \t",
    'a"b',
    '"',
    'a\n"b',
    "\n",
    "a\r\nb",
    "\r",
    "'",
    "=1+1",
    "_x000D_",
    "a\x00",
    "\x1b[2J",
]
_TEXTS = st.one_of(st.sampled_from(_HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=5))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "ignore")


RECORDS = st.lists(
    st.one_of(
        st.tuples(some.ADDRESSES.map(_text), some.NAMES.map(_text)),
        st.tuples(some.ADDRESSES.map(_text), _TEXTS),
        st.tuples(_TEXTS, some.NAMES.map(_text)),
        st.tuples(st.sampled_from(["10.0.0.1", "10.0.0.2"]), st.sampled_from(["a", "A", "b.", "c_d"])),
    ),
    max_size=12,
)


def _plain(records: Sequence[Record]) -> bool:
    """Whether hosts syntax can hold all of them, one name a line: no cell begins a foreign comment."""
    bad = set(" \t\v\f\r\n#")
    signs = (";", "//", "/*", "--", "{{", "${")
    return all(
        ip and name and not bad & {*ip, *name} and not ip.startswith(signs) and not name.startswith(signs)
        for ip, name in records
    )


def _assert_equal_at_all_doors(records: Sequence[Record], options: dict[str, Any], **doors: bool) -> None:
    with TemporaryDirectory() as folder:
        first = None
        for door, checked in through_all(records, Path(folder), options, **doors):
            assert_balanced(checked.report)
            assert checked.report.totals.ready == len(checked.hosts)
            first = first or said(checked)
            assert said(checked) == first, door


@examples(0.25)
@given(RECORDS, some.check_options())
def test_all_doors(records: list[Record], options: dict[str, Any]) -> None:
    """Totals, counts, findings in order and hosts are equal through files, a pipe, and DataFrames."""
    _assert_equal_at_all_doors(records, {"max_findings": 0} | levelled(options), plain=_plain(records))


@examples(0.1)
@given(st.lists(st.tuples(some.ADDRESSES.map(_text), some.NAMES.map(_text)), max_size=12))
def test_all_doors_and_hosts_syntax(records: list[Record]) -> None:
    """The same for lists that hosts syntax can hold."""
    plain = [record for record in records if _plain([record])]
    _assert_equal_at_all_doors(plain, {"max_findings": 0}, plain=True)


def fleet(size: int, seed: int) -> list[Record]:
    """Records of a large fleet, with 2 % faults of all kinds, 1 % duplicates and some conflicts."""
    dice = random.Random(seed)
    faults = ["2kafka", "-a", "a b", "caf\xe9", "x" * 129, "a_b", "a..b", "localhost", "k.", "", "a\x1bb"]
    addresses = [
        "10.0.0.256",
        "010.1.1.1",
        "10.1",
        "::1",
        "2001:db8::5",
        "127.0.1.1",
        "224.0.0.1",
        "10.0.0.1/8",
        "",
    ]
    records: list[Record] = []
    for i in range(size):
        record = (f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", f"kafka{i}.example.com")
        kind = dice.random()
        if kind < 0.01:
            record = (record[0], dice.choice(faults))
        elif kind < 0.02:
            record = (dice.choice(addresses), record[1])
        elif kind < 0.03 and records:
            ip, name = records[dice.randrange(len(records))]
            record = dice.choice([(ip, name), (ip, name.upper()), (record[0], name), (ip, record[1])])
        records.append(record)
    return records


def test_more_than_a_batch() -> None:
    """The same for a list of several batches, one row group and chunk of Arrow ending in another's middle."""
    _assert_equal_at_all_doors(fleet(40_000, 1), {"on_conflict": "last"}, plain=False)


@pytest.mark.long
@pytest.mark.parametrize("plain", [False, True])
def test_a_million_records(plain: bool) -> None:
    """The same for a million records, Excel's sheets included."""
    records = [r for r in fleet(1_040_000, 2) if not plain or _plain([r])]
    assert len(records) > 1_000_000
    _assert_equal_at_all_doors(records, {}, plain=plain)
