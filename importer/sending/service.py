"""The calls this program makes: create a connection, change it, find one by its name, show one by its id.

Paths and fields are those of the service's API reference, "Enhanced Datasource Connections"
(/v2.0/{project_id}/datasource/enhanced-connections).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import quote

from importer.calling.calls import Answer, Call, Failure, Phase
from importer.language import said
from importer.planning.identity import Existing, Identity, NotUnderstood, existing_of, is_id
from importer.sending.outcome import (
    Meaning,
    Outcome,
    Said,
    is_no_api,
    is_throttled,
    meaning_of,
    said_by,
    says_not_found,
)
from importer.sending.retry import Reason, Retry, asked_in

PAGE = 10
"""Connections in one list answer: each can hold 20,000 hosts, some 3 MB. Mostly there is none or one."""
MOST_PAGES = 10_000
MOST_BYTES = 4 << 30
"""Of all pages of one look-up."""
MOST_OF_A_NAME = 100
"""Connections of one name that are kept: each holds all its hosts."""


class LookUpFailed(Exception):
    """The service could not be asked, or its answer not be understood: nothing is known."""


class Seen(NamedTuple):
    """What a read by id showed."""

    existing: Existing | None
    deleted: bool
    """It was there, and the service says that it was deleted."""


class Gate:
    """Lets one call through at a time until the service has accepted the credentials of one.

    A key is locked after five bad signatures in a row, and a run has many workers. So what refuses the
    credentials must halt the run inside of the call, before another worker has its turn.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = False

    def pass_through(
        self, before: Callable[[], object], send: Callable[[], Answer | Failure]
    ) -> Answer | Failure:
        """Make a call when it is its turn."""
        if self._open:
            before()
            return send()
        with self._lock:
            before()
            result = send()
            self._open = self._open or (isinstance(result, Answer) and result.status not in _UNKNOWN_CALLER)
            return result


_UNKNOWN_CALLER = (401, 403, 429, 503)
"""Statuses that say that the credentials are wrong, or that nobody has looked at them yet."""


