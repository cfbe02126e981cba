"""What is written is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import strategies as some
from agreement import checked, written
from hypothesis import assume, given
from hypothesis import strategies as st
from profiles import examples

from importer.errors import InputError
from importer.rendering.hostlists import csv_lines, pair_lines


@pytest.mark.parametrize(("lines", "syntax", "headings"), [(csv_lines, "csv", 1), (pair_lines, "hosts", 0)])
@examples()
@given(text=some.any_texts(), options=some.check_options(), hints=st.booleans())
def test_ready_hosts(
    lines: Callable[[Iterable[tuple[str, str]]], Iterator[str]],
    syntax: str,
    headings: int,
    text: bytes,
    options: dict[str, Any],
    hints: bool,
) -> None:
    """Hosts that are ready, written down and read again, are the same hosts, in order and all ready."""
    kept = {key: value for key, value in options.items() if key in ("keep_local", "keep_trailing_dot")}
    with written(text) as names:
        try:
            pairs = list(checked(names, {**options, "on_conflict": "refuse"})[1].pairs())
        except InputError:
            assume(False)
    assume(pairs)
    with written("".join(lines(pairs)).encode()) as names:
        report, again = checked(names, {**kept, "levels": {"N105": "warn"}}, syntax=syntax if hints else "")
    assert list(again.pairs()) == pairs
    assert report.totals.records == report.totals.ready == len(pairs)
    assert report.totals.lines == len(pairs) + headings
