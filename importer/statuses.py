"""The exit statuses, which people script against. README has the table."""

from __future__ import annotations

CLEAN = 0
FINDINGS = 1
CANNOT_WORK = 2
"""An input, an option, credentials or a server cannot be used."""
CHANGES = 3
"""`plan --detailed-exitcode`: there is something to do."""
FAILED = 4
"""Not every connection is as planned."""
UNKNOWN = 5
"""Nobody can tell yet what became of a request; the same command looks it up."""
AGAIN_LATER = 75
"""Stopped before the end, for a reason that passes; the same command goes on."""
INTERRUPTED = 130
TERMINATED = 143
