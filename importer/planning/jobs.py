"""A jobs file: many connections in one TOML file, each with its hosts and with how to judge them.

    [defaults]              # any key of a connection but its name and hosts
    vpc = "..."
    [defaults.check]        # the options that judge
    on_conflict = "first"

    [[connection]]
    name = "mrs_dev"
    subnet = "..."
    files = ["mrs-etc-hosts"]
    hosts = ["10.0.0.1 kafka01", {ip = "10.0.0.2", name = "kafka02"}]

What a connection says goes before the defaults: `tags`, `check` and `read` are merged key by key, any other
value replaces the default, and `hosts` are added to the default `files`. The fields of the service are those
of its create page; see `planning.request`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from importer import limits
from importer.checking.options import CheckOptions
from importer.checking.policy import Policy
from importer.errors import ConnectionInvalid, JobsInvalid, UsageError, naming
from importer.language import near_miss, said
from importer.planning.terms import Terms
from importer.shown import shown, visible
from importer.system import note_read

if TYPE_CHECKING:
    from importer.columns.batch import RecordBatch
    from importer.planning.jobs_schema import Table
    from importer.planning.request import Connection

MAX_JOBS_BYTES = 64 * limits.MiB
_CUT = 60
_TOP = ("defaults", "connection")
_MERGED = ("tags", "check", "read")
_CONNECTION = ("name", "vpc", "subnet", "pools", "queues", "route_table", "tags")
_OUTSIDE = "the folder of the jobs file"
_HINT = "README shows a jobs file; a connection has the fields of the service's create page"


@dataclass(frozen=True)
class Job:
    """One connection to create, and where its hosts come from. Lists are not opened yet."""

    connection: Connection
    files: tuple[str, ...]
    """Paths to open, absolute and with links resolved."""
    shown: tuple[str, ...]
    """The same paths as the user wrote them."""
    inline: tuple[str, ...] | None
    """Lines in hosts syntax that stand in the jobs file itself; None if it has no `hosts`."""
    inline_name: str
    """What those lines are called in a report."""
    check: CheckOptions
    read: Mapping[str, str]
    """What was said about reading `files`: keywords of `importer.reading.read.read`."""
    terms: Terms
    """What its list must satisfy to be sent."""
    update: bool = False
    """The connection may be there already, and is then to have these hosts."""

    @property
    def has_source(self) -> bool:
        """Whether any source of hosts is named; a job without one is sent without `hosts`."""
        return bool(self.files) or self.inline is not None


def read_jobs(path: str, *, allow_outside: bool = False) -> tuple[Job, ...]:
    """The jobs of a file, in its order. No list is opened.

    Paths in it are relative to its folder and, links resolved, must lie below that unless
    `allow_outside`. Raises JobsInvalid, which tells every fault of every job at once.
    """
    from importer.planning.jobs_schema import Defaults

    data = _toml(path)
    told = [
        said("unknown key {key}{key_2}", key=shown(key, _CUT), key_2=near_miss(key, _TOP))
        for key in data
        if key not in _TOP
    ]
    tables = data.get("connection", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        told.append("connection: is not a list of tables, each of which begins with [[connection]]")
        tables = []
    elif not tables:
        told.append("has no [[connection]]")
    place = _Place(path, os.path.dirname(os.path.abspath(path)), allow_outside)
    defaults, faults = _valid(Defaults, data.get("defaults", {}), place)
    told += [f"defaults: {fault}" for fault in faults]

    jobs, first = [], dict[str, int]()
    for number, table in enumerate(tables, 1):
        job, faults = _job(table, defaults, place)
        name, label = table.get("name"), said("connection {number}", number=number)
        if isinstance(name, str):
            label += f' "{visible(name[:_CUT])}"'
            if first.setdefault(name, number) != number:
                faults.append(said("name: is that of connection {first} too", first=first[name]))
        told += [f"{label}: {fault}" for fault in faults]
        jobs += [] if job is None else [job]
    if told:
        outside = any(fault.endswith(_OUTSIDE) for fault in told)
        raise JobsInvalid(
            tuple(f"{visible(path)}: {fault}" for fault in told),
            hint="--allow-outside takes lists from anywhere" if outside else _HINT,
            jobs=tuple(jobs),
        )
    return tuple(jobs)


def inline_source(job: Job) -> bytes | None:
    """The hosts that stand in the jobs file as UTF-8 in hosts syntax; None if it has no `hosts`."""
    if job.inline is None:
        return None
    return "".join(f"{line}\n" for line in job.inline).encode("utf-8")


def job_batches(job: Job, progress: Callable[[int], None] | None = None) -> Iterator[RecordBatch]:
    """The records of all sources of a job as one list, in order: its files, then the hosts in the jobs file.

    Sources have the names that the user gave them, also in errors. `progress` is told the number of
    bytes read from files. Raises InputError, and UsageError where `read` does not fit a file.
    """
    from importer.reading.read import read

    if job.files:
        yield from replace(read(*job.files, progress=progress, **job.read), shown=job.shown)
    yield from _inline_batches(job)


def _inline_batches(job: Job) -> Iterator[RecordBatch]:
    """The batches of `hosts` in the jobs file, which is hosts syntax, whatever it looks like."""
    source = inline_source(job)
    if source is None:
        return
    import io

    from importer.columns.batch import Source
    from importer.reading.blocks import blocks
    from importer.reading.hosts import hosts_batch
    from importer.reading.options import ReadOptions
    from importer.reading.streams import PeekStream

    of = Source(job.inline_name, "hosts", "utf-8", len(job.files))
    with naming(job.inline_name):
        for block in blocks(PeekStream(io.BytesIO(source).read), ReadOptions()):
            yield hosts_batch(block, of)


def _toml(path: str) -> dict[str, Any]:
    """The file as TOML. Raises JobsInvalid."""
    try:
        with open(path, "rb") as file:
            note_read(file.fileno())
            content = file.read(MAX_JOBS_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise JobsInvalid(
            (said("{path}: cannot be read: {reason}", path=visible(path), reason=reason),),
            hint="check the path",
        ) from None
    if len(content) > MAX_JOBS_BYTES:
        raise _unreadable(
            path, said("is larger than {MAX_JOBS_BYTES:,} bytes", MAX_JOBS_BYTES=MAX_JOBS_BYTES)
        )
    for found in _DOTTED_KEY.finditer(content):
        if found[0].count(b".") >= _MOST_PARTS:
            line = content.count(b"\n", 0, found.start()) + 1
            raise _unreadable(
                path,
                said(
                    "line {line}: has a key of more than {MOST_PARTS} parts",
                    line=line,
                    MOST_PARTS=_MOST_PARTS,
                ),
            )
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, said("line {line}: is not UTF-8", line=line)) from None
    except RecursionError:
        raise _unreadable(path, "is not TOML: its values are nested too deeply") from None
    except ValueError as error:
        raise _unreadable(path, _toml_fault(str(error))) from None


_MOST_PARTS = 100
"""Parts of a key with dots; the parser takes time and memory that grow with their square."""
_DOTTED_KEY = re.compile(rb"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){2,}+""")


