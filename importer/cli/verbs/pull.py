"""`pull`: the hosts that connections have now, as lists; without a name, a table of all connections."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from importer.cli.console import say, write_results
from importer.cli.groups import Group, add_talk
from importer.cli.groups.account import add_account, target_of
from importer.errors import UsageError
from importer.language import plural, said
from importer.rendering.pulled import FORMS, MANY, table, written
from importer.shown import visible
from importer.statuses import CLEAN

if TYPE_CHECKING:
    from importer.planning.identity import Existing
    from importer.sending.service import Service


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `pull`."""
    verb.epilog = "example: dli-hosts pull mrs_prod -o mrs_prod.hosts --region cn-north-4"
    verb.add_argument("names", nargs="*", metavar="CONNECTION", help="its name; without one, all are listed")
    own = Group("own", verb)
    own.add("-o", "--output", metavar="FILE", help="write to this file, all of it or nothing")
    described = "; ".join(f"{name}: {summary}" for name, summary in FORMS.items())
    own.add("--as", dest="form", choices=tuple(FORMS), help=f"{described} (hosts)")
    own.add("--output-format", choices=("text", "json", "csv"), help="of the list of all connections (text)")
    add_account(verb)
    add_talk(verb)


def run(options: argparse.Namespace) -> int:
    """Ask the service, and write what it has; changes nothing."""
    from importer.cli.foreseeing import asking
    from importer.cli.inputs import refuse_overwriting
    from importer.cli.session import open_session

    if not options.names and options.form:
        raise UsageError(
            said("--as {form} is for the hosts of a connection", form=options.form), hint="name a connection"
        )
    if options.names and options.output_format:
        raise UsageError("--output-format is for the list of all connections", hint="say --as, or no name")
    form, names = options.form or "hosts", list(dict.fromkeys(options.names))
    if len(names) > 1 and form not in MANY:
        raise UsageError(
            said("--as {form} is for one connection", form=form),
            hint=said("name one, or say --as {MANY}", MANY=MANY[0]),
        )
    refuse_overwriting(options)
    target = target_of(options)
    with open_session(options, target, len(names)) as session, session.service() as service, asking():
        if not names:
            write_results(table(options.output_format or "text", service.every()), options.output)
            return CLEAN
        found = [_one(service, name) for name in names]
        origin = (
            f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC from {session.account.endpoint}, "
            f"project {session.account.project_id}"
        )
    write_results(list(written(form, found, origin)), options.output)
    if not options.quiet:
        for existing in found:
            say(
                visible(
                    said(
                        "{name}: {hosts}, id {id}",
                        name=existing.name,
                        hosts=plural(len(existing.hosts), "host"),
                        id=existing.id,
                    )
                )
            )
    return CLEAN


def _one(service: Service, name: str) -> Existing:
    """The one live connection of a name. Raises UsageError."""
    found = service.find(name)
    if not found:
        raise UsageError(
            said("there is no connection {name!r}", name=name),
            hint="dli-hosts pull, without a name, lists all",
        )
    if len(found) > 1:
        ids = ", ".join(existing.id for existing in found[:5])
        raise UsageError(
            said("{number} connections are named {name!r}: {ids}", number=len(found), name=name, ids=ids),
            hint="delete all but one in the console",
        )
    return found[0]
