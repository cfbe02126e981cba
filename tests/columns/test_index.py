"""The table of keys against a dict, made so small and so crowded that everything in it happens."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.columns import index as table
from importer.columns.hashing import Halves
from importer.columns.index import AddressIndex, Index

BATCHES = st.lists(st.lists(st.integers(0, 400), max_size=120), max_size=6)
FIRST_KEYS = st.sampled_from([1, 5, 1 << 13])
"""Keys that the first table has room for: a bucket, two, or far more than come."""


def _keys(numbers: list[int], tag_bits: int, spread: bool) -> list[tuple[int, int, int]]:
    """Keys of three parts; the second has few bits, and the first may be one of three."""
    return [
        ((n * 2654435761 if spread else n % 3) % 2**32, (n * 40503) % 2**tag_bits, n * 97 % 2**32)
        for n in numbers
    ]


def _assert_numbered(index: Index, batches: list[list[tuple[int, int, int]]], expected: int) -> None:
    """Keys are numbered as a dict would number them."""
    known: dict[tuple[int, int, int], int] = {}
    for batch in batches:
        high, tag, check = (np.array([key[part] for key in batch], np.uint32) for part in range(3))
        number, new = index.add(Halves(high, tag, check), expected)
        assert new.tolist() == [key not in known and key not in batch[:i] for i, key in enumerate(batch)]
        assert number.tolist() == [known.setdefault(key, len(known)) for key in batch]
        assert index.size == len(known)


@examples(3)
@given(BATCHES, st.sampled_from([0, 1, 3, 32]), st.booleans(), FIRST_KEYS, st.integers(0, 300))
def test_numbers(batches: list[list[int]], tag_bits: int, spread: bool, first: int, expected: int) -> None:
    """A dict would give the same numbers: in a tiny table, across growth, with tags that many share."""
    with mock.patch.object(table, "_FIRST_KEYS", first):
        index = Index()
    _assert_numbered(index, [_keys(batch, tag_bits, spread) for batch in batches], expected)


@examples(2)
@given(BATCHES, FIRST_KEYS)
def test_addresses(batches: list[list[int]], first: int) -> None:
    """Each address, 0.0.0.0 and 255.255.255.255 too, has a number of its own, and is new once."""
    with mock.patch.object(table, "_FIRST_KEYS", first):
        index = AddressIndex()
    known: dict[int, int] = {}
    for batch in batches:
        keys = [(n * 0x01010101) % 2**32 if n < 300 else 2**32 - 1 - n % 3 for n in batch]
        number, new = index.add_addresses(np.array(keys, np.uint32))
        assert new.tolist() == [key not in known and key not in keys[:i] for i, key in enumerate(keys)]
        assert number.tolist() == [known.setdefault(k, n) for k, n in zip(keys, number.tolist(), strict=True)]
        assert len(set(known.values())) == len(known)
        assert all(0 <= n < index.size for n in known.values())


@pytest.mark.parametrize("size", [7, 9_000, 100_000])
def test_growth(size: int) -> None:
    """A table that grows again and again keeps every number."""
    keys = np.random.default_rng(1).integers(0, 2**32, (3, size), dtype=np.uint32)
    index = Index()
    for low in range(0, size, 1_000):
        _, new = index.add(Halves(*keys[:, low : low + 1_000]))
        assert new.all()
    number, new = index.add(Halves(*keys[:, ::-1]))
    assert not new.any()
    assert number.tolist() == list(range(size))[::-1]


def test_a_long_search() -> None:
    """Keys that all meet in one bucket are found behind it, however far that is."""
    keys = np.random.default_rng(1).integers(0, 2**32, (3, 9_000), dtype=np.uint32)
    keys[0] = 7
    index = Index()
    number, new = index.add(Halves(*keys))
    assert new.all()
    assert number.tolist() == list(range(9_000))
    assert index.add(Halves(*keys))[0].tolist() == list(range(9_000))
