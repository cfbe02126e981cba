"""One connection, created exactly once: look it up, write the intent, send, write the outcome, settle doubts.

Updates of what is there are in `updating`, and are carried out by the same workers.

"Exactly once" holds if the service shows a connection within the settle window after its create call, and
nobody else creates one of that name meanwhile. Where a call that shows later than that was followed by
another one, both connections are told. Nothing is ever deleted, and nothing changed that was not planned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from importer.errors import JournalError
from importer.language import said
from importer.planning.identity import Existing, Identity
from importer.planning.plan import PlannedRequest
from importer.sending import updating
from importer.sending.history import Entry
from importer.sending.journal import Journal
from importer.sending.looking import Settled, Window, look_up, same_of, see, taken_by, window_of
from importer.sending.outcome import Meaning, Outcome
from importer.sending.read_back import keep, with_twins
from importer.sending.records import UNSEEN
from importer.sending.result import Result, State
from importer.sending.retry import Halted, Reason, Retry, seconds_of
from importer.sending.service import LookUpFailed, Service
from importer.sending.there_already import differs, exists


def _no_backup(planned: PlannedRequest, _existing: Existing, _now: float) -> str:
    raise JournalError(said("there is no place for a backup of {name}", name=planned.name), path="(none)")


SETTLE = 90.0
"""Seconds in which a create call whose answer was lost may still show: above the gateway's own time-outs."""
_SLACK = 60.0
"""Seconds that may pass between an intent and its call, should the disk or the machine be slow."""


