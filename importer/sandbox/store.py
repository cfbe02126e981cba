"""What the service keeps, in SQLite: connections with their hosts as one text each, and peerings.

Safe from any thread: one lock, and every change is one transaction.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
import stat
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from importer.errors import UsageError
from importer.sandbox.answers import Refusal
from importer.sandbox.keys import Keys
from importer.sandbox.page import Create, Names
from importer.system import NO_FOLLOW, PRIVATE

_APPLICATION = 0x444C4953
"""Marks the files of the sandbox."""

_TABLES = """
CREATE TABLE IF NOT EXISTS connections (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, status TEXT NOT NULL,
  dest_vpc_id TEXT NOT NULL, dest_network_id TEXT NOT NULL, routetable_id TEXT, tags TEXT NOT NULL,
  create_time INTEGER NOT NULL, hosts TEXT NOT NULL, hosts_count INTEGER NOT NULL, sha256 TEXT);
CREATE INDEX IF NOT EXISTS names ON connections (name);
CREATE TABLE IF NOT EXISTS peerings (
  connection_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, peer_id TEXT NOT NULL,
  since REAL NOT NULL, err_msg TEXT NOT NULL, PRIMARY KEY (connection_id, kind, name));
CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_COLUMNS = "id, name, status, dest_vpc_id, dest_network_id, routetable_id, tags, create_time, hosts_count"


class Peering(NamedTuple):
    """The state of one pool or queue of a connection; the fields of the service's answer and `kind`."""

    kind: str
    """`elastic_resource_pools` or `available_queue_info`."""
    peer_id: str
    status: str
    """CREATING, then ACTIVE or FAILED."""
    name: str
    err_msg: str
    update_time: int
    """Milliseconds since 1970."""


class Stored(NamedTuple):
    """A connection without its hosts."""

    id: str
    name: str
    status: str
    """ACTIVE or DELETED."""
    dest_vpc_id: str
    dest_network_id: str
    routetable_id: str | None
    tags: dict[str, str]
    create_time: int
    """Milliseconds since 1970."""
    hosts_count: int


def hosts_sha256(pairs: Iterable[tuple[str, str]]) -> str:
    """SHA-256, in hexadecimal, of the (ip, name) pairs as sorted lines `ip name`, each ended by LF."""
    return hashlib.sha256("".join(sorted(f"{ip} {name}\n" for ip, name in pairs)).encode()).hexdigest()


