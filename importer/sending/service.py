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
from importer.planning.identity import Existing, NotUnderstood, existing_of
from importer.sending.outcome import (
    Outcome,
    error_of,
    evidence_of,
    is_throttled,
    json_object,
    meaning_of,
    says_not_found,
)
from importer.sending.retry import Reason, Retry, asked_in

PAGE = 10
"""Connections in one list answer: each can hold 20,000 hosts, some 3 MB. Mostly there is none or one."""
MOST_PAGES = 10_000


class LookUpFailed(Exception):
    """The service could not be asked, or its answer not be understood: nothing is known."""


class Seen(NamedTuple):
    """What a read by id showed."""

    existing: Existing | None
    deleted: bool
    """It was there, and the service says that it was deleted."""


class Gate:
    """Lets one call through at a time until the service has accepted the credentials of one.

    A key is locked after five bad signatures in a row, and a run has many workers.
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
            self._open = self._open or (isinstance(result, Answer) and result.status not in (401, 403))
            return result


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
        return meaning_of(self._exchange(_call("POST", self._base, body)))

    def change(self, method: str, connection_id: str, body: bytes, action: str = "") -> Outcome:
        """Send one call that changes a connection, as `create` does: `PUT`, or `POST` with an action."""
        url = f"{self._base}/{quote(connection_id, safe='')}{action}"
        return meaning_of(self._exchange(_call(method, url, body)), made="")

    def find(self, name: str) -> list[Existing]:
        """All live connections of exactly this name.

        The filters of the service are used, and not relied on; and not a short page but an empty one is
        the end. The second page is asked for with `offset` 1: a server whose offset counts connections
        shows known ones again, and one whose offset counts pages shows new ones. Raises LookUpFailed, Halted.
        """
        return list(self._walk(name).values())

    def every(self) -> list[Existing]:
        """All live connections, without their hosts: each can have 20,000. Raises LookUpFailed, Halted."""
        return list(self._walk("").values())

    def _walk(self, name: str) -> dict[str, Existing]:
        """All pages of the list; an empty name stands for all names."""
        found: dict[str, Existing] = {}
        first = self._page(name, 0, found)
        passed, offset, by_page = set(first), 1, False
        for _ in range(MOST_PAGES if first else 0):
            ids = self._page(name, offset, found)
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

    def _page(self, name: str, offset: int, found: dict[str, Existing]) -> list[str]:
        """The ids on a page; those live ones that have the name are added to what was found."""
        named = f"&name={quote(name, safe='')}" if name else ""
        query = f"limit={PAGE}{named}&offset={offset}&status=ACTIVE"
        items = self._understood(*self._read(f"{self._base}?{query}")).get("connections")
        if not isinstance(items, list):
            raise LookUpFailed("the list has no connections field")
        for item in items:
            existing = self._existing(item)
            if existing is not None and existing.name == (name or existing.name):
                found[existing.id] = existing if name else replace(existing, given=())
        return [str(item.get("id") or item.get("connection_id")) for item in items]

    def show(self, connection_id: str) -> Existing | None:
        """A connection by its id; None if it is deleted or unknown. Raises LookUpFailed, Halted."""
        return self.see(connection_id).existing

    def see(self, connection_id: str) -> Seen:
        """The same, with deleted ones told from unknown ones. Raises LookUpFailed, Halted."""
        answer, data = self._read(f"{self._base}/{quote(connection_id, safe='')}")
        if answer.status != 200 and says_not_found(answer):
            return Seen(None, deleted=False)
        existing = self._existing(self._understood(answer, data))
        if existing is not None and existing.id != connection_id:
            raise LookUpFailed("the service showed another connection than was asked for")
        return Seen(existing, deleted=existing is None)

    @staticmethod
    def _existing(item: Any) -> Existing | None:
        try:
            return existing_of(item)
        except NotUnderstood as error:
            raise LookUpFailed(f"the answer holds {error}") from None

    @staticmethod
    def _understood(answer: Answer, data: dict[str, Any]) -> dict[str, Any]:
        if answer.status != 200 or not data or data.get("is_success") is False:
            raise LookUpFailed(evidence_of(answer.status, *error_of(data)))
        return data

    def _read(self, url: str) -> tuple[Answer, dict[str, Any]]:
        """An answer that says something, and its JSON object.

        Reads that failed on the way, or in the server, are repeated.
        """
        attempt = 0
        while True:
            wait = ""
            result = self._gate.pass_through(self._retry.turn, lambda: self._exchange(_call("GET", url)))
            if isinstance(result, Answer):
                data = json_object(result)
                code, message = error_of(data)
                evidence = evidence_of(result.status, code, message)
                if is_throttled(result.status, code):
                    self._retry.throttled(asked_in(result.headers), evidence)
                    continue
                if result.status in (401, 403):
                    raise self._retry.halt(Reason.REFUSED, evidence)
                if (
                    result.complete
                    and result.status < 500
                    and result.status != 408
                    and code not in ("DLI.0999", "DLI.0019")
                ):
                    self._retry.succeeded()
                    return result, data
                wait = asked_in(result.headers)
            else:
                evidence = result.text
                if result.phase is Phase.TLS:
                    raise self._retry.halt(Reason.TLS, evidence)
            attempt += 1
            self._retry.failed(attempt, evidence, retry_after=wait)


def _call(method: str, url: str, body: bytes = b"") -> Call:
    return Call(method, url, {"Accept": "application/json", "Content-Type": "application/json"}, body)


def base_url(endpoint: str, project_id: str) -> str:
    """The URL under which the connections of a project live."""
    return f"{endpoint}/v2.0/{quote(project_id, safe='')}/datasource/enhanced-connections"
