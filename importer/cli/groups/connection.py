"""The options that describe a connection, shared by every verb that makes one. Imports nothing heavy."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from importer.cli.groups import Group

if TYPE_CHECKING:
    from importer.planning.request import Connection


def add_connection(parser: argparse.ArgumentParser, title: str) -> None:
    """Add the options of a connection to a verb, as a group of its help under this title."""
    group = Group("connection", parser.add_argument_group(title))
    group.add("--name", help="name of the connection: letters, digits, _; at most 64")
    group.add("--vpc", metavar="ID", help="VPC to connect")
    group.add("--subnet", metavar="ID", help="network ID of its subnet")
    group.repeatable("--pool", metavar="NAME", help="elastic resource pool (repeatable)")
    group.repeatable("--queue", metavar="NAME", help="dedicated queue (repeatable)")
    group.add("--route-table", metavar="ID", help="route table of the subnet")
    group.repeatable("--tag", metavar="KEY=VALUE", help="tag (repeatable)")
    group.add(
        "--connection",
        reads=True,
        metavar="FILE.toml",
        help="a file with all of these; an option wins over the file",
    )


def connection_fields(options: argparse.Namespace) -> dict[str, Any]:
    """What the options say of a connection, by the field names of `Connection`; not yet checked.

    A field that was not given is absent; `--connection FILE.toml` gives what the options do not.
    Raises ConnectionInvalid for a file that cannot be used, or a tag without `=`.
    """
    from importer.planning.connection import connection_from_file, split_tag

    fields = connection_from_file(options.connection) if options.connection else {}
    given = {
        "name": options.name,
        "vpc": options.vpc,
        "subnet": options.subnet,
        "pools": tuple(options.pool) or None,
        "queues": tuple(options.queue) or None,
        "route_table": options.route_table,
        "tags": tuple(split_tag(tag) for tag in options.tag) or None,
    }
    return fields | {key: value for key, value in given.items() if value is not None}


def connection_of(options: argparse.Namespace) -> Connection:
    """The connection of the options, checked. Raises ConnectionInvalid that names every field at fault."""
    from importer.planning.connection import make_connection

    origin = f"{options.connection}: " if options.connection else ""
    return make_connection(connection_fields(options), origin)
