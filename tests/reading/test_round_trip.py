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
from importer.errors import InputError
from importer.rendering.forms import FORMS


def as_lines(form: str, hosts: Hosts) -> bytes:
    """The hosts as a verb writes them."""
    if form == "console":
        body = {"hosts": [{"ip": ip, "name": name} for ip, name in hosts.pairs()]}
        return "".join(FORMS[form].load().document([body])).encode()
    writer = FORMS[form].load()
    return b"".join((writer.HEAD, *(writer.lines(part).tobytes() for part in hosts.parts())))


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
