"""What is written is read again."""

from __future__ import annotations

from typing import Any

import pytest
import strategies as some
from agreement import checked, written
from hypothesis import assume, given
from hypothesis import strategies as st
from profiles import examples

from importer.checking.hosts import Hosts
from importer.columns.joining import joined
from importer.errors import InputError
from importer.rendering.hostlists import LINE_FORMS, pair_lines


def as_lines(form: str, hosts: Hosts) -> bytes:
    """The hosts as a verb writes them."""
    if form == "console":
        return "".join(pair_lines(hosts.pairs())).encode()
    head, separator = LINE_FORMS[form]
    return head + b"".join(joined(part.ip, part.name, separator).tobytes() for part in hosts.parts())


@pytest.mark.parametrize(("form", "headings"), [("csv", 1), ("hosts", 0), ("console", 0)])
@examples()
@given(text=some.any_texts(), options=some.check_options(), hints=st.booleans())
def test_ready_hosts(form: str, headings: int, text: bytes, options: dict[str, Any], hints: bool) -> None:
    """Hosts that are ready, written down and read again, are the same hosts, in order and all ready."""
    kept = {key: value for key, value in options.items() if key in ("keep_local", "keep_trailing_dot")}
    with written(text) as names:
        try:
            hosts = checked(names, {**options, "on_conflict": "refuse"})[1]
        except InputError:
            assume(False)
    assume(len(hosts))
    syntax = "csv" if form == "csv" else "hosts"
    with written(as_lines(form, hosts)) as names:
        report, again = checked(names, {**kept, "levels": {"N105": "warn"}}, syntax=syntax if hints else "")
    assert list(again.pairs()) == list(hosts.pairs())
    assert report.totals.records == report.totals.ready == len(hosts)
    assert report.totals.lines == len(hosts) + headings
