"""The options that let an existing connection be changed. Imports nothing heavy."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from importer.cli.groups import Group, amount

if TYPE_CHECKING:
    from importer.planning.updates import Allowed

_REPLACE = "replace"
_MODES = (_REPLACE, "merge", "remove")


def add_updating(verb: argparse.ArgumentParser) -> None:
    """Add the group `updating`."""
    place = verb.add_argument_group("updating")
    group = Group("updating", place)
    group.add(
        "--update",
        action="store_true",
        help="give connections that exist, and are equal in all else, the hosts of the list",
    )
    group.add(
        "--mode",
        choices=_MODES,
        default=_REPLACE,
        help="replace: the list is all there is; merge: add and move, and remove nothing; "
        "remove: take away the hosts of the list (replace)",
    )
    group.add(
        "--manage-pools",
        action="store_true",
        help="bind and unbind pools, too, until they are those that are asked for, if any are",
    )
    add_guards(place)


def add_guards(place: argparse._ArgumentGroup) -> None:
    """Add how much an update may take away, and how much of it is shown."""
    group = Group("updating", place)
    group.add(
        "--allow-removal",
        metavar="PERCENT",
        type=amount,
        default=30.0,
        help="how many of ten hosts or more an update may remove or move (30)",
    )
    group.add("--allow-empty", action="store_true", help="an update may remove the last host")
    group.add("--full", action="store_true", help="show each host that an update changes, not only 20")


def allowed_of(options: argparse.Namespace) -> Allowed:
    """How much an update may take away."""
    from importer.planning.updates import Allowed

    return Allowed(options.allow_removal, options.allow_empty)
