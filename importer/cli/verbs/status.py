"""`status`: what was tried, what came back, and what to do about it; asks the journal, not the service."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.cli.console import say_error, write_results
from importer.errors import JournalError
from importer.language import plural, said
from importer.rendering.pretty import json_text
from importer.shown import visible
from importer.statuses import CANNOT_WORK, CLEAN, UNKNOWN

if TYPE_CHECKING:
    from importer.sending.history import Entry, History

_FINE = ("created", "adopted", "updated")
_UNCHECKED = "unchecked"
"""The state of a connection that an earlier call may have created too, which was not looked up yet."""

_MEANING = {
    "intent": "it is looked up before anything is sent again; run:",
    "unknown": "it is looked up again before anything is sent; run:",
    "put": "it is read before anything is sent again; run:",
    "put-unknown": "it is read again before anything is sent; run:",
    "not-updated": "the update was not made, and the connection is as it was; run:",
    "not-sent": "nothing arrived at the service; run:",
    "absent": "it never appeared, and was not sent again yet; run:",
    "rejected": "the service refused it; correct what it names, then run:",
    "conflict": "a connection that differs has this name; choose another name, or change that one, then run:",
    "gone": "it was created, and no longer exists; to create it again, run:",
    "twins": "one call was carried out late; keep one, delete the rest in the console, then run:",
    "defective": "it was created; correct in the console what is named, then run:",
    "pending": "it was created, and its pools were not connected yet; to look again, run:",
    _UNCHECKED: "it was created, and an earlier call may have made another one; to look it up, run:",
}


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `status`."""
    verb.epilog = "example: dli-hosts status -v"
    verb.add_argument("journal", nargs="?", metavar="JOURNAL", help="a journal; else all in the state folder")
    verb.add_argument("--output-format", choices=("text", "json"), default="text", help="json for scripts")
    verb.add_argument("-v", "--verbose", action="store_true", help="show what is in order, too")


def run(options: argparse.Namespace) -> int:
    """Tell what the journals hold; 5 while an outcome or a run is open, 2 where one cannot be read.

    Raises JournalError where the one that was asked for, or the folder, cannot be read.
    """
    from importer.sending.history import read_journal
    from importer.sending.journal import state_folder

    histories: list[tuple[Path, History]] = []
    unreadable: list[tuple[Path, JournalError]] = []
    if options.journal:
        histories.append((Path(options.journal), read_journal(Path(options.journal))))
    for path in () if options.journal else _journals(state_folder()):
        try:
            histories.append((path, read_journal(path)))
        except JournalError as error:  # one that is damaged does not hide the others
            unreadable.append((path, error))
    if options.output_format == "json":
        body = {
            "schema_version": 1,
            "journals": [_object(path, history) for path, history in histories],
            "unreadable": [{"path": str(path), "error": str(fault)} for path, fault in unreadable],
        }
        write_results([json_text(body, 2), "\n"], None)
    elif histories or unreadable:
        write_results((f"{line}\n" for line in _text(histories, verbose=options.verbose)), None)
    else:
        write_results(
            [
                said(
                    "no journal in {state_folder}: nothing was submitted, except with --sandbox\n",
                    state_folder=state_folder(),
                )
            ],
            None,
        )
    unclear = any(
        history.left != 0 or any(entry.is_open for entry in history.entries.values())
        for _, history in histories
    )
    for _, fault in unreadable:
        say_error(fault)
    if unreadable:
        return CANNOT_WORK
    return UNKNOWN if unclear else CLEAN


