"""The times that servers tell, and how far the clock of this machine is from theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from importer.language import said

_MOST_APART = 14 * 60
"""Seconds: the gateway takes no signature that is 15 minutes away from its own time."""


def date_of(text: str) -> float | None:
    """Seconds since the epoch of a date in a header field; None if it is not one."""
    if not text or len(text) > 64:
        return None
    try:
        date = parsedate_to_datetime(text)
        # The form without a zone, which is still to be understood, means GMT and not the local time.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None


def clock_apart(headers: Mapping[str, str], now: float) -> str:
    """That a signature cannot be right since the clocks differ, in words; empty where they do not."""
    date = date_of(headers.get("Date", ""))
    if date is None or abs(apart := now - date) <= _MOST_APART:
        return ""
    side = "ahead of" if apart > 0 else "behind"
    told = said(
        "the clock of this machine is {apart:,.0f} minutes {side} the server's",
        apart=abs(apart) / 60,
        side=side,
    )
    return said("{told}: set it, for a signature holds for 15 minutes", told=told)
