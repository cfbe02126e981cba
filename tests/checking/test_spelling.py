"""Spellings of first records, against a dict."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.checking.spelling import Spellings

RECORDS = st.tuples(st.integers(0, 6), st.sampled_from([0, 0, 1, 2, 2**64 - 1]), st.booleans())
"""Name, hash of its spelling, and whether a name met before gets a new first record."""


@examples()
@given(st.lists(st.lists(RECORDS, max_size=8), max_size=8), st.booleans())
def test_spellings(batches: list[list[tuple[int, int, bool]]], alone: bool) -> None:
    """A repeat differs exactly where a dict of the first spellings says so, also where a name starts anew."""
    spellings = Spellings()
    numbers: dict[int, int] = {}
    noted: dict[int, int] = {}
    for batch in [[record] for b in batches for record in b] if alone else batches:
        number, first, repeats, expected = [], [], [], []
        for place, (name, spelling, anew) in enumerate(batch):
            fresh = name not in numbers or (anew and alone)  # only records taken one at a time start anew
            number.append(numbers.setdefault(name, len(numbers)))
            (first if fresh else repeats).append(place)
            if fresh:
                noted[name] = spelling
            else:
                expected.append(noted[name] != spelling)
        hashes = [spelling for _, spelling, _ in batch]
        column = np.array(hashes, np.uint64) if any(hashes) else None
        places = [np.array(part, np.int64) for part in (number, first, repeats)]
        assert spellings.differ(column, *places).tolist() == expected
