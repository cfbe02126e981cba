"""The pools of a connection, bound and unbound until they are those that are asked for.

Both calls name what is to be there, and may be made again: what an earlier call has done is refused as done.
Nothing is written before them; a run that ends in between is followed by one that sees what is missing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.language import said
from importer.planning.identity import Existing
from importer.planning.plan import PlannedRequest
from importer.planning.updates import PoolsDiff, pools_apart
from importer.sending.looking import Window, look_until
from importer.sending.outcome import Meaning, Outcome
from importer.sending.result import Result, State
from importer.sending.retry import Halted, Reason
from importer.sending.service import LookUpFailed

if TYPE_CHECKING:
    from importer.sending.submit import Submission

_DONE = (Meaning.CREATED, Meaning.TAKEN)
"""What a call comes to that bound a pool, or found it bound."""


def manage(
    run: Submission, planned: PlannedRequest, result: Result, existing: Existing
) -> tuple[Result, Existing]:
    """A connection with the right hosts is given the pools that are asked for; how it looks then."""
    apart = pools_apart(planned.identity, existing.identity, planned.update)
    doubt = ""
    for names, action in ((apart.bind, "/associate-queue"), (apart.unbind, "/disassociate-queue")):
        if not names:
            continue
        try:
            outcome = _call(run, planned, result.connection_id, names, action)
        except Halted as halted:
            told = said("its pools are not all as asked for: {evidence}", evidence=halted.evidence)
            return result._replace(unsure=told), existing
        if outcome.meaning is Meaning.REJECTED:
            told = f"{', '.join(names)}: {outcome.evidence}; {result.evidence}"
            return result._replace(state=State.REJECTED, evidence=told), existing
        doubt = doubt if outcome.meaning in _DONE else outcome.evidence
    return _read_back(run, planned, result, apart, doubt) if apart else (result, existing)


def _call(
    run: Submission, planned: PlannedRequest, connection_id: str, names: tuple[str, ...], action: str
) -> Outcome:
    """Bind or unbind pools; again where nothing arrived. Raises Halted."""
    body = json.dumps({"elastic_resource_pools": names}, ensure_ascii=False).encode("utf-8")
    attempt = 0
    while True:
        run.retry.turn()
        outcome = run.service.change("POST", connection_id, body, action)
        run.tell(planned.name, outcome.meaning.value, f"{action[1:]}: {outcome.evidence}")
        if outcome.meaning is Meaning.THROTTLED:
            run.retry.throttled(outcome.retry_after, outcome.evidence)
            continue
        if outcome.stops:
            reason = Reason.TLS if outcome.meaning is Meaning.NOT_SENT else Reason.REFUSED
            run.retry.halt(reason, outcome.evidence)
            return outcome
        if outcome.meaning is not Meaning.NOT_SENT:
            return outcome
        attempt += 1
        run.retry.failed(attempt, outcome.evidence)


def _read_back(
    run: Submission, planned: PlannedRequest, result: Result, apart: PoolsDiff, doubt: str
) -> tuple[Result, Existing]:
    """Read until the pools are those that are asked for, or the settle window is over."""

    def once() -> tuple[Existing, bool]:
        existing = run.service.show(result.connection_id)
        if existing is None:
            raise LookUpFailed("it is no longer there")
        return existing, not pools_apart(planned.identity, existing.identity, planned.update)

    existing = look_until(Window(run.retry.clock, run.settle, run.settle), once)
    left = pools_apart(planned.identity, existing.identity, planned.update)
    if left:
        told = said("its pools are not all as asked for: {left}", left=left)
        return result._replace(unsure="; ".join(filter(None, (told, doubt)))), existing
    return result._replace(state=State.UPDATED, evidence=f"{apart}; {result.evidence}"), existing