def _journals(folder: Path) -> list[Path]:
    """The journals in a folder; none where there is no such folder. Raises JournalError."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise JournalError(
            said("the folder cannot be read: {strerror}", strerror=error.strerror or error),
            path=folder,
            hint="make it readable for you",
        ) from None
    return sorted(folder / name for name in names if name.endswith(".journal"))


def _text(histories: list[tuple[Path, History]], *, verbose: bool) -> Iterator[str]:
    for number, (path, history) in enumerate(histories):
        if number:
            yield ""
        head = history.head
        yield visible(
            said(
                "{path}: {head}, project {head_2}",
                path=path,
                head=head["endpoint"],
                head_2=head["project_id"],
            )
        )
        counts: dict[str, int] = {}
        for entry in history.entries.values():
            counts[_state(entry)] = counts.get(_state(entry), 0) + 1
        told = ", ".join(f"{count:,} {state}" for state, count in counts.items())
        yield f"{plural(len(history.entries), 'connection')}: {told or 'none was sent yet'}"
        yield from _last_run(history)
        yield from _backups(path)
        groups: dict[tuple[str, ...], list[str]] = {}
        for entry in history.entries.values():
            if verbose or _state(entry) not in _FINE:
                groups.setdefault(tuple(_advice(entry)), []).append(_entry_line(entry))
        for advice, lines in groups.items():
            yield from lines
            yield from (f"  {visible(line)}" for line in advice)


def _last_run(history: History) -> Iterator[str]:
    """What the last run did not come to, which no entry of a connection shows."""
    if history.left == 0:
        return
    if history.left is None:
        yield "the last run has not come to its end: it is still at work, or was cut off; to go on, run:"
    else:
        yield said(
            "{requests} of the last run not sent; to go on, run:", requests=plural(history.left, "request")
        )
    yield f"  {visible(_from(history.folder, history.command))}"


def _backups(journal: Path) -> Iterator[str]:
    """The former hosts that were kept, the last one of each connection; all of them are in the folder."""
    from importer.sending.backup import backups_of, list_backups, name_of

    found = list_backups(journal)
    if not found:
        return
    yield visible(
        said(
            "{backups} of replaced hosts in {journal}; to put back:",
            backups=plural(len(found), "backup"),
            journal=backups_of(journal),
        )
    )
    last = {name_of(path): path for path in found}
    for path in last.values():
        yield visible(f"  {_rollback(path)}")


def _rollback(path: Path) -> str:
    """The command of a backup, or why there is none."""
    from importer.errors import BackupError
    from importer.sending.backup import read_backup

    try:
        return read_backup(path).rollback
    except BackupError as error:
        return str(error)


def _state(entry: Entry) -> str:
    """The state of a connection in one word: what was found later counts more than what was done."""
    from importer.sending.records import FINE

    if entry.is_open:
        return "unknown"
    if entry.is_done and not entry.seen and entry.may_be_twice:
        return _UNCHECKED
    found = str(entry.seen.get("state", FINE))
    return entry.state if found == FINE else found


def _entry_line(entry: Entry) -> str:
    last, state = entry.records[-1], _state(entry)
    key = said(", id {id}", id=entry.id) if entry.id else ""
    evidence = f": {last['evidence']}" if last.get("evidence") else ""
    return visible(f"{state}: {entry.name}{key}, {_when(last['time'])}{evidence}")


def _advice(entry: Entry) -> Iterator[str]:
    """What the state of an entry means, and the command to run; nothing for an entry that is in order."""
    state = _state(entry)
    if state in _FINE:
        return
    if entry.state in ("intent", "put"):
        call = "create" if entry.state == "intent" else "update"
        yield said(
            "the program ended while the {call} call was under way, so that it may have been carried out",
            call=call,
        )
    yield _MEANING.get(entry.state if entry.is_open else state, "the next run looks at it; run:")
    yield _command(entry, state)


def _command(entry: Entry, state: str) -> str:
    command = _from(entry.folder, entry.command or "dli-hosts submit ...")
    return f"{command} --recreate {entry.name}" if state == "gone" and entry.is_done else command


def _from(folder: str, command: str) -> str:
    """A command that was given in a folder, as it can be given here: the files it names are there."""
    try:
        here = os.getcwd()
    except OSError:
        here = ""
    return (
        command if folder == here or not os.path.isabs(folder) else f"cd {shlex.quote(folder)} && {command}"
    )


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _object(path: Path, history: History) -> dict[str, Any]:
    from importer.sending.backup import list_backups, name_of

    return {
        "path": str(path),
        "endpoint": history.head["endpoint"],
        "project_id": history.head["project_id"],
        "last_run": {
            "command": _from(history.folder, history.command),
            "ended": history.left is not None,
            "not_sent": history.left,
        },
        "backups": [
            {"path": str(one), "name": name_of(one), "command": _rollback(one)} for one in list_backups(path)
        ],
        "connections": [
            {
                "name": entry.name,
                "state": _state(entry),
                "open": entry.is_open,
                "connection_id": entry.id or None,
                "evidence": entry.records[-1].get("evidence"),
                "command": None if _state(entry) in _FINE else _command(entry, _state(entry)),
                "records": entry.records,
            }
            for entry in history.entries.values()
        ],
    }
