"""Saved answers of Huawei Cloud's list calls: the nodes of an MRS cluster, the servers of ECS.

MRS "ListHosts" (GET /v1.1/{project_id}/clusters/{cluster_id}/hosts) answers with `total` and `hosts`, each
with `name` and `ip`. ECS "Querying Details About ECSs" (GET /v1/{project_id}/cloudservers/detail) answers
with `count` and `servers`; each has `name` and `addresses`, by VPC, of `addr`, `version` and
`OS-EXT-IPS:type`, which is `fixed` for a private address and `floating` for an elastic one.

An answer holds one page. What is not in it would be missing without a word, so that all pages have to be in
the file: one answer, or an array of answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from importer.columns.batch import Piece, Source
from importer.columns.text import TextColumn
from importer.columns.understood import Column, Understood
from importer.errors import InputError, UsageError
from importer.language import said
from importer.limits import MiB
from importer.reading.cells.batches import CellPlaces, cell_batch
from importer.reading.options import ReadOptions
from importer.reading.streams import PeekStream

MAX_ANSWER = 32 * MiB
"""Bytes of a file; 20,000 nodes of MRS need about a third of it."""


class _Pair(NamedTuple):
    number: int
    """Of the node or server in the file, from 1."""
    ip: str
    name: str


class _Call(NamedTuple):
    """One list call."""

    what: str
    members: str
    """The key of the list."""
    total: str
    """The key of the number of all, on all pages."""
    marks: tuple[bytes, ...]
    """What the beginning of such an answer holds."""
    addresses: Callable[[dict[str, Any]], list[str]]
    pages: str
    """How to have all of them."""


def _of_node(node: dict[str, Any]) -> list[str]:
    return [_text(node.get("ip"))]


def _of_server(server: dict[str, Any]) -> list[str]:
    """Its private addresses: those of IPv4 or, where there are none, those of IPv6."""
    networks = server.get("addresses")
    if not isinstance(networks, dict):
        raise _not_documented("addresses")
    found = [one for network in networks.values() for one in (network if isinstance(network, list) else ())]
    if not all(isinstance(one, dict) for one in found):
        raise _not_documented("addresses")
    private = [one for one in found if one.get("OS-EXT-IPS:type", "fixed") == "fixed"]
    four = [one for one in private if str(one.get("version")) == "4"]
    return [_text(one.get("addr")) for one in four or private] or [""]


CALLS = {
    "mrs-json": _Call(
        "hosts of MRS",
        "hosts",
        "total",
        (b'"hosts"', b'"ip"', b'"flavor"'),
        _of_node,
        "ask for all of them in one page, with pageSize",
    ),
    "ecs-json": _Call(
        "servers of ECS",
        "servers",
        "count",
        (b'"servers"', b'"addresses"', b'"OS-EXT-IPS'),
        _of_server,
        "save each page, and join them: jq -s . PAGE... > ALL.json",
    ),
}
"""What `--from` calls them."""


def answer_kind(head: bytes, options: ReadOptions) -> str:
    """`mrs-json` or `ecs-json` where the options say so or the beginning shows it, else empty."""
    if options.syntax:
        return options.syntax if options.syntax in CALLS else ""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return ""
    return next((kind for kind, call in CALLS.items() if all(mark in head for mark in call.marks)), "")


def answer_pieces(stream: PeekStream, source: Source, options: ReadOptions) -> Iterator[Piece]:
    """The records of a file of answers, one for each private address. Raises InputError.

    A line is the number of the node or server, from 1; addresses are in column 1 and names in column 2.
    """
    for option in ("delimiter", "header", "ip_column", "name_column", "sheet", "encoding"):
        if getattr(options, option):
            raise UsageError(
                said(
                    "--{value} is for tables, and {name} is an answer in JSON",
                    value=option.replace("_", "-"),
                    name=source.name,
                ),
                hint="leave it out",
            )
    call = CALLS[source.format]
    pairs = list(_pairs(_answers(stream, call), call))
    understood = Understood(name_column=Column(2, "name", "name"), ip_column=Column(1, "ip", "ip"))
    yield partial(
        cell_batch,
        source._replace(understood=understood),
        CellPlaces(2),
        np.fromiter((pair.number for pair in pairs), np.int64, len(pairs)),
        (0, 1),
        TextColumn.from_values([_bytes(pair.ip) for pair in pairs]),
        TextColumn.from_values([_bytes(pair.name) for pair in pairs]),
        lines=len(pairs),
    )


def _answers(stream: PeekStream, call: _Call) -> list[dict[str, Any]]:
    parts, size = [], 0
    while part := stream.read(MiB):
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER:
            raise InputError(
                said(
                    "looks like {what} in JSON, and is larger than {MAX_ANSWER} MiB",
                    what=call.what,
                    MAX_ANSWER=MAX_ANSWER // MiB,
                ),
                hint="split it into files of whole answers, and name them all",
            )
    try:
        found = json.loads(b"".join(parts).removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            said("looks like {what} in JSON, and is damaged: {error}", what=call.what, error=error),
            hint="save the answer again",
        ) from None
    answers = found if isinstance(found, list) else [found]
    if not answers or not all(isinstance(one, dict) for one in answers):
        raise _not_documented(call.members)
    return answers


def _pairs(answers: list[dict[str, Any]], call: _Call) -> Iterator[_Pair]:
    number = 0
    for answer in answers:
        members = answer.get(call.members)
        if not isinstance(members, list) or not all(isinstance(one, dict) for one in members):
            raise _not_documented(call.members)
        for member in members:
            number += 1
            name = _text(member.get("name"))
            for ip in call.addresses(member):
                yield _Pair(number, ip, name)
    texts = [str(answer.get(call.total)) for answer in answers]
    total = max((int(text) for text in texts if text.isdecimal() and len(text) < 10), default=0)
    if total > number:
        raise InputError(
            said("holds {number:,} of {total:,} {what}", number=number, total=total, what=call.what),
            hint=call.pages,
        )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _not_documented(str(value)[:40])
    return value


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _not_documented(what: str) -> InputError:
    return InputError(
        said("is not an answer as it is documented ({what!a})", what=what),
        hint="save the whole answer of the list call",
    )
