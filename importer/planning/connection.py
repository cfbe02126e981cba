"""A connection from options or from a TOML file, with errors that name the field and the near miss."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from importer.errors import ConnectionInvalid
from importer.language import near_miss
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
                f"{path}: is larger than {_MAX_FILE:,} bytes", hint="name a connection file"
            )
        data = tomllib.loads(text.decode("utf-8"))
    except OSError as error:
        raise ConnectionInvalid(
            f"{path}: cannot be read: {error.strerror or error}", hint="check the path"
        ) from None
    except (ValueError, RecursionError) as error:
        raise ConnectionInvalid(
            f"{path}: is not TOML: {error}", hint="see the README for an example"
        ) from None
    for key in data:
        if key not in FIELDS:
            raise ConnectionInvalid(
                f"{path}: unknown key {key!r}{near_miss(key, FIELDS)}", hint=f"known: {', '.join(FIELDS)}"
            )
    return data


def split_tag(text: str) -> dict[str, str]:
    """`KEY=VALUE`, split at the first `=`. Raises ConnectionInvalid."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ConnectionInvalid(f"--tag {text!r} has no =", hint="write it as --tag KEY=VALUE")
    return {"key": key, "value": value}


def make_connection(fields: Mapping[str, Any], origin: str = "") -> Connection:
    """A checked connection. Raises ConnectionInvalid that names every field at fault, and no secret value."""
    missing = [field for field in ("name", "vpc", "subnet") if field not in fields]
    if missing:
        raise ConnectionInvalid(
            f"{origin}the connection lacks {', '.join(missing)}",
            hint=f"say {' '.join('--' + f for f in missing)}, or --connection FILE.toml",
        )
    from importer.planning.request import Connection

    try:
        return Connection(**fields)
    except ConnectionInvalid as error:
        raise ConnectionInvalid(origin + error.message, hint=error.hint) from None
