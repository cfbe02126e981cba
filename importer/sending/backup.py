"""What a connection held before it was overwritten, in a file of its own beside the journal.

    {"format": "dli-hosts backup", "schema_version": 1, "endpoint": "...", "name": "mrs", "id": "...", ...}
    {"ip":"10.0.0.1","name":"kafka01"}
    {"hosts": 1, "digest": "..."}

It is synced before the update is sent. The first line names the connection, when and by which plan it was
overwritten, and the command that puts the hosts back. The digest is SHA-256 over all bytes before the last
line: a file that was cut or edited is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from importer.errors import BackupError, JournalError, UsageError
from importer.language import said
from importer.planning.differences import host_record
from importer.planning.identity import Existing, is_id
from importer.planning.plan import PlannedRequest
from importer.system import atomic_file, open_regular

FORMAT = "dli-hosts backup"
VERSION = 1
SANDBOX = "sandbox"
"""The endpoint of a local service, whose port differs from run to run."""
_SUFFIX = ".backup"
_KEYS = ("endpoint", "project_id", "name", "id", "time", "vpc", "subnet", "plan", "replaced_by", "rollback")


class Backup(NamedTuple):
    """A connection as it was before an update."""

    endpoint: str
    project_id: str
    name: str
    id: str
    time: str
    """When it was overwritten: UTC, ISO 8601."""
    vpc: str
    subnet: str
    plan: str
    """Digest of the plan."""
    replaced_by: str
    """`Identity.hosts` of the hosts that were put there."""
    rollback: str
    """The command that puts the former hosts back."""
    lines: tuple[str, ...]
    """The former hosts, `IP NAME`."""


@dataclass(frozen=True)
class Backups:
    """Where the backups of a journal are kept, and what is the same for all of a run."""

    folder: Path
    endpoint: str
    project_id: str
    plan: str
    options: str = ""
    """What has to stand behind `dli-hosts rollback FILE`, a blank before it; empty if nothing has to."""

    def keep(self, planned: PlannedRequest, existing: Existing, now: float) -> str:
        """Write what is there, synced, and return the path. Raises JournalError."""
        import shlex

        moment = datetime.fromtimestamp(now, UTC)
        name = f"{planned.name}-{moment:%Y%m%dT%H%M%SZ}-{existing.identity.hosts[:8]}{_SUFFIX}"
        path = self.folder / name
        backup = Backup(
            self.endpoint,
            self.project_id,
            planned.name,
            existing.id,
            moment.isoformat(timespec="seconds"),
            existing.identity.vpc,
            existing.identity.subnet,
            self.plan,
            planned.identity.hosts,
            said("dli-hosts rollback {path}{options}", path=shlex.quote(str(path)), options=self.options),
            existing.hosts,
        )
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            with atomic_file(path, private=True) as file:
                file.write(b"".join(_parts(backup)))
        except (OSError, UsageError) as error:
            reason = error.message if isinstance(error, UsageError) else f"{error.strerror or error}"
            raise JournalError(
                said("the backup of {name} cannot be kept: {reason}", name=planned.name, reason=reason),
                path=path,
                hint="make room; nothing was overwritten without a backup",
            ) from None
        return str(path)


def backups_of(journal: Path) -> Path:
    """The folder of the backups of a journal, beside it."""
    return journal.absolute().with_name(journal.name + ".backups")


def list_backups(journal: Path) -> list[Path]:
    """The backups of a journal, oldest first for each connection."""
    return sorted(backups_of(journal).glob(f"*{_SUFFIX}"))


def name_of(backup: Path) -> str:
    """The connection of a backup, by the name of its file."""
    return backup.name.rsplit("-", 2)[0]


def read_backup(path: Path) -> Backup:
    """A backup, exactly as it was written. Raises BackupError for anything else."""
    try:
        with open_regular(path) as file:
            data = file.read()
    except OSError as error:
        raise BackupError(
            said("{path}: cannot be read: {strerror}", path=path, strerror=error.strerror or error),
            hint="check the path",
        ) from None
    first, *rest = data.split(b"\n")
    head = _object(first)
    if head.get("format") != FORMAT or head.get("schema_version") != VERSION:
        raise BackupError(
            said("{path}: is not a backup that this version can read", path=path),
            hint="dli-hosts status lists the backups",
        )
    hosts = [_object(line) for line in rest[:-2]]
    texts = all(isinstance(head.get(key), str) for key in _KEYS) and is_id(head.get("id"))
    if texts and all(isinstance(host.get(key), str) for host in hosts for key in ("ip", "name")):
        backup = Backup(
            **{key: head[key] for key in _KEYS},
            lines=tuple(f"{host['ip']} {host['name']}" for host in hosts),
        )
        if b"".join(_parts(backup)) == data:
            return backup
    raise BackupError(
        said("{path}: was changed or cut after it was written", path=path),
        hint="to send a list of your own, use dli-hosts submit LIST --update",
    )


def _parts(backup: Backup) -> Iterator[bytes]:
    head = {"format": FORMAT, "schema_version": VERSION, **{key: getattr(backup, key) for key in _KEYS}}
    before = _line(head) + _block(backup.lines)
    yield before
    yield _line({"hosts": len(backup.lines), "digest": hashlib.sha256(before).hexdigest()})


def _block(lines: tuple[str, ...]) -> bytes:
    """A line of JSON for each host. Those that need no escapes, as hosts do, are not encoded one by one."""
    text = "".join(lines)
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        pairs = [line.partition(" ") for line in lines]
        made = [f'{{"ip": "{ip}", "name": "{name}"}}\n' for ip, _, name in pairs]
        return "".join(made).encode("ascii")
    return b"".join(map(_line, map(host_record, lines)))


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record).replace("\x7f", "\\u007f").encode("ascii") + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
