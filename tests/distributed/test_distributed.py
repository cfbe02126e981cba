"""A list judged in parts is judged as on one machine, however it is cut."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import strategies as some
from agreement import levelled
from hypothesis import given
from hypothesis import strategies as st
from parts import Parts, assert_equal, on_one_machine
from profiles import examples

import importer.distributed as room
from importer.columns.text import TextColumn
from importer.distributed.report import Columns
from importer.distributed.rows import RECORD, SCHEMA, TALLY, raw, together
from importer.distributed.rows import rows as table_of
from importer.distributed.run import Distributed, run
from importer.distributed.stages import Rules, examine_rows, judge_addresses, judge_names
from importer.errors import InputError, UsageError

Row = tuple[str | None, str | None]

_CROWDED = st.lists(
    st.tuples(
        st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "127.0.1.1", " 10.0.0.1"]),
        st.sampled_from(["a", "A", "a.", "b", "B.", " b", "c_d", "C_d", "1x", "", None]),
    ),
    max_size=30,
)
"""Nearly every record repeats or contradicts another one."""


def _cells(texts: st.SearchStrategy[bytes]) -> st.SearchStrategy[str | None]:
    return st.one_of(texts, st.just(b"")).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


ROWS = st.one_of(_CROWDED, st.lists(st.tuples(_cells(some.ADDRESSES), _cells(some.NAMES)), max_size=20))


LAYOUT = Columns(width=2, ip=0, name=1)


def frame_of(rows: list[Row]) -> pd.DataFrame:
    """The rows as a DataFrame of objects."""
    return pd.DataFrame(rows, columns=["ip", "name"], dtype="object")


def cut(frame: pd.DataFrame, number: int, chance: Random) -> list[pd.DataFrame]:
    """The frame in a number of parts, some of them empty perhaps."""
    cuts = sorted(chance.choices(range(len(frame) + 1), k=number - 1))
    return [frame.iloc[a:b] for a, b in zip([0, *cuts], [*cuts, len(frame)], strict=True)]


def judged_in_parts(
    frame: pd.DataFrame, options: dict[str, Any], parts: int, group: int, seed: int
) -> Distributed:
    """The frame judged by the engine without a cluster."""
    chance = Random(seed)
    return run(Parts(cut(frame, parts, chance), chance), LAYOUT, Rules.of(**options), group)


OPTIONS = st.one_of(some.check_options(), some.duplicate_options()).map(levelled)
OPTIONS = OPTIONS.filter(lambda options: not {"D304", "D305"} & set(options.get("error", ())))


@examples(0.6)
@given(
    ROWS,
    OPTIONS,
    st.sampled_from([{}, {"max_findings": 0}, {"max_findings": 1}, {"max_findings": 3, "max_infos": 1}]),
    st.integers(1, 5),
    st.sampled_from([1, 3, 1 << 17]),
    st.integers(0, 1 << 32),
)
def test_equal(
    rows: list[Row], options: dict[str, Any], most: dict[str, int], parts: int, group: int, seed: int
) -> None:
    """Report and hosts are those of one machine, whatever the parts, the groups and the order of tasks."""
    frame, options = frame_of(rows), options | most
    judged = judged_in_parts(frame, options, parts, group, seed)
    assert_equal(judged, judged.hosts, on_one_machine(frame, **options))


@examples(0.3)
@given(ROWS, OPTIONS, st.integers(1, 3), st.integers(0, 1 << 32))
def test_little_comes_back(rows: list[Row], options: dict[str, Any], most: int, seed: int) -> None:
    """Of each rule no task gives more findings than anybody will see, and no tally is of single records."""
    rules = Rules.of(**options, max_findings=most)
    chance = Random(seed)
    engine = Parts(cut(frame_of(rows), 2, chance), chance)
    examined = engine.examine(partial(examine_rows, rules=rules))
    judged = engine.judge(examined, partial(judge_names, rules=rules), 2)
    shared = engine.judge(judged, partial(judge_addresses, rules=rules), 2)
    for task in (*examined, *judged, *shared):
        assert (task.loc[task["rule"] >= 0, "rule"].value_counts() <= most).all()
        assert task.loc[task["rule"] == TALLY, "key"].is_unique
    for task in judged:
        assert task.loc[(task["rule"] == RECORD) & (task["key"] >= 0), "key"].value_counts().le(2).all()


@examples(0.3)
@given(ROWS)
def test_one_piece(rows: list[Row]) -> None:
    """Spark takes a table only if each of its columns is one piece."""
    frame = frame_of(rows).assign(seq=np.arange(len(rows)))
    examined = list(examine_rows([frame, frame.assign(seq=frame["seq"] + len(rows))], RULES))
    judged = judge_names(together([table[table["rule"] == RECORD] for table in examined]), RULES)
    shared = judge_addresses(judged[judged["key"] >= 0].assign(group=1), RULES)
    for table in (*examined, judged, shared):
        assert ", ".join(table.columns) == re.sub(r" \w+(?=,|$)", "", SCHEMA)
        pa.RecordBatch.from_pandas(table)
        assert [pa.array(table[name]).type for name in ("ip", "name")] == [pa.large_string()] * 2


RULES = Rules.of()


def test_bytes_survive() -> None:
    """Any bytes pass through a table."""
    values = [bytes(range(256)), b"", "\u4e1a".encode(), b"a"]
    column = TextColumn.from_values(values)
    table = together([table_of(np.arange(4), 7, ip=column, name=column)] * 2)
    assert [raw(text) for text in table["ip"]] == values * 2 == [raw(text) for text in table["name"]]
    assert table["rule"].tolist() == [7] * 8


def test_refused_options() -> None:
    """D304 as an error makes each decision depend on all before it; that and nonsense is a UsageError."""
    with pytest.raises(UsageError, match="D304") as told:
        Rules.of(error="D304")
    assert told.value.hint
    with pytest.raises(UsageError):
        Rules.of(on_conflict="guess")


@pytest.mark.parametrize("door", [room.check_partitions, room.check_spark])
def test_other_frames(door: Callable[[object], Distributed]) -> None:
    """What belongs to another door is named, and told where to go."""
    with pytest.raises(UsageError, match="but a DataFrame") as told:
        door(frame_of([]))
    assert "check_frame" in told.value.hint


def test_too_many_records() -> None:
    """The bound on records holds for all parts together, and is told before anything is compared."""
    engine = Parts([frame_of([("10.0.0.1", "a")] * 3)] * 2, Random(1))
    assert run(engine, LAYOUT, Rules.of(max_records=6)).report.totals.merged == 5
    with pytest.raises(InputError, match="more than 5 records"):
        run(engine, LAYOUT, Rules.of(max_records=5))


def test_rules_can_be_sent() -> None:
    """The rules of a run survive pickling, keys included."""
    rules = Rules.of(only=("a*", "10.0.0.0/8"), cidr="10.0.0.0/9")
    again = pickle.loads(pickle.dumps(rules))
    assert again.policy == rules.policy
    assert (again.keys.names.rows == rules.keys.names.rows).all()


def test_public_names() -> None:
    """Every public name resolves, and without an engine all but the two doors can be used."""
    assert sorted(set(room.__all__)) == sorted(room.__all__) == dir(room)
    assert sorted(room.__all__) == sorted(room._HOME_OF)
    assert all(getattr(room, name) is not None for name in room.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = room.no_such_name
