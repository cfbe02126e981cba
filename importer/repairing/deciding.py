"""Between the two readings, when all of the list is known: which repairs would take a host from its place.

A repair is held back where its name is ready on another line at another address, or later in another
spelling: that line would then be the one that is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np

from importer.checking.duplicates import Ledger
from importer.checking.tally import Memory
from importer.columns.text import TextColumn
from importer.repairing.changes import Change, FilePlan
from importer.repairing.gathering import Gathered

_PART = 4096


def decide(gathered: Gathered, memory: Memory) -> Counter[str]:
    """Decide about every change of every file; returns how many repairs are held back, by code."""
    held_back: Counter[str] = Counter()
    claimed: dict[str, int] = {}
    for plan in gathered.files.values():
        changes = iter(plan.found)
        while part := list(islice(changes, _PART)):
            for found, change in zip(part, _decided(part, plan, gathered, memory, claimed), strict=True):
                if change.told != found.told:
                    held_back.update(told[0] for told in found.told)
                    held_back.subtract(told[0] for told in change.told)
                if change.edits or change.repeat:
                    plan.decided.add(change)
        compared = np.unique(np.frombuffer(plan.compared, np.uint64))
        plan.compared = plan.compared[:0]
        plan.compared.frombytes(compared.tobytes())
    return held_back


def _decided(
    part: list[Change], plan: FilePlan, gathered: Gathered, memory: Memory, claimed: dict[str, int]
) -> Iterator[Change]:
    """Each change as it is carried out.

    `claimed`: by name in small letters, the address that a repair has given to it.
    """
    names = [(number, pair) for number, change in enumerate(part) for pair in change.pairs]
    keeps_all = isinstance(memory, Ledger) and memory.keeps_pairs and memory.last_wins is None
    allowed = np.ones(len(part), np.bool_)
    if names and not isinstance(memory, Ledger):  # there an address can be taken, too
        allowed[[number for number, _ in names]] = False
    elif names:
        assert isinstance(memory, Ledger)
        column = TextColumn.from_values([name.encode("ascii") for _, (name, _) in names])
        known = memory.known(column)
        columns = (known.first.tolist(), known.address.tolist(), known.same.tolist())
        for (number, (_, address)), first, its, same in zip(names, *columns, strict=True):
            if first < 0 or keeps_all:
                continue
            place = gathered.firsts.place(first)
            if its != address or place is None or memory.last_wins is not None:
                allowed[number] = False
                continue
            line = gathered.firsts.line(first)
            here = place.source == plan.name
            if here:
                plan.compared.append(line)
            before = line < part[number].line if here else _before(place.source, plan, gathered)
            if not same and not before:
                allowed[number] = False
    for change, may_be in zip(part, allowed.tolist(), strict=True):
        whole = may_be
        if whole and change.pairs and not keeps_all:
            whole = all(claimed.get(name.lower(), ip) == ip for name, ip in change.pairs)
            if whole:
                claimed.update((name.lower(), ip) for name, ip in change.pairs)
        yield (
            change
            if whole
            else change._replace(edits=change.neutral_edits, told=change.neutral_told, clean=False)
        )


def _before(source: str, plan: FilePlan, gathered: Gathered) -> bool:
    """Whether a source is read before a file."""
    return any(other.name == source for number, other in gathered.files.items() if number < plan.number)
