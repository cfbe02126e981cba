"""Rules D301 to D305 where an address that gets another name is refused (`--error D304`, `--error D305`).

A record that is refused leaves its name free for those behind it, so each decision depends on all before it,
and whole arrays have nothing to give: this is the plain way, record by record. A property test holds it equal
to `duplicates` wherever both can judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from importer.checking.duplicates import RELATED_LIMIT, Fates, first_with
from importer.checking.examine import Examined
from importer.checking.last import LastWins
from importer.checking.policy import Policy
from importer.columns.arrays import BoolArray, HalfArray, IntArray
from importer.columns.growing import Growing
from importer.columns.kernels import starts_of_runs
from importer.columns.text import TextColumn


@dataclass
class _Kept:
    number: int
    spelling: bytes
    address: int


@dataclass
class _Address:
    line: tuple[int, int]
    """Batch and line where it was first met."""
    told: set[str] = field(default_factory=set)


class OneByOne:
    """Remembers all kept records of a run, as `Ledger` does, in dictionaries."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._mode = "refuse" if policy.is_error("D303") else policy.options.on_conflict
        self.address = Growing(np.uint32)
        """By number of kept record."""
        self._first: dict[bytes, _Kept] = {}
        """By name in small letters: its first record."""
        self._pairs: dict[tuple[bytes, int], _Kept] = {}
        self._numbers: dict[bytes, int] = {}
        """By name: a number of its own, for `--on-conflict last`."""
        self._addresses: dict[int, _Address] = {}
        self._batch = 0
        self.last_wins = LastWins() if self._mode == "last" else None

    def holds(self, names: TextColumn) -> BoolArray:
        """(n,) whether a kept record has each of these names, letter case aside."""
        return np.fromiter((name.lower() in self._first for name in names.values()), np.bool_, len(names))

    def first_with(self, addresses: HalfArray, limit: int) -> IntArray:
        """Number of the first kept record at each address among the first `limit` ones, else -1."""
        return first_with(self.address.array[:limit], addresses)

    def judge(self, examined: Examined) -> Fates:
        """Compare the candidates of a batch with all earlier ones and with each other."""
        self._batch += 1
        n = len(examined.candidates)
        fates = Fates.of_new(np.zeros(n, np.bool_))
        owner = examined.batch.owner
        line = examined.candidates if owner is None else owner.take(examined.candidates)
        names = [(name.lower(), name) for name in examined.names().values()]
        addresses = examined.address.take(examined.candidates).tolist()
        told: dict[str, list[tuple[int, int]]] = {}
        number = np.full(n, -1, np.int64)
        bounds = [*np.flatnonzero(starts_of_runs(line)).tolist(), n]
        for low, high in pairwise(bounds):
            here = self._batch, int(line[low])
            repeats = any((names[i][0], addresses[i]) in self._pairs for i in range(low, high))
            lead = True
            for i in range(low, high):
                key, spelled = names[i]
                fate, code, kept = self._fate(key, spelled, addresses[i])
                if code:
                    told.setdefault(code, []).append((i, kept.number if kept else -1))
                if fate == "kept":
                    code = self._meet(addresses[i], here, repeats=repeats, lead=lead)
                    lead = False
                    if code:
                        told.setdefault(code, []).append((i, -1))
                    if code and self._policy.is_error(code):
                        fate = "refused"
                    else:
                        number[i] = self._keep(key, spelled, addresses[i])
                elif fate == "merged" and kept is not None:
                    number[i] = kept.number
                getattr(fates, fate)[i] = True
        for code, rows in told.items():
            which, related = np.array(rows, np.int64).T
            fates.tell(code, examined, self._policy, which, related)
        self._note_last(number, [key for key, _ in names])
        return fates

    def _fate(self, name: bytes, spelled: bytes, address: int) -> tuple[str, str, _Kept | None]:
        """What becomes of a record for its name, the code to tell, and the record it is compared with."""
        first = self._first.get(name)
        if first is None:
            return "kept", "", None
        same = self._pairs.get((name, address))
        if same is not None:
            code = "D301" if same.spelling == spelled else "D302"
            return "refused" if self._policy.is_error(code) else "merged", code, same
        if self._mode in ("keep", "last"):
            return "kept", "D303", first
        return "skipped" if self._mode == "first" else "refused", "D303", first

    def _meet(self, address: int, here: tuple[int, int], *, repeats: bool, lead: bool) -> str:
        """The code to tell of an address that gets this name; empty for none."""
        known = self._addresses.get(address)
        if known is None:
            self._addresses[address] = _Address(here)
            return ""
        code = "D304" if known.line == here or repeats else "D305" if lead else ""
        if code in known.told or (code == "D305" and self.address.size >= RELATED_LIMIT):
            return ""
        if code and self._policy.is_told(code):
            known.told.add(code)
            return code
        return ""

    def _keep(self, name: bytes, spelled: bytes, address: int) -> int:
        number = self.address.size
        self.address.append(np.array([address], np.uint32))
        kept = _Kept(number, spelled, address)
        self._first.setdefault(name, kept)
        self._pairs[name, address] = kept
        return number

    def _note_last(self, number: IntArray, names: list[bytes]) -> None:
        if self.last_wins is not None:
            part = np.flatnonzero(number >= 0)
            of = [self._numbers.setdefault(names[i], len(self._numbers)) for i in part.tolist()]
            self.last_wins.note(number[part], np.array(of, np.int64))
