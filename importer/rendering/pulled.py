"""Connections as the service has them now: their hosts as lists to be read again, or a table of them all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from importer.errors import UsageError
from importer.language import plural, said
from importer.planning.identity import Existing
from importer.shown import shown, visible

FORMS = {
    "hosts": "hosts syntax",
    "csv": "a header and one host a line",
    "console": "lines for the console's dialog",
    "toml": "an entry of a jobs file",
}
"""What a pulled connection may be written as."""
MANY = ("toml",)
"""Forms that can hold several connections."""


def in_order(existing: Existing) -> list[tuple[str, str]]:
    """The hosts by address and name. Raises UsageError for one that no form can hold."""
    pairs = []
    for line in existing.hosts:
        ip, _, name = line.partition(" ")
        if not (ip and name) or any(char in '#,"\\' or char.isspace() for char in ip + name):
            raise UsageError(
                said(
                    "{name}: {line} is no host that a list can hold", name=existing.name, line=shown(line, 60)
                )
            )
        if visible(line) != line:
            raise UsageError(
                said(
                    "{name}: {line} has a character that cannot be seen",
                    name=existing.name,
                    line=shown(line, 60),
                )
            )
        pairs.append((ip, name))
    return sorted(pairs, key=_place)


def _place(pair: tuple[str, str]) -> tuple[list[int], str, str]:
    parts = pair[0].split(".")
    number = (
        [int(part) for part in parts] if all(part.isdecimal() and len(part) < 4 for part in parts) else []
    )
    return number, *pair


def written(form: str, connections: Sequence[Existing], origin: str) -> Iterator[str]:
    """Connections in a form; `origin` says when and where they were pulled. Raises UsageError."""
    for number, existing in enumerate(connections):
        pairs = in_order(existing)
        if form == "console":
            yield from (f"{ip} {name}\n" for ip, name in pairs)
            continue
        yield "\n" if number else ""
        count = plural(len(pairs), "host")
        yield f"# connection {existing.name}, id {existing.id}, {count}, pulled {visible(origin)}\n"
        if form == "toml":
            yield from _entry(existing, pairs)
        elif form == "csv":
            yield from ("ip,name\n", *(f"{ip},{name}\n" for ip, name in pairs))
        else:
            yield from (f"{ip} {name}\n" for ip, name in pairs)


def _entry(existing: Existing, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    identity = existing.identity
    yield "# Tags and the route table cannot be read.\n[[connection]]\n"
    yield f"name = {_text(existing.name)}\nvpc = {_text(identity.vpc)}\nsubnet = {_text(identity.subnet)}\n"
    for key, names in (("pools", identity.pools), ("queues", identity.queues)):
        if names:
            yield f"{key} = [{', '.join(map(_text, names))}]\n"
    lines = [f"  {_text(f'{ip} {name}')},\n" for ip, name in pairs]
    if lines:
        yield from ("hosts = [\n", *lines, "]\n")


def _text(text: str) -> str:
    """A basic string of TOML, which has the escapes of JSON but those of surrogates."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def table(form: str, connections: Iterable[Existing]) -> Iterator[str]:
    """All connections, without their hosts: as text, json or csv."""
    rows = [_row(existing) for existing in connections]
    if form == "json":
        yield json.dumps({"schema_version": 1, "connections": rows}, indent=2) + "\n"
        return
    if form == "csv":
        made = io.StringIO()
        writer = csv.writer(made, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for row in rows:
            pools = " ".join(f"{pool['name']}={pool['status']}" for pool in row["pools"])
            cells = {**row, "pools": pools}
            writer.writerow([_cell(str(cells[key])) for key in _COLUMNS])
        yield made.getvalue()
        return
    for row in rows:
        pools = ", ".join(f"{pool['name']} {pool['status']}" for pool in row["pools"]) or "no pool"
        place = said(
            "vpc {row}, subnet {row_2}, id {row_3}", row=row["vpc"], row_2=row["subnet"], row_3=row["id"]
        )
        yield (
            visible(f"{row['name']}: {row['status']}, {plural(row['hosts'], 'host')}, {pools}, {place}")
            + "\n"
        )


_COLUMNS = ("name", "id", "status", "hosts", "pools", "vpc", "subnet")


def _row(existing: Existing) -> dict[str, Any]:
    identity = existing.identity
    return {
        "name": existing.name,
        "id": existing.id,
        "status": "ACTIVE",
        "hosts": identity.count,
        "pools": [
            {"name": one.name, "status": one.status, "err_msg": one.error} for one in existing.peerings
        ],
        "vpc": identity.vpc,
        "subnet": identity.subnet,
    }


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = visible(text)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
