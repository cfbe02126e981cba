"""An answer's body as JSON, within bounds, and why it cannot be understood where that is so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from importer.language import said

MOST_VALUES = 1_000_000
"""Values in one answer. Ten connections of 20,000 hosts each, which is the largest page, have half of that; a
body of nothing but brackets would take thirty times its own size."""
_FEW = 1 << 20
"""Bytes that hold no more values than that, whatever they are."""


def read_json(body: bytes, loads: Callable[[bytes], Any] = json.loads) -> Any:
    """The value that a body holds, as `loads` reads it. Raises ValueError, which says what it is instead."""
    if not body.strip():
        raise ValueError("the answer is empty")
    if len(body) > _FEW and sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ValueError(said("the answer has more than {MOST_VALUES:,} values", MOST_VALUES=MOST_VALUES))
    try:
        return loads(body)
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
    except ValueError:
        kind = "HTML or XML" if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "not JSON"
        raise ValueError(said("the answer is {kind}", kind=kind)) from None


def json_object(body: bytes, loads: Callable[[bytes], Any] = json.loads) -> tuple[dict[str, Any], str]:
    """The object that a body holds; where it holds none, an empty one and the reason."""
    try:
        data = read_json(body, loads)
    except ValueError as error:
        return {}, str(error)
    return (data, "") if isinstance(data, dict) else ({}, "the answer is no JSON object")
