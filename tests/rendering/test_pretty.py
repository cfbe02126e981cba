"""JSON in pieces is the JSON of the standard library, to the letter."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.checking.catalogue import RULES
from importer.checking.findings import Finding, Place, Severity
from importer.rendering.pretty import one_line, pretty
from importer.rendering.reports.json import FindingTexts, finding_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@examples()
@given(value=VALUES, indent=st.integers(1, 4))
def test_as_the_standard_library(value: Any, indent: int) -> None:
    """Any value, at any depth, is written as `json.dumps` writes it."""
    assert "".join(pretty(value, indent)) == json.dumps(value, indent=indent)


@given(items=st.lists(VALUES, max_size=4))
def test_an_iterator_is_an_array(items: list[Any]) -> None:
    """An array may be given as an iterator."""
    assert "".join(pretty({"a": iter(items)}, 2)) == json.dumps({"a": items}, indent=2)


@examples()
@given(value=st.dictionaries(st.text(), VALUES, max_size=4))
def test_one_line(value: dict[str, Any]) -> None:
    """An object on one line is written as `json.dumps` writes it."""
    assert one_line(value) == json.dumps(value)


CELLS = st.none() | st.text(max_size=9)
FINDINGS = st.builds(
    Finding,
    rule=st.sampled_from([rule for rule in RULES if "{" not in rule.message + rule.hint]),
    severity=st.sampled_from(Severity),
    source=CELLS,
    line=st.none() | st.integers() | st.text(max_size=9),
    column=st.none() | st.integers(),
    value=CELLS,
    ip=CELLS,
    name=CELLS,
    related=st.none() | st.builds(Place, source=st.text(max_size=9), line=st.integers() | st.text()),
)


@examples()
@given(findings=st.lists(FINDINGS, max_size=6), name=CELLS)
def test_findings_are_written_as_their_objects(findings: list[Finding], name: str | None) -> None:
    """The quick way from a finding to JSON gives, to the letter, what its object is written as."""
    indented = [str(text) for text in map(FindingTexts("en", 2, 0).text, findings)]
    assert indented == [json.dumps(finding_object(one), indent=2) for one in findings]
    lines = [str(text) for text in map(FindingTexts("en", list=name).text, findings)]
    assert lines == [json.dumps({"list": name, **finding_object(one)}) for one in findings]
