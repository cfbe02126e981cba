"""Between the two readings, when all of the list is known: which repairs are made."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import numpy as np

from importer.checking.holding import Holding
from importer.checking.tally import Memory
from importer.repairing.gathering import Gathered

_PART = 4096


def decide(gathered: Gathered, memory: Memory) -> Counter[str]:
    """Decide about every change of every file; returns how many repairs are held back, by code."""
    held_back: Counter[str] = Counter()
    holding = Holding(memory, gathered.firsts)
    for plan in gathered.files.values():
        changes = iter(plan.found)
        while part := list(islice(changes, _PART)):
            decided = holding.decided(part, plan.number, plan.compared.append)
            for found, change in zip(part, decided, strict=True):
                if change.told != found.told:
                    held_back.update(told[0] for told in found.told)
                    held_back.subtract(told[0] for told in change.told)
                if change.edits or change.repeat:
                    plan.decided.add(change)
        compared = np.unique(np.frombuffer(plan.compared, np.uint64))
        plan.compared = plan.compared[:0]
        plan.compared.frombytes(compared.tobytes())
    return held_back