def _toml_fault(message: str) -> str:
    """What the TOML parser says, with the line in front."""
    found = re.search(r" \(at line ([0-9]{1,9}), column [0-9]{1,9}\)$", message)
    if found is None:
        return said("is not TOML: {message}", message=visible(message))
    return said(
        "line {found}: is not TOML: {message}", found=found[1], message=visible(message[: found.start()])
    )


def _unreadable(path: str, fault: str) -> JobsInvalid:
    return JobsInvalid((f"{visible(path)}: {fault}",), hint="a jobs file is TOML in UTF-8; README shows one")


class _Place(NamedTuple):
    """Where a jobs file is, and what it may name."""

    path: str
    """As the user wrote it."""
    folder: str
    allow_outside: bool


_Values = dict[str, Any]
"""The valid part of a table, by key; None for a key whose value is at fault, which was told."""


def _valid(model: type[Table], raw: Any, place: _Place) -> tuple[_Values, list[str]]:
    """What of a table is valid, its `files` as pairs of path and name, and what is wrong with the rest."""
    from pydantic import ValidationError

    from importer.planning.schema_faults import faults_of

    if not isinstance(raw, dict):
        return {}, ["is not a table"]
    values, told = _Values(), list[str]()
    try:
        values = model.model_validate(raw).model_dump(exclude_unset=True)
    except ValidationError as error:
        faults = faults_of(error, model)
        wrong = {fault.key for fault in faults}
        told = [f"{fault.place}: {fault.text}" if fault.place else fault.text for fault in faults]
        rest = model.model_validate({key: value for key, value in raw.items() if key not in wrong})
        values = dict.fromkeys(wrong & model.model_fields.keys()) | rest.model_dump(exclude_unset=True)
    if values.get("files"):
        found = [one for name in values["files"] for one in _matching(name, place)]
        told += [f"files: {shown(name, _CUT)} {fault}" for _, name, fault in found if fault]
        values["files"] = [(real, name) for real, name, _ in found]
    return values, told


