"""`rollback`: put back the hosts that an update replaced, as an update under the same guards."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from importer.cli.groups import Group, add_talk
from importer.cli.groups.account import add_account
from importer.cli.groups.updating import add_guards
from importer.cli.verbs.submit import add_sending, send_plan, target_or_sandbox
from importer.errors import BackupError
from importer.language import said


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `rollback`."""
    verb.epilog = "example: dli-hosts rollback BACKUP (dli-hosts status lists them)"
    verb.add_argument("backup", metavar="BACKUP", help="a file that an update left; it says where to send")
    Group("own", verb).add(
        "--output-format",
        choices=("text", "json"),
        default="text",
        help="json: one event on each line, as it happens",
    )
    add_guards(verb.add_argument_group("updating"))
    add_sending(verb, creating=False)
    add_account(verb)
    add_talk(verb)


def run(options: argparse.Namespace) -> int:
    """Read the backup, and update its connection to the hosts in it."""
    from importer.planning.aiming import put_back
    from importer.planning.plan import Plan
    from importer.sending.backup import SANDBOX, read_backup

    gc.enable()
    backup = read_backup(Path(options.backup))
    if (backup.endpoint == SANDBOX) != options.sandbox:
        raise BackupError(
            said(
                "{backup}: is that of {rest}",
                backup=options.backup,
                rest="a sandbox" if backup.endpoint == SANDBOX else backup.endpoint,
            ),
            hint=said("its first line has the command: {rollback}", rollback=backup.rollback),
        )
    if not options.sandbox:
        options.endpoint = options.endpoint or ("" if options.region else backup.endpoint)
        options.project_id = options.project_id or backup.project_id
    request = put_back(
        backup.name, backup.vpc, backup.subnet, backup.id, backup.lines, sources=[options.backup]
    )

    def check(endpoint: str, project_id: str) -> None:
        if (endpoint, project_id) != (backup.endpoint, backup.project_id):
            raise BackupError(
                said(
                    "{backup}: is of project {project_id} at {endpoint}, and this run is for project "
                    "{project_id_2} at {endpoint_2}",
                    backup=options.backup,
                    project_id=backup.project_id,
                    endpoint=backup.endpoint,
                    project_id_2=project_id,
                    endpoint_2=endpoint,
                ),
                hint=said("its first line has the command: {rollback}", rollback=backup.rollback),
            )

    return send_plan(Plan((request,)), options, target_or_sandbox(options), check)
