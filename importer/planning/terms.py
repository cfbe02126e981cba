"""From a checked list to requests: whether it may be sent, and the connections it fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from importer import limits
from importer.checking.catalogue import BY_CODE
from importer.checking.findings import Severity
from importer.errors import ConnectionInvalid
from importer.language import plural

if TYPE_CHECKING:
    from importer.checking.report import Report
    from importer.planning.request import Connection, CreateRequest


def blocking(report: Report, *, skip_refused: bool, strict: bool) -> list[str]:
    """Codes of the findings that forbid to go on.

    Leaving out the refused records settles an error that refused its record, and no other one; and
    it settles neither D303, which `--on-conflict` does, nor that there are too many or no hosts.
    """
    errors = list(report.codes(Severity.ERROR))
    if skip_refused:
        errors = [code for code in errors if BY_CODE[code].settled_by != "skip_refused"]
    return errors + [code for code in report.codes(Severity.WARNING) if strict and code not in errors]


def why_not(report: Report, *, skip_refused: bool, strict: bool, job: bool = False) -> str:
    """Which rules forbid to go on, and the options, or keys of a job, that settle them."""
    codes = blocking(report, skip_refused=skip_refused, strict=strict)
    settled = set(codes) - set(blocking(report, skip_refused=True, strict=strict))
    skip, conflict, split, severe = (
        ("skip_refused = true", "check = { on_conflict = ... }", "split = true", "strict")
        if job
        else ("--skip-refused", "--on-conflict", "--split", "--strict")
    )
    ways = [
        f"{skip} goes on without the refused records" if settled else "",
        f"{conflict} says which address wins" if "D303" in codes else "",
        f"{split} makes several connections of the list" if "L401" in codes else "",
        f"without {severe} warnings do not count" if strict and report.count(Severity.WARNING) else "",
    ]
    return "; ".join([f"{plural(len(codes), 'rule')} broken ({', '.join(codes)})", *filter(None, ways)])


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

    for number, part in enumerate(parts(pairs), 1):
        try:
            yield build_request(connection.numbered(number) if several else connection, part)
        except ConnectionInvalid as error:
            raise ConnectionInvalid(
                f"part {number}: {error.message}", hint="a shorter --name leaves room for the number"
            ) from None
