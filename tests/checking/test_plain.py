"""The quick questions say "plain" only of records about which no rule speaks, so a forgotten rule shows."""

from __future__ import annotations

import numpy as np
import strategies as some
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer import limits
from importer.checking import examine
from importer.checking.addresses import plain_addresses
from importer.checking.catalogue import RULES
from importer.checking.names import no_uri_host, plain_names
from importer.checking.options import CheckOptions
from importer.checking.policy import Policy
from importer.columns.batch import RecordBatch, Source
from importer.columns.ipv4 import parse_ipv4
from importer.columns.text import TextColumn
from importer.reading.cells.batches import CellPlaces

_NAMES = st.one_of(
    some.NAMES,
    st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,70}", fullmatch=True).map(str.encode),
    st.sampled_from(
        [b"none", b"TBD", b"kafka.1", b"a.b.2c", b"kafka_1", b"a..b", b"a-", b"localhost", b"x" * 64]
    ),
)


def _batch(pairs: list[tuple[bytes, bytes]]) -> RecordBatch:
    ip = TextColumn.from_values([ip for ip, _ in pairs])
    name = TextColumn.from_values([name for _, name in pairs])
    number = np.arange(len(pairs))
    return RecordBatch(
        source=Source("list", "frame", "utf-8", 0),
        places=CellPlaces(2),
        name=name,
        name_at=number * 2 + 1,
        ip=ip,
        ip_at=number * 2,
        width=2,
    )


@examples(3)
@given(st.lists(st.tuples(some.ADDRESSES, _NAMES), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_no_rule_speaks_of_a_plain_record(
    pairs: list[tuple[bytes, bytes]], keep_local: bool, networks: bool
) -> None:
    """Whatever the close look finds, it finds at records that the quick look did not call plain."""
    cidr = ("10.0.0.0/8",) if networks else ()
    policy = Policy.of(CheckOptions(keep_local=keep_local, cidr=cidr, error=("N112", "A211")))
    batch = _batch(pairs)
    value, valid = parse_ipv4(batch.ip.data, batch.ip.start, batch.ip.end)
    plain = plain_addresses(value, valid, policy) & plain_names(batch.name)
    seen, core = examine._examine_closely(batch, policy)
    told = seen.findings()
    spoken = {
        (RULES[rule].code, pairs[record])
        for rule, record in zip(told.rule, told.record, strict=True)
        if plain[record]
    }
    assert spoken == set()
    assert not (plain & (seen.refused | seen.skipped)).any()
    assert (core.lengths() == batch.name.lengths())[plain].all()


def test_ordinary_records_are_plain() -> None:
    """Nearly all records of real lists are called plain: the law above is not kept by calling none so."""
    batch = _batch([(b"10.20.0.11", b"node-core1abcd.mrs-7f3k.com"), (b"10.168.6.21", b"kafka01")])
    value, valid = parse_ipv4(batch.ip.data, batch.ip.start, batch.ip.end)
    assert (plain_addresses(value, valid, Policy.of(CheckOptions())) & plain_names(batch.name)).all()


def test_a_digit_however_far_from_the_end() -> None:
    """In a name of any length that may be sent, the last label's first character is seen."""
    names = [
        b"a." + first + b"x" * number for number in range(limits.MAX_NAME_CHARS - 2) for first in (b"1", b"b")
    ]
    column = TextColumn.from_values(names)
    found = no_uri_host(column, np.ones(len(names), np.bool_))
    assert found.tolist() == [True, False] * (limits.MAX_NAME_CHARS - 2)
    assert max(map(len, names)) == limits.MAX_NAME_CHARS
