"""What `submit` would do with a planned request, as the service and the journal are now."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from importer.errors import ConnectionInvalid
from importer.language import said
from importer.planning.aiming import aim_at, lines_of
from importer.planning.differences import Apart, HostsDiff, diff_hosts, fields_apart
from importer.planning.identity import Existing
from importer.planning.plan import PlannedRequest
from importer.planning.updates import DEFAULT, REMOVE, Allowed, guarded, pools_apart
from importer.sending.history import Entry
from importer.sending.service import Service

CREATE, UPDATE, UNCHANGED, CONFLICT = "create", "update", "unchanged", "conflict"
GONE, TAKEN, UNKNOWN = "gone", "taken-twice", "unknown"
ACTIONS = (CREATE, UPDATE, UNCHANGED, CONFLICT, GONE, TAKEN, UNKNOWN)

NOT_ASKED = "submit leaves it as it is without --update"


class Foreseen(NamedTuple):
    """What is there to do."""

    action: str
    """One of ACTIONS."""
    request: PlannedRequest
    """What is to be sent: an update knows what it overwrites."""
    remark: str = ""
    """What else a person should know of it."""
    diff: HostsDiff = HostsDiff()
    """What an update does to the hosts."""
    apart: tuple[Apart, ...] = ()
    """The fields over which there is a conflict."""
    refused: str = ""
    """Why a guard forbids the update."""
    id: str = ""
    """Of the connection that is there."""


def unseen(planned: PlannedRequest) -> Foreseen:
    """What is there to do, as far as the plan itself says it."""
    if planned.update is None:
        return Foreseen(CREATE, planned)
    told = said("of the {former:,} that were there when it was planned", former=planned.update.former)
    return Foreseen(UPDATE, planned, told, id=planned.update.id)


def foresee(service: Service, entry: Entry, planned: PlannedRequest, allowed: Allowed = DEFAULT) -> Foreseen:
    """Look a name up, and say what would come of it. Raises LookUpFailed, Halted."""
    found = service.find(planned.name, planned.identity)
    if len(found) > 1:
        ids = ", ".join(existing.id for existing in found[:5])
        return Foreseen(TAKEN, planned, said("by {ids}; all are left as they are", ids=ids))
    there = found[0] if found else None
    if entry.is_done and (there is None or there.id != entry.id):
        return _of_done(service.show(entry.id), there, entry, planned, allowed)
    if there is not None:
        return _of_existing(there, planned, entry, allowed)
    wish, new = planned.update, replace(planned, update=None)
    if wish is not None and (wish.id or wish.mode == REMOVE):
        what = (
            said("the connection {id} is no longer there", id=wish.id)
            if wish.id
            else "there is none of that name"
        )
        return Foreseen(CONFLICT, planned, what)
    if entry.is_open:
        text = "submit looks it up until the settle window of that call is over, and only then creates it"
        return Foreseen(
            UNKNOWN, new, said("an earlier run could not tell what came of its call; {text}", text=text)
        )
    if entry.state == "rejected":
        return Foreseen(
            CREATE, new, said("an earlier run was refused: {value}", value=entry.last.get("evidence", ""))
        )
    return Foreseen(CREATE, new)


def _of_done(
    made: Existing | None,
    there: Existing | None,
    entry: Entry,
    planned: PlannedRequest,
    allowed: Allowed,
) -> Foreseen:
    """The journal says that it was created, and the name shows another one, or none."""
    if made is not None:
        if there is not None:
            return Foreseen(
                TAKEN, planned, said("by {id}, {id_2}; all are left as they are", id=made.id, id_2=there.id)
            )
        return _of_existing(made, planned, entry, allowed)
    if there is not None and entry.may_be_twice and not planned.differences(there):
        return _of_existing(there, planned, entry, allowed)
    other = said(", though {id} has the name", id=there.id) if there is not None else ""
    text = said(
        "{state} by an earlier run (id {id}), and no longer there{other}",
        state=_MADE.get(entry.state, "seen"),
        id=entry.id,
        other=other,
    )
    if planned.update is not None and planned.update.mode == REMOVE:
        return Foreseen(CONFLICT, planned, text)
    new = replace(planned, update=None)
    return Foreseen(
        GONE,
        new,
        said("{text}; submit does nothing about it without --recreate {name}", text=text, name=planned.name),
    )


_MADE = {"created": "created", "updated": "updated"}


def _of_existing(existing: Existing, planned: PlannedRequest, entry: Entry, allowed: Allowed) -> Foreseen:
    """One connection has the name: what differs, and whether an update could make it equal."""
    wish, there, key = planned.update, existing.identity, existing.id
    if wish is not None and wish.id not in ("", key):
        text = said("the connection {id} is no longer there, and {key} has its name", id=wish.id, key=key)
        return Foreseen(CONFLICT, planned, text, id=key)
    if apart := fields_apart(planned.aim(existing), there):
        return Foreseen(CONFLICT, planned, "; ".join(map(str, apart)), apart=apart, id=key)
    state = existing.failed or existing.pending
    if wish is not None and wish.is_planned:
        request = planned
    else:
        try:
            request = aim_at(planned, existing)
        except ConnectionInvalid as error:
            return Foreseen(CONFLICT, planned, error.message, id=key)
    aim = (request if wish is not None else planned).aim(existing)
    pools = pools_apart(request.identity, there, wish)
    if aim.hosts == there.hosts and pools:
        return Foreseen(UPDATE, request, "; ".join(filter(None, (str(pools), state))), id=key)
    if aim.hosts == there.hosts:
        return Foreseen(UNCHANGED, request if wish is not None else planned, state, id=key)
    if "hosts" not in planned.frame:
        hosts = Apart("hosts", "none", f"{there.count:,}")
        return Foreseen(CONFLICT, planned, str(hosts), apart=(hosts,), id=key)
    if wish is not None and wish.is_planned and wish.hosts != there.hosts:
        then = said("{former:,} then, {count:,} now", former=wish.former, count=there.count)
        text = said("somebody else has changed its hosts since the plan was made ({then})", then=then)
        return Foreseen(CONFLICT, planned, text, id=key)
    diff = diff_hosts(existing.hosts, lines_of(request))
    refused = guarded(there.count, aim.count, diff, allowed)
    remarks = [str(pools), state, "" if wish is not None else NOT_ASKED]
    if entry.is_open_update:
        remarks.append("an earlier run could not tell what came of its update, so that it is read first")
    return Foreseen(
        UPDATE,
        request if wish is not None else planned,
        "; ".join(filter(None, remarks)),
        diff,
        refused=refused,
        id=key,
    )
