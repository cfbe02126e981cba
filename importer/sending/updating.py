"""One connection, updated: read it, keep what is there, write the intent, overwrite, read it back.

The call replaces all hosts and knows no versions, so that it is made only where the hosts are those that were
there when it was planned. Between that read and the call somebody else may write, which nobody can see: that
moment is the one window. An update may be made again, since it says all that is to be there: where nobody can
tell what became of a call, the connection is read until it has the wanted hosts or the settle window is over.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from importer.language import plural, said
from importer.planning.aiming import put_body
from importer.planning.differences import fields_apart
from importer.planning.identity import Existing
from importer.planning.plan import PlannedRequest
from importer.sending.looking import Window, look_until
from importer.sending.outcome import Meaning, Outcome
from importer.sending.pools import manage
from importer.sending.result import THERE, Result, State
from importer.sending.retry import Halted, Reason
from importer.sending.service import LookUpFailed

if TYPE_CHECKING:
    from importer.sending.history import Entry
    from importer.sending.submit import Submission

_SENDS = 2
"""Update calls of one run, where the first one was not carried out though the service did not refuse it."""
_SLACK = 60.0
"""As for create calls: seconds that may pass between an intent and its call."""


class Shown(Enum):
    """Which hosts a connection has, as seen behind an update call."""

    WANTED = "wanted"
    FORMER = "former"
    OTHER = "other"
    GONE = "gone"
    UNSEEN = "unseen"
    """It could not be read."""


class Settled(NamedTuple):
    """What reads showed until the hosts were the wanted ones, or the settle window was over."""

    shown: Shown
    evidence: str
    existing: Existing | None = None


class _Update:
    """One update by one worker."""

    def __init__(self, run: Submission, planned: PlannedRequest) -> None:
        assert planned.update is not None
        self.run = run
        self.planned = planned
        self.id = planned.update.id
        self.former = planned.update.hosts
        self.count = planned.update.former
        self.kept = ""
        """The backup of what is there."""

    def carry_out(self) -> Result:
        """Bring it to its end. Raises JournalError, LookUpFailed, Halted."""
        failed, sent = 0, 0
        while True:
            existing = self.run.service.show(self.id)
            if (result := self.without_call(existing, sent)) is not None:
                return result
            assert existing is not None
            self.kept = self.kept or self.run.backup(self.planned, existing, self.run.retry.clock.now())
            if self.run.retry.turn():
                continue  # somebody may have written in that pause
            outcome = self.call()
            if outcome.meaning is Meaning.NOT_SENT:
                failed += 1
                self.ended("not-sent", outcome.evidence)
                if outcome.stops:
                    raise self.run.retry.halt(Reason.TLS, outcome.evidence)
                self.run.retry.failed(failed, outcome.evidence)
            elif outcome.meaning is Meaning.THROTTLED:
                self.ended("not-sent", outcome.evidence)
                self.run.retry.throttled(outcome.retry_after, outcome.evidence)
            else:
                sent += 1
                if (result := self.conclude(outcome, last=sent == _SENDS)) is not None:
                    return result
                self.ended("absent", "it was not carried out, and is sent again")

    def without_call(self, existing: Existing | None, sent: int) -> Result | None:
        """The result where no call is to be made; None where one is."""
        planned = self.planned
        if existing is None:
            return self.conflict(said("the connection {id} is no longer there", id=self.id))
        if existing.name != planned.name:
            return self.conflict(
                said("the connection {id} is now named {name}", id=self.id, name=existing.name)
            )
        aim = planned.aim(existing)
        if apart := fields_apart(aim, existing.identity):
            return self.conflict(
                said("exists and differs in {str}; left as it is", str="; ".join(map(str, apart)))
            )
        if existing.identity.hosts == aim.hosts:
            return self.there(existing)
        if existing.identity.hosts != self.former:
            then, now = plural(self.count, "host"), existing.identity.count
            when = "while the update was sent again" if sent else "since the plan was made"
            return self.conflict(
                said(
                    "somebody else has changed its hosts {when} ({then} then, {now:,} now); left as it is",
                    when=when,
                    then=then,
                    now=now,
                )
            )
        return None

    def there(self, existing: Existing) -> Result:
        """It has the wanted hosts already."""
        entry = self.run.journal.entry(self.planned.name)
        evidence = "exists and is equal (tags and route table cannot be read back)"
        if not (entry.is_done and entry.id == existing.id):
            self.run.journal.append(
                "adopted", self.planned.name, id=existing.id, request=self.planned.digest, evidence=evidence
            )
        return self.ready(Result(self.planned.name, State.EXISTS, evidence, existing.id), existing)

    def ready(self, result: Result, existing: Existing) -> Result:
        """It has the wanted hosts; and then the pools, where these are wanted too."""
        try:
            done, seen = manage(self.run, self.planned, result, existing)
        except (LookUpFailed, Halted) as error:
            return result._replace(unsure=said("its pools could not be read back: {error}", error=error))
        return with_pools(done, seen) if done.state in THERE else done

    def call(self) -> Outcome:
        """Write the intent, and overwrite the hosts."""
        planned, run = self.planned, self.run
        run.journal.append(
            "put",
            planned.name,
            plan=run.plan_digest,
            request=planned.digest,
            id=self.id,
            former=self.former,
            target=planned.identity.as_record(),
            backup=self.kept,
            deadline=run.deadline + _SLACK,
        )
        outcome = run.service.change("PUT", self.id, put_body(planned))
        run.tell(planned.name, outcome.meaning.value, outcome.evidence)
        return outcome

    def conclude(self, outcome: Outcome, *, last: bool) -> Result | None:
        """The result of a call that arrived, or may have; None where it may be made again."""
        run, planned = self.run, self.planned
        if outcome.meaning is Meaning.REJECTED:
            run.retry.cleared()
            self.ended("rejected", outcome.evidence)
            if outcome.stops:
                run.retry.halt(Reason.REFUSED, outcome.evidence)
            return self.result(State.REJECTED, outcome.evidence, outcome)
        window = run.settle
        if outcome.meaning is Meaning.CREATED:
            run.retry.succeeded()
        elif outcome.meaning is Meaning.DOUBTFUL:
            window = 0.0
        else:
            run.journal.append(
                "put-unknown", planned.name, evidence=outcome.evidence, ended=run.retry.clock.now()
            )
            run.tell(planned.name, "reading", outcome.evidence)
            run.retry.doubted()
        try:
            settled = look(run, self.id, planned.identity.hosts, self.former, window)
        except Halted as halted:
            return self.unknown(
                outcome, said("it could not be read back: {evidence}", evidence=halted.evidence)
            )
        if settled.shown is Shown.WANTED and settled.existing is not None:
            run.retry.cleared()
            run.journal.append(
                "updated",
                planned.name,
                id=self.id,
                request=planned.digest,
                evidence=outcome.evidence,
                request_id=outcome.request_id,
                backup=self.kept,
            )
            done = self.result(State.UPDATED, f"{outcome.evidence}; {settled.evidence}", outcome)
            return self.ready(done, settled.existing)
        if settled.shown is Shown.FORMER and outcome.meaning is Meaning.DOUBTFUL:
            self.ended("rejected", outcome.evidence)
            return self.result(State.REJECTED, outcome.evidence, outcome)
        if settled.shown is Shown.FORMER and outcome.meaning is not Meaning.CREATED:
            run.retry.brake(outcome.evidence)
        if settled.shown is Shown.FORMER and not last and run.retry.halted is None:
            return None
        if settled.shown in (Shown.FORMER, Shown.UNSEEN):
            return self.unknown(outcome, settled.evidence)
        return self.conflict(f"{outcome.evidence}; {settled.evidence}")

    def unknown(self, outcome: Outcome, evidence: str) -> Result:
        """Nobody can tell; the next run reads it."""
        told = f"{outcome.evidence}; {evidence}"
        now = self.run.retry.clock.now()
        self.run.journal.append("put-unknown", self.planned.name, evidence=told, ended=now)
        return self.result(State.UNKNOWN, told, outcome)

    def conflict(self, evidence: str) -> Result:
        """The connection is not as it was when the update was planned."""
        self.ended("conflict", evidence)
        return self.result(State.CONFLICT, evidence)

    def ended(self, why: str, evidence: str) -> None:
        """The update was not made, or cannot be told from what others made."""
        self.run.journal.append("not-updated", self.planned.name, id=self.id, why=why, evidence=evidence)

    def result(self, state: State, evidence: str, outcome: Outcome | None = None) -> Result:
        """A result with the backup, if one was kept."""
        kept = said("; backup {kept}", kept=self.kept) if self.kept else ""
        return Result(
            self.planned.name, state, evidence + kept, self.id, outcome.request_id if outcome else ""
        )


def carry_out(run: Submission, planned: PlannedRequest) -> Result:
    """Carry out an update that is planned. Raises JournalError, LookUpFailed, Halted."""
    return _Update(run, planned).carry_out()


def settle(run: Submission, entry: Entry, planned: PlannedRequest) -> Result | None:
    """An earlier run could not tell what became of its update: read the connection until it is known.

    None where that is settled now, and this run's own request is to be looked at.
    """
    put, clock = entry.put, run.retry.clock
    left = entry.left_to_settle(run.settle, clock.now(), clock.boot())
    run.tell(planned.name, "reading", "an earlier run could not tell what came of its update")
    try:
        settled = look(run, put["id"], put["target"]["hosts"], put["former"], left)
    except Halted as halted:
        settled = Settled(Shown.UNSEEN, halted.evidence)
    if settled.shown is Shown.UNSEEN:
        return Result(planned.name, State.UNKNOWN, settled.evidence, put["id"])
    if settled.shown is not Shown.WANTED or settled.existing is None:
        run.journal.append(
            "not-updated", planned.name, id=put["id"], why=settled.shown.value, evidence=settled.evidence
        )
        return None
    evidence = "sent by an earlier run, found when it was read"
    run.journal.append(
        "updated",
        planned.name,
        id=put["id"],
        request=put["request"],
        evidence=evidence,
        backup=str(put.get("backup", "")),
    )
    if put["request"] != planned.digest or (planned.update is not None and planned.update.pools):
        return None
    return with_pools(Result(planned.name, State.UPDATED, evidence, put["id"]), settled.existing)


def look(run: Submission, connection_id: str, wanted: str, former: str, seconds: float) -> Settled:
    """Read a connection until it has the wanted hosts, or the seconds have passed. Raises Halted."""

    def once() -> tuple[Settled, bool]:
        try:
            seen = run.service.see(connection_id)
        except LookUpFailed as error:
            return Settled(Shown.UNSEEN, said("it could not be read: {error}", error=error)), False
        if seen.existing is None:
            return Settled(Shown.GONE, "it is no longer there when it is read"), seen.deleted
        hosts, count = seen.existing.identity.hosts, plural(seen.existing.identity.count, "host")
        if hosts == wanted:
            return Settled(
                Shown.WANTED, said("{count} there when it was read back", count=count), seen.existing
            ), True
        if hosts == former:
            return Settled(
                Shown.FORMER, said("it still has its former {count}", count=count), seen.existing
            ), False
        text = said(
            "read back it has {count}, which are neither what was sent nor what was there before", count=count
        )
        return Settled(Shown.OTHER, text, seen.existing), False

    return look_until(Window(run.retry.clock, seconds, run.settle), once)


def with_pools(result: Result, existing: Existing) -> Result:
    """A connection that is as planned, unless one of its pools has failed."""
    if existing.failed:
        return result._replace(
            state=State.DEFECTIVE,
            evidence=said("{evidence}, but {failed}", evidence=result.evidence, failed=existing.failed),
        )
    return result._replace(pending=existing.pending)
