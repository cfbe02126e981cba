"""What a list must satisfy to be sent, and the requests that it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from importer import limits
from importer.checking.catalogue import BY_CODE
from importer.checking.findings import Severity
from importer.errors import ConnectionInvalid
from importer.language import plural, said

if TYPE_CHECKING:
    from importer.checking.report import Report
    from importer.planning.request import Connection, CreateRequest

OPTIONS = {
    "skip_refused": "--skip-refused",
    "on_conflict": "--on-conflict",
    "split": "--split",
    "strict": "--strict",
}
"""The terms as the command line spells them."""

KEYS = {
    "skip_refused": "skip_refused = true",
    "on_conflict": "check = { on_conflict = ... }",
    "split": "split = true",
    "strict": "strict",
}
"""The terms as a jobs file spells them."""

_WAYS = {
    "skip_refused": "goes on without the refused records",
    "on_conflict": "says which address wins",
    "split": "makes several connections of the list",
}
"""By the term that settles an error: what it does."""


class Terms(NamedTuple):
    """What a list must satisfy to be sent; a job holds them, and so does the command line."""

    strict: bool = False
    """Warnings forbid to send."""
    skip_refused: bool = False
    """The list may be sent without its refused records."""
    split: bool = False
    """The list may fill several connections."""
    on_conflict: str = "refuse"
    """What becomes of a name at a second address: refuse, first, last or keep."""

    def blocking(self, report: Report) -> list[str]:
        """Codes of the findings that forbid to send the list.

        `skip_refused` settles an error that refused its record, and no other one: it settles neither a name
        at two addresses, which `on_conflict` does, nor that there are too many hosts or none.
        """
        errors = list(report.codes(Severity.ERROR))
        if self.skip_refused:
            errors = [code for code in errors if BY_CODE[code].settled_by != "skip_refused"]
        if not self.strict:
            return errors
        return errors + [code for code in report.codes(Severity.WARNING) if code not in errors]

    def why_not(self, report: Report, spelling: Mapping[str, str] = OPTIONS) -> str:
        """Which rules forbid to send the list, and which terms, spelled in this way, settle them."""
        codes = self.blocking(report)
        settling = {BY_CODE[code].settled_by for code in codes if report.severities[code] == Severity.ERROR}
        told = [said("{rules} broken ({codes})", rules=plural(len(codes), "rule"), codes=", ".join(codes))]
        told += [f"{spelling[term]} {does}" for term, does in _WAYS.items() if term in settling]
        if self.strict and report.count(Severity.WARNING):
            told.append(said("without {spelling} warnings do not count", spelling=spelling["strict"]))
        return "; ".join(told)

    def several(self, hosts: int) -> bool:
        """Whether so many hosts fill more than one connection."""
        return self.split and hosts > limits.MAX_HOSTS


def remarks(report: Report) -> Iterator[str]:
    """What is worth knowing of a list that may be sent: what was left out, and why; what is likely wrong."""
    for severity, told, advice in (
        (Severity.ERROR, "left out as refused", ""),
        (Severity.WARNING, "warnings", "; dli-hosts check shows them"),
    ):
        found = [f"{r.number:,} {r.rule.code}" for r in report.reasons if r.severity == severity]
        if found and (report.totals.refused or severity != Severity.ERROR):
            yield f"{told}: {', '.join(found)}{advice}"


def parts(pairs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """The hosts in parts that one connection holds."""
    rest = iter(pairs)
    while part := list(islice(rest, limits.MAX_HOSTS)):
        yield part


def requests(
    connection: Connection, pairs: Iterable[tuple[str, str]], *, several: bool
) -> Iterator[CreateRequest]:
    """The requests that a list comes to; `several`: one for each 20,000 hosts, names numbered.

    Raises ConnectionInvalid where the number makes a name too long.
    """
    from importer.planning.request import build_request

    named = _named(connection, several=several)
    return (build_request(one, part) for part, one in zip(parts(pairs), named, strict=False))


def frames(connection: Connection, *, several: bool) -> Iterator[dict[str, Any]]:
    """The bodies of the requests that a list comes to, one after the other, their hosts left out.

    Raises ConnectionInvalid as `requests`.
    """
    from importer.planning.request import build_request

    return (build_request(one, ()).body() for one in _named(connection, several=several))


def _named(connection: Connection, *, several: bool) -> Iterator[Connection]:
    """The connection of each part of a list."""
    if not several:
        yield from repeat(connection)
    for number in count(1):
        try:
            yield connection.numbered(number)
        except ConnectionInvalid as error:
            raise ConnectionInvalid(
                said("part {number}: {message}", number=number, message=error.message),
                hint="a shorter --name leaves room for the number",
            ) from None