class Store:
    """All connections of one sandbox: in a file, or in a database without a name, which waits on the disk."""

    def __init__(
        self,
        path: str | None = None,
        *,
        unique_names: bool = False,
        peering_seconds: float = 0.5,
        peering_fault: Callable[[str], str] = lambda name: "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`peering_fault` gives the err_msg with which a pool's peering fails, or "".

        Raises UsageError where the file cannot be opened or is not a sandbox's.
        """
        self._lock = threading.RLock()
        self._unique_names = unique_names
        self._peering_seconds = peering_seconds
        self._peering_fault = peering_fault
        self._clock = clock
        self._database = _open(path)
        self.keys = self._kept_keys()
        """The same for all who open this file."""

    def close(self) -> None:
        """Close the database; nothing may be asked afterwards."""
        with self._lock:
            self._database.close()

    # -- changes

    def create(self, wanted: Create, *, twin: bool = False) -> str:
        """Keep a connection and return its id. Raises Refusal (DLI.0006) for a name taken.

        `twin`: somebody else creates another connection of that name at this moment, so ours is refused.
        """
        with self._lock, self._database:
            if twin:
                self._insert(wanted._replace(dest_vpc_id=f"twin-of-{wanted.dest_vpc_id}", hosts=[]))
            taken = twin or (self._unique_names and self._live(wanted.name))
            new = "" if taken else self._insert(wanted)
        if taken:
            raise Refusal("DLI.0006", f"The connection {wanted.name} already exists.")
        return new

    def update(self, connection_id: str, hosts: list[dict[str, str]]) -> None:
        """Overwrite all hosts. Raises Refusal (DLI.0023) where there is no such live connection."""
        with self._lock, self._database:
            self._alive(connection_id)
            self._database.execute(
                "UPDATE connections SET hosts = ?, hosts_count = ?, sha256 = NULL WHERE id = ?",
                (_hosts_text(hosts), len(hosts), connection_id),
            )

    def edit(self, connection_id: str) -> None:
        """Somebody else adds a host: a name and an address that are not there yet."""
        with self._lock:
            pairs = self.hosts(connection_id)
            number = next(n for n in range(1, 256) if (f"192.0.2.{n}", f"else-{n}") not in pairs)
            added = [*pairs, (f"192.0.2.{number}", f"else-{number}")]
            self.update(connection_id, [{"ip": ip, "name": name} for ip, name in added])

    def delete(self, connection_id: str) -> None:
        """Mark as deleted. Raises Refusal (DLI.0023) where there is no such live connection."""
        with self._lock, self._database:
            self._alive(connection_id)
            self._database.execute("UPDATE connections SET status = 'DELETED' WHERE id = ?", (connection_id,))

    def associate(self, connection_id: str, names: Names) -> None:
        """Begin peerings. Raises Refusal: DLI.0023 no such connection, DLI.0006 bound already."""
        with self._lock, self._database:
            self._alive(connection_id)
            self._bind(connection_id, names)

    def disassociate(self, connection_id: str, names: Names) -> None:
        """End peerings. Raises Refusal: DLI.0023 no such connection, DLI.0002 not bound, DLI.0009 for a
        peering that FAILED, which cannot be unbound (user guide, "Unbinding")."""
        with self._lock, self._database:
            self._alive(connection_id)
            status = {(peer.kind, peer.name): peer.status for peer in self.peerings(connection_id)}
            for kind, name in _kinds(names):
                if (kind, name) not in status:
                    raise Refusal("DLI.0002", f"{name} is not bound to the connection.")
                if status[kind, name] == "FAILED":
                    raise Refusal("DLI.0009", f"The peering of {name} is FAILED, it cannot be unbound.")
                self._database.execute(
                    "DELETE FROM peerings WHERE connection_id = ? AND kind = ? AND name = ?",
                    (connection_id, kind, name),
                )

    # -- questions

    def find(self, connection_id: str) -> Stored | None:
        """A connection, a deleted one too; None where there never was one."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM connections WHERE id = ?", (connection_id,))
        return _stored(rows[0]) if rows else None

    def connections(
        self,
        *,
        name: str | None = None,
        status: str | None = None,
        tags: Mapping[str, str] | None = None,
        limit: int = 0,
        offset: int = 0,
    ) -> list[Stored]:
        """Connections in the order of their creation, deleted ones too; limit 0 means all.

        `name` is compared exactly, `status` as ACTIVE or DELETED, and each of `tags` must be there.
        """
        conditions = [("name = ?", name), ("status = ?", status)]
        used = [(text, value) for text, value in conditions if value is not None]
        where = " AND ".join(text for text, _ in used) or "1"
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM connections WHERE {where} ORDER BY number",
            tuple(value for _, value in used),
        )
        found = [stored for row in rows if (tags or {}).items() <= (stored := _stored(row)).tags.items()]
        return found[offset : offset + limit if limit else None]

    def hosts_text(self, connection_id: str) -> str:
        """The hosts as the JSON text that answers carry: an array of objects of ip and name."""
        rows = self._rows("SELECT hosts FROM connections WHERE id = ?", (connection_id,))
        return str(rows[0][0])

    def hosts(self, connection_id: str) -> list[tuple[str, str]]:
        """The (ip, name) pairs in the order they were sent."""
        return [(host["ip"], host["name"]) for host in json.loads(self.hosts_text(connection_id))]

    def sha256(self, connection_id: str) -> str:
        """`hosts_sha256` of the hosts; computed when it is first asked for, some 30 ms for 20,000."""
        with self._lock, self._database:
            rows = self._rows("SELECT sha256 FROM connections WHERE id = ?", (connection_id,))
            known: str | None = rows[0][0]
            if known is None:
                known = hosts_sha256(self.hosts(connection_id))
                self._database.execute(
                    "UPDATE connections SET sha256 = ? WHERE id = ?", (known, connection_id)
                )
            return known

    def peerings(self, connection_id: str) -> list[Peering]:
        """The pools and queues of a connection, as they are now."""
        now = self._clock()
        rows = self._rows(
            "SELECT kind, peer_id, since, name, err_msg FROM peerings WHERE connection_id = ? ORDER BY rowid",
            (connection_id,),
        )
        return [self._peering(*row, now=now) for row in rows]

    # -- inside

    def _kept_keys(self) -> Keys:
        try:
            with self._lock, self._database:
                self._database.execute(
                    "INSERT OR IGNORE INTO kept VALUES ('keys', ?)", (Keys.fresh().text(),)
                )
                return Keys.of_text(self._rows("SELECT value FROM kept WHERE key = 'keys'", ())[0][0])
        except (ValueError, TypeError):
            self.close()
            raise UsageError("--data: its keys cannot be read", hint="name another file") from None

    def _rows(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def _live(self, name: str) -> bool:
        return bool(self._rows("SELECT 1 FROM connections WHERE name = ? AND status = 'ACTIVE'", (name,)))

    def _alive(self, connection_id: str) -> None:
        found = self.find(connection_id)
        if found is None or found.status != "ACTIVE":
            raise unknown(connection_id)

    def _insert(self, wanted: Create) -> str:
        new = str(uuid.uuid4())
        self._database.execute(
            "INSERT INTO connections VALUES (NULL, ?, ?, 'ACTIVE', ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                new, wanted.name, wanted.dest_vpc_id, wanted.dest_network_id, wanted.routetable_id,
                json.dumps(dict(wanted.tags)), int(self._clock() * 1000),
                _hosts_text(wanted.hosts), len(wanted.hosts),
            ),
        )  # fmt: skip
        self._bind(new, Names(wanted.elastic_resource_pools, wanted.queues))
        return new

    def _bind(self, connection_id: str, names: Names) -> None:
        for kind, name in _kinds(names):
            try:
                self._database.execute(
                    "INSERT INTO peerings VALUES (?, ?, ?, ?, ?, ?)",
                    (connection_id, kind, name, str(uuid.uuid4()), self._clock(), self._peering_fault(name)),
                )
            except sqlite3.IntegrityError:
                raise Refusal("DLI.0006", f"{name} is bound to the connection already.") from None

    def _peering(
        self, kind: str, peer_id: str, since: float, name: str, err_msg: str, *, now: float
    ) -> Peering:
        if now < since + self._peering_seconds:
            return Peering(kind, peer_id, "CREATING", name, "", int(since * 1000))
        status = "FAILED" if err_msg else "ACTIVE"
        return Peering(kind, peer_id, status, name, err_msg, int((since + self._peering_seconds) * 1000))