@dataclass
class Submission:
    """How one worker carries out planned requests."""

    service: Service
    journal: Journal
    retry: Retry
    plan_digest: str
    deadline: float
    """Seconds that a call may take."""
    settle: float = SETTLE
    recreate: Collection[str] = ()
    """Names that may be created again when what was created is gone."""
    backup: Callable[[PlannedRequest, Existing, float], str] = _no_backup
    """Keeps what is there before it is overwritten, and says where."""
    tell: Callable[[str, str, str], None] = lambda name, event, evidence: None
    """Told what happens on the way: name, event, evidence."""
    _last: tuple[str, Outcome] | None = None
    """What came of the last create call."""

    def carry_out(self, planned: PlannedRequest) -> Result:
        """Bring one planned request to its end. Raises JournalError; nothing is sent after that."""
        try:
            result = self._carry_out(planned)
        except (Halted, LookUpFailed) as error:
            return self._not_sent(planned, error)
        is_there = result.connection_id and result.state is not State.GONE
        if is_there and self.journal.entry(planned.name).may_be_twice:
            result = with_twins(planned, result, self._find)
            if result.twins:
                self.tell(planned.name, "twins", result.evidence)
        keep(self.journal, result)
        return result

    def unwritten(self, planned: PlannedRequest, error: JournalError) -> Result:
        """What is to be told of a request whose record could not be written, so that its run ends."""
        last, self._last = self._last, None
        if last is None or last[0] != planned.name or not self.journal.entry(planned.name).is_open:
            return Result(planned.name, State.NOT_SENT, error.message)
        outcome = last[1]
        evidence = said(
            "{meaning}: {evidence}; but {message}",
            meaning=outcome.meaning.value,
            evidence=outcome.evidence,
            message=error.message,
        )
        return Result(
            planned.name, State.UNKNOWN, evidence, outcome.connection_id, request_id=outcome.request_id
        )

    def _carry_out(self, planned: PlannedRequest) -> Result:
        entry = self.journal.entry(planned.name)
        if entry.is_open_update:
            if (result := updating.settle(self, entry, planned)) is not None:
                return result
            entry = self.journal.entry(planned.name)
        if entry.is_open:
            return self._resume(entry, planned)
        if planned.update is not None and planned.update.is_planned:
            return updating.carry_out(self, planned)
        if planned.update is not None and not entry.is_done:
            return self._not_updated(planned)
        if entry.is_done:
            return self._revisit(entry, planned)
        return self._look_then_create(planned)

    def _not_updated(self, planned: PlannedRequest) -> Result:
        """The plan found nothing that it could update; and an update never creates anything."""
        found = self.service.find(planned.name)
        if found:
            return self._met(planned, tuple(found))
        text = "there is no connection of that name"
        self.journal.append("conflict", planned.name, evidence=text)
        return Result(planned.name, State.CONFLICT, text)

    def _not_sent(self, planned: PlannedRequest, error: Halted | LookUpFailed) -> Result:
        """Nothing was sent: the service could not be asked, or turned the call away."""
        entry = self.journal.entry(planned.name)
        if entry.is_done:
            text = said(
                "{state} by an earlier run, and could not be looked at: {error}",
                state=entry.state,
                error=error,
            )
            return Result(planned.name, State.NOT_SENT, text, entry.id)
        failed = said("the look-up before sending failed: {error}", error=error)
        return Result(planned.name, State.NOT_SENT, str(error) if isinstance(error, Halted) else failed)

    # -- what an earlier run left

    def _resume(self, entry: Entry, planned: PlannedRequest) -> Result:
        """An earlier run sent, or was about to send, and could not tell what came of it."""
        target = Identity.of_record(entry.intent["target"])
        clock = self.retry.clock
        left = entry.left_to_settle(self.settle, clock.now(), clock.boot())
        self.tell(planned.name, "settling", "an earlier run could not tell what came of its call")
        try:
            settled = self._look(planned.name, target, left)
        except Halted as halted:
            return self._unknown(planned.name, halted.evidence)
        if settled.same is not None:
            self._done("created", planned.name, settled.same, entry.intent["request"], settled.evidence)
            return self._compared(
                planned, settled.same, State.CREATED, "sent by an earlier run, found by look-up"
            )
        if not settled.sure:
            return self._unknown(planned.name, settled.evidence)
        if settled.others:
            return self._met(planned, settled.others)
        self.journal.append("absent", planned.name, evidence=settled.evidence)
        return self._create(planned)

    def _revisit(self, entry: Entry, planned: PlannedRequest) -> Result:
        """The journal says that it is there: read it by its id, and not once if that is not long ago."""
        window = window_of(entry, self.retry.clock, self.settle)
        seen = see(self.service, entry.id, planned, window)
        by = said("{state} by an earlier run", state=entry.state)
        if seen.existing is not None:
            return self._compared(planned, seen.existing, State.EXISTS, by)
        kept = (
            same_of(planned.identity, self._find(planned.name, planned.identity))
            if entry.may_be_twice
            else None
        )
        if kept is not None:  # of two that were told, this one was left
            self._done("adopted", planned.name, kept, planned.digest, "found instead of the one that is gone")
            return exists(planned, kept)
        if planned.name not in self.recreate or planned.update is not None:
            return Result(planned.name, State.GONE, said("{by}, and no longer there", by=by), entry.id)
        self.journal.append("gone", planned.name, id=entry.id, proof="deleted" if seen.deleted else UNSEEN)
        return self._look_then_create(planned)

    def _find(self, name: str, like: Identity) -> list[Existing]:
        """Live connections of a name; in another case of letters only where that is the wanted one, and not
        that of another request. Raises LookUpFailed, Halted.
        """
        found = self.service.find(name, like)
        return [one for one in found if one.name == name or not self.journal.has(one.id)]

    # -- a new request

    def _look_then_create(self, planned: PlannedRequest) -> Result:
        found = self._find(planned.name, planned.identity)
        return self._met(planned, tuple(found)) if found else self._create(planned)

    def _met(self, planned: PlannedRequest, found: tuple[Existing, ...]) -> Result:
        """Connections of that name are there, none of them by a call of ours that is still open."""
        if len(found) == 1 and not planned.differences(found[0]):
            self._done("adopted", planned.name, found[0], planned.digest, "found before sending")
            return exists(planned, found[0])
        return self._conflict(planned, found)

    def _create(self, planned: PlannedRequest) -> Result:
        """Send until an attempt was carried out, was refused, or its outcome is not known.

        The name was looked up just now. Behind any pause it is looked up again before the call: somebody
        may have made one of that name meanwhile.
        """
        content = planned.content  # it may have to be read, and that may fail: before any intent is told
        attempt, fresh = 0, True
        while True:
            if self.retry.turn() or not fresh:
                if found := self._find(planned.name, planned.identity):
                    return self._met(planned, tuple(found))
                fresh = True
                continue
            attempt, fresh = attempt + 1, False
            self.journal.append(
                "intent",
                planned.name,
                plan=self.plan_digest,
                request=planned.digest,
                target=planned.identity.as_record(),
                deadline=self.deadline + _SLACK,
            )
            outcome = self.service.create(content)
            self._last = planned.name, outcome
            self.tell(planned.name, outcome.meaning.value, outcome.evidence)
            if outcome.meaning is Meaning.NOT_SENT:
                self._closed("not-sent", planned.name, outcome)
                if outcome.stops:
                    raise self.retry.halt(Reason.TLS, outcome.evidence)
                self.retry.failed(attempt, outcome.evidence)
            elif outcome.meaning is Meaning.THROTTLED:
                self._closed("not-sent", planned.name, outcome)
                self.retry.throttled(outcome.retry_after, outcome.evidence)
                attempt -= 1
            else:
                return self._conclude(planned, outcome)

    def _conclude(self, planned: PlannedRequest, outcome: Outcome) -> Result:
        if outcome.meaning not in (Meaning.UNKNOWN, Meaning.DOUBTFUL):
            self.retry.cleared()
        if outcome.meaning is Meaning.CREATED:
            self.retry.succeeded()
            self.journal.append(
                "created",
                planned.name,
                id=outcome.connection_id,
                request=planned.digest,
                evidence=outcome.evidence,
                request_id=outcome.request_id,
            )
            return Result(
                planned.name, State.CREATED, outcome.evidence, outcome.connection_id, outcome.request_id
            )
        if outcome.meaning is Meaning.REJECTED:
            return self._rejected(planned.name, outcome)
        if outcome.meaning is Meaning.TAKEN:
            return self._taken(planned, outcome)
        if outcome.meaning is Meaning.DOUBTFUL:
            return self._confirm(planned, outcome)
        return self._in_doubt(planned, outcome)

    def _rejected(self, name: str, outcome: Outcome) -> Result:
        self._closed("rejected", name, outcome)
        if outcome.stops:
            self.retry.halt(Reason.REFUSED, outcome.evidence)
        return Result(name, State.REJECTED, outcome.evidence, request_id=outcome.request_id)

    def _in_doubt(self, planned: PlannedRequest, outcome: Outcome) -> Result:
        """The call may have been carried out: look until it shows or the window is over."""
        ended = self.retry.clock.now()
        self._unknown(planned.name, outcome.evidence, ended=ended, request_id=outcome.request_id)
        self.tell(planned.name, "settling", outcome.evidence)
        self.retry.doubted()
        if asked := seconds_of(outcome.retry_after, ended):
            self.retry.pause(asked)
        try:
            settled = self._look(planned.name, planned.identity, self.settle)
        except Halted as halted:
            return Result(planned.name, State.UNKNOWN, f"{outcome.evidence}; {halted.evidence}")
        if settled.same is not None:
            self.retry.cleared()
            evidence = said("{evidence}; found by look-up", evidence=outcome.evidence)
            self._done("created", planned.name, settled.same, planned.digest, evidence)
            return Result(planned.name, State.CREATED, evidence, settled.same.id, outcome.request_id)
        self.retry.brake(outcome.evidence)
        return Result(planned.name, State.UNKNOWN, f"{outcome.evidence}; {settled.evidence}")

    def _confirm(self, planned: PlannedRequest, outcome: Outcome) -> Result:
        """Success was denied in an answer that means success: one look-up shows whether that is so."""
        try:
            found = self._find(planned.name, planned.identity)
        except (Halted, LookUpFailed) as error:
            return self._unknown(planned.name, f"{outcome.evidence}; {error}", ended=self.retry.clock.now())
        same = same_of(planned.identity, found)
        if same is None and len(found) > 1:
            return self._conflict(planned, tuple(found))  # one of them may be ours
        if same is None:
            return self._rejected(planned.name, outcome)
        self._done("created", planned.name, same, planned.digest, outcome.evidence)
        evidence = said("{evidence}; found by look-up", evidence=outcome.evidence)
        return Result(planned.name, State.CREATED, evidence, same.id)

    def _taken(self, planned: PlannedRequest, outcome: Outcome) -> Result:
        """The service refused the name as taken: by whom shows when it shows."""
        try:
            settled = self._look(planned.name, planned.identity, self.settle, others_end_it=True)
        except Halted:
            return self._rejected(planned.name, outcome)
        if settled.same is not None:
            self._done("adopted", planned.name, settled.same, planned.digest, outcome.evidence)
            return exists(planned, settled.same)
        self._closed("rejected", planned.name, outcome)
        if settled.others:
            return self._conflict(planned, settled.others)
        return Result(
            planned.name, State.REJECTED, f"{outcome.evidence}; {settled.evidence}", "", outcome.request_id
        )

    def _look(self, name: str, target: Identity, left: float, *, others_end_it: bool = False) -> Settled:
        """Look up a name until the wanted connection shows, or the seconds that are left have passed."""
        window = Window(self.retry.clock, left, self.settle)
        return look_up(lambda: self._find(name, target), target, window, others_end_it=others_end_it)

    # -- what is told, and kept

    def _compared(self, planned: PlannedRequest, existing: Existing, state: State, evidence: str) -> Result:
        """A connection that was made for this name, which another plan may want otherwise."""
        if planned.differences(existing):
            return differs(planned, existing)
        return updating.with_pools(Result(planned.name, state, evidence, existing.id), existing)

    def _conflict(self, planned: PlannedRequest, found: tuple[Existing, ...]) -> Result:
        if len(found) > 1:
            ids = tuple(existing.id for existing in found)
            result = Result(planned.name, State.CONFLICT, taken_by(*ids), twins=ids)
        else:
            result = differs(planned, found[0])
        self.journal.append("conflict", planned.name, evidence=result.evidence)
        return result

    def _done(self, kind: str, name: str, existing: Existing, request: str, evidence: str) -> None:
        self.journal.append(kind, name, id=existing.id, request=request, evidence=evidence)

    def _closed(self, kind: str, name: str, outcome: Outcome) -> None:
        self.journal.append(kind, name, evidence=outcome.evidence, request_id=outcome.request_id)

    def _unknown(self, name: str, evidence: str, **facts: Any) -> Result:
        """Keep the intent open. Where the time at which the call ended is known, it is among the facts."""
        if "ended" not in facts:
            entry, boot = self.journal.entry(name), self.retry.clock.boot()
            facts["ended"] = entry.sent_before(self.retry.clock.now())
            facts["boot"] = (boot[0], entry.ended_at(boot))
        self.journal.append("unknown", name, evidence=evidence, **facts)
        return Result(name, State.UNKNOWN, evidence)
