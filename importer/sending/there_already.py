"""What a connection that is there already means for a request to create it."""

from __future__ import annotations

from importer.language import said
from importer.planning.identity import Existing
from importer.planning.plan import PlannedRequest
from importer.sending import updating
from importer.sending.result import Result, State
from importer.shown import shown


def exists(planned: PlannedRequest, existing: Existing) -> Result:
    """It is as it was asked for."""
    other = (
        "" if existing.name == planned.name else said(" under the name {name}", name=shown(existing.name, 64))
    )
    evidence = said("exists{other} and is equal (tags and route table cannot be read back)", other=other)
    return updating.with_pools(Result(planned.name, State.EXISTS, evidence, existing.id), existing)


def differs(planned: PlannedRequest, existing: Existing) -> Result:
    """It is not as it was asked for, and is left as it is."""
    text = planned.differences(existing) or said("nothing that can be seen")
    evidence = said(
        "exists and differs in {text}; left as it is{existing}", text=text, existing=planned.apart(existing)
    )
    return Result(planned.name, State.CONFLICT, evidence, existing.id)