def _matching(name: str, place: _Place) -> list[tuple[str, str, str]]:
    """The lists that a name means, located: one, or what a glob matches, sorted; it must match one."""
    if not any(sign in name for sign in "*?[") or os.path.exists(os.path.join(place.folder, name)):
        return [_located(name, place)]
    from glob import glob

    matches = sorted(glob(name, root_dir=place.folder))
    files = [one for one in matches if not os.path.isdir(os.path.join(place.folder, one))]
    return [_located(one, place) for one in files] or [("", name, "matches no file")]


def _located(name: str, place: _Place) -> tuple[str, str, str]:
    """The resolved path of a list, its name, and what is wrong with it; empty if nothing is."""
    if name == "-":
        return "", name, "is standard input, which a jobs file cannot name"
    real = os.path.realpath(os.path.join(place.folder, name))
    below = os.path.join(os.path.realpath(place.folder), "")
    if not place.allow_outside and (os.path.isabs(name) or not real.startswith(below)):
        return real, name, said("is not a path below {OUTSIDE}", OUTSIDE=_OUTSIDE)
    if not os.path.exists(real):
        return real, name, "does not exist"
    return real, name, "is a directory" if os.path.isdir(real) else ""


def _job(raw: _Values, defaults: _Values, place: _Place) -> tuple[Job | None, list[str]]:
    """A job, or all its faults; neither, where only the defaults are at fault."""
    from importer.planning.jobs_schema import JobTable
    from importer.planning.request import Connection

    own, faults = _valid(JobTable, raw, place)
    values = defaults | own
    missing = [key for key in ("name", "vpc", "subnet") if key not in values]
    if missing:
        faults.append(said("lacks {missing}", missing=", ".join(missing)))
    for key in _MERGED:
        values[key] = (defaults.get(key) or {}) | (own.get(key) or {})
    strict = values["check"].pop("strict", False)
    check = CheckOptions(**values["check"], split=bool(values.get("split")))
    try:
        Policy.of(check)
        if faults or None in values.values():
            return None, faults
        connection = Connection(**{key: values[key] for key in _CONNECTION if key in values})
    except UsageError as error:
        return None, [*faults, f"check: {error.message}"]
    except ConnectionInvalid as error:
        return None, [error.message]
    files = values.get("files", ())
    return Job(
        connection=connection,
        files=tuple(real for real, _ in files),
        shown=tuple(name for _, name in files),
        inline=values.get("hosts"),
        inline_name=said('{path}: hosts of "{name}"', path=place.path, name=connection.name),
        check=check,
        read=values["read"],
        terms=Terms(strict, values.get("skip_refused", False), check.split, check.on_conflict),
        update=bool(values.get("update")),
    ), []
