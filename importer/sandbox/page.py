"""Bodies as the documentation describes them, read strictly: what it does not name is refused with DLI.0001.

Sources: "Creating an Enhanced Datasource Connection" (field names, which are mandatory, the limits below),
"Modifying Host Information" (`hosts` alone, mandatory), "Binding a Queue" (two lists of names), and
"Batch Adding Tags" for the number of tags.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

from importer.sandbox.answers import Refusal, parameter
from importer.shown import shown

NAME = "[A-Za-z0-9_]{1,64}"
"""`name`: "Only letters, digits, and underscores (_) are allowed ... a maximum of 64 characters"."""
HOST_NAME = "[A-Za-z][A-Za-z0-9_.-]{0,127}"
"""`hosts.name`: 128 characters of letters, digits, `_`, `-` and `.`, beginning with a letter."""
HOST_IP = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}"
"""`hosts.ip`: "The IPv4 address of the host"; a number with a leading zero is not decimal."""
MOST_HOSTS = 20_000
"""`hosts`: "A maximum of 20,000 records are supported"."""
MOST_TAGS, MOST_KEY, MOST_VALUE = 20, 128, 255
"""`tags`: 20 of one resource, a key of 1 to 128 characters, a value of at most 255."""
TAG_MARKS = " _.:=+-@"
"""`tags`: besides letters and digits of any language."""
RESERVED = "_sys_"
"""`tags.key`: "cannot start with _sys_"."""
DEFAULT_QUEUE = "default"
"""`queues`: the queue named default cannot be used."""

_NAME = re.compile(NAME)
_HOST_NAME = re.compile(HOST_NAME)
_HOST_IP = re.compile(HOST_IP, re.ASCII)


class Create(NamedTuple):
    """A create body that the page allows."""

    name: str
    dest_vpc_id: str
    dest_network_id: str
    elastic_resource_pools: tuple[str, ...]
    queues: tuple[str, ...]
    routetable_id: str | None
    hosts: list[dict[str, str]]
    """Each with the keys `ip` and `name`, in any order."""
    tags: tuple[tuple[str, str], ...]


class Names(NamedTuple):
    """A body that binds or unbinds: two lists of names, not both empty."""

    elastic_resource_pools: tuple[str, ...]
    queues: tuple[str, ...]


def read_create(body: bytes) -> Create:
    """The create body. Raises Refusal (DLI.0001) that names the first fault."""
    mandatory = ("name", "dest_vpc_id", "dest_network_id")
    fields = _fields(body, mandatory, (*mandatory, *_LISTS, "routetable_id", "hosts", "tags"))
    name = fields["name"]
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise parameter("name: only letters, digits and underscores (_) are allowed, 1 to 64 characters")
    route_table = fields.get("routetable_id")
    if "routetable_id" in fields:
        _text("routetable_id", route_table)
    return Create(
        name,
        _text("dest_vpc_id", fields["dest_vpc_id"]),
        _text("dest_network_id", fields["dest_network_id"]),
        _names(fields, "elastic_resource_pools"),
        _names(fields, "queues"),
        route_table,
        _hosts(fields.get("hosts", [])),
        _tags(fields.get("tags", [])),
    )


def read_update(body: bytes) -> list[dict[str, str]]:
    """The hosts of an update body, which overwrite all. Raises Refusal (DLI.0001)."""
    return _hosts(_fields(body, ("hosts",), ("hosts",))["hosts"])


def read_names(body: bytes) -> Names:
    """The pools and queues to bind or to unbind. Raises Refusal (DLI.0001)."""
    fields = _fields(body, (), _LISTS)
    names = Names(_names(fields, "elastic_resource_pools"), _names(fields, "queues"))
    if not any(names):
        raise parameter("elastic_resource_pools and queues are both empty")
    return names


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object: UTF-8, no key twice, no NaN or Infinity. Raises Refusal (DLI.0001)."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise parameter("the body is nested too deeply") from None
    except ValueError:  # UnicodeDecodeError, JSONDecodeError, and integers of too many digits
        raise parameter("the body is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise parameter("the body is not a JSON object")
    return value


_LISTS = ("elastic_resource_pools", "queues")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise parameter("a key stands twice in one object")
    return fields


def _no_number(word: str) -> Any:
    raise parameter(f"{word} is not JSON")


def _fields(body: bytes, mandatory: Iterable[str], known: Iterable[str]) -> dict[str, Any]:
    fields = read_object(body)
    for key in fields:
        if key not in known:
            raise parameter(f"{shown(key, 60)}: there is no such parameter")
    for key in mandatory:
        if key not in fields:
            raise parameter(f"{key}: is mandatory")
    return fields


def _text(field: str, value: Any) -> str:
    """A string of at least one character; a lone surrogate is not a character."""
    if not (isinstance(value, str) and value and not re.search("[\ud800-\udfff]", value)):
        raise parameter(f"{field}: must be a string that is not empty")
    return value


def _list(field: str, value: Any, most: int | None = None) -> list[Any]:
    if not isinstance(value, list):
        raise parameter(f"{field}: must be an array")
    if most is not None and len(value) > most:
        raise parameter(f"{field}: {len(value):,} records, at most {most:,} are supported")
    return value


def _names(fields: dict[str, Any], field: str) -> tuple[str, ...]:
    names = tuple(
        _text(f"{field}[{index}]", value) for index, value in enumerate(_list(field, fields.get(field, [])))
    )
    if len(set(names)) != len(names):
        raise parameter(f"{field}: a name stands twice")
    if field == "queues" and DEFAULT_QUEUE in names:
        raise parameter("queues: the queue default cannot be used")
    return names


def _hosts(value: Any) -> list[dict[str, str]]:
    """Up to 20,000 hosts in a tight loop: some 15 ms."""
    is_name, is_ip = _HOST_NAME.fullmatch, _HOST_IP.fullmatch
    hosts = _list("hosts", value, MOST_HOSTS)
    for index, host in enumerate(hosts):
        try:
            if len(host) == 2 and is_name(host["name"]) and is_ip(host["ip"]):
                continue
        except (TypeError, KeyError):
            pass
        raise _host_fault(index, host)
    return hosts


def _host_fault(index: int, host: Any) -> Refusal:
    """What is wrong with one host, at its index."""
    if not isinstance(host, dict):
        return parameter(f"hosts[{index}]: must be an object")
    for key in ("name", "ip"):
        if key not in host:
            return parameter(f"hosts[{index}].{key}: is missing")
    if len(host) > 2:
        return parameter(f"hosts[{index}]: has a parameter besides name and ip")
    name = host["name"]
    if not (isinstance(name, str) and _HOST_NAME.fullmatch(name)):
        return parameter(
            f"hosts[{index}].name: 1 to 128 letters, digits, _ - and periods, beginning with a letter"
        )
    return parameter(f"hosts[{index}].ip: is not an IPv4 address")


def _tags(value: Any) -> tuple[tuple[str, str], ...]:
    tags = tuple(_tag(index, tag) for index, tag in enumerate(_list("tags", value, MOST_TAGS)))
    if len({key for key, _ in tags}) != len(tags):
        raise parameter("tags: a key stands twice")
    return tags


def _tag(index: int, tag: Any) -> tuple[str, str]:
    if not (isinstance(tag, dict) and tag.keys() == {"key", "value"}):
        raise parameter(f"tags[{index}]: must be an object of key and value")
    key, value = tag["key"], tag["value"]
    for part, text, least, most in (("key", key, 1, MOST_KEY), ("value", value, 0, MOST_VALUE)):
        if not (isinstance(text, str) and least <= len(text) <= most and all(map(_tag_character, text))):
            raise parameter(
                f"tags[{index}].{part}: {least} to {most} letters, digits, spaces and {TAG_MARKS.strip()}"
            )
        if text != text.strip(" "):
            raise parameter(f"tags[{index}].{part}: begins or ends with a space")
    if key.startswith(RESERVED):
        raise parameter(f"tags[{index}].key: begins with {RESERVED}")
    return key, value


def _tag_character(char: str) -> bool:
    return char in TAG_MARKS or unicodedata.category(char) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd")
