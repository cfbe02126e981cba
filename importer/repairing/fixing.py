"""From files to repaired files: read and judge all of them, decide, and read them once more to write them."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from importer.checking.catalogue import INDEX
from importer.checking.changes import Told, Wish
from importer.checking.duplicates import Ledger
from importer.checking.examine import RunKeys
from importer.checking.findings import Severity
from importer.checking.one_by_one import OneByOne
from importer.checking.pipeline import judge
from importer.checking.policy import Policy
from importer.columns.batch import RecordBatch
from importer.errors import InputError, UsageError, naming
from importer.language import said
from importer.reading.packed import packing
from importer.reading.unknown import table_kind
from importer.repairing.deciding import decide
from importer.repairing.diffing import unified_diff
from importer.repairing.files import FilePlan
from importer.repairing.gathering import Gathered
from importer.repairing.rewriting import Part, Rewriter, changed_meanwhile
from importer.repairing.splitting import Parted, RefusedLines, part
from importer.system import atomic_file

MOST_TOLD = 10_000
"""Of so many repairs the places are kept for people."""
_Told = list[tuple[str, int, Told]]


class State(NamedTuple):
    """What shows that a file is another one, or was written to."""

    device: int
    inode: int
    size: int
    changed: int

    @staticmethod
    def of(path: str) -> State:
        """The state of a file now."""
        now = os.stat(path)
        return State(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)


def refuse_unfit(path: str, name: str, *, in_place: bool) -> State:
    """The state of a file that can be repaired. Raises InputError, under this name, for any other."""
    with naming(name):
        try:
            is_link = os.path.islink(path)
            state = State.of(path)
            mode, links = os.stat(path).st_mode, os.stat(path).st_nlink
            if not stat.S_ISREG(mode):
                raise InputError("is not a regular file", hint="copy it to a file first")
            with open(path, "rb") as file:
                head = file.read(8)
        except FileNotFoundError:
            raise InputError("no such file", hint="check the spelling of the path") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(
                said("cannot be opened: {reason}", reason=reason), hint="check its permissions"
            ) from None
        kind = packing(head) or table_kind(head)
        if kind:
            raise InputError(
                said("is not a text file that can be edited ({kind})", kind=kind),
                hint="repair a text made of it: dli-hosts emit {source} --as csv --skip-refused -o NEW.csv",
            )
        if in_place and is_link:
            raise InputError("is a link, which --in-place would replace", hint="name the file it points to")
        if in_place and links > 1:
            raise InputError("has other names (hard links)", hint="write to another file with -o FILE")
        if in_place and not (mode & 0o222 and os.access(path, os.W_OK)):
            raise InputError("is read-only", hint="write to another file with -o FILE")
        return state


@dataclass
class Outcome:
    """What a run has done, or would do."""

    repaired: Counter[str] = field(default_factory=Counter)
    """Findings by code."""
    lines: int = 0
    """Lines that changed."""
    renamed: list[tuple[str, str]] = field(default_factory=list)
    """Names that got another one, and that."""
    unwritable: int = 0
    """Lines that cannot be written in the encoding of their file."""


@dataclass(frozen=True)
class ListPlan:
    """What is to be done to the files of one list, and what is not, and why."""

    files: tuple[FilePlan, ...]
    severity: tuple[int, ...]
    """Of each rule."""
    states: dict[str, State]
    found: Counter[str]
    """Findings by code, before any repair."""
    held_back: Counter[str]
    """Findings by code whose repair would put the name of another line at another address."""
    unsafe: Counter[str]
    """Findings by code that only an unsafe repair would settle."""
    errors: int
    """Findings at error, before any repair."""

    def errors_left(self, repaired: Counter[str]) -> int:
        """Findings at error that are not repaired."""
        return self.errors - sum(
            n for code, n in repaired.items() if self.severity[INDEX[code]] == Severity.ERROR
        )


@contextlib.contextmanager
def plan_repairs(
    batches: Iterable[RecordBatch], policy: Policy, wish: Wish, states: dict[str, State]
) -> Iterator[ListPlan]:
    """Read and judge the files of a list, and decide about each repair.

    `states`: by the name that reports use, as the files were before. Raises InputError.
    """
    keys = RunKeys.random()
    memory = OneByOne(policy) if policy.decides_one_by_one() else Ledger(policy, keys)
    with contextlib.ExitStack() as closing:
        gathered = Gathered(wish, closing)
        for judged in judge(batches, policy, memory, keys):
            gathered.add(judged, policy.severity)
            del judged
        held_back = decide(gathered, memory)
        del memory
        files = tuple(plan for plan in gathered.files.values() if plan.name in states)
        yield ListPlan(
            files, policy.severity, states, gathered.counts, held_back, gathered.unsafe, gathered.errors
        )


def _parts(plan: FilePlan, of: ListPlan, path: str, outcome: Outcome, told: _Told) -> Iterator[Part]:
    """The lines of a file, and what becomes of them; what is done is noted. Raises InputError."""
    with naming(plan.name), open(path, "rb") as file:
        rewriter = Rewriter(plan, file)
        for part in rewriter.parts():
            for one in part.changed:
                outcome.lines += 1
                outcome.repaired.update(code for code, *_ in one.told)
                outcome.renamed += [
                    (old, new) for _, _, old, new, causes, *_ in one.told if "digit" in causes.split()
                ]
                if len(told) < MOST_TOLD:
                    told += [(plan.name, part.first_line + one.at, each) for each in one.told]
            yield part
        outcome.unwritable += rewriter.unwritable
        if State.of(path) != of.states[plan.name]:
            raise changed_meanwhile()


def diff_of(of: ListPlan, paths: dict[str, str], outcome: Outcome, told: _Told) -> Iterator[bytes]:
    """The diffs of all files."""
    for plan in of.files:
        path = paths[plan.name]
        with naming(plan.name), open(path, "rb") as file:
            codec = Rewriter(plan, file).codec
        yield from unified_diff(plan.name, _parts(plan, of, path, outcome, told), codec)


def write_to(target: str, of: ListPlan, paths: dict[str, str], outcome: Outcome, told: _Told) -> None:
    """Write one repaired file to another one: all of it or nothing."""
    (plan,) = of.files
    with atomic_file(Path(target)) as file:
        for part in _parts(plan, of, paths[plan.name], outcome, told):
            file.writelines(part.written())


def write_parted(
    target: str | None,
    rejects: str,
    of: ListPlan,
    paths: dict[str, str],
    outcome: Outcome,
    told: _Told,
    judged_again: Callable[[str], RefusedLines],
) -> tuple[Parted, list[str]]:
    """Write one repaired file, to a target or in place, and what is still refused to another file instead.

    `judged_again` reads the repaired list. Returns how much was parted, and the names of backups.
    """
    (plan,) = of.files
    path = paths[plan.name]
    backups = []
    with tempfile.NamedTemporaryFile() as repaired:
        for one in _parts(plan, of, path, outcome, told):
            repaired.writelines(one.written())
        repaired.flush()
        repaired.seek(0)
        again = judged_again(repaired.name)
        option = "-o " if target else "--in-place "
        with (
            naming(plan.name),
            atomic_file(Path(rejects), option="--rejects ") as out,
            atomic_file(Path(target or path), option=option, in_place=target is None) as kept,
        ):
            parted = part(repaired.file, plan.encoding, again, kept, out)
            if State.of(path) != of.states[plan.name]:
                raise changed_meanwhile()
            if target is None:
                _back_up(path)
                backups.append(f"{plan.name}~")
    return parted, backups


def write_names(target: str, renamed: list[tuple[str, str]]) -> None:
    """Write which names got another one."""
    import csv
    import io

    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("old", "new"))
    rows.writerows(dict.fromkeys(renamed))
    with atomic_file(Path(target), option="") as file:
        file.write(text.getvalue().encode("utf-8", "surrogateescape"))


class _Unchanged(Exception):
    """Nothing was to be done to a file."""


def write_in_place(of: ListPlan, paths: dict[str, str], outcome: Outcome, told: _Told) -> list[str]:
    """Replace each file that changes, and keep it as it was beside it, with `~` behind its name.

    Returns the names of the backups.
    """
    backups = []
    for plan in of.files:
        path = paths[plan.name]
        if not plan.decided.number:
            continue
        before = outcome.lines
        with (
            contextlib.suppress(_Unchanged),
            atomic_file(Path(path), option="--in-place ", in_place=True) as file,
        ):
            for part in _parts(plan, of, path, outcome, told):
                file.writelines(part.written())
            if outcome.lines == before:
                raise _Unchanged
            _back_up(path)
            if State.of(path) != of.states[plan.name]:
                raise changed_meanwhile()
            backups.append(f"{plan.name}~")
    return backups


def _back_up(path: str) -> None:
    backup = Path(f"{path}~")
    if backup.is_symlink() or (backup.exists() and not backup.is_file()):
        raise UsageError(
            said("{backup}: is not a regular file", backup=backup), hint="remove it: the backup has this name"
        )
    with open(path, "rb") as old, atomic_file(backup, option="") as new:
        while part := old.read(1 << 20):
            new.write(part)
    mode = os.stat(path).st_mode & 0o7777
    backup.chmod(mode)
