"""Addresses that get another name, in the table of short lists and the pages of long ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.columns import seen

ADDRESSES = st.one_of(
    st.integers(0, 40),
    st.integers(0, 2**32 - 1),
    st.builds(lambda n, h: n << 16 | h, st.integers(0, 9), st.integers(0, 3)),
)
LINES = st.tuples(ADDRESSES, st.integers(1, 3), st.booleans())
"""Address, number of its names that are kept, and whether the line repeats a name of the address."""
BATCHES = st.lists(st.lists(LINES, max_size=30), max_size=12)


class Plain:
    """The same in dictionaries, line by line."""

    def __init__(self) -> None:
        self.met: set[int] = set()
        self.shared: set[int] = set()
        self.lines: set[int] = set()

    def add(self, batch: list[tuple[int, int, bool]]) -> tuple[list[int], list[int]]:
        """Places of both kinds."""
        shared, lines, place = [], [], 0
        for address, names, repeats in batch:
            known = address in self.met
            for number in range(names):
                fresh = not known and number == 0
                if not fresh and (not known or repeats) and address not in self.shared:
                    self.shared.add(address)
                    shared.append(place)
                if known and number == 0 and not repeats and address not in self.lines:
                    self.lines.add(address)
                    lines.append(place)
                place += 1
            self.met.add(address)
        return shared, lines


@pytest.mark.parametrize(("short", "pages"), [(1 << 17, 512), (20, 512), (20, 2), (1, 0)])
@examples()
@given(BATCHES)
def test_another_name(short: int, pages: int, batches: list[list[tuple[int, int, bool]]]) -> None:
    """Each address is told once of each kind, whatever holds it and whenever it moves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_SHORT_LIST", short)
        patch.setattr(seen, "_MAX_PAGES", pages)
        found, plain = seen.SeenAddresses(), Plain()
        for batch in batches:
            counts = [names for _, names, _ in batch]
            address = np.repeat(np.array([a for a, _, _ in batch], np.uint32), counts)
            line = np.repeat(np.arange(len(batch)), counts)
            repeats = np.repeat(np.array([r for _, _, r in batch], np.bool_), counts)
            met = found.add(address, line, repeats)
            assert (met.shared.tolist(), met.lines.tolist()) == plain.add(batch)