class Service:
    """The connections of one project, for one thread. Reads are repeated by the policy, creates never."""

    def __init__(
        self, exchange: Callable[[Call], Answer | Failure], base: str, retry: Retry, gate: Gate
    ) -> None:
        self._exchange = exchange
        self._base = base
        self._retry = retry
        self._gate = gate

    def create(self, body: bytes) -> Outcome:
        """Send one create call, at once and exactly once.

        The caller has waited for its turn, and the service has admitted a call: nothing waits here, since
        the journal says already when this call is made.
        """
        return self._stopped(meaning_of(self._exchange(_call("POST", self._base, body))))

    def change(self, method: str, connection_id: str, body: bytes, action: str = "") -> Outcome:
        """Send one call that changes a connection, as `create` does: `PUT`, or `POST` with an action."""
        url = f"{self._base}/{quote(connection_id, safe='')}{action}"
        return self._stopped(meaning_of(self._exchange(_call(method, url, body)), made=""))

    def _stopped(self, outcome: Outcome) -> Outcome:
        """Halt the run, where no later call can succeed, before another worker sends the same credentials."""
        if outcome.stops:
            reason = Reason.TLS if outcome.meaning is Meaning.NOT_SENT else Reason.REFUSED
            self._retry.halt(reason, outcome.evidence)
        return outcome

    def find(self, name: str, like: Identity | None = None) -> list[Existing]:
        """All live connections of exactly this name.

        Where there is none: those that are `like` this and have the name but for the case of its letters,
        since a service may keep names in one case.

        The filters of the service are used, and not relied on; and not a short page but an empty one is
        the end. The second page is asked for with `offset` 1: a server whose offset counts connections
        shows known ones again, and one whose offset counts pages shows new ones. Raises LookUpFailed, Halted.
        """
        return self._named(name, like, list(self._walk(name).values()))

    def every(self) -> list[Existing]:
        """All live connections, without their hosts: each can have 20,000. Raises LookUpFailed, Halted."""
        return list(self._walk("").values())

    def _walk(self, name: str) -> dict[str, Existing]:
        """All pages of the list; an empty name stands for all names."""
        found: dict[str, Existing] = {}
        size = 0

        def page(offset: int) -> list[str]:
            nonlocal size
            ids, more = self._page(name, offset, found)
            size += more
            if size > MOST_BYTES or (name and len(found) > MOST_OF_A_NAME):
                raise LookUpFailed(
                    said("the list is larger than {MOST_BYTES} GiB", MOST_BYTES=MOST_BYTES >> 30)
                    if size > MOST_BYTES
                    else said(
                        "more than {MOST_OF_A_NAME} connections have this name", MOST_OF_A_NAME=MOST_OF_A_NAME
                    )
                )
            return ids

        first = page(0)
        passed, offset, by_page = set(first), 1, False
        for _ in range(MOST_PAGES if first else 0):
            ids = page(offset)
            if not ids:
                return found
            if ids == first or (passed.issuperset(ids) and offset > 1):
                raise LookUpFailed("the list goes round in a circle")
            if offset == 1:
                by_page = passed.isdisjoint(ids)
            passed.update(ids)
            offset += 1 if by_page else len(ids)
        if first:
            raise LookUpFailed("the list does not end")
        return {}

    def _page(self, name: str, offset: int, found: dict[str, Existing]) -> tuple[list[str], int]:
        """The ids on a page, and its bytes; live ones of the name are added to what was found."""
        named = f"&name={quote(name, safe='')}" if name else ""
        query = f"limit={PAGE}{named}&offset={offset}&status=ACTIVE"
        answer, said = self._read(f"{self._base}?{query}")
        items = self._understood(answer, said).get("connections")
        if not isinstance(items, list):
            raise LookUpFailed("the list has no connections field")
        ids = []
        for item in items:
            existing = self._existing(item)
            ids.append(item.get("id") or item.get("connection_id"))
            if not is_id(ids[-1]):
                raise LookUpFailed("the answer holds a connection without name or id")
            if existing is None:
                continue
            if not name:
                found[existing.id] = replace(existing, given=())
            elif existing.name.casefold() == name.casefold():
                found[existing.id] = existing
        return ids, len(answer.body)

    def _named(self, name: str, like: Identity | None, found: list[Existing]) -> list[Existing]:
        """Those of exactly this name, or else those that are `like` this.

        Where the list shows none of the wanted hosts, it may be one that shows none at all.
        """
        if like is not None and like.count:
            found = [one for one in map(self._whole, found) if one is not None]
        exact = [one for one in found if one.name == name]
        if exact or like is None:
            return exact
        return [one for one in found if not like.differences(one.identity)]

    def _whole(self, listed: Existing) -> Existing | None:
        """A connection as a read by its id shows it, where the list shows no hosts; None if deleted."""
        if listed.identity.count:
            return listed
        seen = self.see(listed.id)
        return None if seen.deleted else seen.existing or listed

    def show(self, connection_id: str) -> Existing | None:
        """A connection by its id; None if it is deleted or unknown. Raises LookUpFailed, Halted."""
        return self.see(connection_id).existing

    def see(self, connection_id: str) -> Seen:
        """The same, with deleted ones told from unknown ones. Raises LookUpFailed, Halted."""
        answer, said = self._read(f"{self._base}/{quote(connection_id, safe='')}")
        if answer.status != 200 and says_not_found(answer):
            return Seen(None, deleted=False)
        existing = self._existing(self._understood(answer, said))
        if existing is not None and existing.id != connection_id:
            raise LookUpFailed("the service showed another connection than was asked for")
        return Seen(existing, deleted=existing is None)

    @staticmethod
    def _existing(item: Any) -> Existing | None:
        try:
            return existing_of(item)
        except NotUnderstood as error:
            raise LookUpFailed(said("the answer holds {error}", error=error)) from None

    @staticmethod
    def _understood(answer: Answer, said: Said) -> dict[str, Any]:
        if answer.status != 200 or not said.data or said.data.get("is_success") is False:
            raise LookUpFailed(said.evidence)
        return said.data

    def _ask(self, url: str) -> Answer | Failure:
        """Make a read call, and halt the run where no later call can succeed. Raises Halted."""
        result = self._exchange(_call("GET", url))
        if isinstance(result, Failure):
            if result.phase is Phase.TLS:
                raise self._retry.halt(Reason.TLS, result.text)
        elif result.status in (401, 403, 404):
            said = said_by(result)
            if is_no_api(result.status, said.code):
                raise self._retry.halt(Reason.NO_API, said.evidence)
            if result.status != 404 and not is_throttled(result.status, said.code):
                raise self._retry.halt(Reason.REFUSED, said.evidence)
        return result

    def _read(self, url: str) -> tuple[Answer, Said]:
        """An answer that says something, and what it says.

        Reads that failed on the way, or in the server, are repeated.
        """
        attempt = 0
        while True:
            wait = ""
            result = self._gate.pass_through(self._retry.turn, lambda: self._ask(url))
            if isinstance(result, Answer):
                said, wait = said_by(result), asked_in(result.headers)
                evidence = said.evidence
                if is_throttled(result.status, said.code):
                    self._retry.throttled(wait, evidence)
                    continue
                if (
                    result.complete
                    and result.status < 500
                    and result.status != 408
                    and said.code not in ("DLI.0999", "DLI.0019")
                ):
                    self._retry.succeeded()
                    return result, said
            else:
                evidence = result.text
            attempt += 1
            self._retry.failed(attempt, evidence, retry_after=wait)


def _call(method: str, url: str, body: bytes = b"") -> Call:
    return Call(method, url, {"Accept": "application/json", "Content-Type": "application/json"}, body)


def base_url(endpoint: str, project_id: str) -> str:
    """The URL under which the connections of a project live."""
    return f"{endpoint}/v2.0/{quote(project_id, safe='')}/datasource/enhanced-connections"
