"""JSON in pieces is the JSON of the standard library, to the letter."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.rendering.pretty import one_line, pretty

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