def unknown(connection_id: str) -> Refusal:
    """DLI.0023, "no such resource": status 404."""
    return Refusal("DLI.0023", f"The connection {connection_id} does not exist.")


def _kinds(names: Names) -> list[tuple[str, str]]:
    pools = [("elastic_resource_pools", name) for name in names.elastic_resource_pools]
    return pools + [("available_queue_info", name) for name in names.queues]


def _stored(row: Any) -> Stored:
    return Stored(*row)._replace(tags=json.loads(row[6]))


def _hosts_text(hosts: list[dict[str, str]]) -> str:
    return json.dumps(hosts, separators=(",", ":"))


def _open(path: str | None) -> sqlite3.Connection:
    """The database, its tables made. Nothing here must survive a power cut, so nothing waits for the disk."""
    try:
        if path is not None:
            _touch(path)
        # SQLite takes no file for `:memory:`; an empty name is a file of its own that nobody else sees.
        name = "" if path is None else os.path.join(os.curdir, path)
        database = sqlite3.connect(name, check_same_thread=False, timeout=5)
    except (OSError, sqlite3.Error) as error:
        raise _no_file(path, getattr(error, "strerror", None) or str(error)) from None
    try:
        mark = database.execute("PRAGMA application_id").fetchone()[0]
        if mark != _APPLICATION and path is not None and os.path.getsize(path):
            raise _no_file(path, "is not a file of a sandbox")
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(_TABLES)
    except (sqlite3.Error, UsageError) as error:
        database.close()
        raise (error if isinstance(error, UsageError) else _no_file(path, str(error))) from None
    return database


def _touch(path: str) -> None:
    """Make the file, which holds the keys, for its owner alone; one that is there stays as it is.

    Raises OSError where it is a link, or no regular file.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | NO_FOLLOW | getattr(os, "O_NONBLOCK", 0), PRIVATE)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
    finally:
        os.close(handle)


def _no_file(path: str | None, reason: str) -> UsageError:
    return UsageError(f"--data {path}: {reason}", hint="name a new file, or one that a sandbox has made")
