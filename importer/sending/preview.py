"""What `submit` would do with a planned request, as the service and the journal are now."""

from __future__ import annotations

from typing import NamedTuple

from importer.planning.identity import Existing
from importer.planning.plan import PlannedRequest
from importer.sending.history import Entry
from importer.sending.service import Service

CREATE, EQUAL, TAKEN, GONE, UNKNOWN = "create", "exists and equal", "name taken twice", "gone", "unknown"


class Foreseen(NamedTuple):
    """What is there to do."""

    action: str
    """CREATE, EQUAL, TAKEN, GONE, UNKNOWN, or `exists and differs in ...`."""
    remark: str = ""
    """What else a person should know of it."""


def foresee(service: Service, entry: Entry, planned: PlannedRequest) -> Foreseen:
    """Look a name up, and say what would come of it. Raises LookUpFailed, Halted."""
    found = service.find(planned.name, planned.identity)
    if len(found) > 1:
        return Foreseen(
            TAKEN, f"by {', '.join(existing.id for existing in found[:5])}; all are left as they are"
        )
    there = found[0] if found else None
    if entry.is_done and (there is None or there.id != entry.id):
        return _of_done(service.show(entry.id), there, entry, planned)
    if there is not None:
        return _of_existing(there, planned)
    if entry.is_open:
        text = "submit looks it up until the settle window of that call is over, and only then creates it"
        return Foreseen(UNKNOWN, f"an earlier run could not tell what came of its call; {text}")
    if entry.state == "rejected":
        return Foreseen(CREATE, f"an earlier run was refused: {entry.last.get('evidence', '')}")
    return Foreseen(CREATE)


def _of_done(
    made: Existing | None, there: Existing | None, entry: Entry, planned: PlannedRequest
) -> Foreseen:
    """The journal says that it was created, and the name shows another one, or none."""
    if made is not None:
        if there is not None:
            return Foreseen(TAKEN, f"by {made.id}, {there.id}; all are left as they are")
        return _of_existing(made, planned)
    if there is not None and entry.may_be_twice and not planned.differences(there):
        return _of_existing(there, planned)
    other = f", though {there.id} has the name" if there is not None else ""
    text = f"created by an earlier run (id {entry.id}), and no longer there{other}"
    return Foreseen(GONE, f"{text}; submit does nothing about it without --recreate {planned.name}")


def _of_existing(existing: Existing, planned: PlannedRequest) -> Foreseen:
    if differences := planned.differences(existing):
        return Foreseen(f"exists and differs in {differences}", planned.apart(existing).removeprefix("; "))
    return Foreseen(EQUAL, existing.failed or existing.pending)
