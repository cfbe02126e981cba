"""The kinds of records in a journal, and what a record of each must have. What they mean is in `history`."""

from __future__ import annotations

from typing import Any

from importer.planning.identity import is_id, is_identity

PUT_OPEN = frozenset({"put", "put-unknown"})
OPEN = frozenset({"intent", "unknown"}) | PUT_OPEN
DONE = frozenset({"created", "adopted", "updated", "not-updated"})
CLOSED = frozenset({"rejected", "not-sent", "absent", "conflict", "gone"})
SEEN, FINE = "seen", "fine"
UNSEEN = "not found"
"""The proof of a `gone` for which no more is known than that the service did not find it."""
_END_OF_TIME = 2e11
"""Seconds since the epoch that still make a date."""
BEGUN = frozenset({"intent", "put"})
"""Records before a call, of which it is not known when it ended."""


def means_something(record: Any) -> bool:
    """Whether a record has what those of its type have: anybody can compute a checksum."""
    if not isinstance(record, dict):
        return False
    kind = record.get("type")
    if kind == "run":
        return isinstance(record.get("command"), str)
    if kind == "end":
        return type(record.get("left")) is int and record["left"] >= 0
    return (
        isinstance(kind, str)
        and kind in OPEN | DONE | CLOSED | {SEEN}
        and isinstance(record.get("name"), str)
        and all(isinstance(record.get(key, ""), str) for key in ("evidence", "state"))
        and all(_is_time(record[key]) for key in {"time", "deadline", "ended"} & record.keys())
        and {"time", *_NEEDED.get(kind, ())} <= record.keys()
        and _is_boot(record.get("boot", ["", 0]))
        and (kind not in DONE or is_id(record["id"]))
        and (kind not in BEGUN or (isinstance(record["request"], str) and is_identity(record["target"])))
        and (kind != "put" or (is_id(record["id"]) and isinstance(record["former"], str)))
    )


_NEEDED = {
    "intent": ("deadline", "request", "target"),
    "put": ("deadline", "request", "target", "id", "former"),
    **dict.fromkeys(DONE, ("id",)),
    SEEN: ("state",),
}


def _is_boot(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and _is_time(value[1])


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _END_OF_TIME
