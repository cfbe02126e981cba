"""A connection from options or from a TOML file, with errors that name the field and the near miss."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from importer.errors import ConnectionInvalid
from importer.language import near_miss, said
from importer.system import note_read

if TYPE_CHECKING:
    from importer.planning.request import Connection

_MAX_FILE = 1 << 20
FIELDS = ("name", "vpc", "subnet", "pools", "queues", "route_table", "tags")


def connection_from_file(path: str) -> dict[str, Any]:
    """The fields of a connection file. Raises ConnectionInvalid, also for a key that means nothing."""
    try:
        with open(path, "rb") as file:
            note_read(file.fileno())
            text = file.read(_MAX_FILE + 1)
        if len(text) > _MAX_FILE:
            raise ConnectionInvalid(
                said("{path}: is larger than {MAX_FILE:,} bytes", path=path, MAX_FILE=_MAX_FILE),
                hint="name a connection file",
            )
        data = tomllib.loads(text.decode("utf-8"))
    except OSError as error:
        raise ConnectionInvalid(
            said("{path}: cannot be read: {strerror}", path=path, strerror=error.strerror or error),
            hint="check the path",
        ) from None
    except (ValueError, RecursionError) as error:
        raise ConnectionInvalid(
            said("{path}: is not TOML: {error}", path=path, error=error), hint="see the README for an example"
        ) from None
    for key in data:
        if key not in FIELDS:
            raise ConnectionInvalid(
                said("{path}: unknown key {key!r}{key_2}", path=path, key=key, key_2=near_miss(key, FIELDS)),
                hint=f"known: {', '.join(FIELDS)}",
            )
    return data


def split_tag(text: str) -> dict[str, str]:
    """`KEY=VALUE`, split at the first `=`. Raises ConnectionInvalid."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ConnectionInvalid(
            said("--tag {text!r} has no =", text=text), hint="write it as --tag KEY=VALUE"
        )
    return {"key": key, "value": value}


def make_connection(fields: Mapping[str, Any], origin: str = "") -> Connection:
    """A checked connection. Raises ConnectionInvalid that names every field at fault, and no secret value."""
    missing = [field for field in ("name", "vpc", "subnet") if field not in fields]
    if missing:
        raise ConnectionInvalid(
            said("{origin}the connection lacks {missing}", origin=origin, missing=", ".join(missing)),
            hint=said(
                "say {missing}, or --connection FILE.toml", missing=" ".join("--" + f for f in missing)
            ),
        )
    from importer.planning.request import Connection

    try:
        return Connection(**fields)
    except ConnectionInvalid as error:
        raise ConnectionInvalid(origin + error.message, hint=error.hint) from None
