"""The plain way to compare records gives what whole arrays give, wherever both can judge."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.checking.duplicates import Fates, Ledger
from importer.checking.examine import RunKeys, examine
from importer.checking.one_by_one import OneByOne
from importer.checking.options import CheckOptions
from importer.checking.policy import Policy
from importer.columns.batch import RecordBatch, Source
from importer.columns.text import TextColumn
from importer.reading.blocks import blocks
from importer.reading.hosts import hosts_batch
from importer.reading.options import ReadOptions
from importer.reading.streams import PeekStream

_LINE = st.builds(
    lambda address, names: b" ".join([address, *names]),
    st.sampled_from([b"10.0.0.1", b"10.0.0.2", b"10.0.0.3"]),
    st.lists(st.sampled_from([b"a", b"A", b"b", b"B.", b"c", b"d", b"e", b"1x"]), min_size=1, max_size=4),
)
_BATCHES = st.lists(st.lists(_LINE, max_size=8), min_size=1, max_size=4)


def _batch(lines: list[bytes]) -> RecordBatch:
    text = b"".join(line + b"\n" for line in lines)
    (block,) = blocks(PeekStream(io.BytesIO(text).read), ReadOptions())
    return hosts_batch(block, Source("list", "hosts", "utf-8", 0))


def _facts(fates: Fates) -> object:
    told = sorted(
        row
        for table in fates.findings
        for row in zip(
            table.rule.tolist(), table.record.tolist(), table.at.tolist(), table.detail.tolist(), strict=True
        )
    )
    masks = (fates.kept, fates.merged, fates.skipped, fates.refused)
    return [mask.tolist() for mask in masks], told


@examples(3)
@given(
    _BATCHES,
    st.sampled_from(["refuse", "first", "last", "keep"]),
    st.sampled_from([(), ("D301",), ("D302",), ("D303",)]),
    st.sampled_from([(), ("D304",), ("D305",)]),
)
def test_both_ways_are_equal(
    batches: list[list[bytes]], on_conflict: str, error: tuple[str, ...], ignore: tuple[str, ...]
) -> None:
    """Fates and findings of each batch, and what is not sent after all."""
    policy = Policy.of(CheckOptions(on_conflict=on_conflict, error=error, ignore=ignore))
    keys = RunKeys.random()
    fast, plain = Ledger(policy, keys), OneByOne(policy)
    for lines in batches:
        examined = examine(_batch(lines), policy, keys)
        assert _facts(fast.judge(examined)) == _facts(plain.judge(examined))
        names = TextColumn.from_values([b"a", b"zz", b"B", b"e"])
        folded = TextColumn.from_values([value.lower() for value in names.values()])
        assert fast.holds(folded).tolist() == plain.holds(names).tolist()
    assert fast.address.array.tolist() == plain.address.array.tolist()
    if fast.last_wins is not None:
        assert plain.last_wins is not None
        lost, again = fast.last_wins.withdrawn(), plain.last_wins.withdrawn()
        assert (lost.kept.tolist(), lost.merged) == (again.kept.tolist(), again.merged)


@examples()
@given(_BATCHES, st.sampled_from([("D304",), ("D305",), ("D304", "D305")]))
def test_an_error_frees_the_name(batches: list[list[bytes]], error: tuple[str, ...]) -> None:
    """Each record has one fate, and a name that was refused for its address is not what others repeat."""
    policy = Policy.of(CheckOptions(error=error))
    keys = RunKeys.random()
    plain = OneByOne(policy)
    kept: set[bytes] = set()
    for lines in batches:
        examined = examine(_batch(lines), policy, keys)
        fates = plain.judge(examined)
        masks = (fates.kept, fates.merged, fates.skipped, fates.refused)
        assert (np.array(masks).sum(axis=0) == 1).all()
        for name, new, again in zip(examined.names().values(), fates.kept, fates.merged, strict=True):
            assert not (again and name.lower() not in kept)
            if new:
                assert name.lower() not in kept
                kept.add(name.lower())
