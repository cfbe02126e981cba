"""Addresses that get a second name, in the table of short lists and the pages of long ones."""

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
BATCHES = st.lists(st.lists(ADDRESSES, max_size=30), max_size=12)


@pytest.mark.parametrize(("short", "pages"), [(1 << 17, 512), (20, 512), (20, 2), (1, 0)])
@examples()
@given(BATCHES)
def test_second_time(short: int, pages: int, batches: list[list[int]]) -> None:
    """Each address is told at its second place in all, whatever holds it and whenever it moves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_SHORT_LIST", short)
        patch.setattr(seen, "_MAX_PAGES", pages)
        found = seen.SeenAddresses()
        times: dict[int, int] = {}
        for batch in batches:
            expected = []
            for place, address in enumerate(batch):
                times[address] = times.get(address, 0) + 1
                if times[address] == 2:
                    expected.append(place)
            assert expected == found.add(np.array(batch, np.uint32)).tolist()
